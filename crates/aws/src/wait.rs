//! Waiting for what takes AWS its time: the looks at it are close to each other at first, and get rarer.

use std::time::Duration;

use tokio::time::{Instant, sleep};

/// The first pause, which many a wait is over after.
const FIRST: Duration = Duration::from_millis(250);

/// How long something has been waited for, and when to look at it again.
#[derive(Debug)]
pub(crate) struct Wait {
    began: Instant,
    next: Duration,
    longest: Duration,
}

impl Wait {
    /// Begins to wait. Each pause is twice as long as the one before, up to the longest.
    pub(crate) fn with_pauses_up_to(longest: Duration) -> Self {
        Self { began: Instant::now(), next: FIRST, longest }
    }

    /// How long it has been waited.
    pub(crate) fn waited(&self) -> Duration {
        self.began.elapsed()
    }

    /// Lets time go by until the next look.
    pub(crate) async fn pause(&mut self) {
        sleep(self.next).await;
        self.next = (self.next * 2).min(self.longest);
    }
}
