//! What tests change: the clock and the intervals.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

/// How long a lock lasts and how often it is renewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// After so long without a renewal a lock may be taken over.
    pub ttl: Duration,
    /// How often a holder renews its lock.
    pub heartbeat: Duration,
    /// A holder gives up so long before others may take over. It covers clocks that run at different speeds, times that
    /// S3 gives in whole seconds, and calls in flight.
    pub margin: Duration,
}

impl Default for Timing {
    /// A minute, a quarter of a minute, ten seconds: three renewals may fail before a lock is lost.
    fn default() -> Self {
        Self { ttl: Duration::from_mins(1), heartbeat: Duration::from_secs(15), margin: Duration::from_secs(10) }
    }
}

impl Timing {
    /// How long after the start of a renewal the holder may act.
    pub(crate) fn lease(self) -> Duration {
        self.ttl.saturating_sub(self.margin)
    }

    /// How often a holder looks at the clock. A suspended machine's monotonic clock stands still, and timers with it, so
    /// a holder that wakes up must look soon.
    pub(crate) fn tick(self) -> Duration {
        (self.heartbeat / 15).max(Duration::from_millis(1))
    }
}

/// Where the time is from.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    /// A clock of one's own.
    pub fn new(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        (self.0)()
    }
}

impl Default for Clock {
    /// The system's clock.
    fn default() -> Self {
        Self::new(Timestamp::now)
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Clock").field(&self.now()).finish()
    }
}
