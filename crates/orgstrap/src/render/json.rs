//! The JSON of commands that change something: the plan, and what became of it.

use engine::Report;
use serde_json::{Value, json};

use super::{Shown, Ui, edges_json};
use crate::commands::Done;
use crate::workspace::Workspace;

/// Prints the plan, the outcome of every node that was visited, and whether all was as desired afterwards.
pub(crate) fn changes(ui: &Ui, workspace: &Workspace, shown: &Shown<'_>, done: &Done) {
    let mut object = shown.to_json();
    object.insert("run".into(), json!(workspace.run()));
    object.insert("outcomes".into(), outcomes(&done.reports));
    object.insert("verified".into(), json!(done.verified.is_some()));
    if let Some(judgement) = &done.judgement {
        object.insert("grants".into(), edges_json(judgement));
    }
    if ui.wants_stats() {
        shown.add_stats(&mut object);
    }
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
