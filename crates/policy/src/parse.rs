//! JSON -> [`Document`], with all mistakes at once.

use serde_json::{Map, Value};

use crate::context::Key;
use crate::document::{
    ActionPattern, Condition, ConditionValue, Document, Effect, ResourcePattern, Selection, Statement, Version,
};
use crate::json::read_json;
use crate::key_path::KeyPath;
use crate::mistake::{Mistake, Mistakes};
use crate::operator::Operator;
use crate::principal::{Principal, PrincipalKind};

impl Document {
    /// Reads a document.
    ///
    /// # Errors
    ///
    /// All that is wrong with it: no JSON, elements that are not of the language or of the wrong type, missing ones.
    pub fn parse(text: &str) -> Result<Self, Mistakes> {
        Self::from_value(&read_json(text)?)
    }

    /// Reads a document that was read as JSON already.
    ///
    /// # Errors
    ///
    /// As [`parse`](Self::parse).
    pub fn from_value(value: &Value) -> Result<Self, Mistakes> {
        let mut reader = Reader::default();
        let document = reader.document(value);
        match document {
            Some(document) if reader.mistakes.is_empty() => Ok(document),
            _ => Err(Mistakes(reader.mistakes)),
        }
    }
}

/// Reads a document and remembers what is wrong with it.
#[derive(Default)]
struct Reader {
    mistakes: Vec<Mistake>,
}

const OF_DOCUMENT: [&str; 3] = ["Version", "Id", "Statement"];
const OF_STATEMENT: [&str; 9] =
    ["Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"];

impl Reader {
    fn mistake(&mut self, path: &KeyPath, message: impl Into<String>, help: impl Into<String>) {
        let help = Some(help.into()).filter(|help| !help.is_empty());
        self.mistakes.push(Mistake { path: path.clone(), message: message.into(), help });
    }

    fn document(&mut self, value: &Value) -> Option<Document> {
        let root = KeyPath::root();
        let map = self.object(value, &root, "a policy document")?;
        self.only(map, &root, &OF_DOCUMENT);
        let version = match map.get("Version") {
            // "If you do not include a Version element, the value defaults to 2008-10-17".
            None => Version::V2008,
            Some(version) => match version.as_str() {
                Some("2012-10-17") => Version::V2012,
                Some("2008-10-17") => Version::V2008,
                _ => {
                    let help = "write \"2012-10-17\"";
                    self.mistake(&root.key("Version"), format!("{version} is no version of the language"), help);
                    Version::V2012
                }
            },
        };
        let id = map.get("Id").and_then(|id| self.string(id, &root.key("Id"), "an id"));
        let path = root.key("Statement");
        let statements = match map.get("Statement") {
            None => {
                self.mistake(&root, "there is no `Statement`", "add one");
                Vec::new()
            }
            Some(Value::Array(statements)) => {
                let each = statements.iter().enumerate();
                each.filter_map(|(index, value)| self.statement(value, &path.index(index), version)).collect()
            }
            Some(value) => self.statement(value, &path, version).into_iter().collect(),
        };
        Some(Document { version, id, statements })
    }

    fn statement(&mut self, value: &Value, path: &KeyPath, version: Version) -> Option<Statement> {
        let map = self.object(value, path, "a statement")?;
        self.only(map, path, &OF_STATEMENT);
        let sid = map.get("Sid").and_then(|sid| self.string(sid, &path.key("Sid"), "a Sid"));
        let effect = self.effect(map, path);
        let principals = self.selection(map, path, "Principal", Self::principals);
        let actions = self.selection(map, path, "Action", |reader, value, path| {
            let actions = reader.strings(value, path, "an action");
            for (action, path) in &actions {
                if action != "*"
                    && !action.split_once(':').is_some_and(|(service, name)| !service.is_empty() && !name.is_empty())
                {
                    let help = "write `service:Name`, such as `ecr:BatchGetImage`, or `*`";
                    reader.mistake(path, format!("`{action}` is no action"), help);
                }
            }
            Some(actions.into_iter().map(|(action, _)| ActionPattern::new(action)).collect())
        });
        let resources = self.selection(map, path, "Resource", |reader, value, path| {
            let resources = reader.strings(value, path, "a resource");
            Some(resources.into_iter().map(|(resource, _)| ResourcePattern::new(resource, version)).collect())
        });
        let conditions = map.get("Condition").map(|value| self.conditions(value, &path.key("Condition"), version));
        Some(Statement {
            sid,
            effect: effect?,
            principals,
            actions,
            resources,
            conditions: conditions.unwrap_or_default(),
        })
    }

    fn effect(&mut self, map: &Map<String, Value>, path: &KeyPath) -> Option<Effect> {
        let help = "write \"Allow\" or \"Deny\"";
        let Some(value) = map.get("Effect") else {
            self.mistake(path, "there is no `Effect`", help);
            return None;
        };
        match value.as_str() {
            Some(text) if text.eq_ignore_ascii_case("allow") => Some(Effect::Allow),
            Some(text) if text.eq_ignore_ascii_case("deny") => Some(Effect::Deny),
            _ => {
                self.mistake(&path.key("Effect"), format!("{value} is no effect"), help);
                None
            }
        }
    }

