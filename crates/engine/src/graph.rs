//! The graph of desired objects. A handle exists only once its node does, so the order in which nodes are added is
//! one in which they can be made.

use std::collections::{HashMap, HashSet};
use std::marker::PhantomData;
use std::sync::Arc;

use futures_util::future::BoxFuture;

use crate::node::{Node, Typed, Watch, Watcher};
use crate::session::{Earlier, Session};
use crate::{Inputs, Key, Resource, Result, Tags};

/// Reaches a scope's cloud: `None` while the account that it lives in is only planned. While converging,
/// [`crate::Class::NotYet`] is tried again, with a bound, and `None` is an error.
pub type Connect<C> = BoxFuture<'static, Result<Option<Arc<C>>>>;

/// The kind of a scope's sessions in keys.
const SESSION: &str = "session";

/// Desired objects and the data that flows between them.
pub struct Graph<C> {
    pub(crate) nodes: Vec<Box<dyn Node<C>>>,
    pub(crate) watches: Vec<Box<dyn Watch<C>>>,
    pub(crate) positions: HashMap<Key, usize>,
    /// What is wanted elsewhere.
    pub(crate) spared: HashSet<Key>,
    scopes: Vec<ScopeEntry>,
}

/// A node that was added: the only way to its output.
pub struct Handle<R> {
    pub(crate) node: usize,
    kind: PhantomData<fn() -> R>,
}

impl<R> Clone for Handle<R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R> Copy for Handle<R> {}

/// A scope of a graph, to enter again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScopeId(usize);

type TagsOf = Arc<dyn Fn(&Key) -> Tags + Send + Sync>;

struct ScopeEntry {
    name: String,
    /// The way in.
    first: usize,
    /// The way that what is added now goes.
    session: usize,
    tags: TagsOf,
}

impl<C> Default for Graph<C> {
    fn default() -> Self {
        Self {
            nodes: Vec::new(),
            watches: Vec::new(),
            positions: HashMap::new(),
            spared: HashSet::new(),
            scopes: Vec::new(),
        }
    }
}

impl<C: Send + Sync + 'static> Graph<C> {
    /// Adds a scope whose cloud is reached through the outputs of other nodes, such as the account's id. All nodes of
    /// the scope come after those.
    ///
    /// # Panics
    /// When the graph has a scope of this name.
    pub fn scope<I: Inputs>(
        &mut self,
        name: &str,
        tags: impl Fn(&Key) -> Tags + Send + Sync + 'static,
        inputs: I,
        connect: impl Fn(I::Values) -> Connect<C> + Send + Sync + 'static,
    ) -> Scope<'_, C> {
        let session = self.insert(Box::new(Session::new(Key::new(name, SESSION, name), inputs, Box::new(connect))));
        let id = ScopeId(self.scopes.len());
        self.scopes.push(ScopeEntry { name: name.to_owned(), first: session, session, tags: Arc::new(tags) });
        self.enter(id)
    }

    /// Enters a scope again, to add more to it.
    pub fn enter(&mut self, id: ScopeId) -> Scope<'_, C> {
        Scope { graph: self, id }
    }

    /// The keys of all nodes, in an order in which they can be made.
    pub fn keys(&self) -> impl Iterator<Item = &Key> {
        self.nodes.iter().map(|node| node.key())
    }

    /// For each node, the positions of the nodes that it takes its inputs from.
    pub fn edges(&self) -> impl Iterator<Item = &[usize]> {
        self.nodes.iter().map(|node| node.inputs())
    }

    fn insert(&mut self, node: Box<dyn Node<C>>) -> usize {
        let position = self.nodes.len();
        let earlier = self.positions.insert(node.key().clone(), position);
        assert!(earlier.is_none(), "{} was added twice", node.key());
        self.nodes.push(node);
        position
    }
}

/// One account in one region, as part of a graph.
pub struct Scope<'g, C> {
    graph: &'g mut Graph<C>,
    id: ScopeId,
}

impl<C: Send + Sync + 'static> Scope<'_, C> {
    /// The scope's name, which its keys begin with.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.graph.scopes[self.id.0].name
    }

    /// What to [`Graph::enter`] it by.
    #[must_use]
    pub fn id(&self) -> ScopeId {
        self.id
    }

    /// Reaches the scope's cloud in another way from here on, made from the way so far and the outputs of nodes, such as a
    /// role that the scope itself holds. What was added before keeps its way. A plan to which the new way is refused goes
    /// on by the old one, since the run may be about to mend it; a run that changes something does not.
    ///
    /// # Panics
    /// When the scope has a session of this name.
    pub fn renew<I: Inputs>(
        &mut self,
        name: &str,
        inputs: I,
        connect: impl Fn(Option<Arc<C>>, I::Values) -> Connect<C> + Send + Sync + 'static,
    ) {
        let ScopeEntry { name: scope, session, .. } = &self.graph.scopes[self.id.0];
        let (key, inputs) = (Key::new(scope, SESSION, name), (Earlier::<C>::new(*session), inputs));
        let connect = move |(earlier, values)| connect(earlier, values);
        let renewed = Session::new(key, inputs, Box::new(connect)).or(*session);
        let session = self.graph.insert(Box::new(renewed));
        self.graph.scopes[self.id.0].session = session;
    }

    /// Adds a node. Its desired state is a function of what its inputs give.
    ///
    /// # Panics
    /// When the scope has a node of this kind and name.
    pub fn add<R: Resource<Cloud = C>, I: Inputs>(
        &mut self,
        name: impl Into<String>,
        inputs: I,
        desired: impl Fn(I::Values) -> R + Send + Sync + 'static,
    ) -> Handle<R> {
        let scope = &self.graph.scopes[self.id.0];
        let key = Key::new(&scope.name, R::KIND, name);
        let tags = (scope.tags)(&key);
        let node = Typed::new(key, tags, scope.session, inputs, Box::new(desired));
        Handle { node: self.graph.insert(Box::new(node)), kind: PhantomData }
    }

    /// Says that an object of this kind and name is wanted, whether or not this graph has a node for it: a graph may be of a
    /// part only, and what another part wants is not unmanaged.
    pub fn spare<R: Resource<Cloud = C>>(&mut self, name: impl Into<String>) {
        let key = Key::new(&self.graph.scopes[self.id.0].name, R::KIND, name);
        self.graph.spared.insert(key);
    }

    /// Looks, when planning, for objects of this kind that are ours and that no node wants. Kinds are watched in the
    /// order in which they are made: what is unmanaged is deleted in the reverse of it. A kind that is watched already
    /// keeps its place. They are looked for as soon as the scope is entered, so that what is listed for them is there when
    /// nodes ask for it.
    pub fn watch<R: Resource<Cloud = C>>(&mut self) {
        let scope = &self.graph.scopes[self.id.0];
        let key = Key::new(&scope.name, R::KIND, "*");
        if self.graph.watches.iter().all(|watch| *watch.key() != key) {
            self.graph.watches.push(Box::new(Watcher::<R>::new(key, scope.first)));
        }
    }
}
