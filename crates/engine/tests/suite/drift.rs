//! Whatever others did to the world, the plan names exactly that and what follows from it, and applying mends it.

use std::time::Duration;

use proptest::prelude::*;
use tokio::time::sleep;

use crate::toy::drift::{drifts, expected, happen, ours};
use crate::toy::spec::{Spec, specs};
use crate::toy::world::World;
use crate::toy::{applied, paused, summary, unwatched};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn the_plan_names_exactly_what_differs(spec in specs(60), drift in drifts()) {
        let world = World::default();
        let graph = spec.graph(&world);
        let plan = paused(async {
            applied(&graph).await;
            happen(&spec, &drift, &world);
            graph.plan(&unwatched()).await
        });
        prop_assert_eq!(summary(&plan), expected(&spec, &drift));
    }

    #[test]
    fn applying_mends_it(spec in specs(60), drift in drifts(), linger in 0..3_u64) {
        let world = World::paced(10);
        world.lock().linger = Duration::from_secs(10 * linger);
        let graph = spec.graph(&world);
        let plan = paused(async {
            applied(&graph).await;
            happen(&spec, &drift, &world);
            applied(&graph).await;
            sleep(Duration::from_mins(1)).await;
            graph.plan(&unwatched()).await
        });
        prop_assert_eq!(ours(&world), spec.picture());
        prop_assert!(plan.is_empty(), "{:#?}", summary(&plan));
    }
}

#[test]
fn a_replaced_parent_takes_its_children_along() {
    let spec = Spec::chain(5);
    let world = World::paced(10);
    let graph = spec.graph(&world);
    let (old, new) = paused(async {
        applied(&graph).await;
        world.meddle(&spec.key(1), |object| object.shape = 9);
        let old: Vec<_> = spec.keys().map(|key| world.id_of(&key)).collect();
        applied(&graph).await;
        (old, spec.keys().map(|key| world.id_of(&key)).collect::<Vec<_>>())
    });
    assert_eq!(old[0], new[0]);
    assert!(old[1..].iter().zip(&new[1..]).all(|(old, new)| old != new), "{old:?} {new:?}");
    assert_eq!(world.picture(), spec.picture());
}
