//! Deletion goes against the flow of data, and takes what was made and nothing else.

use std::collections::BTreeSet;
use std::time::Duration;

use engine::{Class, Key, Step};
use proptest::prelude::*;
use proptest::sample::Index;
use tokio::time::{Instant, sleep};

use crate::toy::spec::{Desired, Kind, Spec, specs};
use crate::toy::world::{Fault, Object, Op, ROOT, World};
use crate::toy::{applied, outcomes, paused, unwatched};

/// An object of somebody else.
fn foreign(parents: Vec<String>) -> Object {
    let (kind, account) = ("block".to_owned(), ROOT.to_owned());
    Object { key: None, kind, account, parents, links: Vec::new(), shape: 0, color: 0, tags: None }
}

/// The begin of a node's first deletion and the end of its last.
fn deletion(world: &World, key: &Key) -> Option<(usize, usize)> {
    let state = world.lock();
    let calls: Vec<_> = state.calls.iter().filter(|call| call.op == Op::Delete && call.key == *key).collect();
    Some((calls.first()?.began, calls.last()?.ended.unwrap()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn visits_dependants_first_and_takes_all_that_is_doomed(
        spec in specs(60),
        roots in prop::collection::vec(any::<Index>(), 1..10),
        spared in prop::sample::select(vec![Vec::new(), vec![Kind::Sign, Kind::Account]]),
        gone in prop::collection::vec(any::<Index>(), 0..4),
    ) {
        let world = World::paced(10);
        let graph = spec.graph(&world);
        // A node is doomed with all that depends on it; what is spared stands in the way of nobody.
        let roots: BTreeSet<_> = roots.into_iter().map(|root| root.index(spec.len())).collect();
        let doomed = |node: &usize| spec.0[*node].kind.is_object() && !spared.contains(&spec.0[*node].kind);
        let doomed: BTreeSet<_> = spec.affected(&roots).into_iter().filter(doomed).collect();
        let keys: BTreeSet<_> = doomed.iter().map(|&node| spec.key(node)).collect();
        let report = paused(async {
            applied(&graph).await;
            world.lock().add(foreign(Vec::new()));
            let plan = graph.plan(&unwatched()).await;
            for node in gone {
                let key = spec.key(node.index(spec.len()));
                if keys.contains(&key) && key.kind != "account" {
                    world.lose(&key);
                }
            }
            graph.delete(&plan, |step| keys.contains(&step.key), &unwatched()).await
        });
        prop_assert!(report.is_success(), "{:#?}", outcomes(&report));
        prop_assert_eq!(report.outcomes.iter().map(|(key, _)| key.clone()).collect::<BTreeSet<_>>(), keys.clone());
        let left: BTreeSet<_> = world.lock().objects.values().map(|object| object.key.clone()).collect();
        let objects = (0..spec.len()).filter(|&node| spec.0[node].kind.is_object());
        let spared = objects.map(|node| spec.key(node)).filter(|key| !keys.contains(key));
        prop_assert_eq!(left, spared.map(Some).chain([None]).collect());
        for &node in &doomed {
            for dependant in spec.affected(&[node].into()).intersection(&doomed).filter(|&&other| other != node) {
                let (first, then) = (deletion(&world, &spec.key(*dependant)), deletion(&world, &spec.key(node)));
                let (Some((_, end)), Some((begin, _))) = (first, then) else {
                    return Err(TestCaseError::fail(format!("{node} or {dependant} was not visited")));
                };
                prop_assert!(end < begin, "{node} was deleted before {dependant}, which depends on it");
            }
        }
    }

    #[test]
    fn prunes_what_is_unmanaged_kind_by_kind(
        blocks in 1..10_usize,
        lids in prop::collection::vec(any::<Index>(), 0..10),
        towers in prop::collection::vec(any::<Index>(), 0..5),
        kept in any::<Index>(),
    ) {
        // Lids sit on blocks, and on lids: what of one kind depends on its kind takes a second attempt.
        let mut all = Spec(vec![Spec::block(&[]); blocks]);
        for on in lids.iter().map(|on| on.index(blocks)).chain(towers.iter().map(|on| on.index(blocks + lids.len()))) {
            all.0.push(Desired { kind: Kind::Lid, ..Spec::block(&[on]) });
        }
        // What is wanted is the beginning of it; the rest was wanted once.
        let kept = Spec(all.0[..=kept.index(all.len())].to_vec());
        let world = World::paced(10);
        let report = paused(async {
            applied(&all.graph(&world)).await;
            world.lock().add(foreign(Vec::new()));
            let graph = kept.graph(&world);
            let plan = graph.plan(&unwatched()).await;
            let unmanaged = plan.changes().map(|step| step.key.clone()).collect::<BTreeSet<_>>();
            assert_eq!(unmanaged, all.keys().skip(kept.len()).collect());
            graph.delete(&plan, |step: &Step| step.status() == engine::Status::Unmanaged, &unwatched()).await
        });
        prop_assert!(report.is_success(), "{:#?}", outcomes(&report));
        let mut expected = kept.picture();
        expected.push(format!("not ours in={ROOT} [] [] shape=0 color=0 None"));
        expected.sort();
        prop_assert_eq!(world.picture(), expected);
        let last_lid = all.keys().skip(kept.len()).filter(|key| key.kind == "lid");
        let last_lid = last_lid.filter_map(|key| deletion(&world, &key)).map(|(_, end)| end).max().unwrap_or(0);
        let blocks = all.keys().skip(kept.len()).filter(|key| key.kind == "block");
        let first_block = blocks.filter_map(|key| deletion(&world, &key)).map(|(begin, _)| begin).min();
        prop_assert!(first_block.is_none_or(|first| first > last_lid));
    }
}

#[test]
fn waits_for_what_is_still_in_use() {
    let spec = Spec::chain(2);
    let world = World::paced(10);
    let graph = spec.graph(&world);
    let report = paused(async {
        applied(&graph).await;
        let on = world.id_of(&spec.key(0)).unwrap();
        let squatter = world.lock().add(foreign(vec![on]));
        let leave = async {
            sleep(Duration::from_mins(1)).await;
            world.lock().delete(&squatter).unwrap();
        };
        let plan = graph.plan(&unwatched()).await;
        let run = unwatched();
        tokio::join!(graph.delete(&plan, |_| true, &run), leave).0
    });
    assert!(report.is_success(), "{:#?}", outcomes(&report));
    assert_eq!(world.picture(), Vec::<String>::new());
}

#[test]
fn does_not_wait_forever() {
    let spec = Spec::chain(2);
    let world = World::paced(10);
    let graph = spec.graph(&world);
    let (report, time) = paused(async {
        applied(&graph).await;
        let on = world.id_of(&spec.key(0)).unwrap();
        world.lock().add(foreign(vec![on]));
        let plan = graph.plan(&unwatched()).await;
        let start = Instant::now();
        (graph.delete(&plan, |_| true, &unwatched()).await, start.elapsed())
    });
    let failures: Vec<_> = report.failures().map(|(key, error)| (key.clone(), error.class)).collect();
    assert_eq!(failures, [(spec.key(0), Class::InUse)]);
    assert!((Duration::from_secs(200)..Duration::from_secs(400)).contains(&time), "{time:?}");
}

#[test]
fn says_what_a_deletion_could_not_do() {
    let spec = Spec::chain(3);
    let world = World::paced(10);
    let graph = spec.graph(&world);
    let report = paused(async {
        applied(&graph).await;
        world.fault(&spec.key(1), Op::Delete, Fault::Fail(Class::Denied, 1));
        let plan = graph.plan(&unwatched()).await;
        graph.delete(&plan, |_| true, &unwatched()).await
    });
    assert!(world.id_of(&spec.key(2)).is_none() && world.id_of(&spec.key(1)).is_some());
    let said: Vec<_> = outcomes(&report).into_values().collect();
    assert_eq!(said, ["skipped: root/block/1", "failed: Delete of root/block/1 is told to fail", "Deleted"]);
}
