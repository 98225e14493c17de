//! The law of resources, clause by clause.

mod calls;
mod change;
mod creation;
mod deletion;
mod half_made;
mod replacement;
mod tags;
mod twins;
mod unmanaged;
mod variant;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use aws::Account;
use engine::{Action, Graph, Inputs, Key, Plan, Resource, Scope, Step, Tags};
use serde_json::Value;

pub use self::variant::Variant;
use crate::world::{SCOPE, World, step};

/// How one kind of object is taken through its life.
#[expect(clippy::struct_excessive_bools, reason = "each says in what a kind is unlike the others")]
pub struct Law<I: Inputs, R> {
    name: &'static str,
    given: fn(&mut Scope<'_, Account>) -> I,
    desired: fn(I::Values, Variant) -> R,
    outside: &'static str,
    known_by: &'static [&'static str],
    takes_tags: bool,
    is_watched: bool,
    reads_per_object: u64,
    reads_per_node: u64,
    along: &'static [&'static str],
    comes_back: bool,
    lasting: &'static [&'static str],
    is_named: bool,
    /// The desired state that the last walk came to.
    wanted: Arc<Mutex<Value>>,
}

impl<I: Inputs, R: Resource<Cloud = Account>> Law<I, R> {
    /// The law of the node `name`.
    ///
    /// - `given` adds what the object is built on, for all variants.
    /// - `desired` is the desired state in each variant.
    /// - `outside` is Python that reads, with boto3, a list of the objects that are there for the node: each has all
    ///   fields of the desired state, and `tags`.
    pub fn new(
        name: &'static str,
        given: fn(&mut Scope<'_, Account>) -> I,
        desired: fn(I::Values, Variant) -> R,
        outside: &'static str,
    ) -> Self {
        let (known_by, wanted) = (&[], Arc::default());
        Self {
            name,
            given,
            desired,
            outside,
            known_by,
            takes_tags: true,
            is_watched: true,
            reads_per_object: 0,
            reads_per_node: 0,
            along: &[],
            comes_back: false,
            lasting: &[],
            is_named: false,
            wanted,
        }
    }

    /// For a kind whose tags are not compared. Those that are given when it is made are, here.
    #[must_use]
    pub fn untagged(self) -> Self {
        Self { takes_tags: false, ..self }
    }

    /// For a kind of which nothing is ever unwanted.
    #[must_use]
    pub fn unwatched(self) -> Self {
        Self { is_watched: false, ..self }
    }

    /// For a kind that is known by some of its fields instead of tags or a name: with another value it is another
    /// object. Nothing of it can be unmanaged, and its id means nothing.
    #[must_use]
    pub fn known_by(self, fields: &'static [&'static str]) -> Self {
        Self { known_by: fields, takes_tags: false, ..self }
    }

    /// For a kind whose list leaves something out, so that each object is read with so many calls of its own.
    #[must_use]
    pub fn reads_per_object(self, calls: u64) -> Self {
        Self { reads_per_object: calls, ..self }
    }

    /// For a kind whose list is too old to be believed, so that each node is asked for by its name, with so many calls.
    #[must_use]
    pub fn reads_per_node(self, calls: u64) -> Self {
        Self { reads_per_node: calls, ..self }
    }

