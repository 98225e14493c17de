//! The command line of orgstrap: arguments, one file per command, rendering.

mod approval;
mod books;
mod cli;
mod commands;
mod doctor;
mod documents;
mod exit;
mod failure;
mod grants;
mod policy_fields;
mod render;
mod saved_plan;
mod second_look;
mod secret_sources;
mod seen;
mod selection;
mod walks;
mod workspace;

use std::process::ExitCode;

use crate::cli::Cli;
use crate::exit::Exit;

fn main() -> ExitCode {
    match Cli::read() {
        Ok(cli) => commands::run(cli).into(),
        Err(usage) => {
            let _ = usage.print();
            // clap would exit with 2, which means "differences" here.
            if usage.use_stderr() { Exit::Error.into() } else { Exit::Done.into() }
        }
    }
}
