//! `orgstrap man`: manual pages.

use std::path::PathBuf;

use clap::{Args, CommandFactory};

use crate::cli::Cli;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::Ui;

/// Print the manual page, or write one per command
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Write a page for every command into this folder instead
    #[arg(long)]
    dir: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments, ui: &Ui) -> Result<Exit, Failure> {
    if let Some(dir) = &arguments.dir {
        std::fs::create_dir_all(dir).map_err(|error| Failure::io("make the folder", dir, &error))?;
        clap_mangen::generate_to(Cli::command(), dir).map_err(|error| Failure::io("write to", dir, &error))?;
        return Ok(Exit::Done);
    }
    let mut page = Vec::new();
    let rendered = clap_mangen::Man::new(Cli::command()).render(&mut page);
    rendered.map_err(|error| Failure::Other { message: format!("cannot render: {error}"), hint: None })?;
    ui.data(&String::from_utf8_lossy(&page));
    Ok(Exit::Done)
}
