//! `orgstrap policy fmt`: documents in normal form.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use policy::{Document, KeyPath};
use serde_json::{Value, json};

use crate::documents::{self, Text};
use crate::exit::Exit;
use crate::failure::{Failure, FileMistake};
use crate::render::Ui;

/// Print documents in normal form
///
/// Documents that differ only in spelling have the same normal form, and one in normal form decides as before.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Policy documents; - is standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Only name the files that are not in normal form; exit code 2 if there are any
    #[arg(long, conflicts_with = "write")]
    check: bool,
    /// Rewrite the files in place
    #[arg(long)]
    write: bool,
}

/// A document and its normal form.
struct Formatted {
    text: Text,
    document: Value,
    wanted: String,
}

impl Formatted {
    fn new((text, document): (Text, Document)) -> Self {
        let document = document.normal().to_value();
        let wanted = format!("{document:#}\n");
        Self { text, document, wanted }
    }

    fn is_normal(&self) -> bool {
        self.text.text == self.wanted
    }
}

pub(crate) fn run(arguments: &Arguments, ui: &Ui) -> Result<Exit, Failure> {
    if arguments.write && arguments.files.iter().any(|path| documents::is_stdin(path)) {
        return Err(Failure::new("standard input cannot be rewritten", "leave --write out, or name a file"));
    }
    let files: Vec<_> = documents::read_all(&arguments.files)?.into_iter().map(Formatted::new).collect();
    if arguments.check {
        return Ok(check(&files, ui));
    }
    if arguments.write {
        return write(&files, ui);
    }
    if ui.is_human() {
        ui.data(&files.iter().map(|file| file.wanted.as_str()).collect::<String>());
    } else {
        let file =
            |file: &Formatted| json!({"file": file.text.name(), "normal": file.is_normal(), "document": file.document});
        ui.json(&json!({"version": 1, "files": files.iter().map(file).collect::<Vec<_>>()}));
    }
    Ok(Exit::Done)
}

fn check(files: &[Formatted], ui: &Ui) -> Exit {
    let others: Vec<_> = files.iter().filter(|file| !file.is_normal()).collect();
    if ui.is_human() {
        for file in &others {
            ui.say(&format!("{}: not in normal form", file.text.name()));
        }
        if others.iter().any(|file| !file.text.is_stdin()) {
            ui.hint("orgstrap policy fmt --write FILE... rewrites them");
        }
    } else {
        let file = |file: &Formatted| json!({"file": file.text.name(), "normal": file.is_normal()});
        ui.json(&json!({"version": 1, "files": files.iter().map(file).collect::<Vec<_>>()}));
    }
    if others.is_empty() { Exit::Done } else { Exit::Differences }
}

/// Rewrites what is not in normal form. One that cannot be written does not keep the others from it.
fn write(files: &[Formatted], ui: &Ui) -> Result<Exit, Failure> {
    let mut mistakes = Vec::new();
    let mut written = Vec::new();
    for file in files {
        if !file.is_normal() {
            match replace(&file.text.path, &file.wanted) {
                Ok(()) if ui.is_human() => ui.say(&format!("{}: rewritten", file.text.name())),
                Ok(()) => {}
                Err(error) => mistakes.push(FileMistake {
                    file: file.text.name(),
                    path: KeyPath::root(),
                    line: None,
                    message: format!("cannot be rewritten: {error}"),
                    help: Some("it is as it was; may its folder be written to?".to_owned()),
                }),
            }
        }
        let was_normal = file.is_normal();
        written.push(json!({"file": file.text.name(), "normal": was_normal, "written": !was_normal}));
    }
    if !mistakes.is_empty() {
        return Err(Failure::Documents(mistakes));
    }
    if !ui.is_human() {
        ui.json(&json!({"version": 1, "files": written}));
    }
    Ok(Exit::Done)
}

/// Replaces a file at once, so that no reader ever sees half of it.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    // A link stays one: what it leads to is replaced.
    let path = fs::canonicalize(path)?;
    let permissions = fs::metadata(&path)?.permissions();
    if permissions.readonly() {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "it is read-only"));
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".orgstrap-").tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().set_permissions(permissions)?;
    file.as_file().sync_all()?;
    file.persist(&path)?;
    Ok(())
}
