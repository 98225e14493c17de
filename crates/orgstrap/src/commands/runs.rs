//! `orgstrap runs`: what was done, when and by whom.

use clap::{Args, Subcommand};

use crate::cli::Global;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::{self, Ui};
use crate::workspace::Workspace;

/// List the runs that changed something, and show one of them
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// How many of the last ones to list
    #[arg(long, default_value_t = 20)]
    limit: usize,
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Show what a run meant to do, and how each object ended
    Show {
        /// The run's id; its beginning or end is enough
        id: String,
    },
}

pub(crate) async fn run(arguments: &Arguments, global: &Global, ui: &Ui) -> Result<Exit, Failure> {
    let ledger = Workspace::ledger(global).await?;
    match &arguments.action {
        None => render::runs(ui, &ledger.runs(arguments.limit).await?),
        Some(Action::Show { id }) => {
            let details = ledger.run(id).await?;
            let replaced = ledger.replaced_by(&details.run.start.id).await?;
            let mut inventories = Vec::new();
            for account in details.run.start.accounts.iter().filter(|_| details.run.start.command == "offboard") {
                let found = ledger.inventory(account, &details.run.start.id).await?;
                inventories.extend(found.map(|(place, _)| place));
            }
            render::run(ui, &details, &replaced, &inventories);
        }
    }
    Ok(Exit::Done)
}
