//! What can be changed in place is, there and back, so that adding and removing are both tried.

use aws::Account;
use engine::{Action, Inputs, Outcome, Resource};

use super::{Law, Variant};
use crate::World;

impl<I: Inputs, R: Resource<Cloud = Account>> Law<I, R> {
    pub(super) async fn is_changed(&self, world: &World) {
        if self.changeable().is_empty() {
            return;
        }
        for variant in [Variant::Changed, Variant::First] {
            let graph = self.graph(world, variant);
            // Every field that can change differs.
            let plan = self.planned(world, &graph, Action::Update, || self.changeable()).await;
            let step = self.step(&plan);

            let report = world.converge(&graph, &plan).await;
            let outcome = report.outcomes.iter().find(|(key, _)| *key == self.key());
            assert!(matches!(outcome, Some((_, Outcome::Updated))), "{variant:?}: {outcome:?}");
            let (old, new) = (step.id.as_deref().unwrap(), self.is_in_sync(world, variant).await);
            assert!(new == old || self.has_no_id(), "{variant:?}: {old} was to be changed, and now there is {new}");
        }
    }
}
