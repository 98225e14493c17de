//! `orgstrap offboard`: remove everything that was made for a project.

use clap::Args;
use engine::{Report, Step};

use super::change::how_far;
use crate::approval::{Stakes, approved};
use crate::cli::Global;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::{self, Ui};
use crate::selection;
use crate::workspace::Workspace;

/// Delete everything that was made in an account, in order, and nothing else
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The account's name
    account: String,
    /// Close the account too: AWS suspends it at once and deletes it after 90 days
    #[arg(long)]
    close: bool,
}

pub(crate) async fn run(arguments: &Arguments, global: &Global, ui: &Ui) -> Result<Exit, Failure> {
    let workspace = Workspace::open("offboard", global, ui).await?;
    let account = selection::account(&workspace.fleet, &arguments.account)?;
    let graph = blueprint::graph(&workspace.fleet, &[account], &workspace.sessions)?;
    let plan = &workspace.plan(ui, "Reading", &graph).await;

    let doomed = |step: &Step| match step.key.kind.as_str() {
        "account" => arguments.close,
        _ => step.key.scope == account.name,
    };
    let steps: Vec<&Step> = plan.steps().filter(|step| step.is_deletable() && doomed(step)).collect();
    render::doomed(ui, &arguments.account, &steps);
    let mut reports: Vec<Report> = Vec::new();
    let exit = if plan.is_cancelled() {
        Exit::Interrupted
    } else if !plan.is_complete() {
        render::unread(ui, plan);
        Exit::Error
    } else if steps.is_empty() {
        Exit::Done
    } else if approved(&format!("Delete {} objects?", steps.len()), Stakes::Loss, global)? {
        let graph = &graph;
        let delete = |run| async move { graph.delete(plan, doomed, &run).await };
        reports.push(workspace.walk(ui, "Deleting", Some(steps.len()), delete).await);
        if super::change::succeeded(&reports) { Exit::Done } else { how_far(&reports) }
    } else {
        ui.warn("nothing was changed");
        Exit::Error
    };
    render::offboarded(ui, &workspace, &arguments.account, &steps, &reports, exit);
    render::stats(ui, &workspace);
    workspace.close().await;
    Ok(exit)
}
