//! Saved plans: that there is one, and what moved when it is not applied.

use std::path::Path;

use comfy_table::{ColumnConstraint, ContentArrangement, Table, presets};
use engine::Action;
use serde_json::{Value, json};

use super::Ui;
use super::fields::{inline, short};
use super::style::{BOLD, RED, paint};
use crate::saved_plan::{Cause, Move, Moved, Side};

/// Says that a plan was saved, and what to do with it.
pub(crate) fn saved(ui: &Ui, path: &Path) {
    let path = path.display();
    if ui.is_human() {
        ui.say(&format!("Saved: `orgstrap apply {path}` does exactly this, or nothing if anything moves before."));
    } else {
        ui.say(&json!({"saved": path.to_string()}).to_string());
    }
}

/// Prints what moved, and what to do next.
pub(super) fn moved(ui: &Ui, moved: &Moved) {
    let (message, hint) = (message(moved), hint(moved));
    if !ui.is_human() {
        ui.json(&json!({
            "version": 1, "command": "apply", "error": {"message": message, "hint": hint}, "moved": moved.moves,
        }));
        return;
    }
    let mut sections = Vec::new();
    for (cause, title) in
        [(Cause::World, "The world moved: what exists"), (Cause::Files, "The fleet's files changed: what is wanted")]
    {
        let rows: Vec<Row<'_>> = moved.moves.iter().filter(|moved| moved.cause == cause).map(Row::of).collect();
        if !rows.is_empty() {
            sections.push(format!("{}\n{}\n", paint(BOLD, title), table(ui, &rows)));
        }
    }
    ui.data(&sections.join("\n"));
    ui.say(&format!("\n{}: {message}", paint(RED, "error")));
    ui.hint(&hint);
}

fn message(moved: &Moved) -> String {
    let has = |cause| moved.moves.iter().any(|moved| moved.cause == cause);
    let what = match (has(Cause::World), has(Cause::Files)) {
        (true, true) => "the world moved and the fleet's files changed",
        (false, true) => "the fleet's files changed",
        _ => "the world moved",
    };
    let version = moved.version.as_ref().map(|version| format!(" by orgstrap {version}")).unwrap_or_default();
    format!("{what} since {} was made{version} at {}; nothing was changed", moved.path.display(), moved.made)
}

fn hint(moved: &Moved) -> String {
    if moved.is_done {
        return "everything that it would do is done already; there is nothing left to apply".to_owned();
    }
    format!("look at a new plan: {}", moved.again)
}

/// Something that moved, by account.
struct Row<'m> {
    account: &'m str,
    node: &'m str,
    moved: &'m Move,
}

impl<'m> Row<'m> {
    fn of(moved: &'m Move) -> Self {
        let (account, node) = moved.key.split_once('/').unwrap_or(("", &moved.key));
        Self { account, node, moved }
    }
}

/// A line for each, under the name of its account.
fn table(ui: &Ui, rows: &[Row<'_>]) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    if let Ok(width) = u16::try_from(ui.width()) {
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
    }
    let of_objects = rows.iter().all(|row| row.moved.field.is_none());
    let titles = ["", "field", "planned", "now"].into_iter().filter(|title| !(of_objects && *title == "field"));
    table.set_header(titles);
    let mut last = ("", "");
    for row in rows {
        if row.account != last.0 {
            table.add_row([row.account]);
        }
        let node = if (row.account, row.node) == last { String::new() } else { format!("  {}", row.node) };
        last = (row.account, row.node);
        let field = (!of_objects).then(|| row.moved.field.clone().unwrap_or_default());
        let values = values(row.moved, ui);
        table.add_row([node].into_iter().chain(field).chain(values));
    }
    if let Some(first) = table.column_mut(0) {
        first.set_padding((0, 1)).set_constraint(ColumnConstraint::ContentWidth);
    }
    table.trim_fmt()
}

/// How it was, and how it is.
fn values(moved: &Move, ui: &Ui) -> [String; 2] {
    let [planned, now] = [&moved.planned, &moved.now].map(|side| match side {
        Side::Value(Value::Null) if moved.field.is_none() => absent(moved.cause).to_owned(),
        Side::Value(value) if ui.is_verbose() => inline(value),
        Side::Value(value) => short(value),
        Side::Object { action, id } => match (moved.cause, action) {
            (Cause::World, Action::Create) | (Cause::Files, Action::Delete) => absent(moved.cause).to_owned(),
            (Cause::World, _) => id.clone().unwrap_or_else(|| "exists".to_owned()),
            (Cause::Files, _) => "wanted".to_owned(),
        },
    });
    // Two documents that are only named look the same.
    let now = if planned == now { format!("{now}, changed") } else { now };
    [planned, now]
}

fn absent(cause: Cause) -> &'static str {
    match cause {
        Cause::World => "missing",
        Cause::Files => "not wanted",
    }
}
