//! What cannot be changed in place is deleted and made anew.

use std::collections::BTreeSet;

use aws::Account;
use engine::{Action, Inputs, Outcome, Resource};

use super::{Law, Variant};
use crate::World;

impl<I: Inputs, R: Resource<Cloud = Account>> Law<I, R> {
    pub(super) async fn is_replaced(&self, world: &World) {
        for field in R::FIXED.iter().filter(|field| !self.known_by.contains(field)) {
            for variant in [Variant::Fixed(field), Variant::First] {
                self.is_replaced_by(world, variant, field).await;
            }
        }
    }

    async fn is_replaced_by(&self, world: &World, variant: Variant, field: &str) {
        let graph = self.graph(world, variant);
        let fields = || self.along.iter().chain([&field]).map(|&field| field.to_owned()).collect::<BTreeSet<_>>();
        let plan = self.planned(world, &graph, Action::Replace, fields).await;
        let old = self.step(&plan).id.clone();

        world.delete(&graph, &plan, |step| step.action == Some(Action::Replace)).await;
        self.is_gone(world);
        let report = world.converge(&graph, &plan).await;
        let outcome = report.outcomes.iter().find(|(key, _)| *key == self.key());
        assert!(matches!(outcome, Some((_, Outcome::Created))), "{variant:?}: {outcome:?}");
        let new = self.is_in_sync(world, variant).await;
        assert!(Some(new) != old || self.has_no_id() || self.is_named, "{variant:?}: {old:?} was to be replaced");
    }
}
