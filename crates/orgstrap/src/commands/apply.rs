//! `orgstrap apply`: bring accounts to their desired state.

use clap::Args;

use super::change;
use crate::cli::{Accounts, Global};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::Ui;
use crate::saved_plan;

/// Create, change and delete what the plan shows
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Accounts by name, or the file of one plan that `plan --out` saved; none means the accounts that exist
    #[arg(value_name = "ACCOUNT|FILE", conflicts_with = "all")]
    names: Vec<String>,
    /// Every account of the fleet, those that do not exist yet too
    #[arg(long)]
    all: bool,
}

pub(crate) async fn run(arguments: &Arguments, global: &Global, ui: &Ui) -> Result<Exit, Failure> {
    if let Some((saved, fleet)) = saved_plan::named(&arguments.names, global)? {
        saved.check_place(&fleet, global)?;
        return change::run_saved(&saved, global, ui).await;
    }
    let accounts = Accounts { names: arguments.names.clone(), all: arguments.all };
    change::run("apply", &accounts, global, ui).await
}
