//! The walks of a run by what they were for, and what the time of each went to.

use std::sync::{Arc, Mutex, PoisonError};

use engine::Course;

/// The walks so far, in order. Cheap to clone; all clones are the same.
#[derive(Clone, Debug, Default)]
pub(crate) struct Walks(Arc<Mutex<Vec<(String, Course)>>>);

impl Walks {
    /// Adds a walk that has ended.
    pub(crate) fn add(&self, title: &str, course: Course) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push((title.to_owned(), course));
    }

    /// All walks so far.
    pub(crate) fn all(&self) -> Vec<(String, Course)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
