//! The plan: what exists, how it differs, and what would be done. Pure reading.

use std::sync::Arc;

use futures_util::future::FutureExt;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::diff::value;
use crate::inputs::Erased;
use crate::walk::{self, Done, Run, Stop};
use crate::{Course, Diff, Error, Found, Graph, Key, Nature, Outcome, Resource, Tags};

/// What a plan would do with an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Nothing: it is as desired.
    Keep,
    /// Make it.
    Create,
    /// Change it in place.
    Update,
    /// Delete it and make it anew.
    Replace,
    /// Delete it: it is ours, and nothing wants it any more.
    Delete,
}

/// How what exists stands to what is desired.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// As desired.
    InSync,
    /// It exists and differs.
    Drifted,
    /// It does not exist.
    Missing,
    /// It carries our tags and nothing wants it.
    Unmanaged,
    /// It could not be looked at.
    Error,
}

/// What the plan says of one object.
#[derive(Clone, Debug)]
pub struct Step {
    /// The object's node.
    pub key: Key,
    /// How objects of its kind come into being.
    pub nature: Nature,
    /// What would be done; `None` when it could not be looked at.
    pub action: Option<Action>,
    /// The id of what exists.
    pub id: Option<String>,
    /// The fields that differ; for what is to be created, all of them.
    pub diffs: Vec<Diff>,
    /// What is wanted, by field, with the tags of ours; empty for what nothing wants, and for what was not looked at.
    pub desired: Map<String, Value>,
    /// The tags that the object has; none of what takes none.
    pub tags: Option<Tags>,
    /// How the look at it ended: planned, or why not.
    pub outcome: Outcome,
    /// What exists, for the deletion and for those who ask.
    pub(crate) found: Option<Sight>,
    /// The scope's cloud, for the deletion.
    pub(crate) cloud: Option<Erased>,
}

/// `Found<R>`, for those who know the kind and for those who do not.
#[derive(Clone, Debug)]
pub(crate) struct Sight {
    found: Erased,
    state: fn(&Erased) -> Option<Value>,
}

impl Sight {
    pub(crate) fn new<R: Resource>(found: Found<R>) -> Self {
        // Comparisons are of JSON too, and tell why it cannot be written.
        Self { found: Arc::new(found), state: |found| value(&found.downcast_ref::<Found<R>>()?.actual).ok() }
    }

    pub(crate) fn get<R: Resource>(&self) -> Option<&Found<R>> {
        self.found.downcast_ref()
    }

    fn state(&self) -> Option<Value> {
        (self.state)(&self.found)
    }
}

impl Step {
    pub(crate) fn looked_up(key: Key, action: Action) -> Self {
        let outcome = Outcome::Planned { action };
        Self { action: Some(action), ..Self::unread(key, Nature::Lookup, outcome) }
    }

    /// A step that did not come to a plan: it failed, was skipped or was cancelled.
    pub(crate) fn unread(key: Key, nature: Nature, outcome: Outcome) -> Self {
        Self {
            key,
            nature,
            action: None,
            id: None,
            diffs: Vec::new(),
            desired: Map::new(),
            tags: None,
            outcome,
            found: None,
            cloud: None,
        }
    }

    /// How what exists stands to what is desired.
    #[must_use]
    pub fn status(&self) -> Status {
        match self.action {
            Some(Action::Keep) => Status::InSync,
            Some(Action::Create) => Status::Missing,
            Some(Action::Update | Action::Replace) => Status::Drifted,
            Some(Action::Delete) => Status::Unmanaged,
            None => Status::Error,
        }
    }

    /// What exists, of a node of this kind.
    #[must_use]
    pub fn found<R: Resource>(&self) -> Option<&Found<R>> {
        self.found.as_ref()?.get()
    }

    /// The state that the object is in, as JSON, of a node of any kind; none of what does not exist. It is written for each
    /// question: of the many objects of a plan hardly any is asked about.
    #[must_use]
    pub fn state(&self) -> Option<Value> {
        self.found.as_ref().and_then(Sight::state)
    }

    /// Why it could not be looked at, if so.
    #[must_use]
    pub fn error(&self) -> Option<&Error> {
        match &self.outcome {
            Outcome::Failed { error } => Some(error),
            _ => None,
        }
    }

    /// Whether there is something that we made, or would have made, to delete.
    #[must_use]
    pub fn is_deletable(&self) -> bool {
        self.nature == Nature::Object && self.found.is_some()
    }
}

/// What exists, how it differs, and what would be done, for every node of a graph and for what is unmanaged.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// One step for each node, in the order of the graph.
    pub(crate) steps: Vec<Step>,
    /// What is ours and no node wants, with the position of the watch that found it.
    pub(crate) unmanaged: Vec<(usize, Step)>,
    /// What the time went to.
    pub course: Course,
}

