//! Why a command could not do its work, with what to do next.

use std::error::Error;
use std::io;
use std::path::Path;

use policy::KeyPath;
use serde::{Serialize, Serializer};

use crate::saved_plan::Moved;

/// A failure of a command as a whole. Failures of single objects are part of its result instead.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Mistakes in the files that the user wrote.
    Mistakes(fleet::Mistakes),
    /// Mistakes in policy documents, and files of them that cannot be read.
    Documents(Vec<FileMistake>),
    /// A saved plan is not what would be done now.
    Moved(Box<Moved>),
    /// Anything else.
    Other {
        /// What failed.
        message: String,
        /// What to do next.
        hint: Option<String>,
    },
}

/// A mistake in a file that was named on the command line.
#[derive(Debug, Serialize)]
pub(crate) struct FileMistake {
    /// The file as it was named.
    pub(crate) file: String,
    /// The way to it in the file; the file as a whole if it is the root.
    #[serde(serialize_with = "as_text")]
    pub(crate) path: KeyPath,
    /// The line that it is on, from 1, if that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) line: Option<usize>,
    /// What was found.
    pub(crate) message: String,
    /// What to write instead.
    pub(crate) help: Option<String>,
}

fn as_text<S: Serializer>(path: &KeyPath, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(path)
}

impl Failure {
    pub(crate) fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Other { message: message.into(), hint: Some(hint.into()) }
    }

    /// What failed, in a line.
    pub(crate) fn message(self) -> String {
        match self {
            Self::Mistakes(_) => "there are mistakes in the fleet's files".to_owned(),
            Self::Documents(_) => "there are mistakes in policy documents".to_owned(),
            Self::Moved(_) => "the world moved".to_owned(),
            Self::Other { message, .. } => message,
        }
    }

    /// A file or folder that could not be read or written.
    pub(crate) fn io(what: &str, path: &Path, error: &io::Error) -> Self {
        Self::Other { message: format!("cannot {what} {}: {error}", path.display()), hint: None }
    }
}

impl From<fleet::Mistakes> for Failure {
    fn from(mistakes: fleet::Mistakes) -> Self {
        Self::Mistakes(mistakes)
    }
}

impl From<fleet::RenderError> for Failure {
    fn from(error: fleet::RenderError) -> Self {
        Self::Other { message: error.to_string(), hint: None }
    }
}

impl From<engine::Error> for Failure {
    fn from(error: engine::Error) -> Self {
        Self::Other { message: error.to_string(), hint: error.hint.map(Into::into) }
    }
}

impl From<ledger::Error> for Failure {
    fn from(error: ledger::Error) -> Self {
        Self::Other { message: error.to_string(), hint: Some(error.hint()) }
    }
}

impl From<sandbox::Error> for Failure {
    fn from(error: sandbox::Error) -> Self {
        let causes = std::iter::successors(Error::source(&error), |cause| (*cause).source());
        let message = causes.fold(error.to_string(), |message, cause| format!("{message}: {cause}"));
        Self::Other { message, hint: Some(error.hint()) }
    }
}
