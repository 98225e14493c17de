//! `orgstrap policy`: the policy language on its own.

mod case;
mod decide;
mod diff;
mod fmt;
mod lint;

use clap::{Args, Subcommand};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::Ui;

/// Format, check, compare and try out policy documents; reads files only
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Fmt(fmt::Arguments),
    Lint(lint::Arguments),
    Diff(diff::Arguments),
    Decide(decide::Arguments),
}

impl Arguments {
    pub(crate) fn is_lint(&self) -> bool {
        matches!(self.command, Command::Lint(_))
    }
}

pub(crate) fn run(arguments: &Arguments, ui: &Ui) -> Result<Exit, Failure> {
    match &arguments.command {
        Command::Fmt(arguments) => fmt::run(arguments, ui),
        Command::Lint(arguments) => lint::run(arguments, ui),
        Command::Diff(arguments) => diff::run(arguments, ui),
        Command::Decide(arguments) => decide::run(arguments, ui),
    }
}