    /// For a kind in which these fields change along with each that cannot be changed in place, as subnets with their network.
    #[must_use]
    pub fn changes_along(self, fields: &'static [&'static str]) -> Self {
        Self { along: fields, ..self }
    }

    /// For a kind whose deleted objects are brought back when they are wanted again, with the tags of their earlier life.
    #[must_use]
    pub fn comes_back(self) -> Self {
        Self { comes_back: true, ..self }
    }

    /// For a kind with fields that stay as they were made, whatever is wanted later. They are the same in all variants.
    #[must_use]
    pub fn lasting(self, fields: &'static [&'static str]) -> Self {
        Self { lasting: fields, ..self }
    }

    /// For a kind whose id is made of its name, so that what takes the place of an object has the same.
    #[must_use]
    pub fn named(self) -> Self {
        Self { is_named: true, ..self }
    }

    /// Takes an object through its life. Leaves what it is built on.
    pub async fn holds(&self, world: &World) {
        world.settle(&self.givens(world)).await;
        self.is_created(world).await;
        self.is_listed_once(world).await;
        self.is_changed(world).await;
        self.is_tagged(world).await;
        self.is_replaced(world).await;
        let id = self.is_deleted(world).await;
        if self.is_watched {
            self.is_removed_when_unmanaged(world, &id).await;
        }
    }

    /// The node's key.
    pub fn key(&self) -> Key {
        Key::new(SCOPE, R::KIND, self.name)
    }

    /// What the object is built on.
    pub fn givens(&self, world: &World) -> Graph<Account> {
        world.graph(|scope| drop((self.given)(scope)))
    }

    /// What the object is built on, and the object.
    pub fn graph(&self, world: &World, variant: Variant) -> Graph<Account> {
        self.graph_with(world, variant, &Tags::new())
    }

    fn graph_with(&self, world: &World, variant: Variant, tags: &Tags) -> Graph<Account> {
        world.graph_with(tags, |scope| {
            scope.watch::<R>();
            let inputs = (self.given)(scope);
            self.add(scope, self.name, inputs, variant);
        })
    }

    fn add(&self, scope: &mut Scope<'_, Account>, name: &str, inputs: I, variant: Variant) {
        let (desired, wanted) = (self.desired, Arc::clone(&self.wanted));
        scope.add(name, inputs, move |values| {
            let desired = desired(values, variant);
            *wanted.lock().unwrap_or_else(PoisonError::into_inner) = serde_json::to_value(&desired).unwrap();
            desired
        });
    }

    /// The desired state that the last walk came to.
    fn wanted(&self) -> Value {
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Plans until the node's step has this action and differs in just the fields that are given for it.
    async fn planned(
        &self,
        world: &World,
        graph: &Graph<Account>,
        action: Action,
        fields: impl Fn() -> BTreeSet<String>,
    ) -> Plan {
        let is_so = |plan: &Plan| {
            let step = self.step(plan);
            step.action == Some(action) && differing(step) == fields()
        };
        world.plan_until(graph, &format!("{action:?} of {}, in exactly {:?}", self.key(), fields()), is_so).await
    }

    fn step<'p>(&self, plan: &'p Plan) -> &'p Step {
        step(plan, &self.key())
    }

    /// The objects that are there for the node, as boto3 sees them.
    fn outside(&self, world: &World) -> Value {
        world.boto3_about(&self.key(), &World::tags_of(&self.key()), self.outside)
    }

    /// Fails unless exactly one object is there, equal to the desired state for us and for boto3. Gives its id.
    async fn is_in_sync(&self, world: &World, variant: Variant) -> String {
        self.is_in_sync_with(world, variant, &Tags::new()).await
    }

    async fn is_in_sync_with(&self, world: &World, variant: Variant, tags: &Tags) -> String {
        let graph = self.graph_with(world, variant, tags);
        // Right after a change, so that what it sees may be old: that does no harm.
        world.apply(&graph).await;
        let plan = world.plan_until(&graph, &format!("in sync: {variant:?}"), Plan::is_empty).await;
        let mut expected = self.wanted();
        if !self.has_no_id() {
            let tags: Tags = World::tags_of(&self.key()).into_iter().chain(tags.clone()).collect();
            expected["tags"] = serde_json::json!(tags);
        }
        let mut outside = self.outside(world);
        let tags = outside.get_mut(0).and_then(|object| object.get_mut("tags")).and_then(Value::as_object_mut);
        if let Some(tags) = tags.filter(|_| self.comes_back) {
            tags.retain(|tag, _| expected["tags"].get(tag).is_some());
        }
        assert_eq!(outside, Value::from(vec![expected]), "{variant:?}: boto3 (left) sees something else");
        self.step(&plan).id.clone().expect("what exists has an id")
    }

    /// Fails if boto3 sees an object for the node.
    fn is_gone(&self, world: &World) {
        let outside = self.outside(world);
        assert_eq!(outside, Value::Array(Vec::new()), "boto3 sees what should be gone");
    }

    /// Whether it is only a relation of others.
    fn has_no_id(&self) -> bool {
        !self.known_by.is_empty()
    }

    /// The fields that can be changed in place.
    fn changeable(&self) -> BTreeSet<String> {
        let fields: Vec<String> = self.wanted().as_object().unwrap().keys().cloned().collect();
        let fixed =
            |field: &String| R::FIXED.iter().chain(self.known_by).chain(self.lasting).any(|fixed| *fixed == field);
        fields.into_iter().filter(|field| !fixed(field)).collect()
    }
}

/// The fields in which a step differs.
fn differing(step: &Step) -> BTreeSet<String> {
    step.diffs.iter().map(|diff| diff.field.clone()).collect()
}
