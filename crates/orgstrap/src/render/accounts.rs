//! The table of accounts.

use comfy_table::{ColumnConstraint, ContentArrangement, Table, presets};
use serde_json::json;

use super::Ui;
use super::style::{YELLOW, paint};
use crate::commands::{AccountRow, LastRun};

/// Prints the accounts.
pub(crate) fn accounts(ui: &Ui, rows: &[AccountRow]) {
    if !ui.is_human() {
        ui.json(&json!({"version": 1, "command": "accounts", "accounts": rows}));
        return;
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(["account", "id", "unit", "state", "last run", "last audit"]);
    if let Ok(width) = u16::try_from(ui.width()) {
        table.set_width(width).set_content_arrangement(ContentArrangement::Dynamic);
    }
    for row in rows {
        let unit = row.unit.as_deref().map(|unit| if unit.is_empty() { "/" } else { unit });
        table.add_row([
            row.name.as_str(),
            row.id.as_deref().unwrap_or_default(),
            unit.unwrap_or_default(),
            &row.state,
            &said(row.last_run.as_ref(), true),
            &said(row.last_audit.as_ref(), false),
        ]);
    }
    // Names and ids are for copying.
    for column in [0, 1] {
        if let Some(column) = table.column_mut(column) {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    ui.data(&format!("{}\n", table.trim_fmt()));
    let strangers: Vec<_> = rows.iter().filter(|row| !row.in_fleet).map(|row| row.name.as_str()).collect();
    if !strangers.is_empty() {
        let text = format!("not in the fleet: {}", strangers.join(", "));
        ui.say(&paint(YELLOW, text));
        ui.hint("`id = \"...\"` in a file of accounts/ adopts one of them");
    }
}

fn said(last: Option<&LastRun>, with_command: bool) -> String {
    let Some(last) = last else { return "never".to_owned() };
    let at = super::books::minute(last.started);
    let end = last.exit.as_deref().unwrap_or("not ended");
    if with_command { format!("{at} {}: {end}", last.command) } else { format!("{at} {end}") }
}
