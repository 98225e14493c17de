//! `${orgstrap:NAME}` in the strings of a JSON value. It is replaced after parsing, so that no value can change what
//! the text around it means. AWS's own variables, such as `${aws:username}`, stay.

use std::borrow::Borrow;
use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::key_path::KeyPath;
use crate::mistake::{Mistake, Mistakes};

/// What a variable of ours begins with.
const OPEN: &str = "${orgstrap:";

/// One use of a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placeholder<'v> {
    /// Where: the string or the key that it is in.
    pub path: KeyPath,
    /// As it is written.
    pub written: &'v str,
    /// The variable's name, unless the closing brace is missing.
    pub name: Option<&'v str>,
}

/// Every use of a `${orgstrap:NAME}` in the strings and keys of `value`, in the order of the document.
pub fn placeholders(value: &Value) -> Vec<Placeholder<'_>> {
    let mut found = Vec::new();
    collect(value, &KeyPath::root(), &mut found);
    found
}

/// Replaces `${orgstrap:NAME}` in the strings and keys of `value`.
///
/// - A string that is only a variable becomes the variable's value, whatever that is.
/// - If it is an element of a list and the variable is a list, then the variable's elements take its place: the policy
///   language has no lists in lists, and some principals are often computed where others are written.
/// - Inside a longer string, or in a key, the variable becomes text.
/// - What was put in is not searched for variables.
///
/// # Errors
///
/// All mistakes: a variable that there is not, or that is not closed; a list, an object or null where only text can
/// stand; two keys that become the same, of which one would be lost.
pub fn substitute<K: Borrow<str> + Ord>(value: &Value, variables: &BTreeMap<K, Value>) -> Result<Value, Mistakes> {
    let variables = variables.iter().map(|(name, value)| (name.borrow(), value)).collect();
    let mut substitution = Substitution { variables, mistakes: Vec::new() };
    let value = substitution.value(value, &KeyPath::root());
    if substitution.mistakes.is_empty() { Ok(value) } else { Err(Mistakes(substitution.mistakes)) }
}

/// A part of a string.
#[derive(Clone, Copy)]
enum Piece<'t> {
    Text(&'t str),
    Variable { written: &'t str, name: &'t str },
    Unclosed(&'t str),
}

/// Cuts a string at its variables.
fn pieces(mut text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    while let Some(start) = text.find(OPEN) {
        let (before, rest) = text.split_at(start);
        if !before.is_empty() {
            pieces.push(Piece::Text(before));
        }
        let (_, inside) = rest.split_at(OPEN.len());
        // A name ends where another variable begins, or else that one's brace would close this one.
        let end = inside.find("${").unwrap_or(inside.len());
        let closed = inside[..end].find('}');
        let (written, after) = rest.split_at(OPEN.len() + closed.map_or(end, |brace| brace + 1));
        pieces
            .push(closed.map_or(Piece::Unclosed(written), |brace| Piece::Variable { written, name: &inside[..brace] }));
        text = after;
    }
    if !text.is_empty() {
        pieces.push(Piece::Text(text));
    }
    pieces
}

fn collect<'v>(value: &'v Value, path: &KeyPath, found: &mut Vec<Placeholder<'v>>) {
    match value {
        Value::String(text) => collect_in(text, path, found),
        Value::Array(elements) => {
            for (index, element) in elements.iter().enumerate() {
                collect(element, &path.index(index), found);
            }
        }
        Value::Object(entries) => {
            for (key, value) in entries {
                let path = path.key(key);
                collect_in(key, &path, found);
                collect(value, &path, found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn collect_in<'v>(text: &'v str, path: &KeyPath, found: &mut Vec<Placeholder<'v>>) {
    for piece in pieces(text) {
        let (written, name) = match piece {
            Piece::Text(_) => continue,
            Piece::Variable { written, name } => (written, Some(name)),
            Piece::Unclosed(written) => (written, None),
        };
        found.push(Placeholder { path: path.clone(), written, name });
    }
}

struct Substitution<'a> {
    variables: BTreeMap<&'a str, &'a Value>,
    mistakes: Vec<Mistake>,
}

impl<'a> Substitution<'a> {
    /// The value with its variables replaced, or anything after a mistake.
    fn value(&mut self, value: &Value, path: &KeyPath) -> Value {
        match value {
            Value::String(text) => match pieces(text).as_slice() {
                [Piece::Variable { name, .. }] => self.variable(name, path).cloned().unwrap_or_default(),
                pieces => Value::String(self.text(pieces, path)),
            },
            Value::Array(elements) => {
                let mut values = Vec::with_capacity(elements.len());
                for (index, element) in elements.iter().enumerate() {
                    match self.value(element, &path.index(index)) {
                        // Only a variable makes a list of a string.
                        Value::Array(spliced) if element.is_string() => values.extend(spliced),
                        value => values.push(value),
                    }
                }
                Value::Array(values)
            }
            Value::Object(entries) => self.object(entries, path),
            Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
        }
    }

    fn object(&mut self, entries: &Map<String, Value>, path: &KeyPath) -> Value {
        let mut map = Map::new();
        for (key, value) in entries {
            let path = path.key(key);
            let mistakes = self.mistakes.len();
            let name = self.text(&pieces(key), &path);
            let is_sound = self.mistakes.len() == mistakes;
            let value = self.value(value, &path);
            if is_sound && map.contains_key(&name) {
                let message = format!("there is another key that becomes `{name}`");
                self.mistake(&path, message, "write what belongs to it once");
            }
            map.insert(name, value);
        }
        Value::Object(map)
    }

    fn variable(&mut self, name: &str, path: &KeyPath) -> Option<&'a Value> {
        let value = self.variables.get(name).copied();
        if value.is_none() {
            let names: Vec<_> = self.variables.keys().map(|name| format!("`{name}`")).collect();
            let help = if names.is_empty() {
                "there are no variables here".to_owned()
            } else {
                format!("the variables are {}", names.join(", "))
            };
            self.mistake(path, format!("there is no variable `{name}`"), &help);
        }
        value
    }

    fn text(&mut self, pieces: &[Piece<'_>], path: &KeyPath) -> String {
        let mut text = String::new();
        for piece in pieces {
            match piece {
                Piece::Text(piece) => text.push_str(piece),
                Piece::Unclosed(_) => {
                    self.mistake(path, "a variable is not closed".to_owned(), "write `}` after its name");
                }
                Piece::Variable { name, .. } => {
                    let what = match self.variable(name, path) {
                        None => continue,
                        Some(Value::Array(_)) => "a list",
                        Some(Value::Object(_)) => "an object",
                        Some(Value::Null) => "null",
                        Some(Value::String(value)) => {
                            text.push_str(value);
                            continue;
                        }
                        Some(value @ (Value::Number(_) | Value::Bool(_))) => {
                            text.push_str(&value.to_string());
                            continue;
                        }
                    };
                    let help = "let it be a string of its own, not a part of one";
                    self.mistake(path, format!("`{name}` is {what}, not text"), help);
                }
            }
        }
        text
    }

    fn mistake(&mut self, path: &KeyPath, message: String, help: &str) {
        self.mistakes.push(Mistake { path: path.clone(), message, help: Some(help.to_owned()) });
    }
}
