//! A TOML file as a value, and where each key of it is written.
//!
//! `figment` merges values but knows no lines, so each file is parsed once, here, by a parser that keeps spans.

use std::ops::Range;
use std::sync::Arc;

use miette::NamedSource;
use serde_json::{Map, Value};
use toml_edit::{Document, Item, TableLike};

use crate::mistakes::{Mistake, Place, SourceText};
use policy::{KeyPath, Step};

/// Which half of `key = value` a mistake is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Half {
    Key,
    Value,
}

/// A file that parsed.
#[derive(Debug)]
pub(crate) struct TomlFile {
    source: SourceText,
    document: Document<String>,
}

impl TomlFile {
    /// Parses `text`; `name` is what mistakes call the file.
    pub(crate) fn parse(name: &str, text: String) -> Result<Self, Box<Mistake>> {
        let source = Arc::new(NamedSource::new(name, text.clone()).with_language("TOML"));
        match Document::parse(text) {
            Ok(document) => Ok(Self { source, document }),
            Err(error) => {
                let place = Place::File { source, span: error.span().or(Some(0..0)) };
                let message = format!("this is not TOML: {}", error.message());
                let help = "correct the line; the rest of this file was not read".to_owned();
                Err(Box::new(Mistake::new(&place, &KeyPath::root(), message, Some(help))))
            }
        }
    }

    /// The content, as the value that is checked and merged.
    pub(crate) fn value(&self) -> Value {
        table_value(self.document.as_table())
    }

    /// Where `path` is written, if it is.
    pub(crate) fn locate(&self, path: &KeyPath, half: Half) -> Option<Place> {
        let mut at = At::Item(self.document.as_item());
        let mut key_span = None;
        for step in path.steps() {
            (key_span, at) = match step {
                Step::Key(key) => {
                    let (key, item) = at.table()?.get_key_value(key)?;
                    (key.span(), At::Item(item))
                }
                Step::Index(index) => (None, at.element(*index)?),
            };
        }
        let span = match half {
            Half::Key => key_span.or_else(|| at.span()),
            // A table's span is its header, and an implied table (`[a.b]` implies `a`) has none.
            Half::Value => at.span().or(key_span),
        };
        Some(Place::File { source: Arc::clone(&self.source), span })
    }
}

/// A node of the document: lists of tables and lists of values differ in `toml_edit`.
#[derive(Clone, Copy)]
enum At<'d> {
    Item(&'d Item),
    Value(&'d toml_edit::Value),
    Table(&'d toml_edit::Table),
}

impl<'d> At<'d> {
    fn table(self) -> Option<&'d dyn TableLike> {
        match self {
            Self::Item(item) => item.as_table_like(),
            Self::Value(value) => value.as_inline_table().map(|table| table as &dyn TableLike),
            Self::Table(table) => Some(table),
        }
    }

    fn element(self, index: usize) -> Option<Self> {
        match self {
            Self::Item(Item::ArrayOfTables(tables)) => tables.get(index).map(Self::Table),
            Self::Item(item) => item.as_array()?.get(index).map(Self::Value),
            Self::Value(value) => value.as_array()?.get(index).map(Self::Value),
            Self::Table(_) => None,
        }
    }

    fn span(self) -> Option<Range<usize>> {
        match self {
            Self::Item(item) => item.span(),
            Self::Value(value) => value.span(),
            Self::Table(table) => table.span(),
        }
    }
}

fn table_value(table: &dyn TableLike) -> Value {
    let entries = table.iter().filter_map(|(key, item)| Some((key.to_owned(), item_value(item)?)));
    Value::Object(entries.collect::<Map<_, _>>())
}

fn item_value(item: &Item) -> Option<Value> {
    match item {
        Item::None => None,
        Item::Value(value) => Some(plain_value(value)),
        Item::Table(table) => Some(table_value(table)),
        Item::ArrayOfTables(tables) => Some(tables.iter().map(|table| table_value(table)).collect()),
    }
}

/// Dates, and numbers that JSON does not have, become text: TOML writes them without quotes, and no key takes others.
fn plain_value(value: &toml_edit::Value) -> Value {
    match value {
        toml_edit::Value::String(text) => Value::String(text.value().clone()),
        toml_edit::Value::Integer(number) => Value::from(*number.value()),
        toml_edit::Value::Boolean(truth) => Value::Bool(*truth.value()),
        toml_edit::Value::Float(number) => serde_json::Number::from_f64(*number.value())
            .map_or_else(|| Value::String(number.value().to_string()), Value::Number),
        toml_edit::Value::Datetime(date) => Value::String(date.value().to_string()),
        toml_edit::Value::Array(list) => list.iter().map(plain_value).collect(),
        toml_edit::Value::InlineTable(table) => table_value(table),
    }
}
