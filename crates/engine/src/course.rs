//! How long a walk took, and the longest path through its graph: what the time went to, node by node.

use std::time::Duration;

use crate::Key;

/// When a node was worked on, in time since its walk began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    /// The node.
    pub key: Key,
    /// The positions of the visits that had to end before this one could begin; they come earlier.
    pub after: Vec<usize>,
    /// When everything that it waits for had ended.
    pub begin: Duration,
    /// When those that wait for it could go on.
    pub end: Duration,
}

/// How long a walk took, and along which nodes. A walk that waits for nothing but data takes as long as its longest path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Course {
    /// From the walk's beginning until its last node had ended.
    pub wall: Duration,
    /// The longest path: the chain of nodes, each waiting for the one before, whose own times add up to the most.
    pub path: Vec<(Key, Duration)>,
}

impl Course {
    /// The course of these visits. Takes time in proportion to the nodes and edges.
    #[must_use]
    pub fn of(visits: &[Visit]) -> Self {
        // For each visit the length of the longest path that ends with it, and where that path comes from.
        let mut longest: Vec<(Duration, Option<usize>)> = Vec::with_capacity(visits.len());
        for visit in visits {
            let before = visit.after.iter().copied().filter(|at| *at < longest.len()).max_by_key(|at| longest[*at].0);
            let so_far = before.map_or(Duration::ZERO, |at| longest[at].0);
            longest.push((so_far + own(visit), before));
        }
        let mut path = Vec::new();
        let mut next = (0..visits.len()).max_by_key(|at| longest[*at].0);
        while let Some(at) = next {
            path.push((visits[at].key.clone(), own(&visits[at])));
            next = longest[at].1;
        }
        path.reverse();
        Self { wall: visits.iter().map(|visit| visit.end).max().unwrap_or_default(), path }
    }

    /// How long the longest path is.
    #[must_use]
    pub fn longest(&self) -> Duration {
        self.path.iter().map(|(_, time)| time).sum()
    }

    /// How many times the longest path the walk took: 1 when it waited for nothing but data.
    #[must_use]
    pub fn ratio(&self) -> f64 {
        let longest = self.longest().as_secs_f64();
        if longest > 0.0 { self.wall.as_secs_f64() / longest } else { 1.0 }
    }
}

/// How long a node itself took.
fn own(visit: &Visit) -> Duration {
    visit.end.saturating_sub(visit.begin)
}
