//! `orgstrap plan`: what would be done.

use clap::Args;

use crate::cli::{Accounts, Global};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::{self, Shown, Ui};
use crate::selection::Selection;
use crate::workspace::Workspace;

/// Show what would be created, changed and deleted; change nothing
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    accounts: Accounts,
}

pub(crate) async fn run(arguments: &Arguments, global: &Global, ui: &Ui) -> Result<Exit, Failure> {
    compare("plan", &arguments.accounts, global, ui).await
}

/// Compares what exists with what is desired, for `plan` and `audit`.
pub(crate) async fn compare(command: &str, accounts: &Accounts, global: &Global, ui: &Ui) -> Result<Exit, Failure> {
    let workspace = Workspace::open(command, global, ui).await?;
    let mut selection = Selection::new(&workspace.fleet, accounts)?;
    let graph = blueprint::graph(&workspace.fleet, &selection.accounts, &workspace.sessions)?;
    let plan = workspace.plan(ui, "Reading", &graph).await;
    let left_out = selection.leave_out(&plan);

    let shown = Shown::new(command, &workspace, &selection.accounts, &plan, &left_out);
    render::plan(ui, &shown);
    render::stats(ui, &workspace);
    let exit = if plan.is_cancelled() {
        Exit::Interrupted
    } else if shown.errors() > 0 {
        Exit::Error
    } else if shown.differs() {
        Exit::Differences
    } else {
        Exit::Done
    };
    workspace.close(ui, exit, &[]).await;
    Ok(exit)
}
