//! A toy cloud: an in-memory world, a few kinds of objects in it, and random graphs of them.

pub(crate) mod drift;
pub(crate) mod kinds;
pub(crate) mod spec;
pub(crate) mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;

use engine::{Action, Event, Events, Graph, Key, Outcome, Plan, Report, Run, Stage};
use kinds::Cloud;
use tokio::runtime::Builder;
use tokio::sync::mpsc::UnboundedReceiver;

/// Runs on a clock that only waiting moves.
pub(crate) fn paused<F: Future>(future: F) -> F::Output {
    Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(future)
}

/// A run that nobody watches.
pub(crate) fn unwatched() -> Run {
    Run::new(Events::ignored())
}

/// A run and its events.
pub(crate) fn watched() -> (Run, UnboundedReceiver<Event>) {
    let (events, receiver) = Events::channel();
    (Run::new(events), receiver)
}

/// What `apply` does: plan, delete what is replaced, converge.
pub(crate) async fn apply(graph: &Graph<Cloud>, run: &Run) -> (Plan, Report, Report) {
    let plan = graph.plan(run).await;
    let replaced = graph.delete(&plan, |step| step.action == Some(Action::Replace), run).await;
    let report = graph.converge(&plan, run).await;
    (plan, replaced, report)
}

/// The same, and everything must succeed.
pub(crate) async fn applied(graph: &Graph<Cloud>) -> (Plan, Report, Report) {
    let (plan, replaced, report) = apply(graph, &unwatched()).await;
    assert!(plan.is_complete(), "{:#?}", summary(&plan));
    assert!(replaced.is_success(), "{:#?}", outcomes(&replaced));
    assert!(report.is_success(), "{:#?}", outcomes(&report));
    (plan, replaced, report)
}

/// The changes of a plan: what would be done, and which fields differ.
pub(crate) fn summary(plan: &Plan) -> BTreeMap<Key, (Option<Action>, BTreeSet<String>)> {
    let differing = plan.steps().filter(|step| step.action != Some(Action::Keep));
    differing
        .map(|step| (step.key.clone(), (step.action, step.diffs.iter().map(|diff| diff.field.clone()).collect())))
        .collect()
}

/// The outcomes of a report by node.
pub(crate) fn outcomes(report: &Report) -> BTreeMap<Key, String> {
    report.outcomes.iter().map(|(key, outcome)| (key.clone(), say(outcome))).collect()
}

pub(crate) fn say(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Failed { error } => format!("failed: {error}"),
        Outcome::Skipped { because } => format!("skipped: {because}"),
        other => format!("{other:?}"),
    }
}

/// How often each node settled.
pub(crate) fn settled(events: &mut UnboundedReceiver<Event>) -> BTreeMap<Key, usize> {
    let mut settled = BTreeMap::new();
    while let Ok(event) = events.try_recv() {
        if matches!(event.stage, Stage::Settled { .. }) {
            *settled.entry(event.key).or_default() += 1;
        }
    }
    settled
}
