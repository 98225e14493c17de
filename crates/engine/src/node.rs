//! A node of the graph with its type forgotten, so that nodes of all kinds share one walk.

use std::marker::PhantomData;
use std::sync::Arc;

use futures_util::future::{self, BoxFuture, FutureExt};
use serde_json::{Map, Value};

use crate::delete::delete;
use crate::diff::{TAGS, diff, diff_tags, value};
use crate::inputs::Erased;
use crate::plan::{Sight, Step};
use crate::retry::while_not_yet;
use crate::session::Reached;
use crate::walk::Run;
use crate::{
    Action, Class, Cx, Diff, Error, Found, Inputs, Key, Nature, Outcome, Output, Outputs, Resource, Result, Stage,
    Tags, Verb,
};

/// What a visit that may change something came to.
pub(crate) struct Visited {
    pub(crate) outcome: Outcome,
    /// Absent when it was cut short.
    pub(crate) output: Option<Erased>,
}

impl Visited {
    pub(crate) fn with(outcome: Outcome, output: impl Send + Sync + 'static) -> Self {
        Self { outcome, output: Some(Arc::new(output)) }
    }

    pub(crate) fn stopped(outcome: Outcome) -> Self {
        Self { outcome, output: None }
    }
}

pub(crate) trait Node<C>: Send + Sync {
    fn key(&self) -> &Key;
    fn nature(&self) -> Nature;
    /// Positions of the nodes that it takes its inputs from; the scope's session is one of them.
    fn inputs(&self) -> &[usize];
    /// What exists and what dependants may use of it; nothing when the run was cancelled meanwhile.
    fn plan<'a>(&'a self, run: &'a Run, outputs: Outputs) -> BoxFuture<'a, Result<(Step, Option<Erased>)>>;
    fn converge<'a>(&'a self, run: &'a Run, outputs: Outputs, approved: &'a Step) -> BoxFuture<'a, Result<Visited>>;
    fn delete<'a>(&'a self, run: &'a Run, step: &'a Step) -> BoxFuture<'a, Result<Outcome>>;
}

/// A kind in a scope, to find what is ours and unwanted.
pub(crate) trait Watch<C>: Send + Sync {
    fn key(&self) -> &Key;
    fn session(&self) -> usize;
    fn look<'a>(
        &'a self,
        run: &'a Run,
        outputs: Outputs,
        is_wanted: &'a (dyn Fn(&Key) -> bool + Sync),
    ) -> BoxFuture<'a, Result<Vec<Step>>>;
    fn delete<'a>(&'a self, run: &'a Run, step: &'a Step) -> BoxFuture<'a, Result<Outcome>>;
}

pub(crate) struct Typed<R, I: Inputs> {
    key: Key,
    tags: Tags,
    session: usize,
    inputs: I,
    nodes: Vec<usize>,
    desired: Box<dyn Fn(I::Values) -> R + Send + Sync>,
}

impl<R: Resource, I: Inputs> Typed<R, I> {
    pub(crate) fn new(
        key: Key,
        tags: Tags,
        session: usize,
        inputs: I,
        desired: Box<dyn Fn(I::Values) -> R + Send + Sync>,
    ) -> Self {
        let mut nodes = vec![session];
        inputs.nodes(&mut nodes);
        nodes.sort_unstable();
        nodes.dedup();
        Self { key, tags, session, inputs, nodes, desired }
    }

