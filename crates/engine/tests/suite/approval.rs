//! Execution makes no choice that the plan did not show.

use engine::Class;
use proptest::prelude::*;

use crate::toy::drift::{Change, apply};
use crate::toy::spec::{Kind, Spec};
use crate::toy::world::World;
use crate::toy::{applied, outcomes, paused, unwatched};

/// Whether a plan that saw `before` allows what is needed when `after` happened as well.
fn allowed(before: &[Change], after: &[Change]) -> bool {
    let new: Vec<_> = after.iter().filter(|change| !before.contains(change)).collect();
    let (lost, reshaped) = (before.contains(&Change::Lose), before.contains(&Change::Shape));
    // What does not exist, or is deleted by then, does not change any more.
    lost || reshaped || new.is_empty()
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let all = vec![Change::Lose, Change::Shape, Change::Color, Change::Retag];
    prop::sample::subsequence(all, 0..=4)
}

proptest! {
    #[test]
    fn of_an_object_that_changed_since(before in changes(), after in changes(), below in 0..3_usize) {
        let spec = Spec::chain(3);
        let world = World::default();
        let graph = spec.graph(&world);
        let key = spec.key(below);
        let (report, seen) = paused(async {
            applied(&graph).await;
            for change in &before {
                apply(&key, Kind::Block, *change, &world);
            }
            let plan = graph.plan(&unwatched()).await;
            let replace = |step: &engine::Step| step.action == Some(engine::Action::Replace);
            graph.delete(&plan, replace, &unwatched()).await;
            for change in &after {
                apply(&key, Kind::Block, *change, &world);
            }
            let seen = world.picture();
            (graph.converge(&plan, &unwatched()).await, seen)
        });
        if allowed(&before, &after) {
            prop_assert!(report.is_success(), "{:#?}", outcomes(&report));
        } else {
            let failures: Vec<_> = report.failures().collect();
            prop_assert_eq!(failures.len(), 1);
            prop_assert_eq!(failures[0].0, &key);
            prop_assert_eq!(failures[0].1.class, Class::Invalid);
            prop_assert!(failures[0].1.message.contains("changed since it was planned"), "{}", failures[0].1);
            prop_assert_eq!(world.picture(), seen, "nothing is done");
        }
    }
}

#[test]
fn of_an_object_that_appeared_since_in_another_shape() {
    let spec = Spec::chain(1);
    let world = World::default();
    let graph = spec.graph(&world);
    let (report, again) = paused(async {
        let plan = graph.plan(&unwatched()).await;
        applied(&graph).await;
        let again = graph.converge(&plan, &unwatched()).await;
        world.meddle(&spec.key(0), |object| object.shape = 9);
        (graph.converge(&plan, &unwatched()).await, again)
    });
    assert!(again.is_success(), "what was made by another run in the planned shape is welcome");
    let said: Vec<_> = report.failures().map(|(_, error)| error.to_string()).collect();
    assert_eq!(said, ["root/block/0 changed since it was planned: to create then, to replace now"]);
}

#[test]
fn of_what_the_plan_could_not_read() {
    let spec = Spec::chain(1);
    let world = World::default();
    let graph = spec.graph(&world);
    let report = paused(async {
        let run = unwatched();
        run.cancel.cancel();
        let plan = graph.plan(&run).await;
        graph.converge(&plan, &unwatched()).await
    });
    assert_eq!(report.failures().count(), 1);
    assert_eq!(world.picture(), Vec::<String>::new());
}
