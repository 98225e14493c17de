//! What `lint` says changes no decision changes none: documents without it decide the same.

use std::path::Path;

use policy::{Document, Policies, Request, Step, decide, lint};
use serde_json::{Value, json};

/// Statements that can go, by what was found.
fn without_needless(document: &Document) -> Option<Document> {
    let needless: Vec<usize> = lint(document)
        .iter()
        .filter(|finding| matches!(finding.id, "unreachable-statement" | "never-matches"))
        .filter_map(|finding| if let Step::Index(index) = finding.path.steps().get(1)? { Some(*index) } else { None })
        .collect();
    let kept = document.statements.iter().enumerate().filter(|(index, _)| !needless.contains(index));
    let statements = kept.map(|(_, statement)| statement.clone()).collect();
    (!needless.is_empty()).then(|| Document { statements, ..document.clone() })
}

/// Documents of neighbouring rows of a table as one, so that some of their statements are needless.
fn joined(documents: &[Document]) -> Vec<Document> {
    let mut joined = Vec::new();
    for (at, one) in documents.iter().enumerate() {
        for other in documents[at..].iter().take(4).filter(|other| other.version == one.version) {
            let statements = one.statements.iter().chain(&other.statements).cloned().collect();
            joined.push(Document { statements, ..one.clone() });
        }
    }
    joined
}

#[test]
fn what_lint_calls_needless_decides_nothing() {
    let everything = Document::parse(
        &json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}).to_string(),
    )
    .unwrap();
    let mut removed = 0;
    for file in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/decisions")).unwrap() {
        let table: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(file.unwrap().path()).unwrap()).unwrap();
        let requests: Vec<_> = table.iter().map(|row| Request::from_value(&row["request"]).unwrap()).collect();
        let documents = |of: &dyn Fn(&Value) -> Vec<Value>| -> Vec<Document> {
            table
                .iter()
                .flat_map(|row| of(&row["policies"]))
                .filter_map(|value| Document::from_value(&value).ok())
                .collect()
        };
        let of_identities = documents(&|policies| policies["identity"].as_array().cloned().unwrap_or_default());
        for document in joined(&of_identities) {
            let Some(shorter) = without_needless(&document) else { continue };
            removed += 1;
            let decision = |document| {
                let policies = Policies { identity: vec![document], ..Policies::default() };
                requests.iter().map(|request| decide(request, &policies).decision).collect::<Vec<_>>()
            };
            assert_eq!(decision(&document), decision(&shorter), "{}", document.to_value());
        }
        let of_resources = documents(&|policies| policies.get("resource").cloned().into_iter().collect());
        for document in joined(&of_resources) {
            let Some(shorter) = without_needless(&document) else { continue };
            removed += 1;
            for identity in [vec![], vec![&everything]] {
                let decision = |document| {
                    let policies =
                        Policies { identity: identity.clone(), resource: Some(document), ..Policies::default() };
                    requests.iter().map(|request| decide(request, &policies).decision).collect::<Vec<_>>()
                };
                assert_eq!(decision(&document), decision(&shorter), "{}", document.to_value());
            }
        }
    }
    assert!(removed > 100, "{removed}");
}