    fn cx<'a>(&'a self, run: &'a Run, cloud: &'a R::Cloud, attempt: u32) -> Cx<'a, R::Cloud> {
        Cx { key: &self.key, tags: &self.tags, attempt, cloud, run }
    }

    /// What differs between the desired state and what was found, and what that means.
    fn compare(&self, desired: &R, found: Option<&Found<R>>) -> Result<(Action, Vec<Diff>)> {
        let Some(found) = found else {
            return Ok((Action::Create, all_fields(desired, &self.tags)?));
        };
        let mut diffs = diff(desired, &found.actual)?;
        diffs.extend(found.tags.as_ref().and_then(|actual| diff_tags(&self.tags, actual)));
        let action = if diffs.iter().any(|diff| diff.fixed) {
            Action::Replace
        } else if diffs.is_empty() {
            Action::Keep
        } else {
            Action::Update
        };
        Ok((action, diffs))
    }

    /// One attempt to bring the object to its desired state. Without an output it was cancelled before its change.
    async fn settle(
        &self,
        desired: &R,
        cx: &Cx<'_, R::Cloud>,
        approved: &Step,
    ) -> Result<(Outcome, Option<R::Output>)> {
        let started = |verb| cx.run.events.send(&self.key, Stage::Started { verb });
        started(Verb::Read);
        desired.check(&self.key)?;
        let found = desired.find(cx).await?;
        let (action, diffs) = self.compare(desired, found.as_ref())?;
        check_approved(approved, action, &diffs)?;
        if found.is_some() {
            cx.run.creations.seen(&self.key).await;
        }
        match (action, found) {
            (Action::Keep, Some(found)) => Ok((Outcome::Kept, Some(found.output))),
            _ if cx.run.cancel.is_cancelled() => {
                // An earlier attempt may have done something.
                let outcome = if cx.attempt == 0 { Outcome::Cancelled } else { Outcome::Interrupted };
                Ok((outcome, None))
            }
            (Action::Update, Some(found)) => {
                started(Verb::Update);
                if diffs.iter().any(|diff| diff.field != TAGS) {
                    desired.update(&found, cx).await.map_err(unseen)?;
                }
                if diffs.iter().any(|diff| diff.field == TAGS) {
                    R::tag(&found, &self.tags, cx).await.map_err(unseen)?;
                }
                Ok((Outcome::Updated, Some(found.output)))
            }
            _ => {
                started(Verb::Create);
                Ok((Outcome::Created, Some(self.create(desired, cx).await?)))
            }
        }
    }

    /// Makes the object, unless an earlier attempt may have.
    async fn create(&self, desired: &R, cx: &Cx<'_, R::Cloud>) -> Result<R::Output> {
        if !R::NOTED {
            return desired.create(cx).await;
        }
        let creations = &cx.run.creations;
        creations.may_begin(&self.key)?;
        let was_open = creations.is_open(&self.key);
        creations.begin(&self.key).await?;
        let made = desired.create(cx).await;
        // The earlier one may have come to its end meanwhile.
        let was_open = was_open && creations.is_open(&self.key);
        match made {
            // What is in the way is what the earlier creation made, most likely: it will be seen.
            Err(error) if was_open && error.class == Class::Invalid => Err(Error { class: Class::NotYet, ..error }),
            // Of these it is certain that nothing was made; of all others it is not. What was refused because something
            // else is not there yet is tried again soon, unless there is an earlier creation to wait for.
            Err(error)
                if !error.uncertain && matches!(error.class, Class::Denied | Class::Invalid | Class::Throttled) =>
            {
                if was_open {
                    creations.forget(&self.key);
                } else {
                    creations.refused(&self.key).await;
                }
                Err(error)
            }
            Err(error) if error.class == Class::NotYet && !error.uncertain && !was_open => {
                creations.forget(&self.key);
                Err(error)
            }
            made => made,
        }
    }
}

impl<R: Resource, I: Inputs> Node<R::Cloud> for Typed<R, I> {
    fn key(&self) -> &Key {
        &self.key
    }

    fn nature(&self) -> Nature {
        R::NATURE
    }

    fn inputs(&self) -> &[usize] {
        &self.nodes
    }

    fn plan<'a>(&'a self, run: &'a Run, outputs: Outputs) -> BoxFuture<'a, Result<(Step, Option<Erased>)>> {
        async move {
            run.events.send(&self.key, Stage::Started { verb: Verb::Read });
            let reached: Reached<R::Cloud> = outputs.get(self.session);
            let desired = (self.desired)(self.inputs.values(&outputs));
            if let Some(what) = desired.check(&self.key)? {
                run.events.send(&self.key, Stage::Told { what });
            }
            let find = |attempt| {
                let (reached, desired) = (&reached, &desired);
                async move {
                    match reached {
                        Some(cloud) => desired.find(&self.cx(run, cloud, attempt)).await,
                        None => Ok(None),
                    }
                }
                .boxed()
            };
            let Some(found) = run.persist(&self.key, while_not_yet, find).await? else {
                return Ok((Step::unread(self.key.clone(), R::NATURE, Outcome::Cancelled), None));
            };
            let (action, diffs) = self.compare(&desired, found.as_ref())?;
            let output = match (&found, action) {
                (Some(found), Action::Keep | Action::Update) => found.output.clone(),
                _ => R::Output::pending(&self.key),
            };
            let step = Step {
                key: self.key.clone(),
                nature: R::NATURE,
                action: Some(action),
                id: found.as_ref().and_then(|found| found.output.id().map(str::to_owned)),
                diffs,
                desired: fields(&desired, &self.tags)?,
                tags: found.as_ref().and_then(|found| found.tags.clone()),
                outcome: Outcome::Planned { action },
                found: found.map(Sight::new),
                cloud: Some(Arc::new(reached)),
            };
            Ok((step, Some(Arc::new(output) as Erased)))
        }
        .boxed()
    }

