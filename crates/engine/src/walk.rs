//! The one walk. Each node is a shared future that awaits the futures of what comes before it: there are no waves,
//! a failure skips only what depends on it, and everything else goes on.

use std::sync::Arc;

use futures_util::future::{self, BoxFuture, FutureExt, Shared};
use tokio_util::sync::CancellationToken;

use crate::inputs::Erased;
use crate::{Error, Events, Key, Outcome, Outputs, Result, Retry, Stage};

/// What every walk of a command shares.
#[derive(Clone, Debug)]
pub struct Run {
    /// Where events go.
    pub events: Events,
    /// Cancelled when the operator wants to stop: calls in flight finish, nothing new begins.
    pub cancel: CancellationToken,
    /// How long to repeat what is not possible yet.
    pub retry: Retry,
}

impl Run {
    /// A run with the default patience that tells `events` what happens.
    #[must_use]
    pub fn new(events: Events) -> Self {
        Self { events, cancel: CancellationToken::new(), retry: Retry::default() }
    }

    /// Calls `work` until it succeeds, fails in a way that `again` does not accept, or the patience ends.
    pub(crate) async fn persist<'a, T>(
        &self,
        key: &Key,
        again: fn(&Error) -> bool,
        mut work: impl FnMut(u32) -> BoxFuture<'a, Result<T>>,
    ) -> Result<T> {
        let mut delays = self.retry.delays();
        for attempt in 0.. {
            let error = match work(attempt).await {
                Err(error) if again(&error) && !self.cancel.is_cancelled() => error,
                settled => return settled,
            };
            let Some(after) = delays.next() else { return Err(error) };
            self.events.send(key, Stage::Retrying { error: error.clone(), after });
            tokio::select! {
                () = tokio::time::sleep(after) => {}
                () = self.cancel.cancelled() => return Err(error),
            }
        }
        unreachable!("an endless range ends")
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
    /// What dependants may use; absent when the visit failed.
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

/// Visits every stop once, as soon as all stops before it have succeeded.
pub(crate) async fn walk<'a, T: Send + Sync + 'a>(
    run: &'a Run,
    stops: Vec<Stop<'a>>,
    visit: impl Fn(usize, Outputs) -> BoxFuture<'a, Result<Done<T>>> + Send + Sync + 'a,
) -> Vec<Arc<Done<T>>> {
    type Visit<'a, T> = Shared<BoxFuture<'a, Arc<Done<T>>>>;
    let visit = Arc::new(visit);
    let mut visits: Vec<(&'a Key, Visit<'a, T>)> = Vec::with_capacity(stops.len());
    for (position, stop) in stops.into_iter().enumerate() {
        let before: Vec<_> = stop.before.iter().map(|&earlier| visits[earlier].clone()).collect();
        let visit = Arc::clone(&visit);
        let settled = async move {
            let mut settled = Vec::with_capacity(before.len());
            for (key, done) in before {
                settled.push((key, done.await));
            }
            let done = match obstacle(&settled, run) {
                Some(outcome) => Done::without_output(outcome),
                None => visit(position, outputs(&stop.before, &settled)).await.unwrap_or_else(Done::failed),
            };
            run.events.send(stop.key, Stage::Settled { outcome: done.outcome.clone() });
            Arc::new(done)
        };
        visits.push((stop.key, settled.boxed().shared()));
    }
    future::join_all(visits.into_iter().map(|(_, visit)| visit)).await
}

/// Why a stop is not to be visited, if so. A failure weighs more than a cancellation: it is the better explanation.
fn obstacle<T>(before: &[(&Key, Arc<Done<T>>)], run: &Run) -> Option<Outcome> {
    let root = before.iter().find_map(|(key, done)| match &done.outcome {
        Outcome::Failed { .. } => Some((*key).clone()),
        Outcome::Skipped { because } => Some(because.clone()),
        _ => None,
    });
    let cancelled = run.cancel.is_cancelled() || before.iter().any(|(_, done)| !done.outcome.is_success());
    root.map(|because| Outcome::Skipped { because }).or(cancelled.then_some(Outcome::Cancelled))
}

fn outputs<T>(positions: &[usize], settled: &[(&Key, Arc<Done<T>>)]) -> Outputs {
    let mut outputs = Outputs::default();
    for (position, (_, done)) in positions.iter().zip(settled) {
        if let Some(output) = &done.output {
            outputs.insert(*position, Arc::clone(output));
        }
    }
    outputs
}
