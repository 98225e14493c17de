//! A cancelled run lets calls in flight finish, begins nothing new, reports every node once, and can be run again.

use std::collections::BTreeMap;
use std::time::Duration;

use engine::{Class, Outcome};
use proptest::prelude::*;
use tokio::time::{Instant, sleep};

use crate::toy::drift::{drifts, happen, ours};
use crate::toy::spec::{Spec, specs};
use crate::toy::world::{Fault, Op, World};
use crate::toy::{applied, apply, outcomes, paused, settled, unwatched, watched};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn at_any_moment(spec in specs(60), moment in 0..300_u64) {
        let world = World::paced(10);
        let graph = spec.graph(&world);
        let (report, mut events, stop) = paused(async {
            let plan = graph.plan(&unwatched()).await;
            let (run, events) = watched();
            let start = Instant::now();
            let cancel = async {
                sleep(Duration::from_millis(moment)).await;
                run.cancel.cancel();
                Instant::now()
            };
            let report = async {
                let report = graph.converge(&plan, &run).await;
                (report, start.elapsed())
            };
            let ((report, took), stop) = tokio::join!(report, cancel);
            // Calls in flight take ten more.
            prop_assert!(took <= Duration::from_millis(moment + 10), "{took:?}");
            Ok((report, events, stop))
        })?;
        let once: BTreeMap<_, _> = graph.keys().map(|key| (key.clone(), 1)).collect();
        prop_assert_eq!(settled(&mut events), once);
        let late: Vec<_> = world.changes(0).into_iter().filter(|call| call.at > stop).collect();
        prop_assert!(late.is_empty(), "began after the cancellation: {late:#?}");
        prop_assert_eq!(report.failures().count(), 0);
        for (key, outcome) in &report.outcomes {
            let created = world.id_of(key).is_some();
            match outcome {
                Outcome::Created | Outcome::Updated | Outcome::Kept | Outcome::Interrupted => {}
                Outcome::Cancelled => prop_assert!(!created, "{key} is there and reported as cancelled"),
                other => prop_assert!(false, "{key}: {other:?}"),
            }
        }
        paused(applied(&graph));
        prop_assert_eq!(world.picture(), spec.picture());
    }

    #[test]
    fn in_the_midst_of_mending(spec in specs(40), drift in drifts(), moment in 0..300_u64) {
        let world = World::paced(10);
        let graph = spec.graph(&world);
        paused(async {
            applied(&graph).await;
            happen(&spec, &drift, &world);
            let run = unwatched();
            let cancel = async {
                sleep(Duration::from_millis(moment)).await;
                run.cancel.cancel();
            };
            tokio::join!(apply(&graph, &run), cancel);
            applied(&graph).await;
        });
        prop_assert_eq!(ours(&world), spec.picture());
    }
}

/// Cancels a run of one block after ten seconds.
fn cancelled(fault: Fault, op: Op) -> (World, engine::Report, Duration) {
    let spec = Spec::chain(2);
    let world = World::paced(10);
    let graph = spec.graph(&world);
    let (report, took) = paused(async {
        let plan = graph.plan(&unwatched()).await;
        world.fault(&spec.key(0), op, fault);
        let (run, start) = (unwatched(), Instant::now());
        let cancel = async {
            sleep(Duration::from_secs(10)).await;
            run.cancel.cancel();
        };
        tokio::join!(async { (graph.converge(&plan, &run).await, start.elapsed()) }, cancel).0
    });
    (world, report, took)
}

#[test]
fn a_wait_is_cut_short() {
    let (_, report, took) = cancelled(Fault::Slow(Duration::from_hours(1)), Op::Ready);
    assert_eq!(outcomes(&report).into_values().collect::<Vec<_>>(), ["Interrupted", "Cancelled", "Kept"]);
    assert!(report.is_cancelled());
    assert_eq!(took, Duration::from_secs(10));
}

#[test]
fn a_retry_is_cut_short_and_is_no_failure() {
    let (_, report, took) = cancelled(Fault::Fail(Class::NotYet, u32::MAX), Op::Create);
    assert_eq!(outcomes(&report).into_values().collect::<Vec<_>>(), ["Interrupted", "Cancelled", "Kept"]);
    assert_eq!(took, Duration::from_secs(10));
}

#[test]
fn a_call_in_flight_finishes() {
    let (world, report, took) = cancelled(Fault::Slow(Duration::from_hours(1)), Op::Create);
    // Made, and then nobody waits until it can be used.
    assert_eq!(outcomes(&report).into_values().collect::<Vec<_>>(), ["Interrupted", "Cancelled", "Kept"]);
    assert_eq!(world.lock().objects.len(), 1);
    assert!(took > Duration::from_hours(1));
}

#[test]
fn a_deletion_that_waits_is_cut_short() {
    let spec = Spec::chain(2);
    let world = World::paced(10);
    let graph = spec.graph(&world);
    let report = paused(async {
        applied(&graph).await;
        let plan = graph.plan(&unwatched()).await;
        world.fault(&spec.key(1), Op::Delete, Fault::Fail(Class::InUse, u32::MAX));
        let run = unwatched();
        let cancel = async {
            sleep(Duration::from_secs(10)).await;
            run.cancel.cancel();
        };
        tokio::join!(graph.delete(&plan, |_| true, &run), cancel).0
    });
    assert_eq!(outcomes(&report).into_values().collect::<Vec<_>>(), ["Cancelled", "Interrupted"]);
    assert_eq!(world.lock().objects.len(), 2);
}

#[test]
fn a_plan_tells_that_it_is_not_complete() {
    let spec = Spec::chain(2);
    let graph = spec.graph(&World::paced(10));
    let run = unwatched();
    run.cancel.cancel();
    let plan = paused(graph.plan(&run));
    assert!(plan.is_cancelled() && !plan.is_complete() && !plan.is_empty());
}
