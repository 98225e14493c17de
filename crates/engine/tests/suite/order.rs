//! Order is data flow and nothing else: a node begins when the last of its inputs has settled, at that very moment.

use std::collections::BTreeSet;
use std::time::Duration;

use engine::Key;
use proptest::prelude::*;
use proptest::sample::Index;
use tokio::time::{Instant, timeout};

use crate::toy::spec::{Kind, Spec, specs};
use crate::toy::world::{Call, Fault, Op, World};
use crate::toy::{applied, paused, settled, unwatched, watched};

const AGES: Duration = Duration::from_secs(1_000_000);

/// The calls of a node, in order.
fn calls<'a>(calls: &'a [Call], key: &Key) -> Vec<&'a Call> {
    calls.iter().filter(|call| call.key == *key).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn inputs_settle_first_and_nothing_else_is_waited_for(
        spec in specs(60),
        delays in prop::collection::vec(0..9_u64, 60),
    ) {
        let world = World::paced(10);
        let graph = spec.graph(&world);
        for (key, delay) in spec.keys().zip(&delays) {
            for op in [Op::Find, Op::Create, Op::Ready] {
                world.fault(&key, op, Fault::Slow(Duration::from_millis(20 * delay)));
            }
        }
        let (start, from) = paused(async {
            let plan = graph.plan(&unwatched()).await;
            let (start, from) = (Instant::now(), world.lock().calls.len());
            prop_assert!(graph.converge(&plan, &unwatched()).await.is_success());
            Ok((start, from))
        })?;
        let log = world.lock().calls[from..].to_vec();
        // A node has settled when its last call has.
        for node in 0..spec.len() {
            let key = spec.key(node);
            let mine = calls(&log, &key);
            prop_assert!(!mine.is_empty(), "{key} made no call");
            let waits = mine.last().is_some_and(|call| call.op == Op::Ready);
            prop_assert!(waits || spec.0[node].kind == Kind::Gauge, "nobody waits for {key}");
            let (mut ready, mut at) = (0, start);
            for input in spec.before(node) {
                let last = calls(&log, &spec.key(input)).last().copied().cloned().unwrap();
                ready = ready.max(last.ended.unwrap());
                at = at.max(last.until.unwrap());
            }
            prop_assert!(mine[0].began > ready, "{key} begins before its inputs have settled: {mine:#?}");
            prop_assert_eq!(mine[0].at, at, "{} waits for something that is not among its inputs", key);
        }
    }

    #[test]
    fn an_independent_branch_never_waits(spec in specs(60), stalled: Index, op in prop::sample::select(vec![
        Op::Find, Op::Create, Op::Ready,
    ])) {
        let world = World::paced(10);
        let graph = spec.graph(&world);
        let stalled = stalled.index(spec.len());
        let affected: BTreeSet<_> = spec.affected(&[stalled].into()).iter().map(|&node| spec.key(node)).collect();
        let settled: BTreeSet<_> = paused(async {
            let plan = graph.plan(&unwatched()).await;
            world.fault(&spec.key(stalled), op, Fault::Slow(AGES));
            let (run, mut events) = watched();
            let _ = timeout(AGES / 4, graph.converge(&plan, &run)).await;
            settled(&mut events).into_keys().filter(|key| key.kind != "session").collect()
        });
        // Settings and look-ups are not created, and then nothing stalls.
        let stalls = !calls(&world.lock().calls, &spec.key(stalled)).iter().all(|call| call.ended.is_some());
        let expected: BTreeSet<_> = spec.keys().filter(|key| !stalls || !affected.contains(key)).collect();
        prop_assert_eq!(settled, expected);
    }
}

#[test]
fn a_wide_graph_is_visited_at_once() {
    let spec = Spec(vec![Spec::block(&[]); 500]);
    let world = World::paced(10);
    let graph = spec.graph(&world);
    let time = paused(async {
        let start = Instant::now();
        applied(&graph).await;
        start.elapsed()
    });
    // Two finds, a creation and a wait; the watches look while the plan does.
    assert_eq!(time, Duration::from_millis(4 * 10));
}
