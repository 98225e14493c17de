//! `${orgstrap:NAME}` in documents.

use std::collections::BTreeMap;

use policy::{placeholders, substitute};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

fn known() -> BTreeMap<&'static str, Value> {
    BTreeMap::from([
        ("text", json!("T")),
        ("other", json!("T")),
        ("number", json!(7)),
        ("truth", json!(true)),
        ("list", json!(["1", "2"])),
        ("none", json!([])),
        ("object", json!({"AWS": "1"})),
        ("null", json!(null)),
        ("loop", json!("${orgstrap:text}")),
    ])
}

#[test]
fn what_is_replaced() {
    let table = [
        // Alone: the value, whatever it is.
        (json!("${orgstrap:text}"), json!("T")),
        (json!({"a": "${orgstrap:list}"}), json!({"a": ["1", "2"]})),
        (json!({"a": "${orgstrap:number}", "b": "${orgstrap:null}"}), json!({"a": 7, "b": null})),
        (json!({"Principal": "${orgstrap:object}"}), json!({"Principal": {"AWS": "1"}})),
        // In a longer string or a key: text.
        (json!("a${orgstrap:text}b${orgstrap:number}${orgstrap:truth}"), json!("aTb7true")),
        (json!({"k-${orgstrap:text}": {"${orgstrap:number}": 1}}), json!({"k-T": {"7": 1}})),
        // A list in a list is spliced into it, once.
        (json!(["${orgstrap:list}", "x"]), json!(["1", "2", "x"])),
        (json!(["x", "${orgstrap:list}", "${orgstrap:none}", "${orgstrap:list}"]), json!(["x", "1", "2", "1", "2"])),
        (json!(["${orgstrap:none}"]), json!([])),
        (json!([["${orgstrap:list}"], "${orgstrap:object}"]), json!([["1", "2"], {"AWS": "1"}])),
        // What is not ours, and what was put in.
        (
            json!(["${aws:username}", "$", "${", "${orgstrap", "}"]),
            json!(["${aws:username}", "$", "${", "${orgstrap", "}"]),
        ),
        (json!("${aws:PrincipalTag/${orgstrap:text}}"), json!("${aws:PrincipalTag/T}")),
        (json!(["${orgstrap:loop}", "x${orgstrap:loop}"]), json!(["${orgstrap:text}", "x${orgstrap:text}"])),
    ];
    for (before, after) in table {
        assert_eq!(substitute(&before, &known()), Ok(after), "{before}");
    }
}

#[test]
fn every_mistake_and_where() {
    let before = json!({"Statement": [
        {"Resource": ["${orgstrap:nope}", "x${orgstrap:list}", "y${orgstrap:object}${orgstrap:null}"]},
        {"open": "a${orgstrap:text", "inner": "${orgstrap:te${aws:x}"},
        {"k${orgstrap:text}": 1, "k${orgstrap:other}": 2, "kT": 3},
        {"${orgstrap:a}": 1, "${orgstrap:b}": "${orgstrap:c}"},
    ]});
    let mistakes = substitute(&before, &known()).expect_err("mistakes").0;
    let told: Vec<_> = mistakes.iter().map(|mistake| format!("{}: {}", mistake.path, mistake.message)).collect();
    assert_eq!(
        told,
        [
            "Statement[0].Resource[0]: there is no variable `nope`",
            "Statement[0].Resource[1]: `list` is a list, not text",
            "Statement[0].Resource[2]: `object` is an object, not text",
            "Statement[0].Resource[2]: `null` is null, not text",
            "Statement[1].open: a variable is not closed",
            "Statement[1].inner: a variable is not closed",
            "Statement[2].\"k${orgstrap:other}\": there is another key that becomes `kT`",
            "Statement[2].kT: there is another key that becomes `kT`",
            "Statement[3].\"${orgstrap:a}\": there is no variable `a`",
            "Statement[3].\"${orgstrap:b}\": there is no variable `b`",
            "Statement[3].\"${orgstrap:b}\": there is no variable `c`",
        ]
    );
    assert_eq!(
        mistakes[0].help.as_deref(),
        Some("the variables are `list`, `loop`, `none`, `null`, `number`, `object`, `other`, `text`, `truth`")
    );
    let none = BTreeMap::<String, Value>::new();
    let unknown = substitute(&json!("${orgstrap:}"), &none).expect_err("mistakes");
    assert_eq!(unknown.to_string(), "there is no variable ``; there are no variables here");
}

#[test]
fn uses_are_found_as_they_are_written() {
    let value = json!({"a${orgstrap:k}": ["${orgstrap:x}-${orgstrap:y}", "${aws:z}", "${orgstrap:open"]});
    let found: Vec<_> =
        placeholders(&value).into_iter().map(|found| (found.path.to_string(), found.written, found.name)).collect();
    let list = "\"a${orgstrap:k}\"";
    assert_eq!(
        found,
        [
            (list.to_owned(), "${orgstrap:k}", Some("k")),
            (format!("{list}[0]"), "${orgstrap:x}", Some("x")),
            (format!("{list}[0]"), "${orgstrap:y}", Some("y")),
            (format!("{list}[2]"), "${orgstrap:open", None),
        ]
    );
}

/// JSON whose strings are made of `text`; keys have no variables.
fn json_of(text: impl Strategy<Value = String> + 'static) -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        text.prop_map(Value::from)
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-z$:{}]{0,4}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// The value with every string emptied.
fn shape(value: &Value) -> Value {
    match value {
        Value::String(_) => json!(""),
        Value::Array(values) => values.iter().map(shape).collect(),
        Value::Object(map) => Value::Object(map.iter().map(|(key, value)| (key.clone(), shape(value))).collect()),
        other => other.clone(),
    }
}

fn with_variables() -> impl Strategy<Value = String> {
    let piece = prop_oneof!["[a-z${}:\"]{0,3}", Just("${orgstrap:x}".to_owned()), Just("${aws:y}".to_owned())];
    prop::collection::vec(piece, 0..4)
        .prop_map(|pieces| pieces.concat())
        .prop_filter("closed", |text| !text.replace("${orgstrap:x}", "").contains("${orgstrap:"))
}

proptest! {
    #[test]
    fn without_variables_nothing_changes(value in json_of("[a-z${}:\"\\\\]{0,12}".prop_map(|text| text))) {
        prop_assert!(placeholders(&value).is_empty());
        prop_assert_eq!(substitute(&value, &known()), Ok(value));
    }

    #[test]
    fn text_never_changes_the_structure(
        value in json_of(with_variables()),
        x in "\\PC{0,8}|\"\\}, *\"|\\$\\{orgstrap:x\\}",
    ) {
        let substituted = substitute(&value, &BTreeMap::from([("x", json!(x))])).expect("all variables are known");
        prop_assert_eq!(shape(&substituted), shape(&value));
    }

    #[test]
    fn what_was_put_in_is_not_searched(value in json_of(with_variables())) {
        let itself = BTreeMap::from([("x", json!("${orgstrap:x}"))]);
        prop_assert_eq!(substitute(&value, &itself), Ok(value));
    }

    #[test]
    fn any_json_is_substituted_or_explained(text in "(\\$\\{(orgstrap|aws):[a-z]{0,5}\\}?|\\PC){0,6}") {
        let value = json!({text.clone(): [text]});
        let found = placeholders(&value).len();
        match substitute(&value, &known()) {
            Ok(_) => {}
            Err(mistakes) => prop_assert!(found > 0 && !mistakes.0.is_empty() && mistakes.0.len() <= found),
        }
    }
}
