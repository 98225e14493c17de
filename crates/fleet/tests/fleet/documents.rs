//! Policy documents and their variables.

use std::collections::BTreeMap;

use fleet::{DOCUMENT_VARIABLES, RenderError};
use serde_json::{Value, json};

use crate::folder::Folder;

fn variables() -> BTreeMap<&'static str, Value> {
    BTreeMap::from([
        ("fleet", json!("verb")),
        ("region", json!("us-west-1")),
        ("account", json!("123456789012")),
        ("account_name", json!("cms-dev")),
        ("common_account_name", json!("verb-common")),
    ])
}

#[test]
fn the_built_in_documents_are_scoped_to_one_log_group() {
    let documents = Folder::sound().fleet().documents;
    let rendered = documents.render("flow-logs", &variables()).expect("a document");
    assert_eq!(
        rendered["Statement"][0]["Resource"],
        json!("arn:aws:logs:us-west-1:123456789012:log-group:/orgstrap/cms-dev/flow-logs:*")
    );
    let trust = documents.render("flow-logs-trust", &variables()).expect("a document");
    assert_eq!(
        trust["Statement"][0]["Condition"],
        json!({
            "StringEquals": { "aws:SourceAccount": "123456789012" },
            "ArnLike": { "aws:SourceArn": "arn:aws:ec2:us-west-1:123456789012:vpc-flow-log/*" },
        })
    );
}

#[test]
fn a_file_wins_over_the_built_in_document() {
    let mine =
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "logs:*", "Resource": "*"}]});
    let folder = Folder::sound()
        .with("policies/flow-logs.json", mine.to_string())
        .with("policies/own/root.json", "{}")
        .with("policies/README.md", "not a document");
    let documents = folder.fleet().documents;
    assert!(documents.names().any(|name| name == "own/root") && documents.names().all(|name| !name.contains("README")));
    assert_eq!(documents.get("flow-logs"), Some(&mine));
}

#[test]
fn variables_are_replaced_by_structure() {
    let folder = Folder::sound().with(
        "policies/x.json",
        r#"{"whole": "${orgstrap:account}", "part": "a${orgstrap:fleet}b${aws:username}", "${orgstrap:region}": [1, null]}"#,
    );
    let documents = folder.fleet().documents;
    let mut variables = variables();
    variables.insert("account", json!(["1", "2"]));
    assert_eq!(
        documents.render("x", &variables),
        Ok(json!({ "whole": ["1", "2"], "part": "averbb${aws:username}", "us-west-1": [1, null] }))
    );
}

#[test]
fn a_list_joins_the_list_that_it_stands_in() {
    let folder = Folder::sound().with("policies/x.json", r#"{"AWS": ["${orgstrap:account}", "3"]}"#);
    let accounts = BTreeMap::from([("account", json!(["1", "2"]))]);
    assert_eq!(folder.fleet().documents.render("x", &accounts), Ok(json!({ "AWS": ["1", "2", "3"] })));
}

#[test]
fn what_cannot_be_rendered_is_explained() {
    let folder = Folder::sound()
        .with("policies/part.json", r#"{"Statement": [{"Resource": ["x:${orgstrap:account}"]}]}"#)
        .with("policies/two.json", r#"{"a": "${orgstrap:account}", "b": "${orgstrap:region}"}"#);
    let documents = folder.fleet().documents;
    let explain = |name: &str, variables: &BTreeMap<&str, Value>| {
        let error: RenderError = documents.render(name, variables).expect_err("an error");
        folder.bare(&error.to_string())
    };
    let list = BTreeMap::from([("account", json!(["1"]))]);
    assert_eq!(
        explain("part", &list),
        "policies/part.json: Statement[0].Resource[0]: `account` is a list, not text; let it be a string of its own, not a part of one"
    );
    let other = BTreeMap::from([("fleet", json!("x")), ("region", json!("y"))]);
    assert_eq!(
        explain("part", &other),
        "policies/part.json: Statement[0].Resource[0]: there is no variable `account`; the variables are `fleet`, `region`"
    );
    let fleet = BTreeMap::from([("fleet", json!("x"))]);
    assert_eq!(
        explain("two", &fleet),
        "policies/two.json: a: there is no variable `account`; the variables are `fleet`\n\
         policies/two.json: b: there is no variable `region`; the variables are `fleet`"
    );
    assert_eq!(explain("prat", &other), "there is no policy document `prat`: did you mean `part`?");
}

#[test]
fn the_variables_known_here_are_those_that_load_knows() {
    assert_eq!(variables().len(), DOCUMENT_VARIABLES.len());
    assert!(DOCUMENT_VARIABLES.iter().all(|name| variables().contains_key(name)));
}
