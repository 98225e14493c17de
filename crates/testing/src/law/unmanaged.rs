//! What is ours and no node wants any more is found and removed.

use aws::Account;
use aws::resources::{watch_all, watch_common, watch_service};
use engine::{Action, Inputs, Plan, Resource, Step};

use super::{Law, Variant};
use crate::World;

impl<I: Inputs, R: Resource<Cloud = Account>> Law<I, R> {
    /// `id` is that of the object that is there: what was there before it may still be listed, and would be deleted instead.
    pub(super) async fn is_removed_when_unmanaged(&self, world: &World, id: &str) {
        let graph = world.graph(|scope| {
            watch_all(scope);
            watch_common(scope);
            watch_service(scope);
            (self.given)(scope);
        });
        if self.has_no_id() {
            world.in_sync(&graph).await;
            let graph = self.graph(world, Variant::First);
            let plan = world.plan(&graph).await;
            world.delete(&graph, &plan, |step| step.key == self.key()).await;
            return;
        }
        let is_this = |step: &Step| {
            step.key == self.key() && step.action == Some(Action::Delete) && step.id.as_deref() == Some(id)
        };
        let is_alone = |plan: &Plan| matches!(plan.changes().collect::<Vec<_>>().as_slice(), [step] if is_this(step));
        let plan = world.plan_until(&graph, &format!("{} as the one unmanaged thing", self.key()), is_alone).await;
        world.delete(&graph, &plan, |step| step.action == Some(Action::Delete)).await;
        self.is_gone(world);
        world.in_sync(&graph).await;
    }
}
