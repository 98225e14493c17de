//! `orgstrap apply`: bring accounts to their desired state.

use clap::Args;

use super::change;
use crate::cli::{Accounts, Global};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::Ui;

/// Create, change and delete what the plan shows
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    accounts: Accounts,
}

pub(crate) async fn run(arguments: &Arguments, global: &Global, ui: &Ui) -> Result<Exit, Failure> {
    change::run("apply", &arguments.accounts, global, ui).await
}
