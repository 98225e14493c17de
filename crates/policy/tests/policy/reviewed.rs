//! Pairs of documents that were once compared wrongly, or took too long.

use policy::{Comparison, Verdict, compare, lint};
use serde_json::{Value, json};

use crate::documents::document;

fn compared(a: &Value, b: &Value) -> Comparison {
    let of = |statements: &Value| document(&json!({"Version": "2012-10-17", "Statement": statements}));
    compare(&[&of(a)], &[&of(b)])
}

fn verdict(a: &Value, b: &Value) -> Verdict {
    compared(a, b).verdict
}

fn allow(principal: &Value, condition: &Value) -> Value {
    json!({"Effect": "Allow", "Principal": principal, "Action": "ecr:*", "Condition": condition})
}

const ACCOUNT: &str = "111122223333";
const ROLE: &str = "arn:aws:iam::111122223333:role/x";
const ID: &str = "AROAABCDEFGHIJKLMNOPQ";

#[test]
fn a_role_that_is_named_is_limited_and_everyone_under_a_condition_is_not() {
    let named = allow(&json!({"AWS": ROLE}), &json!({}));
    let everyone = allow(&json!("*"), &json!({"ArnEquals": {"aws:PrincipalArn": ROLE}}));
    let comparison = compared(&named, &everyone);
    assert_eq!(comparison.verdict, Verdict::Wider, "{comparison:?}");
    assert!(comparison.notes[0].contains("boundary"), "{comparison:?}");
}

#[test]
fn nobody_with_a_boundary_is_spared_by_not_principal() {
    let all = allow(&json!("*"), &json!({}));
    let deny = json!({"Effect": "Deny", "NotPrincipal": {"AWS": [ROLE, ACCOUNT]}, "Action": "ecr:*"});
    let root = "arn:aws:iam::111122223333:root";
    let condition = json!({"ArnNotEquals": {"aws:PrincipalArn": [ROLE, root]}});
    let other = json!({"Effect": "Deny", "Principal": "*", "Action": "ecr:*", "Condition": condition});
    let comparison = compared(&json!([all, deny]), &json!([all, other]));
    assert_eq!(comparison.verdict, Verdict::Wider, "{comparison:?}");
}

#[test]
fn a_unique_id_has_an_account_and_an_arn() {
    let nothing = json!([]);
    let of = |condition: &Value| allow(&json!({"AWS": ID}), condition);
    let in_account = of(&json!({"StringEquals": {"aws:PrincipalAccount": ACCOUNT}}));
    assert_eq!(verdict(&in_account, &nothing), Verdict::Narrower);
    let x = of(&json!({"ArnLike": {"aws:PrincipalArn": ROLE}}));
    let xy = of(&json!({"ArnLike": {"aws:PrincipalArn": format!("{ROLE}y")}}));
    assert_eq!(verdict(&x, &xy), Verdict::Incomparable);
    let outside = json!({"StringNotEquals": {"aws:PrincipalAccount": ACCOUNT}});
    let deny = json!({"Effect": "Deny", "Principal": "*", "Action": "ecr:*", "Condition": outside});
    let comparison = compared(&json!([of(&json!({})), deny]), &nothing);
    assert_eq!(comparison.witnesses.len(), 1, "{comparison:?}");
    let deny = |listed: &Value| json!({"Effect": "Deny", "NotPrincipal": {"AWS": listed}, "Action": "ecr:*"});
    let account = allow(&json!({"AWS": ACCOUNT}), &json!({}));
    let (with, without) = (json!([account, deny(&json!([ID, ACCOUNT]))]), json!([account, deny(&json!([ACCOUNT]))]));
    assert_ne!(verdict(&with, &without), Verdict::Equal);
    assert_eq!(verdict(&with, &with), Verdict::Equal);
    assert_eq!(verdict(&allow(&json!({"AWS": [ID, ACCOUNT]}), &json!({})), &account), Verdict::Narrower);
}

#[test]
fn characters_do_not_run_out() {
    let begins = |letters: &str| -> Vec<String> {
        letters
            .chars()
            .map(|letter| format!("arn:aws:s3:::b/{letter}*"))
            .chain(["arn:aws:s3:::b/".to_owned()])
            .collect()
    };
    let of = |resources: Value| json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": resources});
    let all: String = ('!'..='~').filter(|c| !matches!(c, '*' | '?')).collect();
    assert_eq!(verdict(&of(json!("arn:aws:s3:::b/*")), &of(json!(begins(&all)))), Verdict::Narrower);
}

