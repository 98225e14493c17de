//! Creations that were begun a moment ago, in this run or in one that was killed. What they made may not be listed yet,
//! and of some kinds nothing else keeps a second one from being made.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use tokio::time::Instant;

use crate::{Class, Error, Key, Result};

/// How long a new object may take until it is listed everywhere. AWS promises nothing; seconds are usual (EC2 developer
/// guide, "Eventual consistency in the Amazon EC2 API").
const SETTLING: Duration = Duration::from_secs(30);

/// Where creations are noted so that a later run knows of them.
pub trait CreationLog: fmt::Debug + Send + Sync {
    /// Notes that a creation is about to begin. When this returns, the note must survive the process.
    fn begun<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Result<()>>;

    /// Takes back the notes on a key: for certain nothing was made.
    fn refused<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, ()>;
}

/// The creations of [noted](crate::Resource::NOTED) kinds that were begun lately.
#[derive(Clone, Debug, Default)]
pub struct Creations {
    begun: Arc<Mutex<HashMap<Key, Instant>>>,
    /// The ids of what was deleted since.
    deleted: Arc<Mutex<HashSet<String>>>,
    log: Option<Arc<dyn CreationLog>>,
}

impl Creations {
    /// Those that earlier runs have noted, and where this one is to note its own.
    #[must_use]
    pub fn logged(log: Arc<dyn CreationLog>, earlier: impl IntoIterator<Item = (Key, Timestamp)>) -> Self {
        let now = Timestamp::now();
        let begun = earlier.into_iter().filter_map(|(key, at)| {
            // A clock that was set back makes it as young as can be.
            let age = Duration::try_from(now.duration_since(at)).unwrap_or_default();
            Some((key, Instant::now().checked_sub(age)?))
        });
        Self { begun: Arc::new(Mutex::new(begun.collect())), log: Some(log), ..Self::default() }
    }

    /// Whether an object may be made that was not found: not while what an earlier creation made may still appear.
    pub(crate) fn may_begin(&self, key: &Key) -> Result<()> {
        let Some(begun) = self.lock().get(key).copied() else { return Ok(()) };
        let Some(left) = SETTLING.checked_sub(begun.elapsed()).filter(|left| !left.is_zero()) else { return Ok(()) };
        let left = left.as_secs();
        let message =
            format!("a creation of {key} was begun {} s ago and may have had its effect", begun.elapsed().as_secs());
        Err(Error::new(Class::NotYet, message).hint(format!("it is made anew if it does not appear within {left} s")))
    }

    /// Whether one was begun of which nothing was seen since.
    pub(crate) fn is_open(&self, key: &Key) -> bool {
        self.lock().contains_key(key)
    }

    pub(crate) async fn begin(&self, key: &Key) -> Result<()> {
        self.lock().insert(key.clone(), Instant::now());
        match &self.log {
            Some(log) => log.begun(key).await,
            None => Ok(()),
        }
    }

    /// Nothing was made, neither now nor before.
    pub(crate) async fn refused(&self, key: &Key) {
        self.forget(key);
        if let Some(log) = &self.log {
            log.refused(key).await;
        }
    }

    /// It is deleted, and was this.
    pub(crate) fn deleted(&self, key: &Key, id: Option<&str>) {
        self.forget(key);
        self.deleted.lock().unwrap_or_else(PoisonError::into_inner).extend(id.map(str::to_owned));
    }

    /// Whether what had this id is deleted.
    pub(crate) fn is_deleted(&self, id: &str) -> bool {
        self.deleted.lock().unwrap_or_else(PoisonError::into_inner).contains(id)
    }

    /// It was seen or was refused.
    pub(crate) fn forget(&self, key: &Key) {
        self.lock().remove(key);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Instant>> {
        self.begun.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
