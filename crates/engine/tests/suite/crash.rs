//! After a crash at any instant the same command converges to the same world, with no duplicate and no orphan.

use std::time::Duration;

use engine::Class;
use proptest::prelude::*;
use proptest::sample::Index;
use tokio::time::timeout;

use crate::toy::drift::{drifts, happen, ours};
use crate::toy::spec::specs;
use crate::toy::world::{Fault, Op, World};
use crate::toy::{applied, apply, paused, unwatched};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn while_making(spec in specs(60), moments in prop::collection::vec(0..400_u64, 1..4)) {
        let world = World::paced(10);
        let graph = spec.graph(&world);
        paused(async {
            for moment in moments {
                let _ = timeout(Duration::from_millis(moment), apply(&graph, &unwatched())).await;
            }
            applied(&graph).await;
        });
        prop_assert_eq!(world.picture(), spec.picture());
    }

    #[test]
    fn while_mending(spec in specs(60), drift in drifts(), moments in prop::collection::vec(0..400_u64, 1..4)) {
        let world = World::paced(10);
        let graph = spec.graph(&world);
        paused(async {
            applied(&graph).await;
            happen(&spec, &drift, &world);
            for moment in moments {
                let _ = timeout(Duration::from_millis(moment), apply(&graph, &unwatched())).await;
            }
            applied(&graph).await;
        });
        prop_assert_eq!(ours(&world), spec.picture());
    }

    #[test]
    fn while_deleting(spec in specs(60), moments in prop::collection::vec(0..200_u64, 1..4)) {
        let world = World::paced(10);
        let graph = spec.graph(&world);
        let left = paused(async {
            applied(&graph).await;
            for moment in moments {
                let delete = async {
                    let plan = graph.plan(&unwatched()).await;
                    graph.delete(&plan, |_| true, &unwatched()).await
                };
                let _ = timeout(Duration::from_millis(moment), delete).await;
            }
            let plan = graph.plan(&unwatched()).await;
            graph.delete(&plan, |_| true, &unwatched()).await
        });
        prop_assert!(left.is_success());
        prop_assert!(world.lock().objects.is_empty(), "{:#?}", world.picture());
    }

    #[test]
    fn errors_after_the_effect_are_no_different(spec in specs(60), picks in prop::collection::vec(any::<Index>(), 1..5)) {
        let world = World::default();
        let graph = spec.graph(&world);
        paused(async {
            for pick in picks {
                world.fault(&spec.key(pick.index(spec.len())), Op::Create, Fault::FailAfter(Class::Other));
            }
            // Each failure may hide the next.
            for _ in 0..5 {
                apply(&graph, &unwatched()).await;
            }
            applied(&graph).await;
        });
        prop_assert_eq!(world.picture(), spec.picture());
    }
}
