//! A kind is listed once, however many nodes it has.

use aws::Account;
use engine::{Graph, Inputs, Resource};

use super::{Law, Variant};
use crate::World;
use crate::world::SCOPE;

impl<I: Inputs, R: Resource<Cloud = Account>> Law<I, R> {
    /// In fair weather: what is seen late is looked for more than once.
    pub(super) async fn is_listed_once(&self, world: &World) {
        world.in_fair_weather(self.is_listed_once_in_fair_weather(world)).await;
    }

    async fn is_listed_once_in_fair_weather(&self, world: &World) {
        let without = calls(world, &self.givens(world)).await;
        let with = |names: &[&str]| {
            world.graph(|scope| {
                let inputs = (self.given)(scope);
                for name in names {
                    self.add(scope, name, inputs.clone(), Variant::First);
                }
            })
        };
        let one = calls(world, &with(&[self.name])).await;
        let many = calls(world, &with(&[self.name, "second", "third"])).await;
        assert_eq!(
            one + 2 * self.reads_per_node,
            many,
            "as many calls (left) for one node, and two of its own, as for three (right): {:#?}",
            world.sessions().stats().all()
        );
        let most = without + 1 + self.reads_per_object + self.reads_per_node;
        assert!(one <= most, "at most {most} calls, not {one}: {:#?}", world.sessions().stats().all());
    }
}

/// How many calls a plan makes.
async fn calls(world: &World, graph: &Graph<Account>) -> u64 {
    let before = world.sessions().stats().of_account(SCOPE);
    world.plan(graph).await;
    world.sessions().stats().of_account(SCOPE) - before
}
