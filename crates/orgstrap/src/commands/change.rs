//! Plan, approval, deletion of what is replaced, convergence, removal of what is unwanted, and a second look.

use std::time::Duration;

use engine::{Action, Graph, Plan, Report, Step};

use crate::approval::{Stakes, approved};
use crate::cli::{Accounts, Global};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::{self, Shown, Ui};
use crate::selection::Selection;
use crate::workspace::Workspace;

/// Brings the accounts to their desired state.
pub(crate) async fn run(command: &str, accounts: &Accounts, global: &Global, ui: &Ui) -> Result<Exit, Failure> {
    let workspace = Workspace::open(command, global, ui).await?;
    let mut selection = Selection::new(&workspace.fleet, accounts)?;
    let mut graph = blueprint::graph(&workspace.fleet, &selection.accounts, &workspace.sessions)?;
    let mut plan = read(&workspace, ui, &graph).await;
    let left_out = selection.leave_out(&plan);
    if !left_out.is_empty() {
        graph = blueprint::graph(&workspace.fleet, &selection.accounts, &workspace.sessions)?;
        plan = read(&workspace, ui, &graph).await;
    }

    let shown = Shown::new(command, &workspace, &plan, &left_out);
    if ui.is_human() {
        render::plan(ui, &shown);
    }
    let mut reports = Vec::new();
    let exit = if plan.is_cancelled() {
        Exit::Interrupted
    } else if !plan.is_complete() {
        ui.warn("nothing was changed: a plan that could not read everything is no plan");
        Exit::Error
    } else if plan.is_empty() {
        Exit::Done
    } else if approved("Go on?", stakes(&plan, &workspace), global)? {
        execute(&workspace, ui, &graph, &plan, &mut reports).await
    } else {
        ui.warn("nothing was changed");
        Exit::Error
    };
    if ui.is_human() {
        render::outcome(ui, command, &workspace, &selection.accounts, &reports, exit);
    } else {
        render::changes_json(ui, &shown, &reports);
    }
    render::stats(ui, &workspace);
    workspace.close().await;
    Ok(exit)
}

async fn read(workspace: &Workspace, ui: &Ui, graph: &Graph<aws::Account>) -> Plan {
    workspace.walk(ui, "Reading", |run| async move { graph.plan(&run).await }).await
}

fn stakes(plan: &Plan, workspace: &Workspace) -> Stakes {
    match (plan.is_destructive(), workspace.is_rehearsal()) {
        (true, _) => Stakes::Loss,
        (false, true) => Stakes::None,
        (false, false) => Stakes::Cost,
    }
}

/// Does what the plan shows, phase by phase; a phase that fails ends it.
async fn execute(
    workspace: &Workspace,
    ui: &Ui,
    graph: &Graph<aws::Account>,
    plan: &Plan,
    reports: &mut Vec<Report>,
) -> Exit {
    let is = |wanted: Action| move |step: &Step| step.action == Some(wanted);
    if plan.changes().any(is(Action::Replace)) {
        let delete = |run| async move { graph.delete(plan, is(Action::Replace), &run).await };
        reports.push(workspace.walk(ui, "Deleting what is replaced", delete).await);
    }
    if succeeded(reports) {
        let converge = |run| async move { graph.converge(plan, &run).await };
        reports.push(workspace.walk(ui, "Applying", converge).await);
    }
    // Last, since what is unwanted may be in use until what uses it was changed.
    if succeeded(reports) && plan.changes().any(is(Action::Delete)) {
        let delete = |run| async move { graph.delete(plan, is(Action::Delete), &run).await };
        reports.push(workspace.walk(ui, "Deleting what is unwanted", delete).await);
    }
    if !succeeded(reports) {
        return how_far(reports);
    }
    if verified(workspace, ui, graph).await { Exit::Done } else { Exit::Partly }
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

/// Looks again, as often as it takes until AWS shows what was just done: half a minute in all.
async fn verified(workspace: &Workspace, ui: &Ui, graph: &Graph<aws::Account>) -> bool {
    for pause in [1, 2, 4, 8, 16] {
        let plan = workspace.walk(ui, "Verifying", |run| async move { graph.plan(&run).await }).await;
        if plan.is_empty() {
            return true;
        }
        if pause == 16 || workspace.cancel.is_cancelled() {
            let keys: Vec<_> = plan.steps().filter(|step| step.action != Some(Action::Keep)).collect();
            let keys: Vec<_> = keys.iter().map(|step| step.key.to_string()).collect();
            ui.warn(&format!("not as desired after all: {}; run again to see why", keys.join(", ")));
            return false;
        }
        tokio::time::sleep(Duration::from_secs(pause)).await;
    }
    false
}
