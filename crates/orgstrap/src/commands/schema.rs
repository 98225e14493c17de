//! `orgstrap schema`: the JSON Schema of the files that a user writes.

use clap::{Args, ValueEnum};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::Ui;

/// Print the JSON Schema of a fleet's files, for editors
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Which file's
    #[arg(value_enum, default_value_t = File::Fleet)]
    file: File,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum File {
    /// orgstrap.toml
    Fleet,
    /// accounts/NAME.toml
    Account,
}

#[expect(clippy::unnecessary_wraps, reason = "every command has this shape")]
pub(crate) fn run(arguments: &Arguments, ui: &Ui) -> Result<Exit, Failure> {
    ui.json(&match arguments.file {
        File::Fleet => fleet::fleet_schema(),
        File::Account => fleet::account_schema(),
    });
    Ok(Exit::Done)
}
