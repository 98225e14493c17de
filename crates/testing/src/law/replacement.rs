//! What cannot be changed in place is deleted and made anew.

use aws::Account;
use engine::{Action, Inputs, Outcome, Plan, Resource};

use super::{Law, Variant, differing};
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
        // Others may have to change with it: the subnets with their network.
        let is_so = |plan: &Plan| {
            let step = self.step(plan);
            step.action == Some(Action::Replace) && differing(step).contains(field)
        };
        let plan = world.plan_until(&graph, &format!("{} is replaced for its {field}", self.key()), is_so).await;
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
