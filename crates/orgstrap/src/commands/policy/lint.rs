//! `orgstrap policy lint`: what is dangerous, useless or refused in documents.

use std::path::PathBuf;

use clap::Args;
use policy::Severity;

use crate::documents;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::{self, Found, Ui};

/// Say what is dangerous, useless or refused by AWS in documents
///
/// Exit code 2 if there is a warning or an error; notes alone are 0.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Policy documents; - is standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments, ui: &Ui) -> Result<Exit, Failure> {
    let documents = documents::read_all(&arguments.files)?;
    let found: Vec<Found<'_>> = documents
        .iter()
        .flat_map(|(text, document)| {
            policy::lint(document).into_iter().map(move |finding| Found {
                file: &text.path,
                line: text.line_of(&finding.path),
                finding,
            })
        })
        .collect();
    render::findings(ui, documents.len(), &found);
    let worst = found.iter().map(|found| found.finding.severity).max();
    Ok(if worst > Some(Severity::Note) { Exit::Differences } else { Exit::Done })
}
