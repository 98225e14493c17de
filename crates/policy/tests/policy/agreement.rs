//! Comparisons of documents with everything the language has, against requests chosen at random.

use policy::{Caller, Context, Decision, Document, Key, Request, Verdict, compare};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

use crate::compare::{cases, decided};
use crate::documents::document;

const ROLE: &str = "arn:aws:iam::111111111111:role/a";

fn values(texts: &[&'static str]) -> impl Strategy<Value = Value> + use<> {
    proptest::collection::vec(select(texts.to_vec()), 1..3).prop_map(|values| json!(values))
}

/// An operator, a key and values that go together.
fn condition() -> BoxedStrategy<(&'static str, &'static str, Value)> {
    let of = |operators: &[&'static str], keys: &[&'static str], texts: &[&'static str]| {
        (select(operators.to_vec()), select(keys.to_vec()), values(texts)).boxed()
    };
    prop_oneof![
        of(
            &[
                "ArnLike",
                "ArnNotLike",
                "ArnEquals",
                "StringLike",
                "ArnLikeIfExists",
                "ForAnyValue:ArnNotLike",
                "StringNotEquals"
            ],
            &["aws:PrincipalArn"],
            &[ROLE, "arn:aws:iam::*:role/a", "arn:aws:iam::111111111111:*", "arn:aws:iam::222222222222:role/p/*", "*"],
        ),
        of(
            &["StringEquals", "StringNotEquals", "StringLike", "StringEqualsIfExists", "ForAnyValue:StringNotEquals"],
            &["aws:PrincipalAccount"],
            &["111111111111", "2*", "222222222222"],
        ),
        of(&["StringEquals", "StringNotLike"], &["aws:PrincipalType"], &["User", "AssumedRole", "A*"]),
        of(
            &["StringEquals", "StringNotEquals", "StringLike", "StringEqualsIfExists", "ForAnyValue:StringNotLike"],
            &["aws:username", "aws:ResourceAccount"],
            &["u", "v*", "999999999999", "111111111111"],
        ),
        of(
            &["StringLike", "StringEquals", "ForAnyValue:StringLike"],
            &["x:prefix"],
            &["home/${aws:username}/*", "home/*", "home/u/"]
        ),
        of(
            &["Bool", "BoolIfExists", "Null"],
            &["aws:PrincipalIsAWSService", "x:flag", "aws:PrincipalArn"],
            &["true", "false"]
        ),
        of(
            &["IpAddress", "NotIpAddress", "IpAddressIfExists"],
            &["aws:SourceIp"],
            &["10.0.0.0/8", "10.1.0.0/16", "10.0.0.7", "0.0.0.0/0", "2001:db8::/32", "nonsense"],
        ),
        of(
            &["DateLessThan", "DateGreaterThanEquals", "DateNotEquals", "DateEquals"],
            &["x:time"],
            &["2026-01-01T00:00:00Z", "2027-01-01", "1767225600", "nonsense"],
        ),
        of(
            &["ArnLike", "ArnNotEquals", "StringLike", "ArnEqualsIfExists"],
            &["aws:SourceArn"],
            &["arn:aws:s3:::a", "arn:aws:s3:::*", "arn:aws:*:*:111111111111:*", "arn:aws:s3*"],
        ),
        of(
            &[
                "ForAnyValue:StringLike",
                "ForAllValues:StringEquals",
                "ForAllValues:StringNotLike",
                "Null",
                "StringEquals"
            ],
            &["aws:TagKeys"],
            &["team", "st*", "true"],
        ),
        of(
            &["StringEquals", "StringLike", "StringNotEquals"],
            &["aws:ResourceTag/team"],
            &["${aws:PrincipalTag/team}", "a", "${aws:PrincipalTag/team, 'a'}"],
        ),
    ]
    .boxed()
}

fn principal() -> impl Strategy<Value = (bool, Value)> {
    let principals = vec![
        json!("*"),
        json!({"AWS": "111111111111"}),
        json!({"AWS": [ROLE, "arn:aws:iam::222222222222:root"]}),
        json!({"AWS": "arn:aws:iam::222222222222:role/p/q"}),
        json!({"AWS": ["AROAEXAMPLEEXAMPLE00", "222222222222"]}),
        json!({"AWS": "AROAEXAMPLEEXAMPLE00"}),
        json!({"AWS": ["arn:aws:sts::111111111111:assumed-role/a/one", ROLE, "111111111111"]}),
        json!({"AWS": ["arn:aws:sts::222222222222:assumed-role/q/one"]}),
        json!({"AWS": ["arn:aws:iam::222222222222:user/u", "222222222222"], "Service": "b.amazonaws.com"}),
        json!({"Federated": "arn:aws:iam::111111111111:oidc-provider/example.com"}),
    ];
    (prop::bool::weighted(0.2), select(principals))
}

fn statement(is_resource: bool) -> impl Strategy<Value = Value> {
    let actions = values(&["s:a", "s:*", "s:a*", "*", "t:?"]);
    let resources = values(&[
        "*",
        "arn:aws:s3:::a",
        "arn:aws:s3:::a/*",
        "arn:aws:s3:::${aws:username}/*",
        "arn:aws:*:*:111111111111:x*",
    ]);
    let nots = (prop::bool::weighted(0.15), prop::bool::weighted(0.15), prop::bool::weighted(0.3), any::<bool>());
    (actions, resources, principal(), proptest::collection::vec(condition(), 0..3), nots).prop_map(
        move |(
            actions,
            resources,
            (not_principal, principal),
            conditions,
            (not_action, not_resource, denied, has_resource),
        )| {
            let mut map = Map::new();
            map.insert("Effect".into(), if denied { "Deny" } else { "Allow" }.into());
            map.insert(if not_action { "NotAction" } else { "Action" }.into(), actions);
            if has_resource || !is_resource {
                map.insert(if not_resource { "NotResource" } else { "Resource" }.into(), resources);
            }
            if is_resource {
                map.insert(if not_principal { "NotPrincipal" } else { "Principal" }.into(), principal);
            }
            let mut condition = json!({});
            for (operator, key, values) in conditions {
                condition[operator][key] = values;
            }
            map.insert("Condition".into(), condition);
            Value::Object(map)
        },
    )
}

/// Two documents, often nearly the same.
fn pair(is_resource: bool) -> impl Strategy<Value = (Document, Document)> {
    let statements = || proptest::collection::vec(statement(is_resource), 1..4);
    (statements(), statements(), any::<bool>()).prop_map(|(one, other, near)| {
        let other = if near { one.iter().cloned().chain(other.into_iter().take(1)).collect() } else { other };
        let of = |statements: Vec<Value>| document(&json!({"Version": "2012-10-17", "Statement": statements}));
        (of(one), of(other))
    })
}

fn request(is_resource: bool) -> impl Strategy<Value = Request> {
    let mut callers = vec![
        ROLE,
        "arn:aws:sts::111111111111:assumed-role/a/one",
        "arn:aws:sts::111111111111:assumed-role/a/two",
        "arn:aws:iam::111111111111:user/u",
        "arn:aws:iam::222222222222:user/u",
        "arn:aws:iam::222222222222:role/p/q",
    ];
    if is_resource {
        callers.extend([
            "b.amazonaws.com",
            "*",
            "arn:aws:iam::111111111111:oidc-provider/example.com",
            "arn:aws:iam::111111111111:root",
        ]);
    }
    let resources =
        vec!["*", "arn:aws:s3:::a", "arn:aws:s3:::a/b", "arn:aws:s3:::u/x", "arn:aws:sqs:us-east-1:111111111111:xy"];
    let given = |key: &'static str, texts: &[&'static str]| {
        proptest::option::of(select(texts.to_vec())).prop_map(move |value| value.map(|value| (key, vec![value])))
    };
    let context = (
        given("aws:SourceIp", &["10.0.0.7", "10.1.2.3", "192.0.2.1", "2001:db8::1", "nonsense"]),
        given("x:time", &["2026-01-01T00:00:00Z", "2026-06-01T12:00:00Z", "2028-01-01", "nonsense"]),
        given("aws:SourceArn", &["arn:aws:s3:::a", "arn:aws:s3:::b", "arn:aws:sqs:us-east-1:111111111111:q", "no"]),
        given("x:flag", &["true", "FALSE", "maybe"]),
        given("aws:ResourceTag/team", &["a", "b"]),
        given("aws:PrincipalTag/team", &["a", "b"]),
        given("aws:TagKeys", &["team", "stage", "other"]),
        given("x:prefix", &["home/u/", "home/", "home/u/x", "else"]),
        given("aws:userid", &["AROAEXAMPLEEXAMPLE00", "AROAEXAMPLEEXAMPLE00:one", "AROAOTHEROTHEROTHER0:one"]),
        any::<bool>(),
    );
    (select(callers), select(vec!["s:a", "s:ab", "s:x", "t:a", "u:aa"]), select(resources), context).prop_map(
        move |(caller, action, resource, (ip, time, arn, flag, tag, of_caller, tags, prefix, id, several))| {
            let mut context = Context::default();
            for (key, mut values) in [ip, time, arn, flag, tag, of_caller, tags, prefix, id].into_iter().flatten() {
                if key == "aws:TagKeys" && several {
                    values.push("stack");
                }
                context.set(Key::new(key), values.into_iter().map(str::to_owned).collect());
            }
            let owner = Some("999999999999".to_owned()).filter(|_| is_resource);
            Request::new(Caller::parse(caller).unwrap(), action, resource, owner, context)
        },
    )
}

