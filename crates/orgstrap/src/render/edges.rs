//! Grants from account to account, as the live policies have them.

use std::fmt::Write;

use blueprint::Access;
use comfy_table::{Table, presets};
use serde_json::{Value, json};

use super::Ui;
use super::style::{BOLD, DIM, GREEN, RED, YELLOW, paint};
use crate::grants::{Judged, Judgement, Status};

/// Prints all grants, and what is allowed beside them.
pub(crate) fn edges(ui: &Ui, fleet: &str, judgement: &Judgement) {
    if !ui.is_human() {
        let mut object = json!({"version": 1, "command": "edges", "fleet": fleet});
        if let (Some(object), Value::Object(more)) = (object.as_object_mut(), edges_json(judgement)) {
            object.extend(more);
        }
        ui.json(&object);
        return;
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(["ACCOUNT", "ROLE", "MAY", "WHAT", ""]);
    for judged in &judgement.edges {
        let (verb, object) = (verb(&judged.edge.access), judged.edge.access.object());
        table.add_row([&judged.edge.account, &judged.edge.role, verb, object, &word(judged.status)]);
    }
    let mut text = if judgement.edges.is_empty() { String::new() } else { format!("{}\n", table.trim_fmt()) };
    text.push_str(&findings(judgement));
    let exact = count(judgement, Status::Exact);
    let _ = if judgement.is_exact() {
        writeln!(text, "\n{} {exact} grants, and the live policies allow exactly them.", paint(GREEN, "In order:"))
    } else {
        writeln!(text, "\n{} {exact} of {} grants are exact.", paint(BOLD, "Grants:"), judgement.edges.len())
    };
    ui.data(&text);
}

/// Says what is not as intended, after a command that did something else.
pub(crate) fn edges_in_short(ui: &Ui, judgement: &Judgement) {
    let total = judgement.edges.len();
    if judgement.is_exact() {
        if total > 0 {
            ui.say(&format!(
                "{} {total} grants across accounts: the live policies allow exactly them.",
                paint(GREEN, "✓")
            ));
        }
        return;
    }
    ui.say(&format!("{} grants across accounts are not as the files say:", paint(RED, "✗")));
    ui.say(findings(judgement).trim_end());
    ui.hint("`orgstrap edges` lists all of them, `orgstrap plan` shows the policies");
}

/// A line for each thing that is not as intended.
fn findings(judgement: &Judgement) -> String {
    let mut text = String::new();
    for judged in judgement.edges.iter().filter(|judged| judged.status != Status::Exact) {
        let (edge, why) = (&judged.edge, judged.why.as_deref().unwrap_or_default());
        let _ = writeln!(
            text,
            "  {} {} of {} to {} {}: {why}",
            word(judged.status),
            edge.role,
            edge.account,
            verb(&edge.access),
            edge.access.object()
        );
    }
    for one in &judgement.unintended {
        let _ = writeln!(
            text,
            "  {} {} of {} may {} on {}",
            paint(RED, "not intended"),
            one.role,
            one.account,
            one.action,
            one.object
        );
    }
    for one in &judgement.documents {
        let words = one.access.words().unwrap_or_else(|| paint(YELLOW, "cannot be compared"));
        let _ = writeln!(text, "  {} {words}", one.key);
    }
    text
}

/// The grants in JSON, as part of another object.
pub(crate) fn edges_json(judgement: &Judgement) -> Value {
    let counts = [Status::Exact, Status::Wider, Status::Denied, Status::Unknown];
    let summary: serde_json::Map<String, Value> = counts
        .into_iter()
        .filter_map(|status| Some((json!(status).as_str()?.to_owned(), json!(count(judgement, status)))))
        .chain([("unintended".to_owned(), json!(judgement.unintended.len()))])
        .collect();
    json!({
        "summary": summary,
        "edges": judgement.edges.iter().map(edge_json).collect::<Vec<_>>(),
        "unintended": judgement.unintended,
        "documents": judgement.documents,
    })
}

fn edge_json(judged: &Judged) -> Value {
    json!({
        "account": judged.edge.account, "role": judged.edge.role, "principal": judged.principal,
        "access": verb(&judged.edge.access), "object": judged.edge.access.object(), "arn": judged.object,
        "status": judged.status, "why": judged.why, "decisions": judged.decisions,
    })
}

fn count(judgement: &Judgement, status: Status) -> usize {
    judgement.edges.iter().filter(|judged| judged.status == status).count()
}

fn verb(access: &Access) -> &'static str {
    match access {
        Access::Pull(_) => "pull",
        Access::Push(_) => "push",
        Access::Read(_) => "read",
    }
}

fn word(status: Status) -> String {
    match status {
        Status::Exact => paint(DIM, "exact"),
        Status::Wider => paint(RED, "wider"),
        Status::Denied => paint(RED, "denied"),
        Status::Unknown => paint(YELLOW, "unknown"),
    }
}
