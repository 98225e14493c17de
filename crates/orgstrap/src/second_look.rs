//! Looking again at what was just done, since AWS shows it late.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

/// The seconds between the looks: half a minute in all.
const PAUSES: [u64; 5] = [1, 2, 4, 8, 16];

/// How often it is still worth looking.
pub(crate) struct SecondLook<'c> {
    pauses: std::array::IntoIter<u64, 5>,
    cancel: &'c CancellationToken,
}

impl<'c> SecondLook<'c> {
    /// Begins with the first look.
    pub(crate) fn new(cancel: &'c CancellationToken) -> Self {
        Self { pauses: PAUSES.into_iter(), cancel }
    }

    /// Whether to look once more, told when it is time for it. Not any more after half a minute, nor when the operator ends it.
    pub(crate) async fn again(&mut self) -> bool {
        let Some(seconds) = self.pauses.next() else { return false };
        let pause = tokio::time::sleep(Duration::from_secs(seconds));
        self.cancel.run_until_cancelled(pause).await.is_some()
    }
}
