//! What is deleted is gone, deleting it once more is no error, and it can be made again.

use aws::Account;
use engine::{Action, Inputs, Resource};

use super::{Law, Variant};
use crate::World;

impl<I: Inputs, R: Resource<Cloud = Account>> Law<I, R> {
    /// Gives the id of what is there in the end.
    pub(super) async fn is_deleted(&self, world: &World) -> String {
        let graph = self.graph(world, Variant::First);
        let old = world.plan(&graph).await;
        world.delete(&graph, &old, |step| step.key == self.key()).await;
        self.is_gone(world);
        // As a run does that was planned while another deleted.
        world.delete(&graph, &old, |step| step.key == self.key()).await;

        let plan = world.planned(&graph, &self.key(), Action::Create).await;
        world.converge(&graph, &plan).await;
        self.is_in_sync(world, Variant::First).await
    }
}
