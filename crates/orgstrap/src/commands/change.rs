//! Plan, approval, deletion of what is replaced, convergence, removal of what is unwanted, and a second look.

use engine::{Action, Graph, Plan, Report, Step};

use super::edges::judged;
use crate::approval::{Answer, Stakes, ask};
use crate::cli::{Accounts, Global};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::grants::Judgement;
use crate::render::{self, Shown, Ui};
use crate::saved_plan::SavedPlan;
use crate::second_look::SecondLook;
use crate::secret_sources;
use crate::selection::{Asked, Selection};
use crate::workspace::Workspace;

/// Brings the accounts to their desired state.
pub(crate) async fn run(command: &str, accounts: &Accounts, global: &Global, ui: &Ui) -> Result<Exit, Failure> {
    change(command, accounts, None, global, ui).await
}

/// Does what a saved plan shows, if that is what would be done now. It was approved by being saved.
pub(super) async fn run_saved(saved: &SavedPlan, global: &Global, ui: &Ui) -> Result<Exit, Failure> {
    change("apply", &saved.accounts(), Some(saved), global, ui).await
}

async fn change(
    command: &str,
    accounts: &Accounts,
    saved: Option<&SavedPlan>,
    global: &Global,
    ui: &Ui,
) -> Result<Exit, Failure> {
    let workspace = Workspace::open(command, global, ui).await?;
    let mut done = Done { saved: saved.is_some(), ..Done::default() };
    let result = work(command, accounts, saved, &workspace, global, ui, &mut done).await;
    let result = workspace.unless_interrupted(result, ui);
    workspace.close(ui, result.as_ref().map_or(Exit::Error, |exit| *exit), &done.reports).await;
    result
}

async fn work(
    command: &str,
    accounts: &Accounts,
    saved: Option<&SavedPlan>,
    workspace: &Workspace,
    global: &Global,
    ui: &Ui,
    done: &mut Done,
) -> Result<Exit, Failure> {
    let asked = Asked::new(&workspace.fleet, accounts)?;
    // What a project runs on is in the common account.
    let asked = if command == "onboard" { asked.with_common() } else { asked };
    let books = workspace.open_books(command, &asked.names(), global, ui).await?;
    // With the locks, so that nobody changes any more what is read now.
    let selection = asked.judged(&workspace.sessions).await?;
    let graph = workspace.graph(&selection)?;
    let plan = workspace.plan(ui, "Reading", &graph).await;

    if let Some(saved) = saved.filter(|_| plan.is_complete()) {
        saved.check(&plan, workspace)?;
    }

    let shown = Shown::new(command, workspace, &selection, &plan);
    if ui.is_human() {
        render::plan(ui, &shown);
    }
    let exit = if plan.is_cancelled() {
        Exit::Interrupted
    } else if !plan.is_complete() {
        ui.warn("nothing was changed: a plan that could not read everything is no plan");
        Exit::Error
    } else if plan.is_empty() {
        Exit::Done
    } else {
        secret_sources::gather(workspace, &plan, ui).await?;
        let answer = if saved.is_some() { Answer::Yes } else { ask("Go on?", stakes(&plan, workspace), global)? };
        match answer {
            Answer::Yes => {
                books.planned(&plan, &workspace.fleet.common, ui, &workspace.cancel).await?;
                execute(workspace, ui, &graph, &plan, done).await
            }
            answer => declined(ui, answer),
        }
    };
    let exit = done.judge(command, workspace, &selection, exit);
    if ui.is_human() {
        render::outcome(ui, command, workspace, &selection, &plan, done, exit);
    } else {
        render::changes_json(ui, workspace, &shown, done);
    }
    render::stats(ui, workspace);
    Ok(exit)
}

/// The exit of a plan that was not approved.
pub(super) fn declined(ui: &Ui, answer: Answer) -> Exit {
    ui.warn("nothing was changed");
    if answer == Answer::Interrupted { Exit::Interrupted } else { Exit::Error }
}

