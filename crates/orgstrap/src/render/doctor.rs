//! What `doctor` found, for people and for programs.

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use std::fmt::Write;
use std::time::Duration;

use super::Ui;
use super::style::{BOLD, CYAN, DIM, GREEN, RED, YELLOW, paint};
use crate::commands::doctor::Diagnosis;
use crate::doctor::prices::Price;
use crate::doctor::{Finding, Status, Summary};
use crate::workspace::Workspace;

/// The heading of what belongs to no account.
const COMMON: &str = "you, the organization and the fleet";
/// How wide a text is at most: longer lines are hard to read.
const WIDEST: usize = 120;

/// Says that it is at work, on a terminal.
pub(crate) fn looking(ui: &Ui, accounts: usize) -> ProgressBar {
    if !ui.is_interactive() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new_spinner().with_message(format!("looking at the organization and {accounts} accounts"));
    bar.set_style(
        ProgressStyle::with_template("{spinner} {msg} {elapsed:.dim}")
            .unwrap_or_else(|_| ProgressStyle::default_spinner()),
    );
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}

/// Prints the findings, the prices and a summary.
pub(crate) fn diagnosis(ui: &Ui, workspace: &Workspace, diagnosis: &Diagnosis) {
    let summary = Summary::of(&diagnosis.findings);
    if !ui.is_human() {
        let mut document = json!({
            "version": 1,
            "command": "doctor",
            "fleet": workspace.fleet.name,
            "summary": summary,
            "findings": diagnosis.findings,
            "prices": diagnosis.prices,
        });
        if ui.wants_stats() {
            document["stats"] = json!(workspace.sessions.stats().all());
        }
        ui.json(&document);
        return;
    }
    let width = ui.width().min(WIDEST);
    let mut text = String::new();
    let column = diagnosis.findings.iter().map(|finding| finding.check.len()).max().unwrap_or_default();
    let mut accounts: Vec<Option<&str>> = vec![None];
    for finding in &diagnosis.findings {
        if !accounts.contains(&finding.account.as_deref()) {
            accounts.push(finding.account.as_deref());
        }
    }
    for account in accounts {
        let _ = writeln!(text, "{}", paint(BOLD, account.unwrap_or(COMMON)));
        for finding in diagnosis.findings.iter().filter(|finding| finding.account.as_deref() == account) {
            one(&mut text, finding, column, width);
        }
        text.push('\n');
    }
    for price in diagnosis.prices.iter().filter(|price| !price.items.is_empty() || !price.left_out.is_empty()) {
        bill(&mut text, price);
    }
    let Summary { ok, info, warnings, blockers, unknown } = summary;
    let _ = writeln!(text, "{ok} ok, {info} to know, {warnings} warnings, {blockers} blockers, {unknown} unknown.");
    ui.data(&text);
}

fn one(text: &mut String, finding: &Finding, column: usize, width: usize) {
    let mark = match finding.status {
        Status::Ok => paint(GREEN, "✓"),
        Status::Info => paint(CYAN, "i"),
        Status::Warning => paint(YELLOW, "!"),
        Status::Blocker => paint(RED, "✗"),
        Status::Unknown => paint(YELLOW, "?"),
    };
    let indent = " ".repeat(column + 6);
    let mut lines = wrapped(&finding.message, width, indent.len()).into_iter();
    let _ = writeln!(text, "  {mark} {:column$}  {}", finding.check, lines.next().unwrap_or_default());
    for line in lines {
        let _ = writeln!(text, "{indent}{line}");
    }
    for (number, line) in finding.remedy.iter().flat_map(|remedy| wrapped(remedy, width, indent.len() + 2)).enumerate()
    {
        let arrow = if number == 0 { paint(CYAN, "→") } else { " ".to_owned() };
        let _ = writeln!(text, "{indent}{arrow} {line}");
    }
}

/// The lines of a text that has so many columns to the left of it. Its own lines stay.
fn wrapped(text: &str, width: usize, indent: usize) -> Vec<String> {
    let room = width.saturating_sub(indent).max(30);
    text.lines().flat_map(|line| textwrap::wrap(line, room)).map(std::borrow::Cow::into_owned).collect()
}

fn bill(text: &mut String, price: &Price) {
    let total = format!("{:.2} USD a month", price.monthly);
    let _ = writeln!(text, "{} in {}: {total}", paint(BOLD, &price.account), price.region);
    for line in &price.items {
        let elsewhere =
            if line.priced_in == price.region { String::new() } else { format!(" (as in {})", line.priced_in) };
        let _ = writeln!(text, "  {:>9.2}  {} {}{}", line.monthly, line.quantity, line.item, paint(DIM, elsewhere));
    }
    for item in &price.left_out {
        let _ = writeln!(text, "  {:>9}  {item}", "?");
    }
    text.push('\n');
}
