//! What became of requests.

use std::fmt::Write;

use anstyle::Style;
use policy::{Decider, Decision, Outcome};
use serde_json::{Value, json};

use super::{count, plain, wrapped};
use crate::render::Ui;
use crate::render::style::{BOLD, DIM, GREEN, RED, YELLOW, paint};

/// Prints the decision of each case, with the name of the case.
pub(crate) fn decisions(ui: &Ui, decided: &[(Option<&str>, Outcome)], is_list: bool) {
    if ui.is_human() {
        ui.data(&human(decided, is_list, ui.width()));
        return;
    }
    let mut values = decided.iter().map(to_json);
    let value = if is_list { Some(values.collect()) } else { values.next() };
    ui.json(&value.unwrap_or_default());
}

fn to_json((name, outcome): &(Option<&str>, Outcome)) -> Value {
    let mut value = json!({"version": 1});
    if let Some(name) = name {
        value["name"] = json!(name);
    }
    if let (Some(value), Value::Object(outcome)) = (value.as_object_mut(), json!(outcome)) {
        value.extend(outcome);
    }
    value
}

fn human(decided: &[(Option<&str>, Outcome)], is_list: bool, width: usize) -> String {
    let mut text = String::new();
    for (index, (name, outcome)) in decided.iter().enumerate() {
        let (word, style) = named(outcome.decision);
        let number = if is_list { format!("[{index}] ") } else { String::new() };
        let name = name.map(|name| paint(DIM, format!("  {}", plain(name)))).unwrap_or_default();
        let _ = writeln!(text, "{number}{}{name}", paint(style, word));
        let _ = writeln!(text, "{}", wrapped(&plain(&outcome.reason), 2, width));
        for statement in &outcome.statements {
            let _ = writeln!(text, "    {}", described(statement));
        }
    }
    if is_list {
        let number = |wanted| decided.iter().filter(|(_, outcome)| outcome.decision == wanted).count();
        let counts = [Decision::Allow, Decision::ImplicitDeny, Decision::ExplicitDeny]
            .map(|decision| (number(decision), named(decision).0));
        let counts: Vec<_> = counts.into_iter().filter(|(number, _)| *number > 0).collect();
        let counts: Vec<_> = counts.into_iter().map(|(number, word)| format!("{number} {word}")).collect();
        let cases = count(decided.len(), "case", "cases");
        let colon = if counts.is_empty() { "." } else { ":" };
        let _ = writeln!(text, "{} {}", paint(BOLD, format!("{cases}{colon}")), counts.join(", "));
    }
    text
}

fn named(decision: Decision) -> (&'static str, Style) {
    match decision {
        Decision::Allow => ("allow", GREEN),
        Decision::ImplicitDeny => ("implicit-deny", YELLOW),
        Decision::ExplicitDeny => ("explicit-deny", RED),
    }
}

/// A statement, by the way to it in the case.
fn described(statement: &Decider) -> String {
    let policy = json!(statement.policy);
    let mut path = policy.as_str().unwrap_or_default().to_owned();
    for number in [statement.level, statement.document].into_iter().flatten() {
        let _ = write!(path, "[{number}]");
    }
    let sid = statement.sid.as_deref().map(|sid| format!(" {}", plain(sid))).unwrap_or_default();
    format!("{} {path}.Statement[{}]{sid}", statement.effect, statement.index)
}
