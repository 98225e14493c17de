//! The difference between two states, field by field.

use std::convert::Infallible;

use engine::{Class, Resource, diff};
use serde::Serialize;
use serde_json::{Value, json};

#[derive(Clone, Serialize)]
struct Thing {
    size: u8,
    place: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'static str>,
}

impl Resource for Thing {
    const KIND: &'static str = "thing";
    const FIXED: &'static [&'static str] = &["place"];
    type Cloud = Infallible;
    type Output = ();
}

#[derive(Serialize)]
struct Bare(u8);

impl Resource for Bare {
    const KIND: &'static str = "bare";
    type Cloud = Infallible;
    type Output = ();
}

fn differences(desired: &Thing, actual: &Thing) -> Vec<(String, Value, Value, bool)> {
    let diffs = diff(desired, actual).unwrap().into_iter();
    diffs.map(|diff| (diff.field, diff.actual, diff.desired, diff.fixed)).collect()
}

const THING: Thing = Thing { size: 1, place: None, note: None };

#[test]
fn is_empty_for_equals() {
    assert_eq!(differences(&THING, &THING), []);
}

#[test]
fn names_what_differs_in_the_order_of_the_struct() {
    let actual = Thing { size: 2, place: Some("here"), note: None };
    let expected = [("size".into(), json!(2), json!(1), false), ("place".into(), json!("here"), Value::Null, true)];
    assert_eq!(differences(&THING, &actual), expected);
}

#[test]
fn sees_fields_that_only_one_side_serializes() {
    let noted = Thing { note: Some("mind"), ..THING };
    assert_eq!(differences(&noted, &THING), [("note".into(), Value::Null, json!("mind"), false)]);
    assert_eq!(differences(&THING, &noted), [("note".into(), json!("mind"), Value::Null, false)]);
}

#[test]
fn knows_tags_by_their_name() {
    #[derive(Serialize)]
    struct Tagged {
        tags: u8,
    }
    impl Resource for Tagged {
        const KIND: &'static str = "tagged";
        type Cloud = Infallible;
        type Output = ();
    }
    let error = diff(&Tagged { tags: 1 }, &Tagged { tags: 1 }).unwrap_err();
    assert_eq!(error.to_string(), "a tagged has a field `tags`: that name is the engine's");
}

#[test]
fn needs_named_fields() {
    let error = diff(&Bare(1), &Bare(2)).unwrap_err();
    assert_eq!((error.class, error.to_string().as_str()), (Class::Invalid, "a bare is not a struct with named fields"));
}
