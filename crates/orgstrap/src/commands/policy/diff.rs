//! `orgstrap policy diff`: how one document stands to another.

use std::path::PathBuf;

use clap::Args;
use policy::Verdict;

use crate::documents;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::{self, Ui};

/// Say whether B allows less, more or the same as A, and show a request that tells them apart
///
/// Exit code 0 if both allow the same, however they are written; 2 otherwise, and if it cannot be told.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// A policy document; - is standard input
    a: PathBuf,
    /// The one that is compared with it
    b: PathBuf,
}

pub(crate) fn run(arguments: &Arguments, ui: &Ui) -> Result<Exit, Failure> {
    let documents = documents::read_all(&[arguments.a.clone(), arguments.b.clone()])?;
    let [(a, of_a), (b, of_b)] = documents.as_slice() else { return Ok(Exit::Error) };
    let comparison = policy::compare(&[of_a], &[of_b]);
    render::comparison(ui, [a, b], &comparison);
    Ok(if comparison.verdict == Verdict::Equal { Exit::Done } else { Exit::Differences })
}
