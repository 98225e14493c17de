//! What is wrong with a text that should be a policy document.

use std::fmt;

use thiserror::Error;

use crate::key_path::KeyPath;

/// One thing that is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The way to it in the document.
    pub path: KeyPath,
    /// What was found.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.steps().is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        f.write_str(&self.message)?;
        if let Some(help) = &self.help {
            write!(f, "; {help}")?;
        }
        Ok(())
    }
}

/// All that is wrong with a document.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct Mistakes(pub Vec<Mistake>);

impl Mistakes {
    /// One mistake about the document as a whole.
    pub(crate) fn whole(message: impl Into<String>) -> Self {
        Self(vec![Mistake { path: KeyPath::root(), message: message.into(), help: None }])
    }
}
