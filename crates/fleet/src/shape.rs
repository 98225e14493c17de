//! Whether a value has the shape that a schema asks for: known keys, right types, numbers in range.
//!
//! A JSON Schema validator would do, but its messages are for programmers; these say what to write.

use serde_json::{Map, Value};

use crate::suggest::{did_you_mean, listed, nearest};
use crate::toml_file::Half;
use crate::words::Wrong;
use policy::{KeyPath, Step};

/// How a string is called.
const TEXT: &str = "text in quotes";

/// A mistake in the shape of a value.
#[derive(Debug)]
pub(crate) struct ShapeMistake {
    pub(crate) path: KeyPath,
    pub(crate) half: Half,
    pub(crate) wrong: Wrong,
    /// The key that was probably meant, if the key is unknown.
    pub(crate) meant: Option<KeyPath>,
}

/// A schema with its definitions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape<'s> {
    root: &'s Value,
}

impl<'s> Shape<'s> {
    pub(crate) fn new(root: &'s Value) -> Self {
        Self { root }
    }

    /// Removes whatever is wrong from `value` and says what it was, so that the rest can be read.
    pub(crate) fn prune(self, value: &mut Value) -> Vec<ShapeMistake> {
        let mut mistakes = Vec::new();
        self.prune_at(self.root, value, &KeyPath::root(), &mut mistakes);
        mistakes
    }

    /// What a value at `path` has to be, if the path is known.
    pub(crate) fn at(self, path: &KeyPath) -> Option<&'s Value> {
        let mut schema = self.resolve(self.root);
        for step in path.steps() {
            schema = self.resolve(match step {
                Step::Key(key) => member(schema, key)?,
                Step::Index(_) => schema.get("items")?,
            });
        }
        Some(schema)
    }

    /// Whether a value at `path` is text and nothing else, so that digits stay text.
    pub(crate) fn is_text(self, path: &KeyPath) -> bool {
        self.at(path).is_some_and(|schema| schema.get("type").and_then(Value::as_str) == Some("string"))
    }

    /// Follows `$ref`s. They cannot form a circle: the files have no recursive sections.
    fn resolve(self, schema: &'s Value) -> &'s Value {
        schema
            .get("$ref")
            .and_then(Value::as_str)
            .and_then(|reference| self.root.pointer(reference.strip_prefix('#')?))
            .unwrap_or(schema)
    }

    /// Whether `value` may stay. What is inside of it may have been removed.
    fn prune_at(self, schema: &'s Value, value: &mut Value, path: &KeyPath, mistakes: &mut Vec<ShapeMistake>) -> bool {
        let schema = self.resolve(schema);
        if let Some(alternatives) = schema.get("anyOf").and_then(Value::as_array) {
            let fitting = alternatives
                .iter()
                .map(|alternative| self.resolve(alternative))
                .find(|alternative| has_type(alternative, value));
            if let Some(alternative) = fitting {
                return self.prune_at(alternative, value, path, mistakes);
            }
        }
        let wrong = if has_type(schema, value) {
            wrong_value(schema, value)
        } else {
            let is_unquoted = value.is_number() || value.is_boolean();
            let help = match self.expected(schema) {
                text if text == TEXT && is_unquoted && schema.get("examples").is_none() => {
                    format!("put it in quotes: `\"{value}\"`")
                }
                expected => format!("write {expected}"),
            };
            Some(Wrong::new(format!("this is {}", described(value)), help))
        };
        if let Some(wrong) = wrong {
            mistakes.push(ShapeMistake { path: path.clone(), half: Half::Value, wrong, meant: None });
            return false;
        }
        match value {
            Value::Object(entries) => {
                self.prune_entries(schema, entries, path, mistakes);
                true
            }
            Value::Array(elements) => {
                let mut fits = true;
                if let Some(items) = schema.get("items") {
                    for (index, element) in elements.iter_mut().enumerate() {
                        fits &= self.prune_at(items, element, &path.index(index), mistakes);
                    }
                }
                fits
            }
            _ => true,
        }
    }

    fn prune_entries(
        self,
        schema: &'s Value,
        entries: &mut Map<String, Value>,
        path: &KeyPath,
        mistakes: &mut Vec<ShapeMistake>,
    ) {
        entries.retain(|key, value| match member(schema, key) {
            Some(member) => self.prune_at(member, value, &path.key(key), mistakes),
            None if schema.get("properties").is_none() => true,
            None => {
                mistakes.push(ShapeMistake {
                    path: path.key(key),
                    half: Half::Key,
                    wrong: Wrong::new(format!("there is no key `{key}` here"), did_you_mean(key, keys(schema), "keys")),
                    meant: nearest(key, keys(schema)).map(|meant| path.key(meant)),
                });
                false
            }
        });
    }

    /// What to write, in words.
    fn expected(self, schema: &'s Value) -> String {
        if let Some(alternatives) = schema.get("anyOf").and_then(Value::as_array) {
            let words: Vec<_> =
                alternatives.iter().map(|alternative| self.expected(self.resolve(alternative))).collect();
            return words.join(" or ");
        }
        let words = choices(schema);
        if !words.is_empty() {
            return one_of(&words);
        }
        match schema.get("type").and_then(Value::as_str) {
            Some("string") => match schema.get("examples").and_then(|examples| examples.get(0)) {
                Some(example) => format!("{TEXT}, such as `{example}`"),
                None => TEXT.to_owned(),
            },
            Some("integer") => bounds(schema).map_or_else(
                || "a whole number".to_owned(),
                |(least, most)| format!("a whole number from {least} to {most}"),
            ),
            Some("boolean") => "`true` or `false`".to_owned(),
            Some("array") => format!(
                "a list of {}",
                match schema.get("items").map(|items| self.expected(self.resolve(items))) {
                    Some(items) if items == TEXT => "texts, such as `[\"one\", \"two\"]`".to_owned(),
                    Some(items) => items,
                    None => "values".to_owned(),
                }
            ),
            Some("object") => "a table with keys of its own".to_owned(),
            _ => "another value".to_owned(),
        }
    }
}

