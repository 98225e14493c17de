//! What a run tells those who watch: typed events over a channel. Terminals, logs and JSON are readers of them.

use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};

use crate::{Error, Key, Outcome};

/// Something that happened to a node.
#[derive(Clone, Debug, Serialize)]
pub struct Event {
    /// When it happened.
    pub at: Timestamp,
    /// The node.
    pub key: Key,
    /// What happened.
    #[serde(flatten)]
    pub stage: Stage,
}

/// What happened to a node. Every node of a walk settles exactly once.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "stage", rename_all = "kebab-case")]
pub enum Stage {
    /// Work on the node began.
    Started {
        /// The kind of work.
        verb: Verb,
    },
    /// The node waits for the cloud.
    Waiting {
        /// For what.
        what: String,
    },
    /// Something to know about the node that no difference shows.
    Told {
        /// What.
        what: String,
    },
    /// A call failed in a way that passes, and will be made again.
    Retrying {
        /// Why it failed.
        error: Error,
        /// How long until the next attempt.
        #[serde(serialize_with = "seconds")]
        after: Duration,
    },
    /// The node is done with, one way or another.
    Settled {
        /// How.
        outcome: Outcome,
    },
}

/// The kind of work on a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verb {
    /// Looking for what exists.
    Read,
    /// Making it.
    Create,
    /// Changing it in place.
    Update,
    /// Waiting until it can be used.
    Await,
    /// Removing it.
    Delete,
}

/// Where a run's events go. A watcher that went away is no reason to stop.
#[derive(Clone, Debug)]
pub struct Events(Option<UnboundedSender<Event>>);

impl Events {
    /// A channel of events and its reading end.
    #[must_use]
    pub fn channel() -> (Self, UnboundedReceiver<Event>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        (Self(Some(sender)), receiver)
    }

    /// Events that nobody reads.
    #[must_use]
    pub fn ignored() -> Self {
        Self(None)
    }

    pub(crate) fn send(&self, key: &Key, stage: Stage) {
        if let Some(sender) = &self.0 {
            let _ = sender.send(Event { at: Timestamp::now(), key: key.clone(), stage });
        }
    }
}

fn seconds<S: serde::Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(duration.as_secs_f64())
}
