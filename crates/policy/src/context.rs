//! What is known of a request besides who, what and which: condition keys and their values.

use std::collections::BTreeMap;
use std::fmt;
use std::hash::{Hash, Hasher};

use serde_json::Value;

use crate::pattern::folded;

/// A condition key. Its case does not matter ("Condition key names are not case-sensitive", IAM user guide, "IAM JSON
/// policy elements: Condition"), and the spelling is kept for printing.
#[derive(Clone)]
pub struct Key {
    spelled: String,
    folded: String,
}

impl Key {
    /// A key such as `aws:PrincipalOrgID`.
    pub fn new(spelled: impl Into<String>) -> Self {
        let spelled = spelled.into();
        let folded = folded(&spelled).into_owned();
        Self { spelled, folded }
    }

    /// The key as it was written.
    pub fn as_str(&self) -> &str {
        &self.spelled
    }

    /// The key in lower case.
    pub fn folded(&self) -> &str {
        &self.folded
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.folded == other.folded
    }
}

impl Eq for Key {}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.folded.hash(state);
    }
}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.folded.cmp(&other.folded)
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.spelled)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.spelled)
    }
}

/// The condition keys of a request. A key without values is the same as an absent one: AWS speaks of a "null data set".
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Context(BTreeMap<Key, Vec<String>>);

impl Context {
    /// Sets a key to its values.
    pub fn set(&mut self, key: Key, values: Vec<String>) {
        self.0.insert(key, values);
    }

    /// The values of a key that is present.
    pub fn get(&self, key: &Key) -> Option<&[String]> {
        self.0.get(key).map(Vec::as_slice).filter(|values| !values.is_empty())
    }

    /// Whether the key was given, even without values.
    pub(crate) fn has(&self, key: &Key) -> bool {
        self.0.contains_key(key)
    }

    /// All keys and their values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&Key, &[String])> {
        self.0.iter().map(|(key, values)| (key, values.as_slice()))
    }

    /// As JSON: one value as a string, several as an array.
    pub fn to_json(&self) -> Value {
        let entry = |(key, values): (&Key, &[String])| {
            let value = match values {
                [value] => Value::from(value.as_str()),
                values => Value::from(values),
            };
            (key.to_string(), value)
        };
        Value::Object(self.iter().map(entry).collect())
    }
}

impl<K: Into<String>, V: Into<String>> FromIterator<(K, V)> for Context {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        Self(pairs.into_iter().map(|(key, value)| (Key::new(key), vec![value.into()])).collect())
    }
}
