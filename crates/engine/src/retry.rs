//! The bounded repetition of what is not possible yet. The client owns throttling; this is for the classes
//! `NotYet` and, for deletions, `InUse` alone.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};

use crate::{Class, Error};

/// How long to go on trying.
#[derive(Clone, Copy, Debug)]
pub struct Retry {
    /// The first delay.
    pub first: Duration,
    /// No delay is longer, but for the chance that is added to every delay: it doubles one at most.
    pub longest: Duration,
    /// When the delays have added up to this, the error stands.
    pub total: Duration,
}

impl Default for Retry {
    /// Half a second at first, ten at most, five minutes in all: IAM and cross-account policies settle within
    /// seconds as a rule, and within minutes at worst (IAM user guide, "Changes that I make are not always
    /// immediately visible").
    fn default() -> Self {
        Self { first: Duration::from_millis(500), longest: Duration::from_secs(10), total: Duration::from_mins(5) }
    }
}

impl Retry {
    pub(crate) fn delays(self) -> impl Iterator<Item = Duration> + Send {
        ExponentialBuilder::default()
            .with_min_delay(self.first)
            .with_max_delay(self.longest)
            .with_total_delay(Some(self.total))
            .without_max_times()
            .with_jitter()
            .build()
    }
}

/// Whether a visit that creates or changes may be repeated.
pub(crate) fn while_not_yet(error: &Error) -> bool {
    error.class == Class::NotYet
}

/// Whether a deletion may be repeated.
pub(crate) fn while_in_use(error: &Error) -> bool {
    matches!(error.class, Class::NotYet | Class::InUse)
}
