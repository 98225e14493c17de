//! Rotations of policies: what stands to be exchanged, and what came of it.

use std::fmt::Write;

use engine::{Action, Diff, Report, Step};
use policy::{Document, Verdict, Which};
use serde_json::{Value, json};

use super::json::outcomes;
use super::style::{BOLD, DIM, GREEN, RED, YELLOW, paint};
use super::{Ui, edges_in_short, edges_json};
use crate::commands::Rotated;
use crate::exit::Exit;
use crate::policy_fields;
use crate::workspace::Workspace;

/// How one document stands to what takes its place.
struct Exchanged<'s> {
    /// The document's name in its node; empty where there is one.
    name: &'s str,
    /// None where one of the two is no document.
    verdict: Option<Verdict>,
    /// A request that one of the two allows alone.
    witness: Option<(Which, Value)>,
}

/// Prints the documents that are to be exchanged, each with how it stands to the new one.
pub(crate) fn rotation(ui: &Ui, steps: &[&Step]) {
    if steps.is_empty() {
        return;
    }
    let mut text = format!("{}\n", paint(BOLD, "Policies to rotate"));
    for step in steps {
        let _ = writeln!(text, "  {} {}", mark(step), step.key);
        for one in exchanged(step) {
            let name = if one.name.is_empty() { String::new() } else { format!("{}: ", one.name) };
            let _ = writeln!(text, "      {name}{}", words(one.verdict));
            if let Some((which, request)) = &one.witness {
                let what = if *which == Which::A { "allowed from now on" } else { "allowed until now" };
                let _ = writeln!(text, "      {}", paint(DIM, format!("for example {what}: {}", short(request))));
            }
        }
    }
    ui.data(&text);
}

/// Prints the end of a rotation.
pub(crate) fn rotated(ui: &Ui, workspace: &Workspace, steps: &[&Step], rotated: &Rotated, exit: Exit) {
    if !ui.is_human() {
        let documents = steps.iter().flat_map(|step| exchanged(step).map(move |one| {
            json!({"key": step.key, "action": step.action, "document": one.name, "verdict": one.verdict,
                   "witness": one.witness.map(|(which, request)| json!({"allowed_by": if which == Which::A { "new" } else { "old" }, "request": request}))})
        }));
        ui.json(&json!({
            "version": 1, "command": "rotate", "fleet": workspace.fleet.name, "documents": documents.collect::<Vec<_>>(),
            "outcomes": outcomes(&rotated.reports), "grants": rotated.judgement.as_ref().map(edges_json), "run": workspace.run(),
        }));
        return;
    }
    for (key, error) in rotated.reports.iter().flat_map(Report::failures) {
        ui.say(&format!("\n{} {key}\n  {error}", paint(RED, "failed:")));
        if let Some(hint) = &error.hint {
            ui.hint(hint);
        }
    }
    match exit {
        Exit::Done if steps.is_empty() => ui.say("Nothing to rotate: the policies are as the files say."),
        Exit::Done => {
            ui.say(&format!(
                "{} {} rotated; old and new grants were beside each other in between.",
                paint(GREEN, "Done."),
                count(steps.len())
            ));
            if let Some(run) = workspace.run().filter(|_| !workspace.is_throwaway()) {
                ui.say(&paint(DIM, format!("  orgstrap rotate policies --rollback {run}   puts the old ones back")));
            }
        }
        Exit::Partly | Exit::Interrupted => {
            ui.say(&format!(
                "{} The same command goes on from here; until then nobody has lost a grant.",
                paint(YELLOW, "Stopped.")
            ));
        }
        _ => {}
    }
    if let Some(judgement) = &rotated.judgement {
        edges_in_short(ui, judgement);
    }
}

fn count(policies: usize) -> String {
    if policies == 1 { "1 policy".to_owned() } else { format!("{policies} policies") }
}

/// Each document of a step, compared.
fn exchanged(step: &Step) -> impl Iterator<Item = Exchanged<'_>> {
    step.diffs.iter().flat_map(of_field)
}

fn of_field(diff: &Diff) -> Vec<Exchanged<'_>> {
    let old = policy_fields::documents(&diff.field, &diff.actual).unwrap_or_default();
    let new = policy_fields::documents(&diff.field, &diff.desired).unwrap_or_default();
    let mut names: Vec<&str> = old.iter().chain(&new).map(|(name, _)| *name).collect();
    names.sort_unstable();
    names.dedup();
    let there = |documents: &[(&str, &Value)], wanted: &str| {
        documents.iter().find(|(name, _)| *name == wanted).map(|(_, document)| (*document).clone())
    };
    // The others of the same field stay as they are.
    names.retain(|name| there(&old, name) != there(&new, name));
    let of = |documents: &[(&str, &Value)], wanted: &str| {
        let found = documents.iter().find(|(name, _)| *name == wanted);
        found.map_or(Some(Vec::new()), |(_, document)| {
            Document::from_value(document).ok().map(|document| vec![document])
        })
    };
    let compared = names.into_iter().map(|name| {
        let (Some(old), Some(new)) = (of(&old, name), of(&new, name)) else {
            return Exchanged { name, verdict: None, witness: None };
        };
        let [new, old] = [&new, &old].map(|documents| documents.iter().collect::<Vec<_>>());
        // As everywhere: what exists stands to what is desired.
        let comparison = policy::compare(&new, &old);
        let witness = comparison.witnesses.first().map(|witness| (witness.allowed_by, witness.request.to_value()));
        Exchanged { name, verdict: Some(comparison.verdict), witness }
    });
    compared.collect()
}

fn mark(step: &Step) -> String {
    match step.action {
        Some(Action::Create) => paint(GREEN, "+"),
        Some(Action::Delete) => paint(RED, "-"),
        _ => paint(YELLOW, "~"),
    }
}

fn words(verdict: Option<Verdict>) -> String {
    match verdict {
        Some(Verdict::Equal) => paint(DIM, "equal: the same grants, written in another way"),
        Some(Verdict::Narrower) => paint(YELLOW, "narrower: it allows less than what takes its place"),
        Some(Verdict::Wider) => paint(RED, "wider: it allows more than what takes its place"),
        Some(Verdict::Incomparable) => {
            paint(RED, "incomparable: each of the two allows something that the other does not")
        }
        Some(Verdict::Unknown) => paint(YELLOW, "unknown: it is beyond what can be compared"),
        None => paint(RED, "it is no policy document"),
    }
}

/// A request in a line.
fn short(request: &Value) -> String {
    let text = |key: &str| request[key].as_str().unwrap_or("?").to_owned();
    format!("{} by {} on {}", text("action"), text("principal"), text("resource"))
}