/// The schema of what is under `key`.
fn member<'s>(schema: &'s Value, key: &str) -> Option<&'s Value> {
    schema
        .get("properties")
        .and_then(|properties| properties.get(key))
        .or_else(|| schema.get("additionalProperties").filter(|other| **other != Value::Bool(false)))
}

/// The keys that a schema knows by name.
pub(crate) fn keys(schema: &Value) -> impl Iterator<Item = &str> + Clone {
    schema
        .get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flat_map(|properties| properties.keys().map(String::as_str))
}

/// The words that are allowed, if only certain ones are.
fn choices(schema: &Value) -> Vec<String> {
    let list = |key| schema.get(key).and_then(Value::as_array).into_iter().flatten();
    let constants = list("oneOf").filter_map(|choice| choice.get("const"));
    list("enum")
        .chain(constants)
        .map(|choice| choice.as_str().map_or_else(|| choice.to_string(), str::to_owned))
        .collect()
}

fn one_of(words: &[String]) -> String {
    let all = listed(words.iter().map(String::as_str));
    if words.len() == 1 { all } else { format!("one of {all}") }
}

fn bounds(schema: &Value) -> Option<(i64, i64)> {
    let bound = |key| {
        let number = schema.get(key)?;
        // schemars writes some bounds as floating-point numbers.
        #[expect(clippy::cast_possible_truncation, reason = "the bounds of the schema are small")]
        number.as_i64().or_else(|| number.as_f64().map(|bound| bound as i64))
    };
    Some((bound("minimum")?, bound("maximum").unwrap_or(i64::from(u32::MAX))))
}

fn has_type(schema: &Value, value: &Value) -> bool {
    let name = schema.get("type").and_then(Value::as_str);
    match name {
        Some("string") => value.is_string(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("boolean") => value.is_boolean(),
        Some("array") => value.is_array(),
        Some("object") => value.is_object(),
        _ if schema.get("anyOf").is_some() => false,
        _ => choices(schema).is_empty() || value.is_string(),
    }
}

/// What is wrong with a value of the right type.
fn wrong_value(schema: &Value, value: &Value) -> Option<Wrong> {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let words = choices(schema);
    if !words.is_empty() && !words.contains(&text) {
        let help = if value.is_string() {
            did_you_mean(&text, words.iter().map(String::as_str), "values")
        } else {
            nearest_number(value, &words)
        };
        return Some(Wrong::new(format!("`{text}` is not allowed"), help));
    }
    if let (Some((least, most)), Some(number)) = (bounds(schema), value.as_i64())
        && !(least..=most).contains(&number)
    {
        return Some(Wrong::new(
            format!("{number} is out of range"),
            format!("write a whole number from {least} to {most}"),
        ));
    }
    let length = |key| schema.get(key).and_then(Value::as_u64);
    if let (Value::Array(elements), Some(least)) = (value, length("minItems")) {
        let most = length("maxItems").unwrap_or(u64::MAX);
        let count = elements.len() as u64;
        if !(least..=most).contains(&count) {
            return Some(Wrong::new(format!("the list is {count} long"), format!("write {least} to {most}")));
        }
    }
    None
}

fn nearest_number(value: &Value, words: &[String]) -> String {
    let found = value.as_i64().unwrap_or(i64::MAX);
    let nearest = words.iter().filter_map(|word| word.parse::<i64>().ok()).min_by_key(|word| word.abs_diff(found));
    let all = listed(words.iter().map(String::as_str));
    match nearest {
        Some(word) => format!("write `{word}`; what is allowed is {all}"),
        None => format!("what is allowed is {all}"),
    }
}

fn described(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::Bool(truth) => format!("`{truth}`"),
        Value::Number(number) => format!("the number {number}"),
        Value::String(text) => format!("the text {text:?}"),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "a table".to_owned(),
    }
}
