//! What is ours and no node wants any more is found and removed.

use aws::Account;
use aws::resources::watch_all;
use engine::{Action, Inputs, Resource, Step};

use super::{Law, Variant};
use crate::World;

impl<I: Inputs, R: Resource<Cloud = Account>> Law<I, R> {
    pub(super) async fn is_removed_when_unmanaged(&self, world: &World) {
        let graph = world.graph(|scope| {
            watch_all(scope);
            (self.given)(scope);
        });
        let plan = world.plan(&graph).await;
        let unmanaged: Vec<_> = plan.changes().collect();
        if self.has_no_id() {
            assert!(unmanaged.is_empty(), "{unmanaged:#?}");
            let graph = self.graph(world, Variant::First);
            let plan = world.plan(&graph).await;
            world.delete(&graph, &plan, |step| step.key == self.key()).await;
            return;
        }
        let [Step { key, action: Some(Action::Delete), id: Some(_), .. }] = unmanaged.as_slice() else {
            panic!("{} is the one thing that is unmanaged: {unmanaged:#?}", self.key());
        };
        assert_eq!(*key, self.key());
        world.delete(&graph, &plan, |step| step.action == Some(Action::Delete)).await;
        self.is_gone(world);
        assert!(world.plan(&graph).await.is_empty());
    }
}
