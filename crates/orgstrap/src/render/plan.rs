//! Plans and audits, for people.

use std::collections::BTreeMap;
use std::fmt::Write;

use engine::{Action, Diff, Key, Outcome, Plan, Status, Step};
use serde_json::Value;

use super::access::{self, Access};
use super::fields::{cut, inline, short};
use super::style::{BOLD, DIM, GREEN, RED, YELLOW, paint};
use super::{Shown, Ui, edges_in_short};
use crate::selection::LeftOut;

/// Prints a plan or an audit.
pub(crate) fn plan(ui: &Ui, shown: &Shown<'_>) {
    if !ui.is_human() {
        let mut object = shown.to_json();
        if ui.wants_stats() {
            shown.add_stats(&mut object);
        }
        ui.json(&Value::Object(object));
        return;
    }
    let mut text = String::new();
    for account in &shown.accounts {
        let steps = account.steps.iter().filter(|step| ui.is_verbose() || step.action != Some(Action::Keep));
        let steps = steps.filter(|step| !matches!(step.outcome, Outcome::Skipped { .. }));
        let lines: Vec<String> = steps.map(|step| step_lines(step, ui)).chain(skipped(&account.steps)).collect();
        if lines.is_empty() {
            continue;
        }
        let id = account.id.as_deref().map(|id| paint(DIM, format!(" {id}"))).unwrap_or_default();
        let _ = writeln!(text, "{}{id}", paint(BOLD, &account.name));
        let _ = writeln!(text, "{}", lines.concat());
    }
    text.push_str(&counts(shown));
    ui.data(&text);
    if let Some(grants) = &shown.grants {
        edges_in_short(ui, grants);
    }
    notes(ui, shown);
}

/// One line of counts, in the words of the command: an audit finds, a plan intends.
fn counts(shown: &Shown<'_>) -> String {
    let actions = |action| shown.steps().filter(|step| step.action == Some(action)).count();
    let in_sync = shown.count(Status::InSync);
    let parts: Vec<String> = if shown.command == "audit" {
        [
            (Status::Drifted, "drifted"),
            (Status::Missing, "missing"),
            (Status::Unmanaged, "unmanaged"),
            (Status::Error, "unreadable"),
        ]
        .into_iter()
        .map(|(status, word)| (shown.count(status), word))
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect()
    } else {
        [
            (actions(Action::Create), "create"),
            (actions(Action::Update), "update"),
            (actions(Action::Replace), "replace"),
            (actions(Action::Delete), "delete"),
        ]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} to {word}"))
        .chain((shown.errors() > 0).then(|| format!("{} unreadable", shown.errors())))
        .collect()
    };
    if parts.is_empty() {
        return format!("{} {in_sync} objects are as desired.\n", paint(GREEN, "In sync:"));
    }
    let word = if shown.command == "audit" { "Audit:" } else { "Plan:" };
    format!("{} {}, {in_sync} in sync.\n", paint(BOLD, word), parts.join(", "))
}

fn notes(ui: &Ui, shown: &Shown<'_>) {
    for LeftOut { name, id, state, remedy } in &shown.left_out {
        ui.say(&format!("{} {name} ({id}) is {state}: {remedy}", paint(YELLOW, "left out:")));
    }
    if !shown.not_onboarded.is_empty() {
        let names = shown.not_onboarded.join(", ");
        ui.say(&paint(DIM, format!("Not onboarded yet, and left out: {names} (--all shows them).")));
    }
    for (account, sections) in &shown.not_built {
        let sections = sections.join(", ");
        ui.say(&paint(DIM, format!("Read and checked, but not built by this version: {sections} of {account}.")));
    }
}

pub(super) fn step_lines(step: &Step, ui: &Ui) -> String {
    let (mark, style) = match step.action {
        Some(Action::Keep) => (" ", DIM),
        Some(Action::Create) => ("+", GREEN),
        Some(Action::Update) => ("~", YELLOW),
        Some(Action::Replace) => ("±", RED),
        Some(Action::Delete) => ("-", RED),
        None => ("!", RED),
    };
    let name = format!("{}/{}", step.key.kind, step.key.name);
    let mut line = format!("  {} {}", paint(style, mark), paint(style, &name));
    if let Some(id) = &step.id {
        let _ = write!(line, " {}", paint(DIM, id));
    }
    match step.action {
        Some(Action::Create) if !ui.is_verbose() => {
            // The mark, the name and the spaces around them.
            let width = ui.width().saturating_sub(name.chars().count() + 6);
            let fields = cut(&all_fields(&step.diffs), width);
            if !fields.is_empty() {
                let _ = write!(line, "  {}", paint(DIM, fields));
            }
        }
        Some(Action::Replace) => line.push_str(&paint(RED, "  deleted and made anew")),
        Some(Action::Delete) => line.push_str(&paint(RED, "  ours, and no longer wanted")),
        _ => {}
    }
    if let Some(words) = access::of(step).and_then(Access::words) {
        let _ = write!(line, "  {words}");
    }
    line.push('\n');
    if step.action != Some(Action::Create) || ui.is_verbose() {
        for diff in &step.diffs {
            line.push_str(&diff_line(step, diff));
        }
    }
    if let Some(cause) = access::cause(step) {
        let _ = writeln!(line, "      {}", paint(YELLOW, cause));
    }
    line.push_str(&error_lines(step));
    line
}

fn all_fields(diffs: &[Diff]) -> String {
    let fields = diffs.iter().filter(|diff| diff.field != "tags");
    fields.map(|diff| format!("{}: {}", diff.field, short(&diff.desired))).collect::<Vec<_>>().join("  ")
}

fn diff_line(step: &Step, diff: &Diff) -> String {
    let desired = paint(GREEN, inline(&diff.desired));
    if step.action == Some(Action::Create) {
        return format!("      {}: {desired}\n", diff.field);
    }
    let fixed = if diff.fixed { paint(RED, "  (cannot be changed in place)") } else { String::new() };
    format!("      {}: {} → {desired}{fixed}\n", diff.field, paint(RED, inline(&diff.actual)))
}

/// What was not looked at, a line for each cause.
fn skipped(steps: &[&Step]) -> Vec<String> {
    let mut causes: BTreeMap<&Key, usize> = BTreeMap::new();
    for step in steps {
        if let Outcome::Skipped { because } = &step.outcome {
            *causes.entry(because).or_default() += 1;
        }
    }
    let line = |(key, count)| format!("  {} {count} not looked at, because {key} failed\n", paint(RED, "!"));
    causes.into_iter().map(line).collect()
}

/// Why a step could not be read.
fn error_lines(step: &Step) -> String {
    match &step.outcome {
        Outcome::Failed { error } => {
            let hint = error.hint.as_ref().map(|hint| format!("      hint: {hint}\n")).unwrap_or_default();
            format!("      {}\n{hint}", paint(RED, error))
        }
        _ => String::new(),
    }
}

/// Prints what could not be read.
pub(crate) fn unread(ui: &Ui, plan: &Plan) {
    for (key, error) in plan.failures() {
        ui.say(&format!("{} {key}: {error}", paint(RED, "!")));
        if let Some(hint) = &error.hint {
            ui.hint(hint);
        }
    }
    ui.warn("nothing was changed: not everything could be read");
}
