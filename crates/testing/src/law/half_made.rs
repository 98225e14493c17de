//! A run that is killed between two calls of a creation leaves an object that differs, and the next run finishes it.

use std::collections::BTreeSet;

use aws::Account;
use engine::{Action, Inputs, Resource};

use super::{Law, Variant};
use crate::World;

impl<I: Inputs, R: Resource<Cloud = Account>> Law<I, R> {
    /// Makes with `code` what the first call of a creation makes, and finishes it. It differs in `fields`. Begins and
    /// ends without the object.
    pub async fn finishes_half_made(&self, world: &World, code: &str, fields: &[&str]) {
        world.settle(&self.givens(world)).await;
        world.boto3_about(&self.key(), &World::tags_of(&self.key()), code);

        let graph = self.graph(world, Variant::First);
        let fields = || fields.iter().map(|field| (*field).to_owned()).collect::<BTreeSet<_>>();
        let plan = self.planned(world, &graph, Action::Update, fields).await;
        let id = self.step(&plan).id.clone();
        world.converge(&graph, &plan).await;
        assert_eq!(Some(self.is_in_sync(world, Variant::First).await), id);

        let plan = world.plan(&graph).await;
        world.delete(&graph, &plan, |step| step.key == self.key()).await;
        self.is_gone(world);
    }
}
