//! [`Document`] -> JSON, as AWS writes documents: elements in their usual order, one value without its brackets.

use serde_json::{Map, Value, json};

use crate::document::{Condition, Document, Selection, Statement};
use crate::principal::{Principal, PrincipalKind};

impl Document {
    /// The document as JSON.
    pub fn to_value(&self) -> Value {
        let mut map = Map::new();
        map.insert("Version".into(), self.version.as_str().into());
        if let Some(id) = &self.id {
            map.insert("Id".into(), id.as_str().into());
        }
        map.insert("Statement".into(), self.statements.iter().map(Statement::to_value).collect());
        Value::Object(map)
    }
}

impl Statement {
    /// The statement as JSON.
    pub fn to_value(&self) -> Value {
        let mut map = Map::new();
        if let Some(sid) = &self.sid {
            map.insert("Sid".into(), sid.as_str().into());
        }
        map.insert("Effect".into(), self.effect.as_str().into());
        if let Some(principals) = &self.principals {
            map.insert(element("Principal", principals), principals_value(principals.entries()));
        }
        if let Some(actions) = &self.actions {
            map.insert(element("Action", actions), list(actions.entries().iter().map(|action| action.as_str().into())));
        }
        if let Some(resources) = &self.resources {
            let texts = resources.entries().iter().map(|resource| resource.as_str().into());
            map.insert(element("Resource", resources), list(texts));
        }
        if !self.conditions.is_empty() {
            map.insert("Condition".into(), conditions_value(&self.conditions));
        }
        Value::Object(map)
    }
}

fn element<T>(name: &str, selection: &Selection<T>) -> String {
    if selection.is_except() { format!("Not{name}") } else { name.to_owned() }
}

/// One value as itself, several as an array.
fn list(values: impl Iterator<Item = Value>) -> Value {
    let mut values: Vec<_> = values.collect();
    match values.pop() {
        Some(only) if values.is_empty() => only,
        last => {
            values.extend(last);
            Value::Array(values)
        }
    }
}

fn principals_value(principals: &[Principal]) -> Value {
    if principals == [Principal::Everyone] {
        return "*".into();
    }
    let mut map = Map::new();
    for kind in PrincipalKind::ALL {
        let texts =
            principals.iter().filter(|principal| principal.kind() == kind).map(|principal| principal.text().into());
        let value = list(texts);
        if value.as_array().is_none_or(|texts| !texts.is_empty()) {
            map.insert(kind.name().into(), value);
        }
    }
    Value::Object(map)
}

/// Two conditions on one key under one operator were read from two spellings of the operator, so they get two.
fn conditions_value(conditions: &[Condition]) -> Value {
    let mut map = Map::new();
    for condition in conditions {
        let value = list(condition.values.iter().map(|value| value.as_str().into()));
        let name = condition.operator.to_string();
        let is_free =
            |name: &String| map.get(name).is_none_or(|keys: &Value| keys.get(condition.key.as_str()).is_none());
        let name = (0..=u32::MAX).map(|number| spelling(&name, number)).find(is_free).unwrap_or(name);
        map.entry(name).or_insert_with(|| json!({}))[condition.key.as_str()] = value;
    }
    Value::Object(map)
}

/// The name with other letters in capitals: one way for each number.
fn spelling(name: &str, number: u32) -> String {
    let flipped = |(position, c): (usize, char)| {
        let flip = u32::try_from(position)
            .is_ok_and(|position| number.checked_shr(position).is_some_and(|bits| bits & 1 == 1));
        match c {
            c if !flip => c,
            c if c.is_ascii_lowercase() => c.to_ascii_uppercase(),
            c => c.to_ascii_lowercase(),
        }
    };
    name.chars().enumerate().map(flipped).collect()
}
