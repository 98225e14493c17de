//! The second call of a creation is repeated by itself: the first is never made twice.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use engine::{Class, Cx, Error, Events, Found, Graph, Id, Key, Resource, Result, Run, Tags};
use futures_util::FutureExt;
use serde::Serialize;

use crate::toy::paused;

/// Counts creations, and refuses the call after one so many times.
#[derive(Default)]
struct Cloud {
    made: AtomicU32,
    finished: AtomicU32,
    refusals: AtomicU32,
}

#[derive(Serialize)]
struct Pair {}

impl Resource for Pair {
    const KIND: &'static str = "pair";
    type Cloud = Cloud;
    type Output = Id<Self>;

    /// What is made is not listed yet: the case in which a second creation would make a second object.
    async fn owned(_: &Cx<'_, Cloud>) -> Result<Vec<(Key, Found<Self>)>> {
        Ok(Vec::new())
    }

    async fn create(&self, cx: &Cx<'_, Cloud>) -> Result<Id<Self>> {
        cx.made.fetch_add(1, Ordering::Relaxed);
        let finish = || {
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
    let mut graph = Graph::default();
    let reached = Arc::clone(&cloud);
    let connect = move |()| {
        let reached = Arc::clone(&reached);
        async move { Ok(Some(reached)) }.boxed()
    };
    graph.scope("dev", |_| Tags::new(), (), connect).add("one", (), |()| Pair {});
    let run = Run::new(Events::ignored());
    let report = paused(async {
        let plan = graph.plan(&run).await;
        graph.converge(&plan, &run).await
    });
    let class = report.failures().next().map(|(_, error)| error.class);
    (cloud.made.load(Ordering::Relaxed), cloud.finished.load(Ordering::Relaxed), class)
}

#[test]
fn it_is_repeated_alone() {
    assert_eq!(converge(3), (1, 1, None));
}

#[test]
fn when_it_never_succeeds_the_creation_is_still_not_repeated() {
    assert_eq!(converge(u32::MAX), (1, 0, Some(Class::Other)));
}