    /// Reads an element or its `Not...` form.
    fn selection<T>(
        &mut self,
        map: &Map<String, Value>,
        path: &KeyPath,
        name: &str,
        mut read: impl FnMut(&mut Self, &Value, &KeyPath) -> Option<Vec<T>>,
    ) -> Option<Selection<T>> {
        let not = format!("Not{name}");
        match (map.get(name), map.get(&not)) {
            (None, None) => None,
            (Some(value), None) => read(self, value, &path.key(name)).map(Selection::Only),
            (None, Some(value)) => read(self, value, &path.key(&not)).map(Selection::Except),
            (Some(_), Some(_)) => {
                self.mistake(path, format!("there are both `{name}` and `{not}`"), "keep one of them");
                None
            }
        }
    }

    fn principals(&mut self, value: &Value, path: &KeyPath) -> Option<Vec<Principal>> {
        let help = "write `\"*\"` or an object with `AWS`, `Service`, `Federated` or `CanonicalUser`";
        match value {
            Value::String(text) if text == "*" => Some(vec![Principal::Everyone]),
            Value::Object(map) => {
                for name in map.keys().filter(|name| !PrincipalKind::ALL.iter().any(|kind| kind.name() == *name)) {
                    self.mistake(&path.key(name), format!("`{name}` is no kind of principal"), help);
                }
                let mut principals = Vec::new();
                for kind in PrincipalKind::ALL {
                    let Some(value) = map.get(kind.name()) else { continue };
                    let texts = self.strings(value, &path.key(kind.name()), "a principal");
                    principals.extend(texts.iter().map(|(text, _)| Principal::new(kind, text)));
                }
                Some(principals)
            }
            other => {
                self.mistake(path, format!("{} is no principal", short(other)), help);
                None
            }
        }
    }

    fn conditions(&mut self, value: &Value, path: &KeyPath, version: Version) -> Vec<Condition> {
        let mut conditions = Vec::new();
        let Some(map) = self.object(value, path, "a condition") else { return conditions };
        for (name, keys) in map {
            let path = path.key(name);
            let operator = Operator::parse(name);
            if operator.is_none() {
                let help = "the operators are those of \"IAM JSON policy elements: Condition operators\", such as `StringEquals`";
                self.mistake(&path, format!("`{name}` is no condition operator"), help);
            }
            let Some(keys) = self.object(keys, &path, "the conditions of an operator") else { continue };
            for (key, values) in keys {
                let path = path.key(key);
                let texts = self.scalars(values, &path);
                if let Some(operator) = operator {
                    let values = texts.into_iter().map(|text| ConditionValue::new(text, operator, version)).collect();
                    conditions.push(Condition { operator, key: Key::new(key), values });
                }
            }
        }
        // An operator in two spellings, or a key, can be there twice; then all have to hold.
        conditions.sort_by(|one: &Condition, other| (one.operator, &one.key).cmp(&(other.operator, &other.key)));
        conditions
    }

    fn object<'v>(&mut self, value: &'v Value, path: &KeyPath, what: &str) -> Option<&'v Map<String, Value>> {
        if value.as_object().is_none() {
            self.mistake(path, format!("{} is not {what}", short(value)), "write an object, `{...}`");
        }
        value.as_object()
    }

    fn only(&mut self, map: &Map<String, Value>, path: &KeyPath, known: &[&str]) {
        for key in map.keys().filter(|key| !known.contains(&key.as_str())) {
            // Another case, or one letter too few or too many at the end.
            let lower = key.to_lowercase();
            let near = known.iter().find(|known| {
                let known = known.to_lowercase();
                known == lower || known.strip_suffix('s').unwrap_or(&known) == lower.strip_suffix('s').unwrap_or(&lower)
            });
            let help = near.map_or_else(|| format!("there are {}", known.join(", ")), |near| format!("write `{near}`"));
            self.mistake(&path.key(key), format!("there is no element `{key}`"), help);
        }
    }

    fn string(&mut self, value: &Value, path: &KeyPath, what: &str) -> Option<String> {
        if value.as_str().is_none() {
            self.mistake(path, format!("{} is not {what}", short(value)), "write a string");
        }
        value.as_str().map(str::to_owned)
    }

    /// A string or an array of strings, each with its path.
    fn strings(&mut self, value: &Value, path: &KeyPath, what: &str) -> Vec<(String, KeyPath)> {
        match value {
            Value::Array(values) => {
                let each = values.iter().enumerate().map(|(index, value)| (value, path.index(index)));
                each.filter_map(|(value, path)| Some((self.string(value, &path, what)?, path))).collect()
            }
            value => self.string(value, path, what).map(|text| (text, path.clone())).into_iter().collect(),
        }
    }

    /// The values of a condition: strings, numbers and truth values, which AWS stores as strings.
    fn scalars(&mut self, value: &Value, path: &KeyPath) -> Vec<String> {
        let one = |reader: &mut Self, value: &Value, path: &KeyPath| match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(truth) => Some(truth.to_string()),
            other => {
                let help = "write a string, a number, true or false";
                reader.mistake(path, format!("{} is no value of a condition", short(other)), help);
                None
            }
        };
        match value {
            Value::Array(values) => {
                let each = values.iter().enumerate();
                each.filter_map(|(index, value)| one(self, value, &path.index(index))).collect()
            }
            value => one(self, value, path).into_iter().collect(),
        }
    }
}

/// A value as a message shows it.
fn short(value: &Value) -> String {
    match value {
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
        value => {
            let text = value.to_string();
            if text.chars().count() > 60 { format!("{}...", text.chars().take(57).collect::<String>()) } else { text }
        }
    }
}
