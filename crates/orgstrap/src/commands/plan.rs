//! `orgstrap plan`: what would be done.

use std::path::{Path, PathBuf};

use clap::Args;

use super::edges::judged;
use crate::cli::{Accounts, Global};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::{self, Shown, Ui};
use crate::saved_plan::{self, SavedPlan};
use crate::selection::Asked;
use crate::workspace::Workspace;

/// Show what would be created, changed and deleted; change nothing
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    accounts: Accounts,
    /// Save the plan, so that `orgstrap apply FILE` does exactly this or nothing
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(crate) async fn run(arguments: &Arguments, global: &Global, ui: &Ui) -> Result<Exit, Failure> {
    if let Some(out) = &arguments.out {
        saved_plan::check_target(out, global)?;
    }
    compare("plan", &arguments.accounts, arguments.out.as_deref(), global, ui).await
}

/// Compares what exists with what is desired, for `plan` and `audit`.
pub(crate) async fn compare(
    command: &str,
    accounts: &Accounts,
    out: Option<&Path>,
    global: &Global,
    ui: &Ui,
) -> Result<Exit, Failure> {
    let workspace = Workspace::open(command, global, ui).await?;
    let selection = Asked::new(&workspace.fleet, accounts)?.judged(&workspace.sessions).await?;
    let graph = workspace.graph(&selection)?;
    let plan = workspace.plan(ui, "Reading", &graph).await;

    let shown = Shown::new(command, &workspace, &selection, &plan);
    let shown = if command == "audit" && plan.is_complete() {
        shown.with_grants(judged(&workspace, &selection, &plan))
    } else {
        shown
    };
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
    let saved = out.map_or(Ok(()), |out| {
        if !plan.is_complete() {
            ui.warn("nothing was saved: a plan that could not read everything is no plan");
            return Ok(());
        }
        let saved = SavedPlan::new(&plan, &workspace, &selection, accounts.all, global);
        saved.write(out).inspect(|()| render::saved(ui, out))
    });
    if command == "audit" {
        let accounts: Vec<_> = selection.accounts.iter().map(|account| account.name.clone()).collect();
        workspace.note_audit(&accounts, exit, shown.counts(), global, ui).await;
    }
    let result = saved.map(|()| exit);
    workspace.close(ui, result.as_ref().map_or(Exit::Error, |exit| *exit), &[]).await;
    result
}
