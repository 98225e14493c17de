//! Whatever is read: no panic, and no answer that takes long. `PROPTEST_CASES=1000000` asks for a million.

use policy::{Caller, Context, Document, Key, Policies, Request, compare, decide, lint, read_json};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

/// Texts that mean something somewhere, whole and in pieces, with what they must not do.
fn text() -> impl Strategy<Value = String> {
    let pieces = vec![
        "*",
        "?",
        "a",
        "b",
        ":",
        "/",
        "arn:aws:s3:::",
        "arn:aws:iam::111122223333:",
        "root",
        "role/",
        "user/x",
        "ecr:",
        "s3:Get",
        "${aws:username}",
        "${aws:PrincipalTag/x, 'y'}",
        "${*}",
        "${",
        "}",
        "$",
        "'",
        ",",
        "aws:PrincipalArn",
        "aws:userid",
        "*a*a*a*a*b",
        "2012-10-17",
        "2008-10-17",
        "Allow",
        "deny",
        "true",
        "1e5",
        "-1.50",
        "2026-01-01T00:00:00Z",
        "1700000000",
        "10.0.0.0/8",
        "::/0",
        "arn:aws:sts::111122223333:assumed-role/r/s",
        "AROAEXAMPLEEXAMPLE00",
        "ecs-tasks.amazonaws.com",
        "111122223333",
        "é",
        "\u{0}",
        "\u{F8FF}",
        "\u{F8FE}",
        "\u{10FFFF}",
        "",
    ];
    prop_oneof![8 => proptest::collection::vec(select(pieces), 0..4).prop_map(|pieces| pieces.concat()), 1 => any::<String>()]
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        12 => text().prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<f64>().prop_map(|number| json!(number)),
        1 => Just(Value::Null),
    ]
}

fn one_or_many() -> impl Strategy<Value = Value> {
    prop_oneof![3 => scalar(), 2 => proptest::collection::vec(scalar(), 0..4).prop_map(Value::Array)]
}

fn object(keys: Vec<&'static str>, value: impl Strategy<Value = Value> + Clone) -> impl Strategy<Value = Value> {
    let key = prop_oneof![12 => select(keys).prop_map(str::to_owned), 1 => text()];
    proptest::collection::vec((key, value), 0..3)
        .prop_map(|entries| Value::Object(entries.into_iter().collect::<Map<String, Value>>()))
}

fn conditions() -> impl Strategy<Value = Value> {
    let operators = vec![
        "StringEquals",
        "StringNotLike",
        "StringLike",
        "stringequalsignorecase",
        "StringEqualsIfExists",
        "ForAnyValue:StringLike",
        "ForAllValues:StringNotEquals",
        "NumericLessThan",
        "NumericNotEquals",
        "DateGreaterThan",
        "Bool",
        "BinaryEquals",
        "IpAddress",
        "NotIpAddress",
        "ArnLike",
        "ArnNotEquals",
        "Null",
        "ForAnyValue:ArnLikeIfExists",
    ];
    let keys = vec![
        "aws:PrincipalArn",
        "aws:PrincipalAccount",
        "aws:PrincipalOrgID",
        "aws:TagKeys",
        "aws:SourceIp",
        "x:n",
        "X:N",
        "aws:PrincipalType",
    ];
    object(operators, object(keys, one_or_many().boxed()).boxed())
}

/// A statement whose members are mostly what they should be.
fn statement() -> impl Strategy<Value = Value> {
    let principal = prop_oneof![
        3 => object(vec!["AWS", "Service", "Federated", "CanonicalUser"], one_or_many().boxed()),
        2 => Just(json!("*")),
        1 => one_or_many(),
    ];
    let action = prop_oneof![4 => select(vec!["s3:*", "*", "ecr:Get?", "S3:getobject", "sts:AssumeRole"]).prop_map(Value::from), 1 => one_or_many()];
    let resource = prop_oneof![2 => one_or_many(), 1 => Just(json!("*"))];
    let effect = prop_oneof![9 => select(vec!["Allow", "Deny"]).prop_map(Value::from), 1 => scalar()];
    let not = (prop::bool::weighted(0.2), prop::bool::weighted(0.2), prop::bool::weighted(0.2));
    let has = (any::<bool>(), prop::bool::weighted(0.9), prop::bool::weighted(0.9), any::<bool>());
    (effect, principal, action, resource, conditions(), not, has, text()).prop_map(
        |(effect, principal, action, resource, condition, not, has, sid)| {
            let mut map = Map::new();
            map.insert("Effect".into(), effect);
            let mut insert = |has: bool, not: bool, name: &str, value| {
                if has {
                    map.insert(format!("{}{name}", if not { "Not" } else { "" }), value);
                }
            };
            insert(has.0, not.0, "Principal", principal);
            insert(has.1, not.1, "Action", action);
            insert(has.2, not.2, "Resource", resource);
            insert(has.3, false, "Condition", condition);
            insert(sid.len() == 3, false, "Sid", sid.into());
            Value::Object(map)
        },
    )
}

