//! What `lint` finds, and what it leaves alone.

mod access;
mod form;
mod good;
mod needless;

use std::fmt::Write as _;

use policy::{Document, Finding, Severity, lint, rules};
use serde_json::{Value, json};

/// One rule in a document that has what it finds, and a near one that does not.
struct Row {
    rule: &'static str,
    severity: Severity,
    path: &'static str,
    bad: Value,
    good: Value,
}

fn row(rule: &'static str, severity: Severity, path: &'static str, bad: Value, good: Value) -> Row {
    Row { rule, severity, path, bad, good }
}

/// A document of one statement, or of a list of them, of the version with variables unless it says another.
fn document(value: &Value) -> Document {
    let whole = if value.get("Statement").is_some() {
        value.clone()
    } else {
        json!({"Version": "2012-10-17", "Statement": value})
    };
    Document::from_value(&whole).unwrap_or_else(|mistakes| panic!("{whole}: {mistakes}"))
}

fn findings(value: &Value) -> Vec<Finding> {
    lint(&document(value))
}

/// The statement with some elements replaced. `null` removes one.
fn with(statement: &Value, changes: &Value) -> Value {
    let mut statement = statement.clone();
    let map = statement.as_object_mut().expect("a statement");
    for (key, value) in changes.as_object().expect("changes") {
        if value.is_null() {
            map.remove(key)
        } else {
            map.insert(key.clone(), value.clone())
        };
    }
    statement
}

/// Who may pull.
fn pull() -> Value {
    json!({
        "Effect": "Allow",
        "Principal": {"AWS": "111122223333"},
        "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
    })
}

fn identity() -> Value {
    json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::example/*"})
}

fn check(rows: &[Row]) {
    for row in rows {
        let found = findings(&row.bad);
        let of_rule: Vec<_> = found.iter().filter(|finding| finding.id == row.rule).collect();
        let [finding] = of_rule.as_slice() else { panic!("{}: {} gives {found:#?}", row.rule, row.bad) };
        assert_eq!((finding.severity, finding.path.to_string()), (row.severity, row.path.to_owned()), "{}", row.bad);
        let found = findings(&row.good);
        assert!(found.iter().all(|finding| finding.id != row.rule), "{}: {} gives {found:#?}", row.rule, row.good);
    }
}

#[test]
fn findings_say_what_why_and_what_instead() {
    let bad = json!({
        "Statement": [
            {
                "Sid": "Pull",
                "Effect": "Allow",
                "Principal": "*",
                "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:PutImage"],
                "Condition": {"ForAllValues:StringEquals": {"aws:PrincipalOrgID": "o-*"}},
            },
            {
                "Sid": "Pull",
                "Effect": "Allow",
                "Principal": {"AWS": ["AROAEXAMPLEEXAMPLE12", "arn:aws:iam::111122223333:role/*"]},
                "Action": "ecr:BatchGetImage",
            },
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "ecr:BatchGetImage"},
            {
                "Effect": "Deny",
                "Principal": "*",
                "Action": "ecr:*",
                "Condition": {"StringEquals": {"aws:PrincipalAccount": "111122223333"}, "Null": {"aws:PrincipalAccount": "true"}},
            },
        ],
    });
    let mut text = String::new();
    for finding in findings(&bad) {
        let Finding { id, severity, path, message, explanation, remedy } = finding;
        let severity = format!("{severity:?}").to_lowercase();
        writeln!(text, "{severity} {id} at {path}\n  {message}\n  why: {explanation}\n  instead: {remedy}")
            .expect("text");
    }
    insta::assert_snapshot!(text);
}

#[test]
fn every_rule_is_listed_once_and_found_by_a_test() {
    let mut ids: Vec<_> = rules().iter().map(|rule| rule.id).collect();
    ids.sort_unstable();
    let listed = ids.len();
    ids.dedup();
    assert_eq!(ids.len(), listed, "an id is listed twice");
    let tests = concat!(include_str!("lint/access.rs"), include_str!("lint/form.rs"), include_str!("lint/needless.rs"));
    for rule in rules() {
        assert!(tests.contains(&format!("\"{}\"", rule.id)), "{} has no row", rule.id);
        assert!(rule.explanation.ends_with('.') && !rule.summary.ends_with('.'), "{}", rule.id);
    }
}
