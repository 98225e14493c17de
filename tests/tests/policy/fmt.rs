//! Documents in normal form.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;

use serde_json::{Value, json};

use super::{PULL, PULL_TOO, WRONG, folder, policy, policy_of};

#[test]
fn fmt_prints_the_normal_form() {
    let folder = folder(&[("pull.json", PULL), ("too.json", PULL_TOO)]);
    let text = policy(&folder, &["fmt", "too.json"]).exits(0).stdout;
    assert_eq!(text, PULL);
    assert_eq!(policy(&folder, &["fmt", "pull.json", "too.json"]).exits(0).stdout, format!("{PULL}{PULL}"));
    assert_eq!(policy_of(&folder, &["fmt", "-"], PULL_TOO.as_bytes()).exits(0).stdout, PULL);

    let printed = policy(&folder, &["fmt", "pull.json", "too.json", "--format", "json"]).exits(0).json();
    let document: Value = serde_json::from_str(PULL).unwrap();
    assert_eq!(
        printed,
        json!({"version": 1, "files": [
            {"file": "pull.json", "normal": true, "document": document},
            {"file": "too.json", "normal": false, "document": document},
        ]})
    );
}

#[test]
fn fmt_check_names_what_is_not_in_normal_form() {
    let folder = folder(&[("pull.json", PULL), ("too.json", PULL_TOO)]);
    let good = policy(&folder, &["fmt", "--check", "pull.json"]).exits(0);
    assert_eq!([good.stdout, good.stderr], ["", ""]);
    let bad = policy(&folder, &["fmt", "--check", "pull.json", "too.json"]).exits(2);
    assert_eq!(bad.stdout, "");
    assert!(bad.stderr.contains("too.json") && !bad.stderr.contains("pull.json"), "{}", bad.stderr);
    let bad = policy(&folder, &["fmt", "--check", "pull.json", "too.json", "--format", "json"]).exits(2);
    assert_eq!(
        bad.json(),
        json!({"version": 1, "files": [{"file": "pull.json", "normal": true}, {"file": "too.json", "normal": false}]})
    );
    // The text counts, to the last byte.
    policy_of(&folder, &["fmt", "--check", "-"], PULL.as_bytes()).exits(0);
    policy_of(&folder, &["fmt", "--check", "-"], PULL.trim_end().as_bytes()).exits(2);
    policy_of(&folder, &["fmt", "--check", "-"], PULL.replace('\n', "\r\n").as_bytes()).exits(2);
    policy_of(&folder, &["fmt", "--check", "-"], format!("\u{feff}{PULL}").as_bytes()).exits(2);
}

#[test]
fn fmt_write_replaces_only_what_differs() {
    let folder = folder(&[("pull.json", PULL), ("too.json", PULL_TOO), ("fixed.json", PULL_TOO)]);
    let at = |name: &str| folder.path().join(name);
    fs::set_permissions(at("too.json"), fs::Permissions::from_mode(0o640)).unwrap();
    fs::set_permissions(at("fixed.json"), fs::Permissions::from_mode(0o444)).unwrap();
    symlink("too.json", at("link.json")).unwrap();
    let before = fs::metadata(at("pull.json")).unwrap().ino();

    let written = policy(&folder, &["fmt", "--write", "pull.json", "link.json"]).exits(0);
    assert!(written.stdout.is_empty() && written.stderr == "link.json: rewritten\n", "{written:?}");
    assert_eq!(fs::metadata(at("pull.json")).unwrap().ino(), before, "it was rewritten");
    assert!(fs::symlink_metadata(at("link.json")).unwrap().is_symlink());
    assert_eq!(fs::read_to_string(at("too.json")).unwrap(), PULL);
    assert_eq!(fs::metadata(at("too.json")).unwrap().permissions().mode() & 0o777, 0o640);
    policy(&folder, &["fmt", "--check", "pull.json", "too.json"]).exits(0);

    let fixed = policy(&folder, &["fmt", "--write", "fixed.json"]).exits(1);
    assert!(fixed.stderr.contains("fixed.json: cannot be rewritten: it is read-only"), "{}", fixed.stderr);
    assert_eq!(fs::read_to_string(at("fixed.json")).unwrap(), PULL_TOO);
    let none = policy_of(&folder, &["fmt", "--write", "-"], PULL_TOO.as_bytes()).exits(1);
    assert!(none.stdout.is_empty() && none.stderr.contains("standard input"), "{none:?}");
    policy(&folder, &["fmt", "--write", "--check", "pull.json"]).exits(1);
    // Nothing is written if anything is wrong.
    fs::write(at("wrong.json"), WRONG).unwrap();
    fs::write(at("too.json"), PULL_TOO).unwrap();
    policy(&folder, &["fmt", "--write", "too.json", "wrong.json"]).exits(1);
    assert_eq!(fs::read_to_string(at("too.json")).unwrap(), PULL_TOO);

    let written = policy(&folder, &["fmt", "--write", "pull.json", "too.json", "--format", "json"]).exits(0).json();
    assert_eq!(written["files"][0], json!({"file": "pull.json", "normal": true, "written": false}));
    assert_eq!(written["files"][1], json!({"file": "too.json", "normal": false, "written": true}));
    let names: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(names.len(), 5, "{names:?}");
}

/// The documents of a fleet have variables in them, which are replaced only later.
#[test]
fn the_fleets_documents_can_be_formatted() {
    let folder = folder(&[]);
    let policies = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../policies"));
    let mut count = 0;
    for file in fs::read_dir(policies).unwrap().map(|file| file.unwrap().path()).filter(|file| file.is_file()) {
        let text = fs::read_to_string(&file).unwrap();
        let formatted = policy(&folder, &["fmt", file.to_str().unwrap()]).exits(0).stdout;
        assert_eq!(formatted.matches("${orgstrap:").count(), text.matches("${orgstrap:").count(), "{formatted}");
        policy_of(&folder, &["fmt", "--check", "-"], formatted.as_bytes()).exits(0);
        fs::write(folder.path().join("formatted.json"), formatted).unwrap();
        policy(&folder, &["diff", file.to_str().unwrap(), "formatted.json"]).exits(0);
        count += 1;
    }
    assert!(count > 1);
}
