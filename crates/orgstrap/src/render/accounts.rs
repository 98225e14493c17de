//! The accounts of the fleet and of the organization.

use comfy_table::{ContentArrangement, Table, presets};
use serde_json::json;

use super::Ui;
use super::style::{DIM, GREEN, RED, YELLOW, paint};
use crate::commands::accounts::{Last, Of, Row};

/// Prints them, those of the fleet first.
pub(crate) fn accounts(ui: &Ui, fleet: &str, rows: &[Row]) {
    if !ui.is_human() {
        ui.json(&json!({"version": 1, "command": "accounts", "fleet": fleet, "accounts": rows}));
        return;
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(["account", "id", "unit", "state", "last run", "last audit"]);
    if let Ok(width) = u16::try_from(ui.width()) {
        table.set_width(width).set_content_arrangement(ContentArrangement::Dynamic);
    }
    for row in rows {
        let state = match row.state.as_str() {
            "ACTIVE" => paint(GREEN, &row.state),
            "MISSING" => paint(YELLOW, "not there yet"),
            other => paint(RED, other),
        };
        let unit = match row.unit.as_deref() {
            Some("") => "/",
            Some(unit) => unit,
            None => "",
        };
        let (run, audit) = match row.of {
            Of::Fleet => (when(row.last_run.as_ref()), when(row.last_audit.as_ref())),
            Of::Management => (paint(DIM, "the management account"), String::new()),
            Of::Organization => (paint(DIM, "not in the fleet"), String::new()),
        };
        let id = row.id.clone().unwrap_or_default();
        table.add_row([row.name.clone(), id, unit.to_owned(), state, run, audit]);
    }
    ui.data(&format!("{}\n", table.trim_fmt()));
}

fn when(last: Option<&Last>) -> String {
    let Some(Last { command, at, end, .. }) = last else { return paint(DIM, "never") };
    let end = end.as_deref().unwrap_or("no end");
    format!("{} {command}: {end}", at.strftime("%Y-%m-%d %H:%MZ"))
}
