//! What is dangerous, useless or refused in a document, although it can be read.

use serde::Serialize;

use crate::document::Document;
use crate::key_path::KeyPath;

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// Probably not meant.
    Warning,
    /// It opens access to strangers, or AWS refuses it.
    Error,
}

/// Something that the document should not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule's name, which stays the same: `public-principal`.
    pub id: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// Where in the document.
    pub path: KeyPath,
    /// What was found, in a sentence.
    pub message: String,
    /// Why that matters.
    pub explanation: &'static str,
    /// What to write instead.
    pub remedy: String,
}

/// Everything that is wrong with a document, in the document's order.
pub fn lint(document: &Document) -> Vec<Finding> {
    let _ = document;
    Vec::new()
}
