//! The normal form, and which documents mean the same.

use policy::{Document, Verdict, compare};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::documents::{document, policy, shuffled};

fn normal(value: &Value) -> Value {
    document(value).normal().to_value()
}

/// Documents with one statement each.
fn statement(members: &Value) -> Value {
    let mut statement = json!({"Effect": "Allow", "Principal": "*", "Action": "ecr:BatchGetImage", "Resource": "*"});
    for (name, value) in members.as_object().unwrap() {
        statement[name] = value.clone();
    }
    json!({"Version": "2012-10-17", "Statement": [statement]})
}

#[test]
fn spellings_make_no_difference() {
    let root = "arn:aws:iam::111122223333:root";
    let other = "arn:aws:iam::444455556666:root";
    for (name, one, other) in [
        ("account id and root", json!({"Principal": {"AWS": "111122223333"}}), json!({"Principal": {"AWS": root}})),
        ("one in brackets", json!({"Action": ["ecr:BatchGetImage"]}), json!({"Action": "ecr:BatchGetImage"})),
        ("everyone", json!({"Principal": {"AWS": ["*"]}}), json!({"Principal": "*"})),
        (
            "order of principals",
            json!({"Principal": {"AWS": [root, other]}}),
            json!({"Principal": {"AWS": [other, root]}}),
        ),
        ("case of actions", json!({"Action": "ECR:batchGETimage"}), json!({"Action": "ecr:BatchGetImage"})),
        ("case of effects", json!({"Effect": "allow"}), json!({"Effect": "Allow"})),
        ("what is included", json!({"Action": ["ecr:*", "ecr:GetAuthorizationToken"]}), json!({"Action": "ecr:*"})),
        ("repeated", json!({"Resource": ["*", "*"]}), json!({"Resource": "*"})),
        (
            "truth values, operators and keys",
            json!({"Condition": {"BOOL": {"AWS:securetransport": true}}}),
            json!({"Condition": {"Bool": {"aws:SecureTransport": ["true"]}}}),
        ),
        (
            "numbers",
            json!({"Condition": {"NumericLessThan": {"aws:MultiFactorAuthAge": 3600}}}),
            json!({"Condition": {"NumericLessThan": {"aws:MultiFactorAuthAge": "3600.0"}}}),
        ),
        (
            "order of values",
            json!({"Condition": {"StringEquals": {"aws:PrincipalOrgID": ["o-b", "o-a"]}}}),
            json!({"Condition": {"StringEquals": {"aws:PrincipalOrgID": ["o-a", "o-b", "o-a"]}}}),
        ),
    ] {
        let (one, other) = (statement(&one), statement(&other));
        assert_eq!(normal(&one), normal(&other), "{name}");
        assert_eq!(document(&one).is_equivalent(&document(&other)), Some(true), "{name}");
    }
}

#[test]
fn statements_are_put_together_and_names_stay() {
    let one = |sid: Option<&str>, action: &str, resource: &str| {
        let mut statement = json!({"Effect": "Allow", "Action": action, "Resource": resource});
        if let Some(sid) = sid {
            statement["Sid"] = json!(sid);
        }
        statement
    };
    let of = |statements: &[Value]| json!({"Version": "2012-10-17", "Statement": statements});
    let (a, b) = ("arn:aws:s3:::a", "arn:aws:s3:::b");
    let split = of(&[
        one(None, "s3:GetObject", a),
        one(None, "s3:PutObject", b),
        one(None, "s3:GetObject", b),
        one(None, "s3:PutObject", a),
    ]);
    let whole = of(&[json!({"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": [a, b]})]);
    assert_eq!(normal(&split), normal(&whole));
    let named = of(&[
        one(Some("Read"), "s3:GetObject", a),
        one(Some("Write"), "s3:PutObject", a),
        one(None, "s3:ListBucket", a),
    ]);
    assert_eq!(normal(&named)["Statement"].as_array().unwrap().len(), 3);
    let unnamed =
        of(&[json!({"Effect": "Allow", "Action": ["s3:PutObject", "s3:GetObject", "s3:ListBucket"], "Resource": a})]);
    assert_eq!(document(&named).canonical(), document(&unnamed).canonical());
    let with_rest = of(&[one(Some("Read"), "s3:GetObject", a), one(None, "s3:ListBucket", a)]);
    assert_eq!(
        normal(&with_rest)["Statement"],
        json!([{"Sid": "Read", "Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": a}])
    );
}

#[test]
fn a_version_that_makes_no_difference_is_the_newer_one() {
    let of = |version: &str, resource: &str| json!({"Version": version, "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": resource}});
    let (plain, variable) = ("arn:aws:s3:::a", "arn:aws:s3:::${aws:username}");
    assert_eq!(normal(&of("2008-10-17", plain)), normal(&of("2012-10-17", plain)));
    assert_ne!(normal(&of("2008-10-17", variable)), normal(&of("2012-10-17", variable)));
    assert_eq!(
        document(&of("2008-10-17", variable)).is_equivalent(&document(&of("2012-10-17", variable))),
        Some(false)
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn the_normal_form_is_idempotent_and_means_the_same(value in policy(true)) {
        let one = document(&value);
        let normal = one.normal();
        prop_assert_eq!(&normal.normal(), &normal);
        prop_assert_eq!(normal.normal().to_value(), normal.to_value());
        prop_assert_eq!(compare(&[&one], &[&normal]).verdict, Verdict::Equal, "{}\n{}", one.to_value(), normal.to_value());
        let canonical = one.canonical();
        prop_assert_eq!(&canonical.canonical(), &canonical);
        prop_assert_eq!(compare(&[&one], &[&canonical]).verdict, Verdict::Equal, "{}", canonical.to_value());
    }

    #[test]
    fn order_and_brackets_make_no_difference((value, other) in policy(true).prop_flat_map(|value| (Just(value.clone()), shuffled(value)))) {
        prop_assert_eq!(normal(&value), normal(&other));
    }

    #[test]
    fn what_is_printed_reads_back(value in policy(true)) {
        let one = document(&value);
        prop_assert_eq!(&Document::from_value(&one.to_value()).unwrap(), &one);
        prop_assert_eq!(Document::parse(&one.to_value().to_string()).unwrap(), one);
    }

    #[test]
    fn equivalence_is_an_equivalence((one, other, third) in (policy(false), policy(false), policy(false))) {
        let (one, other, third) = (document(&one), document(&other), document(&third));
        prop_assert_eq!(one.is_equivalent(&one.normal()), Some(true));
        prop_assert_eq!(one.is_equivalent(&other), other.is_equivalent(&one));
        if one.is_equivalent(&other) == Some(true) && other.is_equivalent(&third) == Some(true) {
            prop_assert_eq!(one.is_equivalent(&third), Some(true));
        }
    }
}

#[test]
fn a_name_goes_only_to_what_is_merged_with_it() {
    let value = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Deny", "Action": "sts:AssumeRole", "Resource": "*"},
        {"Sid": "Named", "Effect": "Deny", "Resource": "*"},
        {"Effect": "Deny", "Action": "sts:AssumeRole"}
    ]});
    let names = normal(&value)["Statement"].as_array().unwrap().iter().filter(|one| one.get("Sid").is_some()).count();
    assert_eq!(names, 1);
    assert_eq!(normal(&normal(&value)), normal(&value));
}