#[test]
fn lists_that_multiply_end_in_unknown() {
    let mut seed = 7_u32;
    let mut contains = || {
        let mut letters = || {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            if seed & 0x1_0000 == 0 { 'a' } else { 'b' }
        };
        format!("arn:aws:s3:::b/*{}*", (0..6).map(|_| letters()).collect::<String>())
    };
    let statements: Vec<_> = (0..8)
        .map(|_| {
            let resources: Vec<_> = (0..6).map(|_| contains()).collect();
            json!({"Effect": "Allow", "Action": "s3:GetObject", "NotResource": resources})
        })
        .collect();
    let all = json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"});
    let _ = verdict(&all, &json!(statements));
    let mut denied = json!({"Version": "2012-10-17", "Statement": statements});
    for statement in denied["Statement"].as_array_mut().unwrap() {
        statement["Effect"] = json!("Deny");
    }
    let _ = lint(&document(&denied));
}

#[test]
fn what_follows_from_the_caller_is_not_free() {
    let bob = |condition: &Value| allow(&json!({"AWS": "arn:aws:iam::111122223333:user/team/bob"}), condition);
    let named = |name: &str| json!({"StringEquals": {"aws:username": name}});
    assert_eq!(verdict(&bob(&named("bob")), &bob(&json!({}))), Verdict::Equal);
    assert_eq!(verdict(&bob(&named("alice")), &json!([])), Verdict::Equal);
    assert_eq!(verdict(&bob(&json!({"Null": {"aws:username": "true"}})), &json!([])), Verdict::Equal);
    let in_account = json!({"Effect": "Allow", "Action": "sqs:*", "Resource": "arn:aws:sqs:us-east-1:111122223333:q",
        "Condition": {"StringEquals": {"aws:ResourceAccount": "999922223333"}}});
    assert_ne!(verdict(&in_account, &json!([])), Verdict::Narrower);
}

#[test]
fn partitions_that_nobody_names_make_no_difference() {
    let account = allow(&json!({"AWS": ACCOUNT}), &json!({}));
    let like = |arns: &Value| allow(&json!("*"), &json!({"ArnLike": {"aws:PrincipalArn": arns}}));
    let all = json!(["arn:aws:iam::111122223333:*", "arn:aws:sts::111122223333:*"]);
    let comparison = compared(&account, &like(&all));
    assert!(
        comparison.witnesses.iter().all(|witness| !witness.request.caller().arn().contains("awsx")),
        "{comparison:?}"
    );
    // Within the account, everyone under a condition needs no policy and an account's identities do.
    assert!(comparison.verdict == Verdict::Wider && !comparison.notes.is_empty(), "{comparison:?}");
}

#[test]
fn home_folders_are_modelled() {
    let of = |home: &str| {
        json!([
            {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::b",
             "Condition": {"StringLike": {"s3:prefix": [format!("home/{home}/*"), format!("home/{home}")]}}},
            {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": format!("arn:aws:s3:::b/home/{home}/*")}
        ])
    };
    assert_eq!(verdict(&of("${aws:username}"), &of("*")), Verdict::Wider);
    assert_eq!(verdict(&of("*"), &of("${aws:username}")), Verdict::Narrower);
    assert_eq!(verdict(&of("${aws:username}"), &of("${AWS:UserName}")), Verdict::Equal);
}

#[test]
fn an_identity_policy_beside_a_resource_policy_is_remarked_on() {
    let resource = allow(&json!("*"), &json!({}));
    let identity = json!({"Effect": "Allow", "Action": "ecr:*", "Resource": "*"});
    let comparison = compared(&resource, &identity);
    assert_eq!(comparison.verdict, Verdict::Narrower);
    assert!(comparison.notes[0].starts_with("B has no principals"), "{comparison:?}");
}

#[test]
fn the_name_of_a_user_is_what_follows_its_path() {
    let user = json!({"AWS": "arn:aws:iam::111122223333:user/a/ax/a1"});
    let like = |name: &str| allow(&user, &json!({"StringLike": {"aws:username": name}}));
    assert_eq!(verdict(&like("a*"), &allow(&user, &json!({}))), Verdict::Equal);
    assert_eq!(verdict(&like("ax*"), &json!([])), Verdict::Equal);
}