fn policy() -> impl Strategy<Value = Value> {
    let statements = prop_oneof![
        8 => proptest::collection::vec(statement(), 0..4).prop_map(Value::Array),
        1 => statement(),
        1 => one_or_many(),
    ];
    let version = prop_oneof![6 => Just(json!("2012-10-17")), 1 => Just(json!("2008-10-17")), 1 => scalar()];
    (version, statements).prop_map(|(version, statements)| json!({"Version": version, "Statement": statements}))
}

fn request() -> impl Strategy<Value = Request> {
    let caller = select(vec![
        "*",
        "arn:aws:iam::111122223333:root",
        "arn:aws:iam::111122223333:user/x",
        "arn:aws:sts::111122223333:assumed-role/r/s",
        "arn:aws:sts::444455556666:federated-user/f",
        "ecs-tasks.amazonaws.com",
        "accounts.google.com",
    ]);
    let context =
        proptest::collection::vec((select(vec!["x:n", "aws:TagKeys", "aws:userid", "aws:SourceIp"]), text()), 0..3);
    (caller, select(vec!["s3:GetObject", "sts:AssumeRole", "kms:Decrypt", "x"]), text(), context).prop_filter_map(
        "a caller",
        |(caller, action, resource, pairs)| {
            let mut context = Context::default();
            for (key, value) in pairs {
                context.set(Key::new(key), vec![value]);
            }
            Some(Request::new(Caller::parse(caller)?, action, resource, None, context))
        },
    )
}

fn cases(usual: u32) -> ProptestConfig {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    ProptestConfig { cases: asked.unwrap_or(usual), max_shrink_iters: 4096, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(cases(4096))]

    #[test]
    fn any_document_is_read_or_refused((one, other, request) in (policy(), policy(), request())) {
        let (Ok(document), other) = (Document::from_value(&one), Document::from_value(&other)) else { return Ok(()) };
        let printed = document.to_value();
        prop_assert_eq!(&Document::from_value(&printed).unwrap(), &document, "{}", printed);
        let normal = document.normal();
        prop_assert_eq!(normal.normal().to_value(), normal.to_value(), "{}", printed);
        let policies = |document| Policies { identity: vec![document], resource: Some(document), boundary: Some(document), ..Policies::default() };
        let decided = decide(&request, &policies(&document)).decision;
        prop_assert_eq!(decide(&request, &policies(&normal)).decision, decided, "{}\n{}", printed, normal.to_value());
        let _ = lint(&document);
        let _ = compare(&[&document], &[&normal]);
        if let Ok(other) = other {
            let _ = compare(&[&document], &[&other]);
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in any::<String>(), document in policy(), cut in any::<prop::sample::Index>()) {
        let _ = Document::parse(&text);
        let whole = document.to_string();
        let at = (0..=cut.index(whole.len() + 1)).rev().find(|at| whole.is_char_boundary(*at)).unwrap_or_default();
        let _ = Document::parse(&whole[..at]);
        prop_assert_eq!(read_json(&whole).unwrap(), serde_json::from_str::<Value>(&whole).unwrap());
    }
}

#[test]
fn a_key_that_is_there_twice_is_refused() {
    let text = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*", "Effect": "Allow"}]}"#;
    let error = Document::parse(text).unwrap_err().to_string();
    assert!(error.contains("Statement[0].Effect is there twice"), "{error}");
}

#[test]
fn depth_has_a_bound() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(Document::parse(&deep).is_err());
}
