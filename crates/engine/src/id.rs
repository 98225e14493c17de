//! Ids of objects that exist, or that a plan promises.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::sync::Arc;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::{Class, Error, Key, Result};

/// What a node gives to those that depend on it: an id, an ARN, an address.
pub trait Output: Clone + Send + Sync + 'static {
    /// The stand-in that dependants get while the object does not exist yet.
    fn pending(key: &Key) -> Self;

    /// The id that a person would look for in the console, if there is one.
    fn id(&self) -> Option<&str> {
        None
    }
}

impl Output for () {
    fn pending(_: &Key) -> Self {}
}

impl<R: 'static> Output for Id<R> {
    fn pending(key: &Key) -> Self {
        Self::pending(key.clone())
    }

    fn id(&self) -> Option<&str> {
        self.known()
    }
}

/// The id of an object of kind `R`: known, or pending while its creation is only planned.
///
/// A pending id differs from every known one, so an object whose parent is replaced differs in its parent's field,
/// and replacement cascades by itself.
pub struct Id<R> {
    state: State,
    kind: PhantomData<fn() -> R>,
}

#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum State {
    Known(Arc<str>),
    Pending(Arc<Key>),
}

impl<R> Id<R> {
    /// The id of an object that exists.
    pub fn new(id: impl Into<Arc<str>>) -> Self {
        Self { state: State::Known(id.into()), kind: PhantomData }
    }

    /// The id that the object of the node `key` will have.
    #[must_use]
    pub fn pending(key: Key) -> Self {
        Self { state: State::Pending(Arc::new(key)), kind: PhantomData }
    }

    /// The id, if the object exists.
    #[must_use]
    pub fn known(&self) -> Option<&str> {
        match &self.state {
            State::Known(id) => Some(id),
            State::Pending(_) => None,
        }
    }

    /// The id, for a call that cannot be made without it.
    ///
    /// # Errors
    /// [`Class::Invalid`] while the object does not exist: a walk that creates never meets one, a plan may.
    pub fn get(&self) -> Result<&str> {
        match &self.state {
            State::Known(id) => Ok(id),
            State::Pending(key) => Err(Error::new(Class::Invalid, format!("{key} does not exist yet"))),
        }
    }

    /// The same id as one of another kind, for objects that AWS knows under one id and we as two kinds.
    #[must_use]
    pub fn cast<S>(&self) -> Id<S> {
        Id { state: self.state.clone(), kind: PhantomData }
    }
}

impl<R> From<&str> for Id<R> {
    fn from(id: &str) -> Self {
        Self::new(id)
    }
}

impl<R> Clone for Id<R> {
    fn clone(&self) -> Self {
        self.cast()
    }
}

impl<R> PartialEq for Id<R> {
    fn eq(&self, other: &Self) -> bool {
        self.state == other.state
    }
}

impl<R> Eq for Id<R> {}

impl<R> PartialOrd for Id<R> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<R> Ord for Id<R> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.state.cmp(&other.state)
    }
}

impl<R> Hash for Id<R> {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.state.hash(hasher);
    }
}

impl<R> fmt::Debug for Id<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<R> fmt::Display for Id<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.state {
            State::Known(id) => f.write_str(id),
            State::Pending(key) => write!(f, "(id of {key})"),
        }
    }
}

/// A known id is its text; a pending one is `{"pending": "scope/kind/name"}`, which no text equals.
impl<R> Serialize for Id<R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        match &self.state {
            State::Known(id) => serializer.serialize_str(id),
            State::Pending(key) => {
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry("pending", key.as_ref())?;
                map.end()
            }
        }
    }
}
