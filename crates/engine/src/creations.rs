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

    /// Adds a text to the note on a creation that has begun, such as the id under which it goes on. When this returns, it
    /// must survive the process.
    fn noted<'a>(&'a self, key: &'a Key, text: &'a str) -> BoxFuture<'a, Result<()>>;

    /// Takes back the notes on a key: for certain nothing was made, or what was made is seen.
    fn refused<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, ()>;
}

/// A creation that an earlier run has begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Earlier {
    /// What was to be made.
    pub key: Key,
    /// When it was begun.
    pub at: Timestamp,
    /// The text of its note.
    pub text: Option<String>,
}

/// A creation of which nothing was seen yet.
#[derive(Clone, Debug)]
struct Begun {
    at: Instant,
    /// With a text it is the kind's to say what became of it, however long that takes.
    text: Option<String>,
}

/// The creations of [noted](crate::Resource::NOTED) kinds that were begun lately.
#[derive(Clone, Debug, Default)]
pub struct Creations {
    begun: Arc<Mutex<HashMap<Key, Begun>>>,
    /// The ids of what was deleted since.
    deleted: Arc<Mutex<HashSet<String>>>,
    log: Option<Arc<dyn CreationLog>>,
}

impl Creations {
    /// Those that earlier runs have noted, and where this one is to note its own.
    #[must_use]
    pub fn logged(log: Arc<dyn CreationLog>, earlier: impl IntoIterator<Item = Earlier>) -> Self {
        let now = Timestamp::now();
        let begun = earlier.into_iter().filter_map(|Earlier { key, at, text }| {
            // A clock that was set back makes it as young as can be.
            let age = Duration::try_from(now.duration_since(at)).unwrap_or_default();
            let at = Instant::now().checked_sub(age).or_else(|| text.is_some().then(Instant::now))?;
            Some((key, Begun { at, text }))
        });
        Self { begun: Arc::new(Mutex::new(begun.collect())), log: Some(log), ..Self::default() }
    }

    /// Whether an object may be made that was not found: not while what an earlier creation made may still appear. Of one
    /// whose note has a text the kind itself can tell.
    pub(crate) fn may_begin(&self, key: &Key) -> Result<()> {
        let Some(Begun { at, text: None }) = self.lock().get(key).cloned() else { return Ok(()) };
        let Some(left) = SETTLING.checked_sub(at.elapsed()).filter(|left| !left.is_zero()) else { return Ok(()) };
        let left = left.as_secs();
        let message =
            format!("a creation of {key} was begun {} s ago and may have had its effect", at.elapsed().as_secs());
        Err(Error::new(Class::NotYet, message).hint(format!("it is made anew if it does not appear within {left} s")))
    }

    /// Whether one was begun of which nothing was seen since.
    pub(crate) fn is_open(&self, key: &Key) -> bool {
        self.lock().contains_key(key)
    }

    pub(crate) async fn begin(&self, key: &Key) -> Result<()> {
        {
            let mut begun = self.lock();
            let text = begun.remove(key).and_then(|begun| begun.text);
            begun.insert(key.clone(), Begun { at: Instant::now(), text });
        }
        match &self.log {
            Some(log) => log.begun(key).await,
            None => Ok(()),
        }
    }

    /// The text of the note on a creation.
    pub(crate) fn text(&self, key: &Key) -> Option<String> {
        self.lock().get(key)?.text.clone()
    }

    pub(crate) async fn note(&self, key: &Key, text: &str) -> Result<()> {
        self.lock().insert(key.clone(), Begun { at: Instant::now(), text: Some(text.to_owned()) });
        match &self.log {
            Some(log) => log.noted(key, text).await,
            None => Ok(()),
        }
    }

    /// It was seen. Notes without a text are out of date within the minute by themselves.
    pub(crate) async fn seen(&self, key: &Key) {
        if self.text(key).is_some() {
            self.refused(key).await;
        } else {
            self.forget(key);
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

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Begun>> {
        self.begun.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
