//! Tags are set when the object is made, mended when they differ, and those of others are left alone.

use std::collections::BTreeSet;

use aws::Account;
use engine::{Action, Inputs, Resource, Tags};

use super::{Law, Variant, differing};
use crate::World;

impl<I: Inputs, R: Resource<Cloud = Account>> Law<I, R> {
    /// Leaves an object with a tag more: the next clauses make it anew.
    pub(super) async fn is_tagged(&self, world: &World) {
        let mut tags = Tags::new();
        // A new tag, and then another value of it.
        for team in ["cms", "shop"] {
            tags.insert("team".into(), team.into());
            let graph = self.graph_with(world, Variant::First, &tags);
            let plan = world.plan(&graph).await;
            let step = self.step(&plan);
            if !self.takes_tags {
                assert_eq!(step.action, Some(Action::Keep), "{step:#?}");
                return;
            }
            assert_eq!(step.action, Some(Action::Update), "{step:#?}");
            assert_eq!(differing(step), BTreeSet::from(["tags".into()]));
            world.converge(&graph, &plan).await;
            self.is_in_sync_with(world, Variant::First, &tags).await;
        }
        // To a graph that does not want it, it is somebody else's tag.
        let plan = world.plan(&self.graph(world, Variant::First)).await;
        assert!(plan.is_empty(), "{:#?}", plan.changes().collect::<Vec<_>>());
    }
}
