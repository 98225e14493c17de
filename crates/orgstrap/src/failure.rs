//! Why a command could not do its work, with what to do next.

use std::error::Error;
use std::io;
use std::path::Path;

/// A failure of a command as a whole. Failures of single objects are part of its result instead.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Mistakes in the files that the user wrote.
    Mistakes(fleet::Mistakes),
    /// Anything else.
    Other {
        /// What failed.
        message: String,
        /// What to do next.
        hint: Option<String>,
    },
}

impl Failure {
    pub(crate) fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Other { message: message.into(), hint: Some(hint.into()) }
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

impl From<sandbox::Error> for Failure {
    fn from(error: sandbox::Error) -> Self {
        let causes = std::iter::successors(Error::source(&error), |cause| (*cause).source());
        let message = causes.fold(error.to_string(), |message, cause| format!("{message}: {cause}"));
        Self::Other { message, hint: Some(error.hint()) }
    }
}