impl Plan {
    /// The steps of what is managed, unmanaged or could not be read. What was only looked up is left out, unless the
    /// look-up failed.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        let nodes = self.steps.iter().filter(|step| step.nature != Nature::Lookup || step.action.is_none());
        nodes.chain(self.unmanaged.iter().map(|(_, step)| step))
    }

    /// The step of one node, also of one that was only looked up.
    #[must_use]
    pub fn step(&self, key: &Key) -> Option<&Step> {
        self.steps.iter().find(|step| step.key == *key)
    }

    /// The steps that would do something.
    pub fn changes(&self) -> impl Iterator<Item = &Step> {
        self.steps().filter(|step| !matches!(step.action, None | Some(Action::Keep)))
    }

    /// The objects that could not be looked at because their own look-up failed.
    pub fn failures(&self) -> impl Iterator<Item = (&Key, &Error)> {
        self.steps().filter_map(|step| Some((&step.key, step.error()?)))
    }

    /// Whether everything was looked at and is as desired.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.is_complete() && self.changes().next().is_none()
    }

    /// Whether everything could be looked at.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.steps().all(|step| step.action.is_some())
    }

    /// Whether the run was cancelled before everything was looked at.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.steps().any(|step| matches!(step.outcome, Outcome::Cancelled))
    }

    /// Whether it would delete anything.
    #[must_use]
    pub fn is_destructive(&self) -> bool {
        self.changes().any(|step| matches!(step.action, Some(Action::Replace | Action::Delete)))
    }
}

impl AsRef<Course> for Plan {
    fn as_ref(&self) -> &Course {
        &self.course
    }
}

impl<C: Send + Sync + 'static> Graph<C> {
    /// Finds what exists for every node and compares it with what is desired. Changes nothing.
    pub async fn plan(&self, run: &Run) -> Plan {
        let nodes = self.nodes.iter().map(|node| Stop { key: node.key(), before: node.inputs().to_vec() });
        let watches = self.watches.iter().map(|watch| Stop { key: watch.key(), before: vec![watch.session()] });
        let is_wanted = |key: &Key| self.positions.contains_key(key) || self.spared.contains(key);
        let is_wanted = &is_wanted;
        let (settled, course) = walk::walk(run, nodes.chain(watches).collect(), |position, outputs| {
            async move {
                let Some(node) = self.nodes.get(position) else {
                    let unmanaged = self.watches[position - self.nodes.len()].look(run, outputs, is_wanted);
                    let detail = Looked::Unmanaged(unmanaged.await?);
                    let outcome = Outcome::Planned { action: Action::Keep };
                    return Ok(Done { outcome, output: None, detail: Some(detail) });
                };
                let (step, output) = node.plan(run, outputs).await?;
                let outcome = step.outcome.clone();
                Ok(Done { outcome, output, detail: Some(Looked::Node(Box::new(step))) })
            }
            .boxed()
        })
        .await;

        let mut plan = Plan { course, ..Plan::default() };
        let mut settled = settled.into_iter();
        for (node, done) in self.nodes.iter().zip(settled.by_ref()) {
            plan.steps.push(match done.detail {
                Some(Looked::Node(step)) => *step,
                _ => Step::unread(node.key().clone(), node.nature(), done.outcome),
            });
        }
        for (watch, done) in settled.enumerate() {
            match done.detail {
                Some(Looked::Unmanaged(steps)) => {
                    plan.unmanaged.extend(steps.into_iter().map(|step| (watch, step)));
                }
                _ if self.is_said(&plan, watch) => {}
                _ => plan
                    .unmanaged
                    .push((watch, Step::unread(self.watches[watch].key().clone(), Nature::Object, done.outcome))),
            }
        }
        plan
    }

    /// Whether nodes tell already that a watch failed: those of its kind or its scope's session. A second report would
    /// only repeat theirs.
    fn is_said(&self, plan: &Plan, watch: usize) -> bool {
        let watch = &self.watches[watch];
        let unread = |step: &Step| step.action.is_none();
        unread(&plan.steps[watch.session()])
            || plan
                .steps
                .iter()
                .filter(|step| unread(step))
                .any(|step| step.key.scope == watch.key().scope && step.key.kind == watch.key().kind)
    }
}

enum Looked {
    Node(Box<Step>),
    Unmanaged(Vec<Step>),
}

/// The cloud behind a step, if it was reached.
pub(crate) fn cloud_of<C: Send + Sync + 'static>(step: &Step) -> Option<&C> {
    let reached = step.cloud.as_ref()?.downcast_ref::<crate::session::Reached<C>>()?;
    reached.as_ref().map(Arc::as_ref)
}