    fn converge<'a>(&'a self, run: &'a Run, outputs: Outputs, approved: &'a Step) -> BoxFuture<'a, Result<Visited>> {
        async move {
            let cloud = outputs.get::<Reached<R::Cloud>>(self.session).ok_or_else(|| unreached(&self.key))?;
            let desired = (self.desired)(self.inputs.values(&outputs));
            let (cloud, desired) = (cloud.as_ref(), &desired);
            let attempt =
                |attempt| async move { self.settle(desired, &self.cx(run, cloud, attempt), approved).await }.boxed();
            let (outcome, output) = match run.persist(&self.key, while_not_yet, attempt).await? {
                Some((outcome, Some(output))) => (outcome, output),
                Some((outcome, None)) => return Ok(Visited::stopped(outcome)),
                None => return Ok(Visited::stopped(Outcome::Interrupted)),
            };
            run.events.send(&self.key, Stage::Started { verb: Verb::Await });
            let ready = |attempt| {
                let output = &output;
                async move { R::ready(output, &self.cx(run, cloud, attempt)).await.map_err(unseen) }.boxed()
            };
            let ready = tokio::select! {
                biased;
                ready = run.persist(&self.key, while_not_yet, ready) => ready?,
                // Waiting only reads, so it may be dropped at any point.
                () = run.cancel.cancelled() => None,
            };
            Ok(match ready {
                Some(()) => Visited::with(outcome, output),
                None => Visited::stopped(Outcome::Interrupted),
            })
        }
        .boxed()
    }

    fn delete<'a>(&'a self, run: &'a Run, step: &'a Step) -> BoxFuture<'a, Result<Outcome>> {
        delete::<R>(&self.tags, run, step).boxed()
    }
}

pub(crate) struct Watcher<R> {
    key: Key,
    session: usize,
    kind: PhantomData<fn() -> R>,
}

impl<R: Resource> Watcher<R> {
    pub(crate) fn new(key: Key, session: usize) -> Self {
        Self { key, session, kind: PhantomData }
    }
}

impl<R: Resource> Watch<R::Cloud> for Watcher<R> {
    fn key(&self) -> &Key {
        &self.key
    }

    fn session(&self) -> usize {
        self.session
    }

    fn look<'a>(
        &'a self,
        run: &'a Run,
        outputs: Outputs,
        is_wanted: &'a (dyn Fn(&Key) -> bool + Sync),
    ) -> BoxFuture<'a, Result<Vec<Step>>> {
        async move {
            let reached: Reached<R::Cloud> = outputs.get(self.session);
            let Some(cloud) = reached.as_deref() else { return Ok(Vec::new()) };
            let unwanted = |attempt| async move { self.unwanted(is_wanted, cloud, run, attempt).await }.boxed();
            let stopped = || Error::new(Class::NotYet, format!("stopped before every {} was looked at", R::KIND));
            let unwanted = run.persist(&self.key, while_not_yet, unwanted).await?.ok_or_else(stopped)?;
            let reached: Erased = Arc::new(reached.clone());
            let deletion = |key: Key, found: Found<R>| Step {
                key,
                nature: Nature::Object,
                action: Some(Action::Delete),
                id: found.output.id().map(str::to_owned),
                diffs: Vec::new(),
                desired: Map::new(),
                tags: found.tags.clone(),
                outcome: Outcome::Planned { action: Action::Delete },
                found: Some(Sight::new(found)),
                cloud: Some(Arc::clone(&reached)),
            };
            let mut steps = Vec::new();
            for (key, found, stays) in unwanted {
                match stays {
                    Some(what) => run.events.send(&key, Stage::Told { what }),
                    None => steps.push(deletion(key, found)),
                }
            }
            Ok(steps)
        }
        .boxed()
    }

    fn delete<'a>(&'a self, run: &'a Run, step: &'a Step) -> BoxFuture<'a, Result<Outcome>> {
        async move { delete::<R>(&Tags::new(), run, step).await }.boxed()
    }
}