fn stakes(plan: &Plan, workspace: &Workspace) -> Stakes {
    match (plan.is_destructive(), workspace.is_rehearsal()) {
        (true, _) => Stakes::Loss,
        (false, true) => Stakes::None,
        (false, false) => Stakes::Cost,
    }
}

/// What a run did, and what it found when it looked again.
#[derive(Default)]
pub(crate) struct Done {
    /// Whether a saved plan was applied.
    pub(crate) saved: bool,
    /// One report for each phase.
    pub(crate) reports: Vec<Report>,
    /// What exists now; `None` when the run did not come to its end.
    pub(crate) verified: Option<Plan>,
    /// What the live policies allow across accounts in the end of an onboarding.
    pub(crate) judgement: Option<Judgement>,
}

impl Done {
    /// An onboarding is done when its account may do what it was made for.
    fn judge(&mut self, command: &str, workspace: &Workspace, selection: &Selection<'_>, exit: Exit) -> Exit {
        let (Some(plan), "onboard") = (&self.verified, command) else { return exit };
        let judgement = judged(workspace, selection, plan);
        let exit = if judgement.is_allowed() { exit } else { Exit::Partly };
        self.judgement = Some(judgement);
        exit
    }
}

/// Does what the plan shows, phase by phase; a phase that fails ends it.
async fn execute(workspace: &Workspace, ui: &Ui, graph: &Graph<aws::Account>, plan: &Plan, done: &mut Done) -> Exit {
    let is = |wanted: Action| move |step: &Step| step.action == Some(wanted);
    let count = |wanted| plan.changes().filter(|step| step.action == Some(wanted)).count();
    let (replaced, unwanted) = (count(Action::Replace), count(Action::Delete));
    let reports = &mut done.reports;
    if replaced > 0 {
        let delete = |run| async move { graph.delete(plan, is(Action::Replace), &run).await };
        reports.push(workspace.walk(ui, "Deleting what is replaced", Some(replaced), delete).await);
    }
    if succeeded(reports) {
        let converge = |run| async move { graph.converge(plan, &run).await };
        reports.push(workspace.walk(ui, "Applying", Some(graph.keys().count()), converge).await);
    }
    // Last, since what is unwanted may be in use until what uses it was changed.
    if succeeded(reports) && unwanted > 0 {
        let delete = |run| async move { graph.delete(plan, is(Action::Delete), &run).await };
        reports.push(workspace.walk(ui, "Deleting what is unwanted", Some(unwanted), delete).await);
    }
    if !succeeded(reports) {
        return how_far(reports);
    }
    done.verified = verified(workspace, ui, graph).await;
    match done.verified {
        Some(_) => Exit::Done,
        None if workspace.cancel.is_cancelled() => Exit::Interrupted,
        None => Exit::Partly,
    }
}

/// The exit of a run that did not succeed.
pub(super) fn how_far(reports: &[Report]) -> Exit {
    if reports.iter().any(Report::is_cancelled) {
        Exit::Interrupted
    } else if reports.iter().any(|report| report.count(engine::Outcome::is_change) > 0) {
        Exit::Partly
    } else {
        Exit::Error
    }
}

pub(super) fn succeeded(reports: &[Report]) -> bool {
    reports.iter().all(Report::is_success)
}

/// Looks again, as often as it takes until AWS shows what was just done.
async fn verified(workspace: &Workspace, ui: &Ui, graph: &Graph<aws::Account>) -> Option<Plan> {
    let mut look = SecondLook::new(&workspace.cancel);
    loop {
        let plan = workspace.plan(ui, "Verifying", graph).await;
        if plan.is_empty() {
            return Some(plan);
        }
        if look.again().await {
            continue;
        }
        if !workspace.cancel.is_cancelled() {
            let differing = plan.steps().filter(|step| step.action != Some(Action::Keep));
            let keys: Vec<_> = differing.map(|step| step.key.to_string()).collect();
            ui.warn(&format!("not as desired after all: {}; `orgstrap plan` shows how", keys.join(", ")));
        }
        return None;
    }
}