fn check(one: &Document, other: &Document, is_resource: bool, requests: &[Request]) -> Result<(), TestCaseError> {
    let comparison = compare(&[one], &[other]);
    let show = || format!("{comparison:?}\nA {}\nB {}", one.to_value(), other.to_value());
    for request in requests {
        let decide = |document: &Document| decided(&comparison, document, request, is_resource);
        let (by_one, by_other) = (decide(one), decide(other));
        let more = |here: Decision, there: Decision| here == Decision::Allow && there != Decision::Allow;
        match comparison.verdict {
            Verdict::Equal => prop_assert_eq!(by_one, by_other, "{}\n{}", request.to_value(), show()),
            Verdict::Narrower => prop_assert!(!more(by_other, by_one), "B allows {}\n{}", request.to_value(), show()),
            Verdict::Wider => prop_assert!(!more(by_one, by_other), "A allows {}\n{}", request.to_value(), show()),
            Verdict::Incomparable | Verdict::Unknown => {}
        }
    }
    Ok(())
}

fn requests(is_resource: bool) -> impl Strategy<Value = Vec<Request>> {
    proptest::collection::vec(request(is_resource), 200)
}

#[test]
fn what_is_said_of_identity_policies_holds_for_any_request() {
    proptest!(ProptestConfig::with_cases(cases(96)), |((one, other) in pair(false), requests in requests(false))| {
        check(&one, &other, false, &requests)?;
    });
}

#[test]
fn what_is_said_of_resource_policies_holds_for_any_request() {
    proptest!(ProptestConfig::with_cases(cases(96)), |((one, other) in pair(true), requests in requests(true))| {
        check(&one, &other, true, &requests)?;
    });
}
