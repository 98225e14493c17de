//! Whether requests are allowed.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::{case, cases, folder, policy, policy_of, reads};

#[test]
fn decide_answers_as_it_was_asked() {
    let folder = folder(&[]);
    let decide = |case: &Value, code| {
        policy_of(&folder, &["decide", "-", "--format", "json"], case.to_string().as_bytes()).exits(code).json()
    };
    let allowed = decide(&case(), 0);
    assert_eq!([&allowed["version"], &allowed["decision"]], [&json!(1), &json!("allow")]);
    let statements = allowed["statements"].as_array().unwrap();
    for (policy, sid) in [("resource", "Pull"), ("identity", "Ecr")] {
        let statement = statements.iter().find(|statement| statement["policy"] == policy).unwrap();
        assert_eq!([&statement["sid"], &statement["effect"]], [sid, "Allow"]);
        assert_eq!(statement["index"], 0);
    }
    assert!(allowed["reason"].is_string(), "{allowed}");

    let all = decide(&cases(), 2);
    let decisions: Vec<_> = all.as_array().unwrap().iter().map(|one| &one["decision"]).collect();
    assert_eq!(decisions, ["allow", "implicit-deny", "explicit-deny"]);
    assert!(all.as_array().unwrap().iter().all(|one| one["version"] == 1), "{all}");
    assert_eq!(decide(&json!([case()]), 0).as_array().unwrap().len(), 1);
    assert_eq!(decide(&json!([]), 0), json!([]));
    // Without policies nothing allows.
    let mut none = case();
    none["policies"] = json!({});
    none["request"]["context"] = Value::Null;
    none["request"]["resource_account"] = Value::Null;
    assert_eq!(decide(&none, 2)["decision"], "implicit-deny");
}

#[test]
fn a_decision_reads_like_text() {
    let folder = folder(&[("cases.json", &cases().to_string()), ("case.json", &case().to_string())]);
    reads!("policy_decide_one", policy(&folder, &["decide", "case.json"]).exits(0).stdout);
    reads!("policy_decide_several", policy(&folder, &["decide", "cases.json"]).exits(2).stdout);
}

/// The tables of decisions that AWS's documentation settles.
#[test]
fn decide_gives_the_decisions_of_the_tables() {
    let folder = folder(&[]);
    let tables = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/policy/tests/decisions"));
    let mut count = 0;
    for file in fs::read_dir(tables).unwrap().map(|file| file.unwrap().path()) {
        let rows: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
        let decided = policy(&folder, &["decide", file.to_str().unwrap(), "--format", "json"]);
        let all_allowed = rows.as_array().unwrap().iter().all(|row| row["decision"] == "allow");
        let decided = decided.exits(if all_allowed { 0 } else { 2 }).json();
        let (rows, decided) = (rows.as_array().unwrap(), decided.as_array().unwrap());
        assert_eq!(rows.len(), decided.len(), "{}", file.display());
        for (row, decided) in rows.iter().zip(decided) {
            assert_eq!(row["decision"], decided["decision"], "{} of {}", row["name"], file.display());
            count += 1;
        }
    }
    assert!(count >= 250, "{count} rows");
}
