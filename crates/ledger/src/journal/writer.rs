//! Writes entries in batches, in the background: a run with a thousand nodes must not wait for a thousand writes.

use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{Instant, sleep_until};

use super::{Settled, object};
use crate::store::Store;
use crate::{Error, Result};

/// A batch is written when it has so many entries.
const ENTRIES: usize = 100;

/// Or when its first entry is so old. After a failure the next attempt waits as long.
const AGE: Duration = Duration::from_secs(1);

/// What came in during a write goes into one batch, up to so many.
const AT_MOST: usize = 10_000;

/// How often it is tried at the end, with delays between.
const TRIES: usize = 4;

pub(super) struct Writer {
    store: Store,
    run: String,
    /// The number of the batch that is being filled.
    number: u32,
    batch: Vec<Settled>,
}

/// Entries that could not be written, and why.
pub(super) struct Unwritten {
    pub(super) entries: usize,
    pub(super) error: Error,
}

impl Writer {
    pub(super) fn new(store: Store, run: String) -> Self {
        Self { store, run, number: 1, batch: Vec::new() }
    }

    /// Writes until the journal is dropped or ended.
    pub(super) async fn write(mut self, mut entries: UnboundedReceiver<Settled>) -> Result<(), Unwritten> {
        let mut due = Instant::now();
        let mut has_failed = false;
        loop {
            let was_empty = self.batch.is_empty();
            tokio::select! {
                received = entries.recv_many(&mut self.batch, AT_MOST) => {
                    if received == 0 {
                        break;
                    }
                    if was_empty {
                        due = Instant::now() + AGE;
                    }
                }
                () = sleep_until(due), if !was_empty => {}
            }
            let is_due = due <= Instant::now() || (self.batch.len() >= ENTRIES && !has_failed);
            if is_due {
                // A failure is not told here: the entries stay, and the end tries again and tells.
                has_failed = self.flush().await.is_err();
                due = Instant::now() + AGE;
            }
        }
        self.finish().await
    }

    /// Writes the batch. After a failure it keeps its number, whatever is added to it: should the write have come
    /// through nevertheless, it is replaced by one that has all of it.
    async fn flush(&mut self) -> Result<()> {
        self.put().await?;
        self.number += 1;
        self.batch.clear();
        Ok(())
    }

    async fn put(&self) -> Result<()> {
        self.store.put(&object(&self.run, &format!("{:04}", self.number)), &self.batch).await.map(drop)
    }

    async fn finish(self) -> Result<(), Unwritten> {
        if self.batch.is_empty() {
            return Ok(());
        }
        let delays = ExponentialBuilder::default().with_min_delay(Duration::from_millis(200)).with_max_times(TRIES - 1);
        let written = (|| self.put()).retry(delays).await;
        written.map_err(|error| Unwritten { entries: self.batch.len(), error })
    }
}
