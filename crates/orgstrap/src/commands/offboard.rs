//! `orgstrap offboard`: remove everything that was made for a project.

use clap::Args;
use engine::{Report, Step};

use super::change::{declined, how_far, succeeded};
use crate::approval::{Answer, Stakes, ask};
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
    let mut reports = Vec::new();
    let result = work(arguments, &workspace, global, ui, &mut reports).await;
    let result = workspace.unless_interrupted(result, ui);
    workspace.close(ui, result.as_ref().map_or(Exit::Error, |exit| *exit), &reports).await;
    result
}

async fn work(
    arguments: &Arguments,
    workspace: &Workspace,
    global: &Global,
    ui: &Ui,
    reports: &mut Vec<Report>,
) -> Result<Exit, Failure> {
    let account = selection::account(&workspace.fleet, &arguments.account)?;
    let books = workspace.open_books("offboard", std::slice::from_ref(&account.name), global, ui).await?;
    let roll = workspace.sessions.roll().await?;
    // An account that was closed before cannot be entered any more, and nothing is left to do in it.
    let is_closed = selection::find(&roll, account).is_some_and(|found| found.state.is_closed());
    let worked_on = if is_closed { Vec::new() } else { vec![account] };
    let graph = blueprint::graph(&workspace.fleet, &worked_on, &[], &workspace.sessions)?;
    let plan = &workspace.plan(ui, "Reading", &graph).await;

    let doomed = |step: &Step| match step.key.kind.as_str() {
        "account" => arguments.close,
        _ => step.key.scope == account.name,
    };
    let steps: Vec<&Step> = plan.steps().filter(|step| step.is_deletable() && doomed(step)).collect();
    render::doomed(ui, &arguments.account, &steps);
    let exit = if plan.is_cancelled() {
        Exit::Interrupted
    } else if is_closed {
        ui.say(&format!("Nothing to do: {} is closed.", arguments.account));
        Exit::Done
    } else if !plan.is_complete() {
        render::unread(ui, plan);
        Exit::Error
    } else if steps.is_empty() {
        Exit::Done
    } else {
        match ask(&format!("Delete {} objects?", steps.len()), Stakes::Loss, global)? {
            Answer::Yes => {
                books.deleting(&steps).await?;
                let graph = &graph;
                let delete = |run| async move { graph.delete(plan, doomed, &run).await };
                reports.push(workspace.walk(ui, "Deleting", Some(steps.len()), delete).await);
                if succeeded(reports) { Exit::Done } else { how_far(reports) }
            }
            answer => declined(ui, answer),
        }
    };
    render::offboarded(ui, workspace, &arguments.account, &steps, reports, exit);
    render::stats(ui, workspace);
    Ok(exit)
}
