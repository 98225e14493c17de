//! What was made and is not seen yet is waited for, and not made again.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use engine::{Class, CreationLog, Creations, Earlier, Graph, Key, Outcome, Report, Resource, Result, Run, Tags};
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, ready};
use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use crate::toy::kinds::{Cloud, Coin, Fields};
use crate::toy::world::{Fault, Object, Op, ROOT, World};
use crate::toy::{outcomes, paused, unwatched};

fn key() -> Key {
    Key::new(ROOT, Coin::KIND, "one")
}

fn graph(world: &World) -> Graph<Cloud> {
    let cloud = Arc::new(Cloud { world: world.clone(), account: ROOT.to_owned() });
    let connect = move |()| ready(Ok(Some(Arc::clone(&cloud)))).boxed();
    let mut graph = Graph::default();
    graph.scope(ROOT, |_| Tags::new(), (), connect).add("one", (), |()| Coin::default());
    graph
}

/// A world that lists what was made so much later.
fn world(delay: Duration) -> World {
    let world = World::default();
    world.lock().delay = delay;
    world
}

/// Plans and converges; gives how long that took, too.
async fn converge(world: &World, creations: &Creations) -> (Report, Duration) {
    let (graph, start) = (graph(world), Instant::now());
    let run = Run { creations: creations.clone(), ..unwatched() };
    let plan = graph.plan(&run).await;
    (graph.converge(&plan, &run).await, start.elapsed())
}

/// The same; fails unless it succeeds.
async fn converged(world: &World, creations: &Creations) -> (Outcome, Duration) {
    let (report, took) = converge(world, creations).await;
    assert!(report.is_success(), "{:#?}", outcomes(&report));
    let outcome = report.outcomes.into_iter().find(|(of, _)| *of == key()).map(|(_, outcome)| outcome);
    (outcome.unwrap(), took)
}

/// How often it was told to be made, and how many there are.
fn made(world: &World) -> (usize, usize) {
    let state = world.lock();
    (state.calls.iter().filter(|call| call.op == Op::Create).count(), state.objects.len())
}

/// What an earlier run left: a note on a creation that was begun some seconds ago.
fn noted(seconds: i64) -> (Creations, Arc<Log>) {
    let log = Arc::new(Log::default());
    let at = Timestamp::now() - SignedDuration::from_secs(seconds);
    (Creations::logged(Arc::clone(&log) as _, [Earlier { key: key(), at, text: None }]), log)
}

#[derive(Debug, Default)]
struct Log(Mutex<Vec<Key>>);

impl CreationLog for Log {
    fn begun<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Result<()>> {
        self.0.lock().unwrap().push(key.clone());
        ready(Ok(())).boxed()
    }

    fn noted<'a>(&'a self, _: &'a Key, _: &'a str) -> BoxFuture<'a, Result<()>> {
        ready(Ok(())).boxed()
    }

    fn refused<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, ()> {
        self.0.lock().unwrap().retain(|noted| noted != key);
        ready(()).boxed()
    }
}

#[test]
fn one_whose_answer_is_lost() {
    let world = world(Duration::from_secs(12));
    world.fault(&key(), Op::Create, Fault::FailAfter(Class::NotYet));
    let (outcome, took) = paused(converged(&world, &Creations::default()));
    assert!(matches!(outcome, Outcome::Kept), "{outcome:?}");
    assert_eq!(made(&world), (1, 1));
    assert!((12..30).contains(&took.as_secs()), "{took:?}");
}

#[test]
fn one_of_an_earlier_run() {
    let world = world(Duration::from_secs(5));
    let object = Object {
        key: Some(key()),
        kind: Coin::KIND.into(),
        account: ROOT.into(),
        parents: Vec::new(),
        links: Vec::new(),
        shape: Fields::default().shape,
        color: Fields::default().color,
        tags: Some(Tags::new()),
    };
    let (outcome, log) = paused(async {
        let (creations, log) = noted(1);
        world.lock().add(object);
        (converged(&world, &creations).await.0, log)
    });
    assert!(matches!(outcome, Outcome::Kept), "{outcome:?}");
    assert_eq!((made(&world), log.0.lock().unwrap().len()), ((0, 1), 0));
}

#[test]
fn not_forever() {
    let world = World::default();
    let ((outcome, took), log) = paused(async {
        let (creations, log) = noted(10);
        (converged(&world, &creations).await, log)
    });
    assert!(matches!(outcome, Outcome::Created), "{outcome:?}");
    assert_eq!(made(&world), (1, 1));
    assert_eq!(*log.0.lock().unwrap(), [key()], "this run's own creation is noted");
    // What is left of 30 seconds, and a pause between two looks.
    assert!((19..45).contains(&took.as_secs()), "{took:?}");
}

#[test]
fn not_after_a_refusal() {
    for class in [Class::Denied, Class::Invalid, Class::Throttled] {
        let world = World::default();
        world.fault(&key(), Op::Create, Fault::Fail(class, 1));
        let creations = Creations::default();
        let (failed, took) = paused(async {
            let (report, _) = converge(&world, &creations).await;
            let failed = report.failures().next().map(|(_, error)| error.class);
            (failed, converged(&world, &creations).await.1)
        });
        assert_eq!((failed, made(&world)), (Some(class), (2, 1)));
        assert!(took < Duration::from_secs(1), "{class:?}: {took:?}");
    }
}

/// What it is made in is not visible yet, say: nothing was made for certain.
#[test]
fn not_while_it_is_refused_for_now() {
    let world = World::default();
    world.fault(&key(), Op::Create, Fault::Fail(Class::NotYet, 2));
    let (_, took) = paused(converged(&world, &Creations::default()));
    assert_eq!(made(&world), (3, 1));
    assert!(took < Duration::from_secs(5), "{took:?}");
}

/// It is what is in the way.
#[test]
fn one_that_is_in_the_way_of_the_next_is_looked_for_again() {
    let world = world(Duration::from_mins(1));
    world.lock().exclusive = true;
    world.fault(&key(), Op::Create, Fault::FailAfter(Class::NotYet));
    let (outcome, took) = paused(converged(&world, &Creations::default()));
    assert!(matches!(outcome, Outcome::Kept), "{outcome:?}");
    assert_eq!(made(&world), (2, 1), "the second one is refused as invalid, which is not the end");
    assert!((60..90).contains(&took.as_secs()), "{took:?}");
}