impl<R: Resource> Watcher<R> {
    /// What is ours and no node wants, with why it stays, if it does.
    async fn unwanted(
        &self,
        is_wanted: &(dyn Fn(&Key) -> bool + Sync),
        cloud: &R::Cloud,
        run: &Run,
        attempt: u32,
    ) -> Result<Vec<(Key, Found<R>, Option<String>)>> {
        let none = Tags::new();
        let owned = R::owned(&Cx { key: &self.key, tags: &none, attempt, cloud, run }).await?;
        let unwanted = owned.into_iter().filter(|(key, _)| !is_wanted(key)).map(|(key, found)| {
            let none = &none;
            async move {
                let stays = R::stays(&found, &Cx { key: &key, tags: none, attempt, cloud, run }).await?;
                Ok((key, found, stays))
            }
        });
        future::try_join_all(unwanted).await
    }
}

/// What was found or made, and is not there for the next call, is not visible everywhere yet. Or it is gone: that shows
/// when it is looked for again.
pub(crate) fn unseen(error: Error) -> Error {
    let class = if error.class == Class::NotFound { Class::NotYet } else { error.class };
    Error { class, ..error }
}

/// Execution makes no choice that the approved plan did not show. What a plan left to create may turn out to exist
/// already (a setting of a new account, a run that was killed), and then it is brought to the state that was shown.
/// What was to be updated is updated in the fields that were shown, and in no others.
fn check_approved(approved: &Step, now: Action, diffs: &[Diff]) -> Result<()> {
    let shown = |diff: &Diff| approved.diffs.iter().any(|planned| planned.field == diff.field);
    let allowed = match (approved.action, now) {
        (_, Action::Keep) | (Some(Action::Create | Action::Replace), Action::Create | Action::Update) => true,
        // The old object is deleted and still listed.
        (Some(Action::Replace), Action::Replace) => {
            return Err(Error::new(Class::NotYet, format!("{} is deleted but still listed", approved.key)));
        }
        (Some(Action::Update), Action::Update) => diffs.iter().all(shown),
        _ => false,
    };
    if allowed {
        return Ok(());
    }
    let fields: Vec<_> = diffs.iter().filter(|diff| !shown(diff)).map(|diff| diff.field.as_str()).collect();
    let fields = if fields.is_empty() { String::new() } else { format!(" ({})", fields.join(", ")) };
    let (key, planned, now) = (&approved.key, name(approved.action), name(Some(now)));
    let message = format!("{key} changed since it was planned: to {planned} then, to {now} now{fields}");
    Err(Error::new(Class::Invalid, message).hint("look at a new plan and run again"))
}

fn name(action: Option<Action>) -> &'static str {
    match action {
        Some(Action::Keep) => "keep",
        Some(Action::Create) => "create",
        Some(Action::Update) => "update",
        Some(Action::Replace) => "replace",
        Some(Action::Delete) => "delete",
        None => "read again",
    }
}

fn all_fields<R: Resource>(desired: &R, tags: &Tags) -> Result<Vec<Diff>> {
    let fields = fields(desired, tags)?.into_iter();
    Ok(fields.map(|(field, desired)| Diff { field, actual: Value::Null, desired, fixed: false }).collect())
}

/// What is wanted, by field, with the tags where the kind takes some.
fn fields<R: Resource>(desired: &R, tags: &Tags) -> Result<Map<String, Value>> {
    let Value::Object(mut fields) = value(desired)? else { return Ok(Map::new()) };
    if R::NATURE == Nature::Object && R::TAGGED && !tags.is_empty() {
        fields.insert(TAGS.to_owned(), serde_json::json!(tags));
    }
    Ok(fields)
}

pub(crate) fn unreached(key: &Key) -> Error {
    Error::new(Class::Other, format!("the account of {key} could not be reached"))
}
