//! What a creation notes of itself, the next one knows: also after a crash, and however long ago that was.

use std::sync::{Arc, Mutex};

use engine::{
    Class, CreationLog, Creations, Cx, Earlier, Error, Events, Found, Graph, Id, Key, Resource, Result, Run, Tags,
};
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, ready};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::toy::paused;

/// A service that is asked for something and makes it later.
#[derive(Default)]
struct Cloud {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    asked: Vec<String>,
    /// The requests that fail.
    failing: Vec<String>,
    /// The answer to the next look at a request is lost, for good.
    lost: bool,
    is_listed: bool,
}

#[derive(Serialize)]
struct Ordered {}

impl Resource for Ordered {
    const KIND: &'static str = "ordered";
    const NOTED: bool = true;
    type Cloud = Cloud;
    type Output = Id<Self>;

    async fn find(&self, cx: &Cx<'_, Cloud>) -> Result<Option<Found<Self>>> {
        let is_listed = cx.state.lock().unwrap().is_listed;
        Ok(is_listed.then(|| Found { output: Id::new("listed"), actual: Self {}, tags: None }))
    }

    async fn create(&self, cx: &Cx<'_, Cloud>) -> Result<Id<Self>> {
        let request = if let Some(request) = cx.noted() {
            request
        } else {
            let request = {
                let mut state = cx.state.lock().unwrap();
                let request = format!("request-{}", state.asked.len() + 1);
                state.asked.push(request.clone());
                request
            };
            cx.note(&request).await?;
            request
        };
        let (lost, failed) = {
            let state = cx.state.lock().unwrap();
            (state.lost, state.failing.contains(&request))
        };
        if lost {
            return Err(Error::new(Class::Other, "no answer"));
        }
        if failed {
            cx.end_note().await;
            return Err(Error::new(Class::Invalid, "it failed"));
        }
        Ok(Id::new(request))
    }
}

/// The notes as a ledger keeps them.
#[derive(Debug, Default)]
struct Log(Mutex<Vec<String>>);

impl CreationLog for Log {
    fn begun<'a>(&'a self, _: &'a Key) -> BoxFuture<'a, Result<()>> {
        self.0.lock().unwrap().push("begun".into());
        ready(Ok(())).boxed()
    }

    fn noted<'a>(&'a self, _: &'a Key, text: &'a str) -> BoxFuture<'a, Result<()>> {
        self.0.lock().unwrap().push(text.into());
        ready(Ok(())).boxed()
    }

    fn refused<'a>(&'a self, _: &'a Key) -> BoxFuture<'a, ()> {
        self.0.lock().unwrap().clear();
        ready(()).boxed()
    }
}

/// A run of a process that knows what the one before has written down, two hours ago.
fn converge(cloud: &Arc<Cloud>, earlier: Option<&str>) -> (Option<Class>, Vec<String>) {
    let log = Arc::new(Log::default());
    let at = Timestamp::now() - SignedDuration::from_hours(2);
    let earlier =
        earlier.map(|text| Earlier { key: Key::new("dev", Ordered::KIND, "one"), at, text: Some(text.into()) });
    log.0.lock().unwrap().extend(earlier.iter().filter_map(|earlier| earlier.text.clone()));
    let creations = Creations::logged(Arc::clone(&log) as _, earlier);
    let reached = Arc::clone(cloud);
    let connect = move |()| {
        let reached = Arc::clone(&reached);
        async move { Ok(Some(reached)) }.boxed()
    };
    let mut graph = Graph::default();
    graph.scope("dev", |_| Tags::new(), (), connect).add("one", (), |()| Ordered {});
    let run = Run { creations, ..Run::new(Events::ignored()) };
    let report = paused(async {
        let plan = graph.plan(&run).await;
        graph.converge(&plan, &run).await
    });
    let notes = log.0.lock().unwrap().clone();
    (report.failures().next().map(|(_, error)| error.class), notes)
}

fn asked(cloud: &Cloud) -> usize {
    cloud.state.lock().unwrap().asked.len()
}

#[test]
fn the_next_run_goes_on_with_what_was_noted() {
    let cloud = Arc::new(Cloud::default());
    cloud.state.lock().unwrap().lost = true;
    let (failed, notes) = converge(&cloud, None);
    assert_eq!((failed, notes), (Some(Class::Other), vec!["begun".to_owned(), "request-1".to_owned()]));
    cloud.state.lock().unwrap().lost = false;
    assert_eq!(converge(&cloud, Some("request-1")).0, None);
    assert_eq!(asked(&cloud), 1, "it was not asked for again");
}

#[test]
fn what_has_failed_is_told_and_its_note_is_gone() {
    let cloud = Arc::new(Cloud::default());
    cloud.state.lock().unwrap().failing = vec!["request-0".into()];
    let (failed, notes) = converge(&cloud, Some("request-0"));
    assert_eq!((failed, notes.len()), (Some(Class::Invalid), 0), "{notes:?}");
    assert_eq!(asked(&cloud), 0);
    assert_eq!(converge(&cloud, None).0, None);
    assert_eq!(asked(&cloud), 1);
}

#[test]
fn what_is_seen_needs_no_note() {
    let cloud = Arc::new(Cloud::default());
    cloud.state.lock().unwrap().is_listed = true;
    // What is kept is not visited again by itself: here it differs in nothing.
    let (failed, notes) = converge(&cloud, Some("request-0"));
    assert_eq!((failed, notes.len(), asked(&cloud)), (None, 0, 0), "{notes:?}");
}
