//! The JSON of commands that change something: the plan, and what became of it.

use engine::Report;
use serde_json::{Value, json};

use super::{Shown, Ui};

/// Prints the plan and the outcome of every node that was visited.
pub(crate) fn changes(ui: &Ui, shown: &Shown<'_>, reports: &[Report]) {
    let mut object = shown.to_json();
    object.insert("outcomes".into(), outcomes(reports));
    ui.json(&Value::Object(object));
}

pub(super) fn outcomes(reports: &[Report]) -> Value {
    let outcomes = reports.iter().flat_map(|report| &report.outcomes).map(|(key, outcome)| {
        let mut object = json!(outcome);
        object["key"] = json!(key);
        object
    });
    Value::Array(outcomes.collect())
}
