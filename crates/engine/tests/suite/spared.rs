//! What another graph wants is not unmanaged in this one.

use engine::Action;

use crate::toy::kinds::{Block, Sign};
use crate::toy::spec::Spec;
use crate::toy::world::World;
use crate::toy::{applied, paused, summary, unwatched};

#[test]
fn only_what_nothing_wants_is_deleted() {
    let (all, part) = (Spec::chain(3), Spec::chain(1));
    let world = World::default();
    let unwanted = |spare: fn(&mut engine::Scope<'_, _>)| {
        let (mut graph, scope) = part.graph_and_root(&world);
        spare(&mut graph.enter(scope));
        paused(async { graph.plan(&unwatched()).await })
    };
    paused(async { applied(&all.graph(&world)).await });
    let deletions = |plan| -> Vec<String> {
        let changes = summary(&plan).into_iter();
        changes
            .map(|(key, (action, _))| if action == Some(Action::Delete) { key.to_string() } else { String::new() })
            .collect()
    };
    assert_eq!(deletions(unwanted(|_| {})), ["root/block/1", "root/block/2"]);
    assert_eq!(deletions(unwanted(|scope| scope.spare::<Block>("1"))), ["root/block/2"]);
    // Another kind of that name is another object.
    assert_eq!(deletions(unwanted(|scope| scope.spare::<Sign>("1"))), ["root/block/1", "root/block/2"]);
    // What has a node is compared, spared or not.
    assert_eq!(deletions(unwanted(|scope| scope.spare::<Block>("0"))), ["root/block/1", "root/block/2"]);
}
