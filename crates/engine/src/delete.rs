//! Deletion, in the reverse of data flow. Only what a plan found is deleted.

use std::collections::BTreeSet;

use futures_util::future::FutureExt;

use crate::node::unreached;
use crate::plan::{Step, cloud_of};
use crate::retry::while_in_use;
use crate::walk::{self, Done, Run, Stop};
use crate::{
    Class, Cx, Error, Found, Graph, Key, Outcome, Output, Plan, Report, Resource, Result, Stage, Tags, Verb, diff,
};

enum Target {
    Node(usize),
    Unmanaged(usize),
}

impl<C: Send + Sync + 'static> Graph<C> {
    /// Deletes what the plan found and `doomed` accepts: first what is unmanaged, kind by kind, then the nodes, each
    /// after everything that depends on it. Settings and look-ups are never deleted.
    pub async fn delete(&self, plan: &Plan, doomed: impl Fn(&Step) -> bool, run: &Run) -> Report {
        let unmanaged = unmanaged(plan, &doomed);
        let nodes: Vec<bool> = plan.steps.iter().map(|step| step.is_deletable() && doomed(step)).collect();
        let (targets, stops) = self.schedule(plan, unmanaged, &nodes);

        let (settled, course) = walk::walk(run, stops, |position, _| {
            let target = &targets[position];
            async move {
                let outcome = match target {
                    Target::Node(node) => self.nodes[*node].delete(run, &plan.steps[*node]).await?,
                    Target::Unmanaged(index) => {
                        let (watch, step) = &plan.unmanaged[*index];
                        self.watches[*watch].delete(run, step).await?
                    }
                };
                Ok(Done { outcome, output: None, detail: Some(()) })
            }
            .boxed()
        })
        .await;
        let keys = targets.iter().map(|target| step(plan, target).key.clone());
        Report { outcomes: keys.zip(settled.into_iter().map(|done| done.outcome)).collect(), course }
    }

    /// The stops of the walk: unmanaged objects kind by kind, then nodes in reverse, each after its dependants.
    fn schedule<'p>(&self, plan: &'p Plan, unmanaged: Vec<usize>, doomed: &[bool]) -> (Vec<Target>, Vec<Stop<'p>>) {
        let mut targets = Vec::new();
        let mut stops: Vec<Stop<'p>> = Vec::new();
        for index in unmanaged {
            let (watch, step) = &plan.unmanaged[index];
            let later = |target: &Target| match target {
                Target::Unmanaged(other) => {
                    plan.unmanaged[*other].0 > *watch && plan.unmanaged[*other].1.key.scope == step.key.scope
                }
                Target::Node(_) => false,
            };
            let before = targets.iter().enumerate().filter(|(_, target)| later(target)).map(|(at, _)| at).collect();
            stops.push(Stop { key: &step.key, before });
            targets.push(Target::Unmanaged(index));
        }
        let pruned: Vec<&Key> = stops.iter().map(|stop| stop.key).collect();

        // For each node, the stops that must be gone before it: those of its doomed dependants, seen through
        // dependants that stay.
        let mut dependants = vec![BTreeSet::new(); self.nodes.len()];
        for node in (0..self.nodes.len()).rev() {
            let mut before = std::mem::take(&mut dependants[node]);
            if doomed[node] {
                let key = &plan.steps[node].key;
                before
                    .extend(pruned.iter().enumerate().filter(|(_, other)| other.scope == key.scope).map(|(at, _)| at));
                stops.push(Stop { key, before: before.into_iter().collect() });
                targets.push(Target::Node(node));
                before = BTreeSet::from([stops.len() - 1]);
            }
            for &input in self.nodes[node].inputs() {
                dependants[input].extend(before.iter().copied());
            }
        }
        (targets, stops)
    }
}

fn step<'p>(plan: &'p Plan, target: &Target) -> &'p Step {
    match target {
        Target::Node(node) => &plan.steps[*node],
        Target::Unmanaged(index) => &plan.unmanaged[*index].1,
    }
}

/// The doomed unmanaged steps, the kinds that are made last first.
fn unmanaged(plan: &Plan, doomed: &impl Fn(&Step) -> bool) -> Vec<usize> {
    let mut unmanaged: Vec<usize> = (0..plan.unmanaged.len())
        .filter(|&index| plan.unmanaged[index].1.is_deletable() && doomed(&plan.unmanaged[index].1))
        .collect();
    unmanaged.sort_by_key(|&index| std::cmp::Reverse(plan.unmanaged[index].0));
    unmanaged
}

/// Deletes what a step found. What is not there any more is deleted.
pub(crate) async fn delete<R: Resource>(tags: &Tags, run: &Run, step: &Step) -> Result<Outcome> {
    let found = step.found::<R>();
    let (Some(found), Some(cloud)) = (found, cloud_of::<R::Cloud>(step)) else { return Err(unreached(&step.key)) };
    run.events.send(&step.key, Stage::Started { verb: Verb::Delete });
    let attempt = |attempt| {
        let cx = move |attempt| Cx { key: &step.key, tags, attempt, cloud, run };
        async move {
            match R::delete(found, &cx(attempt)).await {
                Err(error) if error.class == Class::NotFound => unless_listed(found, error, &cx(attempt + 1)).await,
                deleted => deleted,
            }
        }
        .boxed()
    };
    if run.persist(&step.key, while_in_use, attempt).await?.is_none() {
        return Ok(Outcome::Interrupted);
    }
    run.creations.deleted(&step.key, found.output.id());
    Ok(Outcome::Deleted)
}

/// A deletion that finds nothing is done, unless what it should delete was made a moment ago and that call does not see
/// it yet: then it is still listed.
async fn unless_listed<R: Resource>(found: &Found<R>, unseen: Error, cx: &Cx<'_, R::Cloud>) -> Result<()> {
    let now = match found.actual.find(cx).await {
        Err(error) if error.class == Class::NotFound => None,
        now => now?,
    };
    // One that came in its place may have its name.
    let is_same = |now: &Found<R>| -> Result<bool> {
        let differs = diff(&found.actual, &now.actual)?.iter().any(|diff| diff.fixed);
        Ok(!differs && found.output.id() == now.output.id())
    };
    match now {
        Some(now) if is_same(&now)? => Err(Error { class: Class::NotYet, ..unseen }),
        _ => Ok(()),
    }
}
