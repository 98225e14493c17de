//! What a walk did: one outcome for each node.

use serde::Serialize;

use crate::{Action, Course, Error, Key};

/// How a node ended.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum Outcome {
    /// Looked at; this is what would be done.
    Planned {
        /// What would be done.
        action: Action,
    },
    /// As desired; nothing was done.
    Kept,
    /// Made.
    Created,
    /// Changed in place.
    Updated,
    /// Removed.
    Deleted,
    /// It failed.
    Failed {
        /// Why.
        error: Error,
    },
    /// Not tried, because something that it depends on failed.
    Skipped {
        /// The node at the root of it.
        because: Key,
    },
    /// Its call was made, and the wait for its effect or for the next attempt was cut short: the next run goes on from
    /// there.
    Interrupted,
    /// Nothing was changed, because the run was cancelled before.
    Cancelled,
}

impl Outcome {
    /// Whether dependants may go on.
    #[must_use]
    pub fn is_success(&self) -> bool {
        matches!(self, Self::Planned { .. } | Self::Kept | Self::Created | Self::Updated | Self::Deleted)
    }

    /// Whether something in the cloud is different now.
    #[must_use]
    pub fn is_change(&self) -> bool {
        matches!(self, Self::Created | Self::Updated | Self::Deleted | Self::Interrupted)
    }
}

/// What a walk did, node by node.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// Every node of the walk, in the order of the graph, or for a deletion in the reverse of it.
    pub outcomes: Vec<(Key, Outcome)>,
    /// What the time went to.
    #[serde(skip)]
    pub course: Course,
}

impl Report {
    /// Whether every node was settled as planned.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.outcomes.iter().all(|(_, outcome)| outcome.is_success())
    }

    /// Whether the run was cancelled before its end.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.outcomes.iter().any(|(_, outcome)| matches!(outcome, Outcome::Cancelled | Outcome::Interrupted))
    }

    /// The nodes that failed, with the reason.
    pub fn failures(&self) -> impl Iterator<Item = (&Key, &Error)> {
        self.outcomes.iter().filter_map(|(key, outcome)| match outcome {
            Outcome::Failed { error } => Some((key, error)),
            _ => None,
        })
    }

    /// How many nodes in all ended in a way.
    pub fn count(&self, way: impl Fn(&Outcome) -> bool) -> usize {
        self.outcomes.iter().filter(|(_, outcome)| way(outcome)).count()
    }
}

impl AsRef<Course> for Report {
    fn as_ref(&self) -> &Course {
        &self.course
    }
}
