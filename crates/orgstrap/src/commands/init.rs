//! `orgstrap init`: a fleet to start from.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::Ui;

/// Write a fleet to start from: orgstrap.toml, accounts/ and policies/
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Where to; the folder is made if need be
    #[arg(default_value = ".")]
    dir: PathBuf,
    /// The fleet's name
    #[arg(long, default_value = "example")]
    name: String,
    /// The e-mail address of new accounts; {account} stands for an account's name
    #[arg(long, default_value = "aws+{account}@example.com")]
    email: String,
}

const REGION: &str = "us-west-1";

pub(crate) fn run(arguments: &Arguments, ui: &Ui) -> Result<Exit, Failure> {
    let files = fleet::init::files(&arguments.name, ui.region().unwrap_or(REGION), &arguments.email);
    // All or nothing: a fleet that is there is not mixed with an example.
    let there: Vec<_> = files.iter().map(|(path, _)| arguments.dir.join(path)).filter(|path| path.exists()).collect();
    if let Some(first) = there.first() {
        return Err(Failure::new(
            format!("{} is already there; nothing was written", first.display()),
            "name an empty folder: orgstrap init DIR",
        ));
    }
    for (path, text) in &files {
        let path = arguments.dir.join(path);
        write(&path, text)?;
        ui.say(&format!("wrote {}", path.display()));
    }
    ui.say("\nNext: look through the files, then rehearse with");
    let cd =
        if arguments.dir == Path::new(".") { String::new() } else { format!("cd {} && ", arguments.dir.display()) };
    ui.say(&format!("  {cd}orgstrap --sandbox plan --all"));
    Ok(Exit::Done)
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|error| Failure::io("make the folder", folder, &error))?;
    }
    fs::write(path, text).map_err(|error| Failure::io("write", path, &error))
}
