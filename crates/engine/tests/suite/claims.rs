//! Two objects that claim to be the same node are an error, never a guess.

use engine::Class;

use crate::toy::spec::Spec;
use crate::toy::world::World;
use crate::toy::{applied, outcomes, paused, unwatched};

#[test]
fn of_two_objects_are_both_named() {
    let spec = Spec::chain(2);
    let world = World::default();
    let graph = spec.graph(&world);
    let key = spec.key(0);
    let (ids, plan, report) = paused(async {
        let (sound, ..) = applied(&graph).await;
        let first = world.id_of(&key).unwrap();
        let twin = world.lock().objects[&first].clone();
        let ids = [first, world.lock().add(twin)];
        (ids, graph.plan(&unwatched()).await, graph.converge(&sound, &unwatched()).await)
    });
    for failures in [plan.failures().collect::<Vec<_>>(), report.failures().collect()] {
        let [(failed, error)] = failures[..] else { panic!("{failures:?}") };
        assert_eq!((failed, error.class), (&key, Class::Invalid));
        assert!(ids.iter().all(|id| error.message.contains(id)), "{ids:?} in {error}");
    }
    assert_eq!(world.lock().objects.len(), 3, "{:#?}", outcomes(&report));
}
