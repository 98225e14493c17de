//! `orgstrap policy lint`: what is dangerous, useless or refused in documents.

use std::path::PathBuf;

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use policy::{Kind, Severity};

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
    /// Where the documents are stored: check what AWS demands there, and their size
    #[arg(long, value_parser = kinds())]
    kind: Option<Kind>,
}

/// The kinds by their ids.
fn kinds() -> impl TypedValueParser<Value = Kind> {
    let names = Kind::ALL.map(|kind| PossibleValue::new(kind.id()).help(kind.name()));
    PossibleValuesParser::new(names)
        .try_map(move |text| Kind::ALL.into_iter().find(|kind| kind.id() == text).ok_or("there is no such kind"))
}

pub(crate) fn run(arguments: &Arguments, ui: &Ui) -> Result<Exit, Failure> {
    let documents = documents::read_all(&arguments.files)?;
    let found: Vec<Found<'_>> = documents
        .iter()
        .flat_map(|(text, document)| {
            policy::lint_as(document, arguments.kind).into_iter().map(move |finding| Found {
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
