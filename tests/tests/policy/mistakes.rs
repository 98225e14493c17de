//! Mistakes in documents and cases: all at once, each with its place.

use std::fs;

use serde_json::json;

use super::{PULL, WRONG, cases, folder, policy, policy_of, reads};

#[test]
fn mistakes_of_all_files_are_named_at_once() {
    let folder = folder(&[("wrong.json", WRONG), ("pull.json", PULL), ("cut.json", "{\"Statement\": [")]);
    fs::write(folder.path().join("binary.json"), b"{\n\"Id\": \"\xff\"}").unwrap();
    let files = ["wrong.json", "pull.json", "none.json", "cut.json", "binary.json"];
    let commands: [Vec<&str>; 3] =
        [[&["lint"], &files[..]].concat(), [&["fmt"], &files[..]].concat(), [&["fmt", "--check"], &files[..]].concat()];
    for command in commands {
        let failed = policy(&folder, &command).exits(1);
        assert_eq!(failed.stdout, "", "{command:?}");
        for said in [
            "wrong.json: Version: \"2012-10-18\"",
            "wrong.json: Statement[0].Effect: \"Alow\" is no effect (line 6)\n  help: write \"Allow\" or \"Deny\"\n",
            "wrong.json: Statement[0].Principals: ",
            "wrong.json: Statement[0].Action: `BatchGetImage` is no action (line 8)",
            "none.json: cannot be read: No such file",
            "cut.json: this is not JSON: ",
            "binary.json: byte 9 is not UTF-8 (line 2)",
            "error: 7 mistakes; nothing was done\n",
        ] {
            assert!(failed.stderr.contains(said), "{said:?} is not in\n{}", failed.stderr);
        }
    }
    let failed = policy(&folder, &[&["lint", "--format", "json"], &files[..]].concat()).exits(1);
    assert_eq!(failed.stderr, "");
    let failed = failed.json();
    assert_eq!([&failed["version"], &failed["error"]["message"]], [&json!(1), &json!("7 mistakes")]);
    let mistakes = failed["error"]["mistakes"].as_array().unwrap();
    assert_eq!(mistakes.len(), 7);
    for mistake in mistakes {
        assert!(mistake["file"].is_string() && mistake["path"].is_string() && mistake["message"].is_string());
        assert!(mistake.get("help").is_some(), "{mistake}");
    }
    let effect = mistakes.iter().find(|mistake| mistake["path"] == "Statement[0].Effect").unwrap();
    assert_eq!(
        *effect,
        json!({"file": "wrong.json", "path": "Statement[0].Effect", "line": 6, "message": "\"Alow\" is no effect",
               "help": "write \"Allow\" or \"Deny\""})
    );
    // Both sides of a comparison. What reads SARIF gets nothing that is none.
    let failed = policy(&folder, &["diff", "wrong.json", "none.json"]).exits(1);
    assert!(failed.stdout.is_empty() && failed.stderr.contains("error: 5 mistakes"), "{failed:?}");
    assert_eq!(policy(&folder, &["lint", "wrong.json", "--format", "sarif"]).exits(1).stdout, "");
    // A folder, and a key that is there twice.
    assert!(policy(&folder, &["lint", "."]).exits(1).stderr.contains(".: cannot be read: "));
    let twice = PULL.replace("\"Resource\": \"*\"", "\"Resource\": \"a\", \"Resource\": \"*\"");
    let twice = policy_of(&folder, &["fmt", "-"], twice.as_bytes()).exits(1).stderr;
    assert!(twice.contains("Statement[0].Resource") && twice.contains("twice"), "{twice}");
}

#[test]
fn mistakes_of_cases_have_their_whole_path() {
    let folder = folder(&[]);
    let mut wrong = cases();
    wrong[0]["request"]["who"] = json!("me");
    wrong[0]["policies"]["identities"] = json!([]);
    wrong[0]["notes"] = json!("members of a case that are not ours are ignored");
    wrong[1]["policies"]["identity"] = json!({});
    wrong[1]["policies"]["scps"] = json!([{}]);
    wrong[2]["policies"]["resource"]["Statement"][0]["Effect"] = json!("Alow");
    wrong[2]["request"]["principal"] = json!("me");
    wrong.as_array_mut().unwrap().extend([json!({}), json!(7)]);
    let failed = policy_of(&folder, &["decide", "-", "--format", "json"], wrong.to_string().as_bytes()).exits(1).json();
    let mistakes = failed["error"]["mistakes"].as_array().unwrap();
    let mut paths: Vec<_> = mistakes.iter().map(|mistake| mistake["path"].as_str().unwrap()).collect();
    paths.sort_unstable();
    assert_eq!(
        paths,
        [
            "[0].policies.identities",
            "[0].request.who",
            "[1].policies.identity",
            "[1].policies.scps[0]",
            "[2].policies.resource.Statement[0].Effect",
            "[2].request.principal",
            "[3]",
            "[4]",
        ]
    );
    assert!(mistakes.iter().all(|mistake| mistake["file"] == "-" && mistake["help"].is_string()), "{failed:#}");
    let text = serde_json::to_string_pretty(&wrong).unwrap();
    let failed = policy_of(&folder, &["decide", "-"], text.as_bytes()).exits(1);
    assert_eq!(failed.stdout, "");
    reads!("policy_decide_mistakes", failed.stderr);
}
