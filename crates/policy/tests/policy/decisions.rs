//! Decisions that AWS's documentation settles, row by row: see `tests/decisions/`.

use std::path::Path;

use policy::{Document, Policies, Request, decide};
use serde_json::{Value, json};

/// The policies of a row, as documents.
#[derive(Default)]
struct Documents {
    identity: Vec<Document>,
    resource: Option<Document>,
    boundary: Option<Document>,
    session: Option<Document>,
    scps: Vec<Vec<Document>>,
}

impl Documents {
    fn of(row: &Value) -> Self {
        let one =
            |value: &Value| Document::from_value(value).unwrap_or_else(|error| panic!("{}: {error}", row["name"]));
        let many = |value: &Value| value.as_array().map(|list| list.iter().map(one).collect()).unwrap_or_default();
        let policies = &row["policies"];
        Self {
            identity: many(&policies["identity"]),
            resource: policies.get("resource").map(one),
            boundary: policies.get("boundary").map(one),
            session: policies.get("session").map(one),
            scps: policies["scps"].as_array().map(|levels| levels.iter().map(many).collect()).unwrap_or_default(),
        }
    }

    fn policies(&self) -> Policies<'_> {
        Policies {
            identity: self.identity.iter().collect(),
            resource: self.resource.as_ref(),
            boundary: self.boundary.as_ref(),
            session: self.session.as_ref(),
            scps: self.scps.iter().map(|level| level.iter().collect()).collect(),
        }
    }
}

fn rows() -> Vec<(String, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/decisions");
    let mut rows = Vec::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let topic = path.file_stem().unwrap().to_string_lossy().into_owned();
        let table: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        rows.extend(table.into_iter().map(|row| (topic.clone(), row)));
    }
    rows
}

#[test]
fn decisions_are_those_of_the_documentation() {
    let rows = rows();
    assert!(rows.len() >= 250, "{} rows", rows.len());
    let mut wrong = Vec::new();
    for (topic, row) in &rows {
        assert!(
            row["source"].as_str().is_some_and(|source| source.len() > 10),
            "{topic}: {} has no source",
            row["name"]
        );
        let documents = Documents::of(row);
        let request = Request::from_value(&row["request"]).unwrap_or_else(|error| panic!("{}: {error}", row["name"]));
        let outcome = decide(&request, &documents.policies());
        let statements: Vec<_> = outcome
            .statements
            .iter()
            .map(|decider| json!({"policy": decider.policy, "index": decider.index, "effect": decider.effect}))
            .collect();
        let expected = row.get("statements").is_none_or(|expected| *expected == json!(statements));
        if json!(outcome.decision) != row["decision"] || !expected {
            wrong.push(format!(
                "{topic}: {}\n  expected {}, got {} because {}\n  source: {}",
                row["name"],
                row["decision"],
                json!(outcome.decision),
                outcome.reason,
                row["source"]
            ));
        }
    }
    assert!(wrong.is_empty(), "{} of {} rows:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}
