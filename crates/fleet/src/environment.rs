//! The layer of `ORGSTRAP_` variables.
//!
//! `ORGSTRAP_LEDGER__URL` is `ledger.url`. Only names with `__` are configuration: `ORGSTRAP_LOG` is somebody else's.
//! `ORGSTRAP_ACCOUNTS__HEADLESS_CMS_DEV__NETWORK__NAT` is `network.nat` in `accounts/headless-cms-dev.toml`.

use serde_json::{Map, Value};

use crate::layers::{Layer, Names, Origin};
use crate::shape::{Shape, keys};
use policy::{KeyPath, Step};

const PREFIX: &str = "ORGSTRAP_";
const ACCOUNTS: &str = "ACCOUNTS";

/// A variable that is configuration.
#[derive(Clone, Debug)]
pub(crate) struct Variable<'e> {
    pub(crate) name: &'e str,
    segments: Vec<&'e str>,
    value: &'e str,
}

/// The variables that are configuration, in the order of their names.
pub(crate) fn variables(env: &[(String, String)]) -> Vec<Variable<'_>> {
    let mut variables: Vec<_> = env
        .iter()
        .filter_map(|(name, value)| {
            let key = name.strip_prefix(PREFIX)?;
            key.contains("__").then(|| Variable { name, segments: key.split("__").collect(), value })
        })
        .collect();
    variables.sort_by_key(|variable| variable.name);
    variables
}

impl<'e> Variable<'e> {
    /// The account that the variable is about, as it spells it, if it is about one.
    pub(crate) fn account(&self) -> Option<&'e str> {
        match self.segments.as_slice() {
            [first, account, ..] if *first == ACCOUNTS => Some(account),
            _ => None,
        }
    }

    /// Whether the variable is about this account.
    pub(crate) fn is_about(&self, account: &str) -> bool {
        self.account().is_some_and(|spelled| meant(spelled, [account]).is_some())
    }

    /// The keys in the file that the variable is about.
    fn keys(&self) -> &[&'e str] {
        match self.account() {
            Some(_) => self.segments.get(2..).unwrap_or_default(),
            None => &self.segments,
        }
    }
}

/// The layer that these variables make over a file that says `written`.
pub(crate) fn layer(variables: &[Variable<'_>], shape: Shape<'_>, written: &Value) -> Layer {
    let mut value = Value::Object(Map::new());
    let mut names = Names::new();
    for variable in variables {
        let path = path_of(variable.keys(), shape, written);
        let typed =
            if shape.is_text(&path) { Value::String(variable.value.to_owned()) } else { parsed(variable.value) };
        insert(&mut value, path.steps(), typed);
        names.insert(path, variable.name.to_owned());
    }
    Layer { value, origin: Origin::Outside(names) }
}

/// Numbers, `true`, `false`, lists and tables are themselves; anything else is text.
fn parsed(text: &str) -> Value {
    match text.parse::<figment::value::Value>() {
        Ok(value) => value.deserialize().unwrap_or_else(|_| Value::String(text.to_owned())),
        Err(never) => match never {},
    }
}

fn insert(into: &mut Value, path: &[Step], value: Value) {
    let Some((Step::Key(key), rest)) = path.split_first() else {
        *into = value;
        return;
    };
    if !into.is_object() {
        *into = Value::Object(Map::new());
    }
    if let Value::Object(entries) = into {
        insert(entries.entry(key.clone()).or_insert(Value::Null), rest, value);
    }
}

/// How a variable spells a key: `headless-cms-dev` is `HEADLESS_CMS_DEV`.
fn spelled(key: &str) -> String {
    key.to_uppercase().replace('-', "_")
}

/// The key that a part of a variable's name means.
fn meant<'k>(segment: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let segment = spelled(segment);
    known.into_iter().find(|key| spelled(key) == segment)
}

/// The path that the parts of a variable's name mean: keys that are known, names that the files have, or new ones.
fn path_of(segments: &[&str], shape: Shape<'_>, written: &Value) -> KeyPath {
    let mut path = KeyPath::root();
    let mut written = Some(written);
    for segment in segments {
        let here = shape.at(&path);
        let known = here.into_iter().flat_map(keys);
        let used =
            written.and_then(Value::as_object).into_iter().flat_map(|entries| entries.keys().map(String::as_str));
        let has_names_of_users = here.is_some_and(|here| here.get("properties").is_none());
        let key = meant(segment, known.chain(used)).map_or_else(
            || {
                let lower = segment.to_lowercase();
                if has_names_of_users { lower.replace('_', "-") } else { lower }
            },
            str::to_owned,
        );
        written = written.and_then(|entries| entries.get(&key));
        path = path.key(&key);
    }
    path
}
