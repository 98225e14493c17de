//! What a run cost.

use comfy_table::{CellAlignment, Table, presets};

use super::Ui;
use crate::workspace::Workspace;

/// Prints the calls of the run, if that was asked for. In JSON they are part of the result.
pub(crate) fn stats(ui: &Ui, workspace: &Workspace) {
    if !ui.wants_stats() || !ui.is_human() {
        return;
    }
    let all = workspace.sessions.stats().all();
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(["account", "service", "operation", "calls", "retries", "throttles"]);
    for calls in &all {
        let numbers = [calls.calls, calls.retries, calls.throttles].map(|number| number.to_string());
        table.add_row(
            [calls.account.clone(), calls.service.clone(), calls.operation.clone()].into_iter().chain(numbers),
        );
    }
    for column in table.column_iter_mut().skip(3) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    ui.say(&format!("\n{}", table.trim_fmt()));
    let sum = |number: fn(&aws::Calls) -> u64| all.iter().map(number).sum::<u64>();
    let (calls, retries, throttles) = (sum(|c| c.calls), sum(|c| c.retries), sum(|c| c.throttles));
    ui.say(&format!("{calls} calls, {retries} retries, {throttles} throttles"));
}
