//! Tags are set when the object is made, mended when they differ, and those of others are left alone.

use std::collections::BTreeSet;

use aws::Account;
use engine::{Action, Inputs, Resource, Tags};

use super::{Law, Variant};
use crate::World;

impl<I: Inputs, R: Resource<Cloud = Account>> Law<I, R> {
    /// Leaves an object with a tag more: the next clauses make it anew.
    pub(super) async fn is_tagged(&self, world: &World) {
        let mut tags = Tags::new();
        // A new tag, and then another value of it.
        for team in ["cms", "shop"] {
            tags.insert("team".into(), team.into());
            let graph = self.graph_with(world, Variant::First, &tags);
            if !self.takes_tags {
                world.planned(&graph, &self.key(), Action::Keep).await;
                return;
            }
            let plan = self.planned(world, &graph, Action::Update, || BTreeSet::from(["tags".into()])).await;
            world.converge(&graph, &plan).await;
            self.is_in_sync_with(world, Variant::First, &tags).await;
        }
        // To a graph that does not want it, it is somebody else's tag.
        world.in_sync(&self.graph(world, Variant::First)).await;
    }
}
