//! `orgstrap audit`: what drifted.

use clap::Args;

use super::plan;
use crate::cli::{Accounts, Global};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::Ui;

/// Report what drifted, and what is ours and no longer wanted
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    accounts: Accounts,
}

pub(crate) async fn run(arguments: &Arguments, global: &Global, ui: &Ui) -> Result<Exit, Failure> {
    plan::compare("audit", &arguments.accounts, None, global, ui).await
}
