//! The node through which others of a scope reach their cloud. What it fails with, it fails with once.

use std::marker::PhantomData;
use std::sync::Arc;

use futures_util::future::{BoxFuture, FutureExt};

use crate::inputs::Erased;
use crate::node::{Node, Visited, unreached};
use crate::plan::Step;
use crate::retry::while_not_yet;
use crate::walk::Run;
use crate::{Action, Class, Connect, Inputs, Key, Nature, Outcome, Outputs, Result, Stage};

/// What a session gives: the cloud, or nothing while its account does not exist.
pub(crate) type Reached<C> = Option<Arc<C>>;

/// What an earlier session of the same scope has reached, as an input of a later one.
pub(crate) struct Earlier<C> {
    session: usize,
    cloud: PhantomData<fn() -> C>,
}

impl<C> Earlier<C> {
    pub(crate) fn new(session: usize) -> Self {
        Self { session, cloud: PhantomData }
    }
}

impl<C> Clone for Earlier<C> {
    fn clone(&self) -> Self {
        Self::new(self.session)
    }
}

impl<C: Send + Sync + 'static> Inputs for Earlier<C> {
    type Values = Reached<C>;

    fn nodes(&self, nodes: &mut Vec<usize>) {
        nodes.push(self.session);
    }

    fn values(&self, outputs: &Outputs) -> Reached<C> {
        outputs.get(self.session)
    }
}

pub(crate) struct Session<C, I: Inputs> {
    key: Key,
    inputs: I,
    nodes: Vec<usize>,
    connect: Box<dyn Fn(I::Values) -> Connect<C> + Send + Sync>,
    /// The session that a plan goes on with while this one is refused.
    stand_in: Option<usize>,
}

impl<C, I: Inputs> Session<C, I> {
    pub(crate) fn new(key: Key, inputs: I, connect: Box<dyn Fn(I::Values) -> Connect<C> + Send + Sync>) -> Self {
        let mut nodes = Vec::new();
        inputs.nodes(&mut nodes);
        nodes.sort_unstable();
        nodes.dedup();
        Self { key, inputs, nodes, connect, stand_in: None }
    }

    /// Lets a plan go on with an earlier session while this one is refused: what it is reached by may be what the run is
    /// about to mend.
    pub(crate) fn or(mut self, earlier: usize) -> Self {
        self.stand_in = Some(earlier);
        self
    }

    /// Reaches the cloud, with patience: an account of a few minutes may refuse. `None` when the run was cancelled
    /// meanwhile.
    async fn persist(&self, run: &Run, outputs: &Outputs) -> Result<Option<Reached<C>>> {
        let reach = |_| async move { (self.connect)(self.inputs.values(outputs)).await }.boxed();
        run.persist(&self.key, while_not_yet, reach).await
    }
}

impl<C: Send + Sync + 'static, I: Inputs> Node<C> for Session<C, I> {
    fn key(&self) -> &Key {
        &self.key
    }

    fn nature(&self) -> Nature {
        Nature::Lookup
    }

    fn inputs(&self) -> &[usize] {
        &self.nodes
    }

    fn plan<'a>(&'a self, run: &'a Run, outputs: Outputs) -> BoxFuture<'a, Result<(Step, Option<Erased>)>> {
        async move {
            let reached = match self.stand_in {
                Some(earlier) => match (self.connect)(self.inputs.values(&outputs)).await {
                    Err(error) if matches!(error.class, Class::NotYet | Class::Denied) => {
                        let what = format!("refused, so this plan goes on by the way before it: {error}");
                        run.events.send(&self.key, Stage::Told { what });
                        outputs.get(earlier)
                    }
                    reached => reached?,
                },
                None => match self.persist(run, &outputs).await? {
                    Some(reached) => reached,
                    None => return Ok((Step::unread(self.key.clone(), Nature::Lookup, Outcome::Cancelled), None)),
                },
            };
            Ok((Step::looked_up(self.key.clone(), Action::Keep), Some(Arc::new(reached) as Erased)))
        }
        .boxed()
    }

    fn converge<'a>(&'a self, run: &'a Run, outputs: Outputs, _: &'a Step) -> BoxFuture<'a, Result<Visited>> {
        async move {
            match self.persist(run, &outputs).await? {
                Some(Some(cloud)) => Ok(Visited::with(Outcome::Kept, Reached::Some(cloud))),
                Some(None) => Err(unreached(&self.key)),
                None => Ok(Visited::stopped(Outcome::Cancelled)),
            }
        }
        .boxed()
    }

    fn delete<'a>(&'a self, _: &'a Run, _: &'a Step) -> BoxFuture<'a, Result<Outcome>> {
        async { Ok(Outcome::Kept) }.boxed()
    }
}
