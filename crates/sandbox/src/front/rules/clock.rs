//! How long asynchronous states take: as long as the weather said when the call that began one passed the front.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Until when things are in a state, by their ids.
#[derive(Default)]
pub(super) struct Clock(Mutex<HashMap<String, Instant>>);

impl Clock {
    /// From now on, for so long.
    pub(super) fn begin(&self, id: &str, time: Duration) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(id.to_owned(), Instant::now() + time);
    }

    /// Whether it is still in it.
    pub(super) fn is_running(&self, id: &str) -> bool {
        self.until(id).is_some_and(|until| Instant::now() < until)
    }

    /// How long ago it ended.
    pub(super) fn ended(&self, id: &str) -> Option<Duration> {
        Instant::now().checked_duration_since(self.until(id)?)
    }

    /// Whether it ever began.
    pub(super) fn knows(&self, id: &str) -> bool {
        self.until(id).is_some()
    }

    fn until(&self, id: &str) -> Option<Instant> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(id).copied()
    }
}
