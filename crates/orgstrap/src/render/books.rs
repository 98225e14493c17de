//! What the ledger holds: locks, runs, and one run in full.

use comfy_table::{ColumnConstraint, ContentArrangement, Table, presets};
use jiff::{Timestamp, Unit};
use ledger::{Holder, HolderState, Replaced, Run, RunDetails, RunState};
use serde_json::json;

use super::Ui;
use super::style::{BOLD, DIM, GREEN, RED, YELLOW, paint};

/// Prints who holds which lock.
pub(crate) fn locks(ui: &Ui, holders: &[Holder]) {
    if !ui.is_human() {
        ui.json(&json!({"version": 1, "command": "lock list", "locks": holders}));
        return;
    }
    if holders.is_empty() {
        ui.data("no account is locked\n");
        return;
    }
    for holder in holders {
        let state = match holder.state {
            HolderState::Held => "locked".to_owned(),
            HolderState::Expired => paint(YELLOW, "expired: the next run gets it"),
            HolderState::Dead => paint(YELLOW, "dead: the next run gets it"),
        };
        ui.data(&format!("{}  {state}\n  {holder}\n", paint(BOLD, &holder.lock)));
    }
}

/// Prints runs, the newest first.
pub(crate) fn runs(ui: &Ui, runs: &[Run]) {
    if !ui.is_human() {
        ui.json(&json!({"version": 1, "command": "runs", "runs": runs}));
        return;
    }
    if runs.is_empty() {
        ui.data("no run has changed anything yet\n");
        return;
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(["run", "command", "accounts", "owner", "took", "end"]);
    if let Ok(width) = u16::try_from(ui.width()) {
        table.set_width(width).set_content_arrangement(ContentArrangement::Dynamic);
    }
    for run in runs {
        let accounts = match run.start.accounts.as_slice() {
            [] => String::new(),
            [one] => one.clone(),
            [first, rest @ ..] => format!("{first} and {} more", rest.len()),
        };
        table.add_row([
            run.start.id.clone(),
            run.start.command.clone(),
            accounts,
            run.start.owner.clone(),
            took(run),
            ended(run),
        ]);
    }
    // An id is for copying, and it is the time as well.
    if let Some(ids) = table.column_mut(0) {
        ids.set_constraint(ColumnConstraint::ContentWidth);
    }
    ui.data(&format!("{}\n", table.trim_fmt()));
}

/// Prints all of one run.
pub(crate) fn run(ui: &Ui, details: &RunDetails, replaced: &[Replaced], inventories: &[String]) {
    if !ui.is_human() {
        ui.json(&json!({
            "version": 1, "command": "runs show", "run": details, "replaced": replaced, "inventories": inventories,
        }));
        return;
    }
    let RunDetails { run, plan, settled } = details;
    let start = &run.start;
    ui.data(&format!("{} {}\n", paint(BOLD, &start.id), ended(run)));
    ui.data(&format!(
        "{} {} by {} on {} (process {}), orgstrap {}, {}{}\n",
        start.command,
        start.accounts.join(" "),
        start.owner,
        start.process.host,
        start.process.pid,
        start.version,
        minute(start.started),
        run.end.as_ref().map(|_| format!(", took {}", took(run))).unwrap_or_default(),
    ));
    // A run that is done has looked at everything.
    let is_done = run.end.as_ref().is_some_and(|end| end.exit == "done");
    let untouched = if is_done { "as desired already" } else { "not settled" };
    for step in plan.iter().flatten() {
        let ended = settled.iter().rev().find(|settled| settled.key == step.key);
        let outcome = ended.map_or(untouched, |settled| settled.outcome.as_str());
        let mark = match outcome {
            "created" | "updated" | "deleted" => paint(GREEN, "✓"),
            "failed" => paint(RED, "✗"),
            _ => paint(YELLOW, "·"),
        };
        let fields = if step.action == "update" { format!(" ({})", step.fields.join(", ")) } else { String::new() };
        ui.data(&format!("  {mark} {} {}{fields}: {outcome}\n", step.action, step.key));
        if let Some(error) = ended.and_then(|settled| settled.error.as_ref()) {
            ui.data(&format!("      {error}\n"));
        }
    }
    // What failed without having been planned to change, such as a look-up.
    let planned = |key: &str| plan.iter().flatten().any(|step| step.key == key);
    for settled in settled.iter().filter(|settled| settled.error.is_some() && !planned(&settled.key)) {
        let error = settled.error.as_deref().unwrap_or_default();
        ui.data(&format!("  {} {} {}: {error}\n", paint(RED, "✗"), settled.key, settled.outcome));
    }
    for document in replaced {
        let text = format!("  replaced {} of {}, kept in the history", document.field, document.key);
        ui.data(&format!("{}\n", paint(DIM, text)));
    }
    for place in inventories {
        ui.data(&format!("{}\n", paint(DIM, format!("  what the account held is written down in {place}"))));
    }
}

/// A time as people need it here.
pub(super) fn minute(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%MZ").to_string()
}

fn took(run: &Run) -> String {
    let Some(end) = &run.end else { return String::new() };
    let rounded = (end.ended - run.start.started).round(Unit::Second);
    rounded.map(|span| format!("{span:#}")).unwrap_or_default()
}

/// How it ended, and what changed and what failed.
fn ended(run: &Run) -> String {
    let counts = run.end.iter().flat_map(|end| &end.counts);
    let told = counts.filter(|(word, _)| word.as_str() != "kept").map(|(word, count)| format!("{count} {word}"));
    let told: Vec<_> = told.collect();
    match (told.as_slice(), &run.end) {
        ([], Some(_)) => format!("{}, nothing changed", end(run)),
        ([], None) => end(run).to_owned(),
        _ => format!("{}: {}", end(run), told.join(", ")),
    }
}

fn end(run: &Run) -> &str {
    match (&run.end, run.state) {
        (Some(end), _) => &end.exit,
        (None, RunState::Running) => "running",
        (None, _) => "interrupted",
    }
}
