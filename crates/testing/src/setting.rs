//! The law of settings: they come with their account, are mended when they differ, and stay when all else goes.

use std::collections::BTreeSet;

use aws::Account;
use engine::{Action, Graph, Key, Nature, Resource};
use serde_json::{Value, json};

use crate::world::{SCOPE, World, step};

/// How one kind of setting is held to what is desired.
pub struct SettingLaw<R> {
    name: &'static str,
    desired: fn() -> R,
    outside: &'static str,
    drifts: Vec<&'static str>,
    calls: u64,
}

impl<R: Resource<Cloud = Account>> SettingLaw<R> {
    /// The law of the node `name`. `outside` is Python that reads the setting with boto3, as an object with all fields of
    /// the desired state.
    pub fn new(name: &'static str, desired: fn() -> R, outside: &'static str) -> Self {
        Self { name, desired, outside, drifts: Vec::new(), calls: 1 }
    }

    /// Python that changes the setting behind our back. All such changes together have to touch every field.
    #[must_use]
    pub fn drifts(mut self, code: &'static str) -> Self {
        self.drifts.push(code);
        self
    }

    /// For a kind that is read with so many calls.
    #[must_use]
    pub fn reads(self, calls: u64) -> Self {
        Self { calls, ..self }
    }

    /// Takes the setting through its life.
    pub async fn holds(&self, world: &World) {
        assert_eq!(R::NATURE, Nature::Setting);
        let (graph, wanted) = (self.graph(world), serde_json::to_value((self.desired)()).unwrap());
        // Of a new account, as AWS gives it out.
        world.settle(&graph).await;
        self.is(world, &wanted, "in a new account");
        let fields: BTreeSet<String> = wanted.as_object().unwrap().keys().cloned().collect();
        let mut touched = BTreeSet::new();
        for code in &self.drifts {
            touched.extend(self.is_mended(world, &graph, &wanted, code).await);
        }
        assert_eq!(touched, fields, "the changes (left) touch every field (right)");
        world.in_fair_weather(self.is_read_once(world, &graph)).await;
        self.stays(world, &graph, &wanted).await;
    }

    fn key(&self) -> Key {
        Key::new(SCOPE, R::KIND, self.name)
    }

    fn graph(&self, world: &World) -> Graph<Account> {
        let desired = self.desired;
        world.graph(|scope| {
            scope.add(self.name, (), move |()| desired());
        })
    }

    #[track_caller]
    fn is(&self, world: &World, wanted: &Value, when: &str) {
        let outside = world.boto3_about(&self.key(), &World::tags_of(&self.key()), self.outside);
        assert_eq!(outside, *wanted, "{when}: boto3 (left) sees something else");
    }

    /// Changes it, and has it mended; gives the fields that differed.
    async fn is_mended(&self, world: &World, graph: &Graph<Account>, wanted: &Value, code: &str) -> BTreeSet<String> {
        world.boto3(&format!("{code}\nNone"));
        let plan = world.planned(graph, &self.key(), Action::Update).await;
        let diffs = &step(&plan, &self.key()).diffs;
        for diff in diffs {
            assert_eq!(diff.desired, wanted[&diff.field], "after {code}");
        }
        world.converge(graph, &plan).await;
        self.is(world, wanted, code);
        world.in_sync(graph).await;
        diffs.iter().map(|diff| diff.field.clone()).collect()
    }

    async fn is_read_once(&self, world: &World, graph: &Graph<Account>) {
        let calls = || world.sessions().stats().of_account(SCOPE);
        let before = calls();
        world.plan(&world.graph(|_| ())).await;
        let nothing = calls();
        world.plan(graph).await;
        assert_eq!(calls() - nothing, nothing - before + self.calls, "{:#?}", world.sessions().stats().all());
    }

    /// Nothing of it is deleted, whatever is.
    async fn stays(&self, world: &World, graph: &Graph<Account>, wanted: &Value) {
        let plan = world.plan(graph).await;
        let report = world.delete(graph, &plan, |_| true).await;
        assert_eq!(json!(report.outcomes.len()), 0, "{report:?}");
        self.is(world, wanted, "after a deletion of all");
    }
}
