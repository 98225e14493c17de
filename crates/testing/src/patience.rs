//! Looking again, because AWS shows a change a little later than it makes it.

use std::time::{Duration, Instant};

/// What is not seen by then never will be. The weather delays it by a second or two; the rest is for a busy machine.
const LONGEST: Duration = Duration::from_secs(15);

/// How long to go on looking.
pub(crate) struct Patience {
    since: Instant,
    pause: Duration,
}

impl Patience {
    pub(crate) fn new() -> Self {
        Self { since: Instant::now(), pause: Duration::from_millis(20) }
    }

    /// Waits a little, longer each time. False when there has been time enough.
    pub(crate) async fn lasts(&mut self) -> bool {
        if self.since.elapsed() >= LONGEST {
            return false;
        }
        tokio::time::sleep(self.pause).await;
        self.pause = (self.pause * 2).min(Duration::from_millis(500));
        true
    }
}
