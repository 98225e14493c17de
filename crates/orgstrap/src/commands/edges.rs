//! `orgstrap edges`: every grant from account to account that the fleet intends, and whether the live policies allow
//! exactly it.

use std::collections::BTreeSet;

use blueprint::Parts;
use clap::Args;
use engine::Plan;

use crate::cli::{Accounts, Global};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::grants::{self, Judgement};
use crate::render::{self, Ui};
use crate::selection::{Asked, Selection};
use crate::workspace::Workspace;

/// List what roles of project accounts may do in the common account, and whether the live policies allow exactly that
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    accounts: Accounts,
}

pub(crate) async fn run(arguments: &Arguments, global: &Global, ui: &Ui) -> Result<Exit, Failure> {
    look("edges", &arguments.accounts, global, ui, |workspace, selection, plan| {
        let judgement = judged(workspace, selection, plan);
        render::edges(ui, &workspace.fleet.name, &judgement);
        Ok(if judgement.is_exact() { Exit::Done } else { Exit::Differences })
    })
    .await
}

/// Reads the policies of both sides, and what they are about, for a command that only tells what they come to.
pub(super) async fn look(
    command: &str,
    accounts: &Accounts,
    global: &Global,
    ui: &Ui,
    tell: impl FnOnce(&Workspace, &Selection<'_>, &Plan) -> Result<Exit, Failure>,
) -> Result<Exit, Failure> {
    let workspace = Workspace::open(command, global, ui).await?;
    let selection = Asked::new(&workspace.fleet, accounts)?.judged(&workspace.sessions).await?;
    let graph = workspace.graph_of(&grants_of(&selection))?;
    let plan = workspace.plan(ui, "Reading policies", &graph).await;
    let exit = if plan.is_cancelled() {
        Exit::Interrupted
    } else if plan.is_complete() {
        tell(&workspace, &selection, &plan)?
    } else {
        render::unread(ui, &plan);
        Exit::Error
    };
    render::stats(ui, &workspace);
    workspace.close(ui, exit, &[]).await;
    Ok(exit)
}

/// The part of the fleet that grants are about: of the selected accounts their roles, of the common account what it shares.
pub(super) fn grants_of<'f>(selection: &Selection<'f>) -> Parts<'f> {
    Parts { grants_only: true, ..selection.parts() }
}

/// Judges the grants of the selected accounts.
pub(super) fn judged(workspace: &Workspace, selection: &Selection<'_>, plan: &Plan) -> Judgement {
    let accounts: BTreeSet<&str> = selection.accounts.iter().map(|account| account.name.as_str()).collect();
    grants::judge(&workspace.fleet, plan, &accounts)
}
