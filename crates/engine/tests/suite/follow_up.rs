//! The second call of a creation is repeated by itself: the first is never made twice.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use engine::{Class, CreationLog, Creations, Cx, Error, Events, Found, Graph, Id, Key, Resource, Result, Run, Tags};
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, ready};
use serde::Serialize;

use crate::toy::paused;

/// Counts creations, and refuses the call after one so many times.
#[derive(Default)]
struct Cloud {
    made: AtomicU32,
    finished: AtomicU32,
    refusals: AtomicU32,
    /// What the first call and the one after it are refused with, for good.
    refused: [Option<Class>; 2],
}

#[derive(Serialize)]
struct Pair {}

impl Resource for Pair {
    const KIND: &'static str = "pair";
    const NOTED: bool = true;
    type Cloud = Cloud;
    type Output = Id<Self>;

    /// What is made is not listed yet: the case in which a second creation would make a second object.
    async fn owned(_: &Cx<'_, Cloud>) -> Result<Vec<(Key, Found<Self>)>> {
        Ok(Vec::new())
    }

    async fn create(&self, cx: &Cx<'_, Cloud>) -> Result<Id<Self>> {
        let refused = |call: usize| cx.refused[call].map_or(Ok(()), |class| Err(Error::new(class, "refused")));
        refused(0)?;
        cx.made.fetch_add(1, Ordering::Relaxed);
        let finish = || {
            refused(1)?;
            let left = cx.refusals.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
            if left.is_ok() {
                return Err(Error::new(Class::NotYet, "not visible yet"));
            }
            cx.finished.fetch_add(1, Ordering::Relaxed);
            Ok(())
        };
        cx.follow_up(|| async { finish() }.boxed()).await?;
        Ok(Id::new("pair-1"))
    }
}

fn converge(refusals: u32) -> (u32, u32, Option<Class>) {
    let cloud = Arc::new(Cloud { refusals: AtomicU32::new(refusals), ..Cloud::default() });
    let class = converge_in(&cloud, Creations::default());
    (cloud.made.load(Ordering::Relaxed), cloud.finished.load(Ordering::Relaxed), class)
}

fn converge_in(cloud: &Arc<Cloud>, creations: Creations) -> Option<Class> {
    let mut graph = Graph::default();
    let reached = Arc::clone(cloud);
    let connect = move |()| {
        let reached = Arc::clone(&reached);
        async move { Ok(Some(reached)) }.boxed()
    };
    graph.scope("dev", |_| Tags::new(), (), connect).add("one", (), |()| Pair {});
    let run = Run { creations, ..Run::new(Events::ignored()) };
    let report = paused(async {
        let plan = graph.plan(&run).await;
        graph.converge(&plan, &run).await
    });
    report.failures().next().map(|(_, error)| error.class)
}

/// Counts the notes that stay.
#[derive(Debug, Default)]
struct Log(AtomicU32);

impl CreationLog for Log {
    fn begun<'a>(&'a self, _: &'a Key) -> BoxFuture<'a, Result<()>> {
        self.0.fetch_add(1, Ordering::Relaxed);
        ready(Ok(())).boxed()
    }

    fn noted<'a>(&'a self, _: &'a Key, _: &'a str) -> BoxFuture<'a, Result<()>> {
        ready(Ok(())).boxed()
    }

    fn refused<'a>(&'a self, _: &'a Key) -> BoxFuture<'a, ()> {
        self.0.store(0, Ordering::Relaxed);
        ready(()).boxed()
    }
}

#[test]
fn only_a_creation_that_made_nothing_loses_its_note() {
    for class in [Class::Denied, Class::Invalid, Class::Throttled] {
        for (refused, notes) in [([Some(class), None], 0), ([None, Some(class)], 1)] {
            let (cloud, log) = (Arc::new(Cloud { refused, ..Cloud::default() }), Arc::new(Log::default()));
            let failed = converge_in(&cloud, Creations::logged(Arc::clone(&log) as _, []));
            assert_eq!((failed, log.0.load(Ordering::Relaxed)), (Some(class), notes), "{refused:?}");
        }
    }
}

#[test]
fn it_is_repeated_alone() {
    assert_eq!(converge(3), (1, 1, None));
}

#[test]
fn when_it_never_succeeds_the_creation_is_still_not_repeated() {
    assert_eq!(converge(u32::MAX), (1, 0, Some(Class::Other)));
}
