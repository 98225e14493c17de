//! Statements that change no decision: what is found, and that documents without it decide the same.

use std::path::Path;

use policy::{Document, Policies, Request, Severity, Step, decide, lint};
use serde_json::{Value, json};

use super::{check, identity, pull, row, with};

#[test]
fn what_changes_nothing() {
    let condition = |condition: Value| with(&identity(), &json!({"Condition": condition}));
    let never = |bad: Value, good: Value, path: &'static str| row("never-matches", Severity::Warning, path, bad, good);
    let wide = with(&identity(), &json!({"Action": "s3:*"}));
    let deny = |statement: &Value| with(statement, &json!({"Effect": "Deny"}));
    let to = |principal: &str| with(&pull(), &json!({"Principal": {"AWS": principal}}));
    let (role, root) = ("arn:aws:iam::111122223333:role/app", "arn:aws:iam::111122223333:root");
    let unreachable =
        |bad: Value, good: Value, path: &'static str| row("unreachable-statement", Severity::Warning, path, bad, good);
    check(&[
        never(
            condition(
                json!({"StringEquals": {"aws:RequestedRegion": "eu-central-1"}, "StringLike": {"aws:RequestedRegion": "us-*"}}),
            ),
            condition(
                json!({"StringEquals": {"aws:RequestedRegion": "eu-central-1"}, "StringLike": {"aws:RequestedRegion": "eu-*"}}),
            ),
            "Statement[0].Condition.StringLike.\"aws:RequestedRegion\"",
        ),
        never(
            condition(json!({"Null": {"aws:username": "true"}, "StringEquals": {"aws:username": "ada"}})),
            condition(json!({"Null": {"aws:username": "true"}, "StringNotEquals": {"aws:username": "ada"}})),
            "Statement[0].Condition.Null.\"aws:username\"",
        ),
        never(
            condition(json!({"NumericGreaterThan": {"s3:max-keys": 10}, "NumericLessThan": {"s3:max-keys": 5}})),
            condition(json!({"NumericGreaterThan": {"s3:max-keys": 5}, "NumericLessThan": {"s3:max-keys": 10}})),
            "Statement[0].Condition.NumericGreaterThan.\"s3:max-keys\"",
        ),
        never(
            condition(json!({"StringEquals": {"aws:username": []}})),
            condition(json!({"StringNotEquals": {"aws:username": []}})),
            "Statement[0].Condition.StringEquals.\"aws:username\"",
        ),
        never(
            with(&identity(), &json!({"Action": []})),
            with(&deny(&identity()), &json!({"Action": null, "NotAction": []})),
            "Statement[0].Action",
        ),
        never(with(&pull(), &json!({"Principal": {"AWS": []}})), pull(), "Statement[0].Principal"),
        never(with(&identity(), &json!({"Resource": []})), identity(), "Statement[0].Resource"),
        never(
            with(
                &to(role),
                &json!({"Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:user/*"}}}),
            ),
            with(
                &to(root),
                &json!({"Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:user/*"}}}),
            ),
            "Statement[0].Condition.ArnLike.\"aws:PrincipalArn\"",
        ),
        unreachable(
            json!([identity(), wide]),
            json!([identity(), with(&wide, &json!({"Resource": "arn:aws:s3:::other/*"}))]),
            "Statement[0]",
        ),
        unreachable(
            json!([identity(), identity()]),
            json!([identity(), deny(&with(&identity(), &json!({"Action": "s3:GetObjectAcl"})))]),
            "Statement[1]",
        ),
        unreachable(json!([identity(), deny(&wide)]), json!([wide, deny(&identity())]), "Statement[0]"),
        unreachable(
            json!([deny(&identity()), deny(&wide)]),
            json!([deny(&identity()), with(&identity(), &json!({"Resource": "arn:aws:s3:::other/*"}))]),
            "Statement[0]",
        ),
        // A role that is named needs no policy of its account.
        unreachable(
            json!([to(role), with(&to(role), &json!({"Action": "ecr:*"}))]),
            json!([to(role), with(&to(root), &json!({"Action": "ecr:*"}))]),
            "Statement[0]",
        ),
        unreachable(
            json!([to(root), with(&to(root), &json!({"Principal": "*"}))]),
            json!([with(&to(root), &json!({"Principal": "*"})), deny(&to(root))]),
            "Statement[0]",
        ),
    ]);
}

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
    .expect("readable");
    let mut removed = 0;
    for file in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/decisions")).expect("readable") {
        let table: Vec<Value> =
            serde_json::from_str(&std::fs::read_to_string(file.expect("readable").path()).expect("readable"))
                .expect("readable");
        let requests: Vec<_> =
            table.iter().map(|row| Request::from_value(&row["request"]).expect("readable")).collect();
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
