//! What the walks of a run have told so far, for what its end says and writes down.

use std::sync::{Arc, Mutex, PoisonError};

use engine::{Event, Outcome, Stage};

/// Clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen(Arc<Mutex<Vec<Event>>>);

impl Seen {
    /// Keeps what somebody wants to know afterwards: what was said of an object, and what became of one that was to change.
    pub(crate) fn note(&self, event: &Event) {
        let is_kept = match &event.stage {
            Stage::Told { .. } => true,
            Stage::Settled { outcome } => !matches!(outcome, Outcome::Planned { .. } | Outcome::Kept),
            _ => false,
        };
        if is_kept {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).push(event.clone());
        }
    }

    /// All of it so far, in order; what comes later is seen anew.
    pub(crate) fn take(&self) -> Vec<Event> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
