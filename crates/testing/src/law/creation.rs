//! What does not exist is created, and then it is found and equal.

use aws::Account;
use engine::{Action, Inputs, Outcome, Resource};
use serde_json::Value;

use super::{Law, Variant};
use crate::World;

impl<I: Inputs, R: Resource<Cloud = Account>> Law<I, R> {
    pub(super) async fn is_created(&self, world: &World) {
        self.is_gone(world);
        let graph = self.graph(world, Variant::First);
        let plan = world.planned(&graph, &self.key(), Action::Create).await;
        let step = self.step(&plan);
        assert_eq!(step.id, None, "what does not exist has no id");

        let shown = step.diffs.iter().map(|diff| (diff.field.clone(), diff.desired.clone()));
        let mut expected = self.wanted();
        if R::TAGGED {
            expected["tags"] = serde_json::json!(World::tags_of(&self.key()));
        }
        assert_eq!(Value::Object(shown.collect()), expected, "the plan (left) shows every field");

        let report = world.converge(&graph, &plan).await;
        let outcome = report.outcomes.iter().find(|(key, _)| *key == self.key());
        assert!(matches!(outcome, Some((_, Outcome::Created))), "{outcome:?}");
        self.is_in_sync(world, Variant::First).await;
    }
}
