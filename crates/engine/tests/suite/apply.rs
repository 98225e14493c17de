//! Applying makes the world as desired, and doing it again does nothing.

use engine::Outcome;
use proptest::prelude::*;

use crate::toy::spec::specs;
use crate::toy::world::World;
use crate::toy::{applied, paused, summary, unwatched};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn makes_the_world_as_desired(spec in specs(60)) {
        let world = World::default();
        let graph = spec.graph(&world);
        paused(applied(&graph));
        prop_assert_eq!(world.picture(), spec.picture());
    }

    #[test]
    fn leaves_nothing_to_do(spec in specs(60)) {
        let world = World::default();
        let graph = spec.graph(&world);
        let (plan, report, changes) = paused(async {
            applied(&graph).await;
            let calls = world.lock().calls.len();
            let plan = graph.plan(&unwatched()).await;
            let (_, _, report) = applied(&graph).await;
            (plan, report, world.changes(calls))
        });
        prop_assert!(plan.is_empty(), "{:#?}", summary(&plan));
        prop_assert_eq!(plan.changes().count(), 0);
        prop_assert_eq!(report.count(|outcome| !matches!(outcome, Outcome::Kept)), 0);
        prop_assert!(changes.is_empty(), "{changes:#?}");
    }
}
