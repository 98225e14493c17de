//! The policy language on its own: files in, an answer and an exit code out. No fleet, no sandbox, no network.

mod access;
mod decide;
mod diff;
mod fmt;
mod lint;
mod mistakes;

use std::fs;
use std::io::Write;
use std::process::Stdio;

use end_to_end::{Run, orgstrap_in, run};
use serde_json::{Value, json};
use tempfile::{TempDir, tempdir};

/// A repository's policy: some account may pull.
const PULL: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Pull",
      "Effect": "Allow",
      "Principal": {
        "AWS": "arn:aws:iam::111122223333:root"
      },
      "Action": "ecr:BatchGetImage",
      "Resource": "*"
    }
  ]
}
"#;

/// The same, written in another way.
const PULL_TOO: &str = r#"{"Version": "2012-10-17", "Statement": {"Sid": "Pull", "Effect": "Allow",
"Principal": {"AWS": ["111122223333"]}, "Action": ["ecr:batchGetImage"], "Resource": ["*"]}}"#;

/// Another account may pull as well, and all of the organization may push.
const PUSH: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Pull",
      "Effect": "Allow",
      "Principal": {"AWS": ["111122223333", "444455556666"]},
      "Action": "ecr:BatchGetImage",
      "Resource": "*"
    },
    {
      "Sid": "Push",
      "Effect": "Allow",
      "Principal": "*",
      "Action": "ecr:PutImage",
      "Resource": "*",
      "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-a"}}
    }
  ]
}
"#;

/// Everyone may pull: what no one should write.
const PUBLIC: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Everyone",
      "Effect": "Allow",
      "Principal": "*",
      "Action": "ecr:BatchGetImage",
      "Resource": "*"
    }
  ]
}
"#;

/// Four mistakes, on lines 2, 6, 7 and 8.
const WRONG: &str = r#"{
  "Version": "2012-10-18",
  "Statement": [
    {
      "Sid": "Pull",
      "Effect": "Alow",
      "Principals": "*",
      "Action": "BatchGetImage",
      "Resource": "*"
    }
  ]
}
"#;

/// A folder with these files.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempdir().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

/// `orgstrap policy` in a folder.
fn policy(folder: &TempDir, arguments: &[&str]) -> Run {
    run(orgstrap_in(folder.path(), [&["policy"], arguments].concat()))
}

/// The same with something on its standard input.
fn policy_of(folder: &TempDir, arguments: &[&str], input: &[u8]) -> Run {
    let mut command = orgstrap_in(folder.path(), [&["policy"], arguments].concat());
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    child.wait_with_output().unwrap().into()
}

/// A case in which an identity's policy allows to pull.
fn case() -> Value {
    json!({
        "name": "a task pulls",
        "request": {
            "principal": "arn:aws:iam::111122223333:role/task", "action": "ecr:BatchGetImage",
            "resource": "arn:aws:ecr:us-west-1:222233334444:repository/app",
        },
        "policies": {
            "identity": [{"Statement": [{"Sid": "Ecr", "Effect": "Allow", "Action": "ecr:*", "Resource": "*"}]}],
            "resource": serde_json::from_str::<Value>(PULL).unwrap(),
        },
    })
}

/// The case without, with and against the object's policy.
fn cases() -> Value {
    let (mut without, mut denied) = (case(), case());
    without["policies"]["resource"] = Value::Null;
    without["name"] = json!("the repository has no policy");
    denied["policies"]["scps"] = json!([[{"Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}]]);
    denied["name"] = Value::Null;
    json!([case(), without, denied])
}

/// Compares with a snapshot. How an action of a witness is spelled is the language's business.
macro_rules! reads {
    ($name:literal, $text:expr) => {
        insta::with_settings!({
            filters => [(r"(?i)ecr:putimage", "ecr:PutImage"), (r"(?i)ecr:batchgetimage", "ecr:BatchGetImage")],
            omit_expression => true,
            snapshot_path => "../snapshots",
            prepend_module_to_snapshot => false,
        }, { insta::assert_snapshot!($name, $text) });
    };
}

use reads;

#[test]
fn help_is_there_without_files() {
    let folder = folder(&[("orgstrap.toml", "this is [ no TOML")]);
    let help = policy(&folder, &["--help"]).exits(0).stdout;
    for command in ["fmt", "lint", "diff", "decide"] {
        assert!(help.contains(&format!("\n  {command} ")), "{help}");
        let usage = format!("Usage: orgstrap policy {command}");
        assert!(policy(&folder, &[command, "--help"]).exits(0).stdout.contains(&usage), "{command}");
        let wrong = policy(&folder, &[command]).exits(1);
        assert!(wrong.stderr.contains("Usage") && wrong.stdout.is_empty(), "{wrong:?}");
    }
}

#[test]
fn colours_are_for_terminals_and_as_wished() {
    let folder = folder(&[("pull.json", PULL), ("push.json", PUSH), ("public.json", PUBLIC)]);
    let case = case().to_string();
    fs::write(folder.path().join("case.json"), case).unwrap();
    let commands: [&[&str]; 3] =
        [&["diff", "pull.json", "push.json"], &["lint", "public.json"], &["decide", "case.json"]];
    for command in commands {
        let coloured = |more: &[&str], variables: &[(&str, &str)]| {
            let mut command = orgstrap_in(folder.path(), [&["policy"], command, more].concat());
            command.env_remove("NO_COLOR").envs(variables.iter().copied());
            run(command).stdout.contains('\u{1b}')
        };
        assert!(!coloured(&[], &[]), "{command:?}");
        assert!(coloured(&["--color", "always"], &[]), "{command:?}");
        assert!(coloured(&[], &[("CLICOLOR_FORCE", "1")]), "{command:?}");
        assert!(!coloured(&[], &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]), "{command:?}");
    }
}

/// What a document has in it does not steer the terminal of who reads about it.
#[test]
fn control_characters_are_shown() {
    let folder = folder(&[]);
    let wrong = WRONG.replace("Alow", "\\u001b[31mAlow");
    let failed = policy_of(&folder, &["lint", "-", "--color", "always"], wrong.as_bytes()).exits(1);
    assert!(!failed.stderr.contains("\u{1b}[31mAlow"), "{:?}", failed.stderr);
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let folder = folder(&[]);
    let cases = Value::Array(vec![case(); 2000]).to_string();
    let mut command = orgstrap_in(folder.path(), ["policy", "decide", "-"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    child.stdin.take().unwrap().write_all(cases.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
}
