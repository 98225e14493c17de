//! Documents over a small alphabet.

use policy::Document;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

pub(crate) fn document(value: &Value) -> Document {
    Document::from_value(value).unwrap_or_else(|error| panic!("{value}: {error}"))
}

/// Patterns over `a`, `b` and wildcards.
fn pattern() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => proptest::collection::vec(select(vec!["a", "b", "*", "?"]), 1..4).prop_map(|parts| parts.concat()),
        1 => Just("*".to_owned()),
    ]
}

fn list<T: Into<Value> + Clone + std::fmt::Debug>(one: impl Strategy<Value = T>) -> impl Strategy<Value = Value> {
    proptest::collection::vec(one, 1..3).prop_map(|values| Value::Array(values.into_iter().map(Into::into).collect()))
}

/// Either form of an element.
fn element(name: &'static str, values: impl Strategy<Value = Value>) -> impl Strategy<Value = (String, Value)> {
    (prop::bool::weighted(0.2), values)
        .prop_map(move |(not, values)| (format!("{}{name}", if not { "Not" } else { "" }), values))
}

fn text_condition() -> impl Strategy<Value = (String, String, Value)> {
    let operators = vec![
        "StringEquals",
        "StringNotEquals",
        "StringLike",
        "StringNotLike",
        "StringEqualsIgnoreCase",
        "StringEqualsIfExists",
        "StringNotLikeIfExists",
    ];
    (select(operators), list(pattern()))
        .prop_map(|(operator, values)| (operator.to_owned(), "x:one".to_owned(), values))
}

fn set_condition() -> impl Strategy<Value = (String, String, Value)> {
    let operators = vec![
        "ForAnyValue:StringEquals",
        "ForAllValues:StringEquals",
        "ForAnyValue:StringLike",
        "ForAllValues:StringLike",
        "ForAnyValue:StringNotLike",
        "ForAllValues:StringNotLike",
        "ForAnyValue:StringLikeIfExists",
        "StringLike",
        "StringNotEquals",
    ];
    (select(operators), list(pattern()))
        .prop_map(|(operator, values)| (operator.to_owned(), "x:set".to_owned(), values))
}

fn number_condition() -> impl Strategy<Value = (String, String, Value)> {
    let operators = vec![
        "NumericEquals",
        "NumericNotEquals",
        "NumericLessThan",
        "NumericLessThanEquals",
        "NumericGreaterThan",
        "NumericGreaterThanEqualsIfExists",
    ];
    (select(operators), list(1..4)).prop_map(|(operator, values)| (operator.to_owned(), "x:number".to_owned(), values))
}

fn null_condition() -> impl Strategy<Value = (String, String, Value)> {
    (select(vec!["x:one", "x:set", "x:number"]), any::<bool>())
        .prop_map(|(key, truth)| ("Null".to_owned(), key.to_owned(), json!(truth)))
}

fn conditions() -> impl Strategy<Value = Value> {
    let one = prop_oneof![text_condition(), set_condition(), number_condition(), null_condition()];
    proptest::collection::vec(one, 0..3).prop_map(|conditions| {
        let mut map = Map::new();
        for (operator, key, values) in conditions {
            map.entry(operator).or_insert_with(|| json!({}))[key] = values;
        }
        Value::Object(map)
    })
}

pub(crate) fn statement(with_principal: bool) -> impl Strategy<Value = Value> {
    let action =
        element("Action", list(prop_oneof![pattern().prop_map(|name| format!("s:{name}")), Just("*".to_owned())]));
    let resource = element(
        "Resource",
        list(prop_oneof![pattern().prop_map(|name| format!("arn:aws:s3:::{name}")), Just("*".to_owned())]),
    );
    let principal = select(vec![
        json!("*"),
        json!({"AWS": "111111111111"}),
        json!({"AWS": ["arn:aws:iam::111111111111:role/a", "arn:aws:iam::222222222222:root"]}),
        json!({"AWS": "arn:aws:iam::111111111111:role/b"}),
        json!({"AWS": "arn:aws:sts::111111111111:assumed-role/a/one"}),
        json!({"Service": "a.amazonaws.com"}),
        json!({"AWS": "arn:aws:iam::222222222222:user/u", "Service": "b.amazonaws.com"}),
    ]);
    let denied = prop::bool::weighted(0.3);
    let by_whom = prop_oneof![
        3 => Just(None),
        1 => Just(Some(("ArnLike", "aws:PrincipalArn", json!("arn:aws:iam::*:role/a")))),
        1 => Just(Some(("StringNotEquals", "aws:PrincipalAccount", json!("111111111111")))),
    ];
    (denied, action, resource, conditions(), principal, prop::bool::weighted(0.15), by_whom).prop_map(
        move |(denied, action, resource, mut condition, principal, not, by_whom)| {
            let mut map = Map::new();
            map.insert("Effect".into(), if denied { "Deny" } else { "Allow" }.into());
            if with_principal {
                let not = not && denied && principal != json!("*");
                map.insert(if not { "NotPrincipal" } else { "Principal" }.into(), principal);
                if let Some((operator, key, value)) = by_whom {
                    condition[operator][key] = value;
                }
            }
            map.insert(action.0, action.1);
            map.insert(resource.0, resource.1);
            map.insert("Condition".into(), condition);
            Value::Object(map)
        },
    )
}

pub(crate) fn policy(with_principal: bool) -> impl Strategy<Value = Value> {
    proptest::collection::vec(statement(with_principal), 1..4)
        .prop_map(|statements| json!({"Version": "2012-10-17", "Statement": statements}))
}

/// The same document in another order, with single values in brackets.
pub(crate) fn shuffled(value: Value) -> BoxedStrategy<Value> {
    match value {
        Value::Array(values) => {
            let each: Vec<_> = values.into_iter().map(shuffled).collect();
            each.prop_flat_map(|values| Just(values).prop_shuffle()).prop_map(Value::Array).boxed()
        }
        Value::Object(map) => {
            let each: Vec<_> = map.into_iter().map(|(key, value)| (Just(key), shuffled(value))).collect();
            each.prop_flat_map(|entries| Just(entries).prop_shuffle())
                .prop_map(|entries| Value::Object(entries.into_iter().collect()))
                .boxed()
        }
        value => Just(value).boxed(),
    }
}
