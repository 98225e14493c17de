//! What is not possible yet is tried again, for as long as the patience lasts.

use std::time::Duration;

use engine::{Class, Report, Stage};
use tokio::time::Instant;

use crate::toy::spec::Spec;
use crate::toy::world::{Fault, Op, World};
use crate::toy::{outcomes, paused, watched};

/// Converges one block of which a call fails, and returns the attempts of that call.
fn converge(op: Op, fault: Fault) -> (Report, Vec<u32>, Vec<Stage>, Duration) {
    let spec = Spec::chain(1);
    let world = World::default();
    let graph = spec.graph(&world);
    let (run, mut events) = watched();
    let (report, took) = paused(async {
        let plan = graph.plan(&run).await;
        world.lock().calls.clear();
        world.fault(&spec.key(0), op, fault);
        let start = Instant::now();
        (graph.converge(&plan, &run).await, start.elapsed())
    });
    let attempts = world.lock().calls.iter().filter(|call| call.op == op).map(|call| call.attempt).collect();
    let stages = std::iter::from_fn(|| events.try_recv().ok()).map(|event| event.stage).collect();
    (report, attempts, stages, took)
}

#[test]
fn until_it_is_possible() {
    for op in [Op::Find, Op::Create, Op::Ready] {
        let (report, attempts, stages, _) = converge(op, Fault::Fail(Class::NotYet, 3));
        assert!(report.is_success(), "{:#?}", outcomes(&report));
        assert_eq!(attempts, [0, 1, 2, 3], "{op:?}");
        let retries = stages
            .iter()
            .filter(|stage| matches!(stage, Stage::Retrying { error, .. } if error.class == Class::NotYet));
        assert_eq!(retries.count(), 3);
    }
}

#[test]
fn not_forever() {
    for op in [Op::Find, Op::Create, Op::Ready] {
        let (report, attempts, _, took) = converge(op, Fault::Fail(Class::NotYet, u32::MAX));
        let classes: Vec<_> = report.failures().map(|(_, error)| error.class).collect();
        assert_eq!(classes, [Class::NotYet], "{op:?}");
        assert!((10..100).contains(&attempts.len()), "{attempts:?}");
        assert!((Duration::from_mins(4)..=Duration::from_mins(5)).contains(&took), "{took:?}");
    }
}

#[test]
fn nothing_else() {
    for class in [Class::Denied, Class::NotFound, Class::InUse, Class::Throttled, Class::Invalid, Class::Other] {
        let (report, attempts, ..) = converge(Op::Create, Fault::Fail(class, 1));
        assert_eq!(attempts, [0], "{class:?}");
        assert_eq!(report.failures().count(), 1, "{class:?}");
    }
}

#[test]
fn and_finds_what_an_attempt_left() {
    let (report, attempts, ..) = converge(Op::Create, Fault::FailAfter(Class::NotYet));
    assert!(report.is_success(), "{:#?}", outcomes(&report));
    assert_eq!(attempts, [0], "what was made is not made again");
}
