//! What identifies a node: the account and region it lives in, its kind and its name.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

/// The identity of a node, written `scope/kind/name`, such as `headless-cms-dev/subnet/public-a`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// One account in one region.
    pub scope: String,
    /// The [`crate::Resource::KIND`] of the node.
    pub kind: String,
    /// Unique among the nodes of its kind in its scope; may itself contain slashes.
    pub name: String,
}

impl Key {
    /// The key of one node.
    pub fn new(scope: impl Into<String>, kind: impl Into<String>, name: impl Into<String>) -> Self {
        Self { scope: scope.into(), kind: kind.into(), name: name.into() }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.scope, self.kind, self.name)
    }
}

impl FromStr for Key {
    type Err = NotAKey;

    fn from_str(text: &str) -> Result<Self, NotAKey> {
        let mut parts = text.splitn(3, '/');
        match (parts.next(), parts.next(), parts.next()) {
            (Some(scope), Some(kind), Some(name)) if !scope.is_empty() && !kind.is_empty() && !name.is_empty() => {
                Ok(Self::new(scope, kind, name))
            }
            _ => Err(NotAKey),
        }
    }
}

/// A text that is not `scope/kind/name`, such as a tag that somebody else wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a key has the form scope/kind/name")]
pub struct NotAKey;

impl Serialize for Key {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
