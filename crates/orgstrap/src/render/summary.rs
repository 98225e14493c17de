//! The end of a command that changes something: what exists now, what failed, and what to do next.

use aws::Invitation;
use aws::resources::AccountInvitation;
use comfy_table::{Table, presets};
use engine::{Key, Nature, Outcome, Plan, Report, Resource, Step};

use super::blame::blame;
use super::services::{Seen, services};
use super::style::{BOLD, DIM, GREEN, RED, YELLOW, paint};
use super::{Ui, edges_in_short};
use crate::commands::Done;
use crate::exit::Exit;
use crate::selection::Selection;
use crate::workspace::Workspace;

/// Prints the end of `onboard` and `apply`.
pub(crate) fn outcome(
    ui: &Ui,
    command: &str,
    workspace: &Workspace,
    selection: &Selection<'_>,
    plan: &Plan,
    done: &Done,
    exit: Exit,
) {
    let reports = done.reports.as_slice();
    failures(ui, workspace, reports);
    counts(ui, reports);
    let accounts = selection.accounts.iter().chain(&selection.invited);
    let names: Vec<_> = accounts.map(|account| account.name.as_str()).collect();
    let names = names.join(" ");
    match exit {
        Exit::Done if reports.is_empty() => ui.say("Nothing to do."),
        Exit::Done => ui.say(&paint(GREEN, "Everything is as desired: looked at again and found so.")),
        Exit::Partly | Exit::Interrupted => {
            let next = if done.saved {
                format!(
                    "the saved plan is used up; `orgstrap plan {names} --out FILE` makes one that goes on from here"
                )
            } else {
                "the same command goes on from here".to_owned()
            };
            ui.say(&format!("{} What is done stays done; {next}.", paint(YELLOW, "Stopped.")));
            journal(ui, workspace);
            return;
        }
        _ => return,
    }
    let plan_of_end = done.verified.iter().flat_map(Plan::steps);
    let invitations: Vec<_> = plan_of_end.filter(|step| step.key.kind == AccountInvitation::KIND).collect();
    for step in &invitations {
        let account = selection.invited.iter().find(|account| account.name == step.key.name);
        let id = account.and_then(|account| account.id.as_deref()).unwrap_or_default();
        let remedy = Invitation::remedy(step.id.as_deref().unwrap_or_default(), id);
        ui.say(&format!("{} {} ({id}): {remedy}", paint(YELLOW, "invited:"), step.key.name));
    }
    // Of an account that has not come yet there is nothing more to say.
    let is_onboarded = command == "onboard" && invitations.is_empty();
    if is_onboarded {
        if let Some(plan) = &done.verified {
            inventory(ui, plan);
        }
        if let Some(judgement) = &done.judgement {
            ui.say("");
            edges_in_short(ui, judgement);
        }
    }
    for account in &selection.accounts {
        let found = done.verified.as_ref().unwrap_or(plan);
        let seen = Seen::of(found, &workspace.fleet, account, done.verified.is_some());
        services(ui, &workspace.fleet, account, &seen);
    }
    if is_onboarded {
        ui.say(&format!("\n{}", paint(BOLD, "Next")));
        ui.say(&format!("  Commit accounts/{names}.toml: the files are the only state there is."));
        ui.say(&format!("  orgstrap plan {names}   tells whether it is still as desired"));
        ui.say(&format!("  orgstrap exec {names} -- aws sts get-caller-identity   works in the account"));
        if workspace.is_throwaway() {
            ui.say(&paint(DIM, "  This local AWS ends with the command. `orgstrap sandbox start` keeps one running."));
        }
    }
}

/// Prints what exists now, a line for each kind.
fn inventory(ui: &Ui, plan: &Plan) {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    let objects = plan.steps().filter(|step| step.nature == Nature::Object && step.id.is_some());
    let mut objects: Vec<&Step> = objects
        .filter(|step| !step.key.kind.ends_with("-association") && !step.key.kind.ends_with("-attachment"))
        .collect();
    objects.sort_by(|one, other| (&one.key.scope, &one.key.kind).cmp(&(&other.key.scope, &other.key.kind)));
    for objects in objects.chunk_by(|one, other| one.key.kind == other.key.kind) {
        for (at, step) in objects.iter().enumerate() {
            let kind = if at == 0 { step.key.kind.as_str() } else { "" };
            table.add_row([kind, step.key.name.as_str(), step.id.as_deref().unwrap_or_default()]);
        }
    }
    ui.say(&format!("\n{}\n{}", paint(BOLD, "What exists now"), table.trim_fmt()));
}

/// Where all of it can be read later.
pub(super) fn journal(ui: &Ui, workspace: &Workspace) {
    if let Some(run) = workspace.run().filter(|_| !workspace.is_throwaway()) {
        ui.say(&paint(DIM, format!("  orgstrap runs show {run}   shows how each object ended")));
    }
}

pub(super) fn counts(ui: &Ui, reports: &[Report]) {
    let count = |way: fn(&Outcome) -> bool| reports.iter().map(|report| report.count(way)).sum::<usize>();
    let counts = [
        (count(|outcome| matches!(outcome, Outcome::Created)), "created"),
        (count(|outcome| matches!(outcome, Outcome::Updated)), "changed"),
        (count(|outcome| matches!(outcome, Outcome::Deleted)), "deleted"),
        (count(|outcome| matches!(outcome, Outcome::Failed { .. })), "failed"),
        (count(|outcome| matches!(outcome, Outcome::Skipped { .. })), "skipped"),
        (count(|outcome| matches!(outcome, Outcome::Interrupted)), "begun"),
        (count(|outcome| matches!(outcome, Outcome::Cancelled)), "not begun"),
    ];
    let counts: Vec<_> = counts.into_iter().filter(|(count, _)| *count > 0).collect();
    if !counts.is_empty() {
        let text: Vec<_> = counts.iter().map(|(count, word)| format!("{count} {word}")).collect();
        ui.say(&format!("\n{} {}", paint(BOLD, "Result:"), text.join(", ")));
    }
}

pub(super) fn failures(ui: &Ui, workspace: &Workspace, reports: &[Report]) {
    let port = |key: &Key| Some(workspace.fleet.accounts.get(&key.scope)?.services.get(&key.name)?.port);
    for (key, error) in reports.iter().flat_map(Report::failures) {
        ui.say(&format!("\n{} {key}\n  {error}", paint(RED, "failed:")));
        let line_of = |account: &str, path: &[&str]| {
            let (file, line) = workspace.fleet.line_of(account, path)?;
            Some((workspace.fleet.root.join(file), line))
        };
        if let Some(blame) = blame(key, error, port(key), line_of) {
            ui.say(&format!("  {} {blame}", paint(YELLOW, "likely:")));
        }
        if let Some(hint) = &error.hint {
            ui.hint(hint);
        }
    }
}
