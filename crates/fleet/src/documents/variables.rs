//! `${orgstrap:NAME}` in the strings of a JSON value.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;
use thiserror::Error;

use crate::suggest::listed;
use policy::KeyPath;

/// What a variable of ours begins with.
pub(super) const OPEN: &str = "${orgstrap:";

/// Why a document could not be rendered.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum RenderError {
    /// There is no document of this name.
    #[error("there is no policy document `{name}`: {help}")]
    NoDocument {
        /// The name that was asked for.
        name: String,
        /// A nearer name, or all of them.
        help: String,
    },
    /// The document uses a variable that there is not.
    #[error("{file}: {path}: there is no variable `{variable}`; the variables are {known}")]
    UnknownVariable {
        /// The document's file.
        file: String,
        /// Where in the document, such as `Statement[0].Resource`.
        path: String,
        /// The variable's name.
        variable: String,
        /// The names that there are.
        known: String,
    },
    /// The document uses a list or an object where only text can stand.
    #[error("{file}: {path}: `{variable}` is no text, and can only be a string of its own, not a part of one")]
    NotText {
        /// The document's file.
        file: String,
        /// Where in the document.
        path: String,
        /// The variable's name.
        variable: String,
    },
}

/// A part of a string.
#[derive(Debug, PartialEq, Eq)]
enum Piece<'t> {
    Text(&'t str),
    Variable(&'t str),
}

/// Cuts a string at its variables. One that is not closed is taken whole for a name, which no variable has.
fn pieces(mut text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    while let Some(start) = text.find(OPEN) {
        let (before, rest) = text.split_at(start);
        if !before.is_empty() {
            pieces.push(Piece::Text(before));
        }
        let closed = rest.strip_prefix(OPEN).and_then(|rest| rest.split_once('}'));
        let (variable, after) = closed.unwrap_or((rest, ""));
        pieces.push(Piece::Variable(variable));
        text = after;
    }
    if !text.is_empty() {
        pieces.push(Piece::Text(text));
    }
    pieces
}

/// Every use of a variable in `value`, in the order of the document.
pub(super) fn used(value: &Value) -> Vec<(KeyPath, String)> {
    let mut found = Vec::new();
    collect(value, &KeyPath::root(), &mut found);
    found
}

fn collect(value: &Value, path: &KeyPath, found: &mut Vec<(KeyPath, String)>) {
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

fn collect_in(text: &str, path: &KeyPath, found: &mut Vec<(KeyPath, String)>) {
    for piece in pieces(text) {
        if let Piece::Variable(variable) = piece {
            found.push((path.clone(), variable.to_owned()));
        }
    }
}

/// Replaces the variables of one document.
#[derive(Clone, Copy)]
pub(super) struct Renderer<'a> {
    file: &'a Path,
    variables: &'a BTreeMap<&'a str, Value>,
}

impl<'a> Renderer<'a> {
    pub(super) fn new(file: &'a Path, variables: &'a BTreeMap<&'a str, Value>) -> Self {
        Self { file, variables }
    }

    pub(super) fn render(self, value: &Value) -> Result<Value, RenderError> {
        self.render_at(value, &KeyPath::root())
    }

    fn render_at(self, value: &Value, path: &KeyPath) -> Result<Value, RenderError> {
        match value {
            Value::String(text) => match pieces(text).as_slice() {
                [Piece::Variable(variable)] => self.variable(variable, path).cloned(),
                pieces => self.text(pieces, path).map(Value::String),
            },
            Value::Array(elements) => elements
                .iter()
                .enumerate()
                .map(|(index, element)| self.render_at(element, &path.index(index)))
                .collect(),
            Value::Object(entries) => entries
                .iter()
                .map(|(key, value)| {
                    let path = path.key(key);
                    Ok((self.text(&pieces(key), &path)?, self.render_at(value, &path)?))
                })
                .collect::<Result<_, _>>()
                .map(Value::Object),
            Value::Null | Value::Bool(_) | Value::Number(_) => Ok(value.clone()),
        }
    }

    fn variable(self, variable: &str, path: &KeyPath) -> Result<&'a Value, RenderError> {
        self.variables.get(variable).ok_or_else(|| RenderError::UnknownVariable {
            file: self.file.display().to_string(),
            path: path.to_string(),
            variable: variable.to_owned(),
            known: listed(self.variables.keys().copied()),
        })
    }

    fn text(self, pieces: &[Piece<'_>], path: &KeyPath) -> Result<String, RenderError> {
        let mut rendered = String::new();
        for piece in pieces {
            match piece {
                Piece::Text(text) => rendered.push_str(text),
                Piece::Variable(variable) => match self.variable(variable, path)? {
                    Value::String(text) => rendered.push_str(text),
                    Value::Number(number) => rendered.push_str(&number.to_string()),
                    Value::Bool(truth) => rendered.push_str(&truth.to_string()),
                    Value::Null | Value::Array(_) | Value::Object(_) => {
                        return Err(RenderError::NotText {
                            file: self.file.display().to_string(),
                            path: path.to_string(),
                            variable: (*variable).to_owned(),
                        });
                    }
                },
            }
        }
        Ok(rendered)
    }
}
