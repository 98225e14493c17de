//! The ledger and how it is opened.

use std::fs::{create_dir_all, write};
use std::path::{Path, absolute};
use std::sync::Arc;

use jiff::Timestamp;
use object_store::ObjectStore;
use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;
use tokio_util::sync::CancellationToken;

use crate::store::Store;
use crate::{Bucket, Clock, Error, Process, Result, Timing, name};

/// Locks, journal, history and notes, in one place. Clones share it.
#[derive(Clone, Debug)]
pub struct Ledger {
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    pub(crate) timing: Timing,
    pub(crate) process: Process,
    /// Cancelled when locks are not to be waited for any longer.
    pub(crate) stop: CancellationToken,
}

impl Ledger {
    /// A ledger in a local folder, which is made if it is not there.
    ///
    /// # Errors
    /// [`Error::Store`] if it cannot be made, or is a file.
    pub fn folder(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let path = absolute(path).map_err(|error| Error::io("find", path.display().to_string(), &error))?;
        let url = format!("file://{}", path.display());
        if !path.is_dir() {
            create_dir_all(&path).map_err(|error| Error::io("make the folder", url.clone(), &error))?;
            // It is this machine's and no part of the fleet's files. If this cannot be written, nothing can, which the
            // check says better.
            let _ = write(path.join(".gitignore"), "*\n");
        }
        let folder =
            LocalFileSystem::new_with_prefix(&path).map_err(|error| Error::store("open", url.clone(), &error))?;
        // A note that a creation was begun must outlive a crash of the machine, too.
        Ok(Self::over(Store::new(Arc::new(folder.with_fsync(true)), url)))
    }

    /// A ledger in S3. Nothing is asked of S3 yet: see [`Ledger::check`].
    ///
    /// # Errors
    /// [`Error::Store`] if the endpoint or the bucket's name makes no address.
    pub fn bucket(bucket: Bucket) -> Result<Self> {
        bucket.open().map(Self::over)
    }

    /// A ledger that lives as long as this value and its clones, for tests and rehearsals.
    #[must_use]
    pub fn memory() -> Self {
        Self::on(Arc::new(InMemory::new()), "memory:/")
    }

    /// A ledger on a store of one's own. The address is for messages.
    pub fn on(store: Arc<dyn ObjectStore>, url: impl Into<String>) -> Self {
        Self::over(Store::new(store, url.into()))
    }

    fn over(store: Store) -> Self {
        let (clock, timing, process) = (Clock::default(), Timing::default(), Process::current());
        Self { store, clock, timing, process, stop: CancellationToken::new() }
    }

    /// The same ledger with other intervals.
    #[must_use]
    pub fn with_timing(self, timing: Timing) -> Self {
        Self { timing, ..self }
    }

    /// The same ledger with another clock.
    #[must_use]
    pub fn with_clock(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    /// The same ledger as another process would see it.
    #[must_use]
    pub fn with_process(self, process: Process) -> Self {
        Self { process, ..self }
    }

    /// The same ledger, which waits for no lock any longer once this is cancelled.
    #[must_use]
    pub fn with_stop(self, stop: CancellationToken) -> Self {
        Self { stop, ..self }
    }

    /// Its address, for messages: `file:///path`, `s3://bucket/prefix` or `memory:/`.
    pub fn url(&self) -> &str {
        self.store.url()
    }

    /// An id for a new run, such as `20261123T100000Z-1f3a9c02`. Ids sort by time.
    pub fn run_id(&self) -> String {
        name::run(self.now())
    }

    /// Proves that it can be written to, read, listed and deleted from, before anything depends on that.
    ///
    /// # Errors
    /// [`Error::Store`] with what failed, and where.
    pub async fn check(&self) -> Result<()> {
        self.store.check().await
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }
}
