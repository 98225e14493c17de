//! What `offboard` is about to do, and what came of it.

use std::fmt::Write;

use aws::resources::Bucket;
use engine::{Key, Nature, Report, Resource, Step};
use serde_json::json;

use super::Ui;
use super::json::outcomes;
use super::plan::step_lines;
use super::style::{BOLD, DIM, GREEN, RED, YELLOW, paint};
use super::summary::{counts, failures, journal};
use crate::commands::{Ended, Offboarding, is_protected};
use crate::exit::Exit;
use crate::workspace::Workspace;

/// Prints what is about to be deleted, changed and closed.
pub(crate) fn offboarding(ui: &Ui, offboarding: &Offboarding<'_>) {
    let Offboarding { account, deleted, revoked, closed, .. } = offboarding;
    if !ui.is_human() {
        return;
    }
    let mut text = String::new();
    if !deleted.is_empty() || closed.is_some() {
        let _ = writeln!(text, "{}", paint(BOLD, account));
    }
    for step in deleted {
        debug_assert!(step.nature == Nature::Object, "settings are never deleted");
        let id = paint(DIM, step.id.as_deref().unwrap_or_default());
        let note = note(step, offboarding).map(|note| format!("  {}", paint(YELLOW, note))).unwrap_or_default();
        let _ = writeln!(text, "  {} {} {id}{note}", paint(RED, "-"), paint(RED, called(&step.key, account)));
    }
    if let Some(step) = closed {
        let id = paint(DIM, step.id.as_deref().unwrap_or_default());
        let line = format!("moved to the unit {}, and closed", blueprint::SUSPENDED);
        let _ = writeln!(
            text,
            "  {} {} {id}  {}",
            paint(RED, "-"),
            paint(RED, called(&step.key, account)),
            paint(RED, line)
        );
    }
    if !text.is_empty() {
        let _ =
            writeln!(text, "\n{} {} to delete.", paint(BOLD, "Plan:"), deleted.len() + usize::from(closed.is_some()));
    }
    if !revoked.is_empty() {
        let _ = writeln!(text, "{}", paint(BOLD, offboarding.common));
        for step in revoked {
            text.push_str(&step_lines(step, ui));
        }
    }
    ui.data(&text);
}

/// A key below the name of its account; in full elsewhere.
fn called(key: &Key, account: &str) -> String {
    if key.scope == account || key.scope == aws::MANAGEMENT {
        return format!("{}/{}", key.kind, key.name);
    }
    key.to_string()
}

/// What is to be known about a deletion that loses something.
fn note(step: &Step, offboarding: &Offboarding<'_>) -> Option<&'static str> {
    let losses = &offboarding.losses;
    match step.key.kind.as_str() {
        _ if is_protected(step) && !losses.protected => Some("protected against deletion: only with --unprotect"),
        "db-instance" if losses.databases => Some("no snapshot is taken, and its backups go too"),
        "db-instance" => Some("a last snapshot is taken"),
        "bucket" | "ecr-repository" if losses.data => Some("with everything in it"),
        _ if is_protected(step) => Some("its protection is switched off first"),
        _ => None,
    }
}

/// Prints the end of `offboard`.
pub(crate) fn offboarded(
    ui: &Ui,
    workspace: &Workspace,
    offboarding: &Offboarding<'_>,
    reports: &[Report],
    ended: Option<&Ended>,
    exit: Exit,
) {
    let Offboarding { account, deleted, revoked, closed, kept, .. } = offboarding;
    if !ui.is_human() {
        let doomed = deleted.iter().chain(closed);
        let doomed: Vec<_> = doomed.map(|step| json!({"key": step.key, "id": step.id, "action": "delete"})).collect();
        let revoked: Vec<_> =
            revoked.iter().map(|step| json!({"key": step.key, "id": step.id, "action": step.action})).collect();
        ui.json(&json!({
            "version": 1, "command": "offboard", "fleet": workspace.fleet.name, "account": account,
            "resources": doomed, "revoked": revoked, "outcomes": outcomes(reports), "run": workspace.run(),
            "left": ended.map_or(&[][..], |ended| ended.left.as_slice()), "inventory": ended.map(|ended| &ended.place),
            "kept": kept.iter().map(|step| json!({"key": step.key, "id": step.id})).collect::<Vec<_>>(),
        }));
        return;
    }
    failures(ui, workspace, reports);
    counts(ui, reports);
    for left in ended.iter().flat_map(|ended| &ended.left) {
        ui.say(&format!("{} {}", paint(YELLOW, "left:"), left.what));
    }
    for step in kept {
        let why = if step.key.kind == Bucket::KIND {
            "stays with what is in it: --delete-data deletes both"
        } else {
            "stays, for it is what the database's snapshots are encrypted with: with --no-final-snapshot it goes too, and nobody \
             reads them any more"
        };
        ui.say(&format!("{} {} {why}", paint(YELLOW, "left:"), step.key));
    }
    let left = ended.is_some_and(|ended| !ended.left.is_empty()) || !kept.is_empty();
    let nothing =
        if left { "holds nothing of ours any more but what is left" } else { "holds nothing of ours any more" };
    match exit {
        Exit::Done if reports.is_empty() && kept.is_empty() => {
            ui.say(&format!("Nothing to do: {account} holds nothing of ours."));
        }
        Exit::Done if reports.is_empty() => ui.say("Nothing to do."),
        Exit::Done if closed.is_some() => {
            let until = "AWS Support reopens it within 90 days, after which it is gone";
            ui.say(&format!("{} {account} {nothing}, and is closed: {until}.", paint(GREEN, "Done.")));
            ui.hint(&format!("remove accounts/{account}.toml"));
        }
        Exit::Done => {
            ui.say(&format!("{} {account} {nothing}.", paint(GREEN, "Done.")));
            ui.hint(&format!("remove accounts/{account}.toml, or the next `apply` gives the account its grants again"));
        }
        Exit::Partly | Exit::Interrupted | Exit::Error if is_only_unclosed(offboarding, reports) => {
            let what = "holds nothing of ours any more, and is not closed yet";
            ui.say(&format!(
                "{} {account} {what}: the same command goes on with that alone.",
                paint(YELLOW, "Stopped.")
            ));
        }
        Exit::Partly | Exit::Interrupted => {
            ui.say(&format!("{} Run the same command to go on.", paint(YELLOW, "Stopped.")));
            journal(ui, workspace);
        }
        _ => {}
    }
    if let Some(ended) = ended.filter(|_| !workspace.is_throwaway()) {
        ui.say(&paint(DIM, format!("  What it held is written down in {}", ended.place)));
    }
}

/// Whether everything is done but for the account's closure.
fn is_only_unclosed(offboarding: &Offboarding<'_>, reports: &[Report]) -> bool {
    let Some((last, earlier)) = reports.split_last() else { return false };
    let is_about_closure =
        |account: &Step| last.outcomes.iter().any(|(key, outcome)| *key == account.key && !outcome.is_success());
    offboarding.closed.is_some_and(is_about_closure) && earlier.iter().all(Report::is_success)
}
