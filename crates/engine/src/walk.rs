//! The one walk. Each node is a future that awaits what comes before it: there are no waves, a failure skips only what
//! depends on it, and everything else goes on.

use std::sync::Arc;

use futures_util::future::{self, BoxFuture, FutureExt};
use tokio::sync::SetOnce;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::course::{Course, Visit};
use crate::inputs::Erased;
use crate::{Creations, Error, Events, Key, Outcome, Outputs, Result, Retry, Stage};

/// What every walk of a command shares.
#[derive(Clone, Debug)]
pub struct Run {
    /// Where events go.
    pub events: Events,
    /// Cancelled when the operator wants to stop: calls in flight finish, nothing new begins.
    pub cancel: CancellationToken,
    /// How long to repeat what is not possible yet.
    pub retry: Retry,
    /// What was begun to be made lately.
    pub creations: Creations,
}

impl Run {
    /// A run with the default patience that tells `events` what happens.
    #[must_use]
    pub fn new(events: Events) -> Self {
        Self { events, cancel: CancellationToken::new(), retry: Retry::default(), creations: Creations::default() }
    }

    /// Calls `work` until it succeeds, fails in a way that `again` does not accept, or the patience ends. Nothing comes
    /// of it when the run is cancelled before the next attempt.
    pub(crate) async fn persist<'a, T>(
        &self,
        key: &Key,
        again: fn(&Error) -> bool,
        mut work: impl FnMut(u32) -> BoxFuture<'a, Result<T>>,
    ) -> Result<Option<T>> {
        let mut delays = self.retry.delays();
        let mut attempt = 0;
        loop {
            let error = match work(attempt).await {
                Err(error) if again(&error) => error,
                settled => return settled.map(Some),
            };
            if self.cancel.is_cancelled() {
                return Ok(None);
            }
            let Some(after) = delays.next() else { return Err(error) };
            self.events.send(key, Stage::Retrying { error, after });
            tokio::select! {
                () = tokio::time::sleep(after) => attempt += 1,
                () = self.cancel.cancelled() => return Ok(None),
            }
        }
    }
}

/// A node of a walk: what it is called and what must settle before it.
pub(crate) struct Stop<'a> {
    pub(crate) key: &'a Key,
    /// Positions of earlier stops.
    pub(crate) before: Vec<usize>,
}

/// What a visit came to.
pub(crate) struct Done<T> {
    pub(crate) outcome: Outcome,
    /// What dependants may use; absent when the visit did not succeed.
    pub(crate) output: Option<Erased>,
    /// What the walk's owner wants to know of the visit.
    pub(crate) detail: Option<T>,
}

impl<T> Done<T> {
    fn failed(error: Error) -> Self {
        Self::without_output(Outcome::Failed { error })
    }

    fn without_output(outcome: Outcome) -> Self {
        Self { outcome, output: None, detail: None }
    }
}

/// Visits every stop once, as soon as all stops before it have succeeded. What comes of them is in their order, and with it
/// what the time went to.
///
/// A stop waits for a value, not for a future that would in turn poll what comes before it: no stack is as deep as the
/// graph may be.
pub(crate) async fn walk<'a, T: Send + Sync>(
    run: &Run,
    stops: Vec<Stop<'a>>,
    visit: impl Fn(usize, Outputs) -> BoxFuture<'a, Result<Done<T>>> + Send + Sync,
) -> (Vec<Done<T>>, Course) {
    let start = Instant::now();
    let settled: Vec<SetOnce<Done<T>>> = stops.iter().map(|_| SetOnce::new()).collect();
    let visits = stops.iter().zip(&settled).enumerate().map(|(position, (stop, done))| {
        let (settled, stops, visit) = (&settled, &stops, &visit);
        async move {
            let mut before = Vec::with_capacity(stop.before.len());
            for &earlier in &stop.before {
                before.push((stops[earlier].key, settled[earlier].wait().await));
            }
            let begin = start.elapsed();
            let settled = match obstacle(&before, run) {
                Some(outcome) => Done::without_output(outcome),
                None => visit(position, outputs(&stop.before, &before)).await.unwrap_or_else(Done::failed),
            };
            run.events.send(stop.key, Stage::Settled { outcome: settled.outcome.clone() });
            let end = start.elapsed();
            // Nobody else sets it.
            let _ = done.set(settled);
            (begin, end)
        }
        .boxed()
    });
    let times = future::join_all(visits).await;
    let visits = stops.into_iter().zip(times).map(|(stop, (begin, end))| Visit {
        key: stop.key.clone(),
        after: stop.before,
        begin,
        end,
    });
    let course = Course::of(&visits.collect::<Vec<_>>());
    (settled.into_iter().map(|done| done.into_inner().expect("every stop has settled")).collect(), course)
}

/// Why a stop is not to be visited, if so. A failure weighs more than a cancellation: it is the better explanation.
fn obstacle<T>(before: &[(&Key, &Done<T>)], run: &Run) -> Option<Outcome> {
    let root = before.iter().find_map(|(key, done)| match &done.outcome {
        Outcome::Failed { .. } => Some((*key).clone()),
        Outcome::Skipped { because } => Some(because.clone()),
        _ => None,
    });
    let cancelled = run.cancel.is_cancelled() || before.iter().any(|(_, done)| !done.outcome.is_success());
    root.map(|because| Outcome::Skipped { because }).or(cancelled.then_some(Outcome::Cancelled))
}

fn outputs<T>(positions: &[usize], before: &[(&Key, &Done<T>)]) -> Outputs {
    let mut outputs = Outputs::default();
    for (position, (_, done)) in positions.iter().zip(before) {
        if let Some(output) = &done.output {
            outputs.insert(*position, Arc::clone(output));
        }
    }
    outputs
}
