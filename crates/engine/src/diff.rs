//! The difference between what is wanted and what exists, by serde field.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Class, Error, Resource, Result, Tags};

/// What a difference in an object's tags is called.
pub(crate) const TAGS: &str = "tags";

/// One field that is not as desired.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Diff {
    /// The name of the field, or `tags`.
    pub field: String,
    /// What exists; null where nothing does.
    pub actual: Value,
    /// What is wanted.
    pub desired: Value,
    /// Whether the field cannot be changed in place, so that the object would be replaced.
    pub fixed: bool,
}

/// The fields of `actual` that are not as in `desired`, in the order of the struct. A field that is not serialized is
/// the same as a null one.
///
/// # Errors
/// When the struct does not serialize to an object or has a field `tags`, which are mistakes in the resource.
pub fn diff<R: Resource>(desired: &R, actual: &R) -> Result<Vec<Diff>> {
    let (Value::Object(desired), Value::Object(mut actual)) = (value(desired)?, value(actual)?) else {
        return Err(Error::new(Class::Invalid, format!("a {} is not a struct with named fields", R::KIND)));
    };
    if desired.contains_key(TAGS) {
        return Err(Error::new(
            Class::Invalid,
            format!("a {} has a field `{TAGS}`: that name is the engine's", R::KIND),
        ));
    }
    let mut pairs: Vec<_> = desired
        .into_iter()
        .map(|(field, desired)| {
            let actual = actual.remove(&field).unwrap_or(Value::Null);
            (field, actual, desired)
        })
        .collect();
    // Left are fields that the desired state does not serialize, such as an absent option.
    pairs.extend(actual.into_iter().map(|(field, actual)| (field, actual, Value::Null)));
    let differing = pairs.into_iter().filter(|(_, actual, desired)| actual != desired);
    Ok(differing
        .map(|(field, actual, desired)| {
            let fixed = R::FIXED.contains(&field.as_str());
            Diff { field, actual, desired, fixed }
        })
        .collect())
}

/// The tags of ours that are missing or different. Tags that others added are theirs and are left alone.
pub(crate) fn diff_tags(desired: &Tags, actual: &Tags) -> Option<Diff> {
    let differing: Vec<_> = desired.iter().filter(|(key, value)| actual.get(*key) != Some(*value)).collect();
    if differing.is_empty() {
        return None;
    }
    let actual = differing.iter().filter_map(|(key, _)| Some(((*key).clone(), actual.get(*key)?.clone().into())));
    Some(Diff {
        field: TAGS.into(),
        actual: Value::Object(actual.collect()),
        desired: Value::Object(
            differing.iter().map(|(key, value)| ((*key).clone(), (*value).clone().into())).collect(),
        ),
        fixed: false,
    })
}

/// The desired state as a plan shows it.
pub(crate) fn value<R: Resource>(resource: &R) -> Result<Value> {
    serde_json::to_value(resource)
        .map_err(|error| Error::new(Class::Invalid, format!("a {} cannot be serialized: {error}", R::KIND)))
}
