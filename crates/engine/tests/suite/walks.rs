//! What holds for every walk: each stop settles once, walks can be spawned, and kinds that cannot be watched say so.

use std::collections::BTreeMap;
use std::sync::Arc;

use engine::{Class, Key};
use proptest::prelude::*;

use crate::toy::spec::{Spec, specs};
use crate::toy::world::{Fault, Op, World};
use crate::toy::{applied, paused, settled, unwatched, watched};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(30))]

    #[test]
    fn every_node_settles_once(spec in specs(60)) {
        let world = World::paced(10);
        let graph = spec.graph(&world);
        paused(async {
            applied(&graph).await;
            let (run, mut events) = watched();
            let plan = graph.plan(&run).await;
            let (mut nodes, watches): (Vec<_>, Vec<_>) = settled(&mut events).into_iter().partition(|(key, _)| key.name != "*");
            nodes.sort();
            let mut keys: Vec<_> = graph.keys().map(|key| (key.clone(), 1)).collect();
            keys.sort();
            prop_assert_eq!(nodes, keys);
            prop_assert!(watches.iter().all(|(_, times)| *times == 1));
            let report = graph.delete(&plan, |_| true, &run).await;
            let once: BTreeMap<_, _> = report.outcomes.iter().map(|(key, _)| (key.clone(), 1)).collect();
            prop_assert_eq!(settled(&mut events), once);
            Ok(())
        })?;
    }
}

#[test]
fn walks_run_on_many_threads() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_time().build().unwrap();
    let spec = Spec::chain(20);
    let world = World::paced(1);
    let graph = Arc::new(spec.graph(&world));
    runtime.block_on(async {
        let walk = async move {
            applied(&graph).await;
            let plan = graph.plan(&unwatched()).await;
            graph.delete(&plan, |_| true, &unwatched()).await
        };
        assert!(tokio::spawn(walk).await.unwrap().is_success());
    });
}

#[test]
fn a_watch_that_fails_is_reported() {
    let world = World::default();
    let graph = Spec::chain(1).graph(&world);
    let key = Key::new("root", "lid", "*");
    world.fault(&key, Op::Find, Fault::Fail(Class::Denied, 1));
    let plan = paused(graph.plan(&unwatched()));
    assert_eq!(plan.failures().map(|(failed, _)| failed).collect::<Vec<_>>(), [&key]);
    assert!(!plan.is_complete());
}

#[test]
fn a_kind_is_watched_once() {
    let world = World::default();
    let mut graph = Spec::chain(1).graph(&world);
    let plan = paused(async {
        applied(&graph).await;
        graph = Spec(Vec::new()).graph(&world);
        let mut scope = graph.scope(
            "again",
            |_| engine::Tags::new(),
            (),
            |()| futures_util::FutureExt::boxed(std::future::ready(Ok(None))),
        );
        scope.watch::<crate::toy::kinds::Block>();
        scope.watch::<crate::toy::kinds::Block>();
        let (run, mut events) = watched();
        let plan = graph.plan(&run).await;
        assert_eq!(settled(&mut events)[&Key::new("again", "block", "*")], 1);
        plan
    });
    assert_eq!(plan.changes().count(), 1);
}
