//! `orgstrap onboard`: one project account, from nothing.

use clap::Args;

use super::change;
use crate::cli::{Accounts, Global};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::Ui;

/// Create a project account and build everything in it
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The account's name: there is an accounts/ACCOUNT.toml
    account: String,
}

pub(crate) async fn run(arguments: &Arguments, global: &Global, ui: &Ui) -> Result<Exit, Failure> {
    let accounts = Accounts { names: vec![arguments.account.clone()], all: false };
    change::run("onboard", &accounts, global, ui).await
}
