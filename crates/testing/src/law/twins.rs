//! Two objects that claim to be one node's are an error, never a guess.

use aws::Account;
use engine::{Class, Inputs, Resource};

use super::{Law, Variant};
use crate::World;

impl<I: Inputs, R: Resource<Cloud = Account>> Law<I, R> {
    /// Makes the object twice with `code`, which gives its id. Leaves both.
    pub async fn refuses_twins(&self, world: &World, code: &str) {
        world.settle(&self.givens(world)).await;
        let make = || world.boto3_about(&self.key(), &World::tags_of(&self.key()), code);
        let ids = [make(), make()];
        let error = world.refusal(&self.graph(world, Variant::First)).await;
        assert_eq!(error.class, Class::Invalid, "{error}");
        for id in &ids {
            assert!(error.message.contains(id.as_str().unwrap()), "{error} does not name {id}");
        }
        assert!(error.message.contains(&self.key().to_string()), "{error}");
    }
}
