//! How one document stands to another.

use serde_json::{Value, json};

use super::{PULL, PULL_TOO, PUSH, folder, policy, policy_of, reads};

#[test]
fn diff_says_how_b_stands_to_a() {
    let other = PULL.replace("111122223333", "444455556666");
    // A key that is text to one condition and a number to another.
    let number = r#"{"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*",
        "Condition": {"NumericLessThan": {"aws:MultiFactorAuthAge": "5"}}}}"#;
    let text = number.replace("NumericLessThan", "StringLike").replace("\"5\"", "\"5*\"");
    let folder = folder(&[
        ("pull.json", PULL),
        ("too.json", PULL_TOO),
        ("push.json", PUSH),
        ("other.json", &other),
        ("number.json", number),
        ("text.json", &text),
    ]);
    for (a, b, verdict, witnesses, code) in [
        ("pull.json", "pull.json", "equal", json!([]), 0),
        ("pull.json", "too.json", "equal", json!([]), 0),
        ("pull.json", "push.json", "wider", json!(["B"]), 2),
        ("push.json", "too.json", "narrower", json!(["A"]), 2),
        ("pull.json", "other.json", "incomparable", json!(["A", "B"]), 2),
    ] {
        let compared = policy(&folder, &["diff", a, b, "--format", "json"]).exits(code).json();
        assert_eq!([&compared["version"], &compared["verdict"]], [&json!(1), &json!(verdict)], "{a} {b}");
        let allowed_by: Vec<_> =
            compared["witnesses"].as_array().unwrap().iter().map(|one| &one["allowed_by"]).collect();
        assert_eq!(json!(allowed_by), witnesses, "{a} {b}");
        for witness in compared["witnesses"].as_array().unwrap() {
            for member in ["principal", "action", "resource"] {
                assert!(witness["request"][member].is_string(), "{witness}");
            }
        }
        assert!(compared["unmodelled"] == json!([]) && compared["notes"].is_array(), "{compared}");
    }
    let unknown = policy(&folder, &["diff", "number.json", "text.json", "--format", "json"]).exits(2).json();
    assert_eq!(unknown["verdict"], "unknown");
    assert!(!unknown["unmodelled"].as_array().unwrap().is_empty(), "{unknown}");
    policy(&folder, &["diff", "number.json", "text.json"]).exits(2);
}

#[test]
fn a_diff_reads_like_text() {
    let folder = folder(&[("pull.json", PULL), ("push.json", PUSH)]);
    reads!("policy_diff_wider", policy(&folder, &["diff", "pull.json", "push.json"]).exits(2).stdout);
    reads!("policy_diff_equal", policy_of(&folder, &["diff", "pull.json", "-"], PULL_TOO.as_bytes()).exits(0).stdout);
    let twice = policy_of(&folder, &["diff", "-", "-"], PULL.as_bytes()).exits(1);
    assert!(twice.stdout.is_empty() && twice.stderr.contains("only once"), "{twice:?}");
}

/// What a witness shows is what `decide` says of it.
#[test]
fn a_witness_can_be_decided() {
    let folder = folder(&[("pull.json", PULL), ("push.json", PUSH)]);
    let compared = policy(&folder, &["diff", "pull.json", "push.json", "--format", "json"]).exits(2).json();
    let all = json!({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}});
    for (text, code) in [(PULL, 2), (PUSH, 0)] {
        let resource: Value = serde_json::from_str(text).unwrap();
        let policies = json!({"identity": [all], "resource": resource});
        let case = json!({"request": compared["witnesses"][0]["request"], "policies": policies});
        policy_of(&folder, &["decide", "-"], case.to_string().as_bytes()).exits(code);
    }
}
