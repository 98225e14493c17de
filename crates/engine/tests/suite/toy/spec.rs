//! Random graphs, and what the world should look like once they are there.

use std::collections::BTreeSet;
use std::sync::Arc;

use engine::{Graph, Key, Scope, ScopeId, Tags};
use futures_util::FutureExt;
use proptest::prelude::*;
use proptest::sample::Index;

use super::kinds::{Account, Any, Block, Cloud, Dial, Fields, Gauge, Lid, Name, Part, Ref, Sign};
use super::world::{ROOT, World};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Account,
    Block,
    Sign,
    Name,
    Lid,
    Dial,
    Gauge,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Block => "block",
            Self::Sign => "sign",
            Self::Name => "name",
            Self::Lid => "lid",
            Self::Dial => "dial",
            Self::Gauge => "gauge",
        }
    }

    pub(crate) fn is_object(self) -> bool {
        !matches!(self, Self::Dial | Self::Gauge)
    }
}

/// A node, as data.
#[derive(Clone, Debug)]
pub(crate) struct Desired {
    pub(crate) kind: Kind,
    /// The account that it lives in, as a position in the graph; `None` is the one that always exists.
    pub(crate) account: Option<usize>,
    /// Positions of earlier nodes, each once.
    pub(crate) inputs: Vec<usize>,
    pub(crate) shape: u8,
    pub(crate) color: u8,
}

/// A graph, as data.
#[derive(Clone, Debug)]
pub(crate) struct Spec(pub(crate) Vec<Desired>);

/// Graphs of up to `size` nodes of every kind, in several accounts that are themselves nodes.
pub(crate) fn specs(size: usize) -> impl Strategy<Value = Spec> {
    let kinds = prop_oneof![
        1 => Just(Kind::Account),
        4 => Just(Kind::Block),
        2 => Just(Kind::Sign),
        2 => Just(Kind::Name),
        1 => Just(Kind::Dial),
        1 => Just(Kind::Gauge),
    ];
    let inputs = prop::collection::vec(any::<Index>(), 0..4);
    let node = (kinds, any::<Index>(), inputs, 0..4_u8, 0..4_u8);
    prop::collection::vec(node, 1..size).prop_map(|nodes| {
        let mut accounts = vec![None];
        let mut spec = Vec::new();
        for (position, (kind, account, inputs, shape, color)) in nodes.into_iter().enumerate() {
            let inputs: BTreeSet<_> = match kind {
                Kind::Account => BTreeSet::new(),
                _ if position == 0 => BTreeSet::new(),
                _ => inputs.into_iter().map(|input| input.index(position)).collect(),
            };
            let account = *account.get(&accounts);
            spec.push(Desired { kind, account, inputs: inputs.into_iter().collect(), shape, color });
            if kind == Kind::Account {
                accounts.push(Some(position));
            }
        }
        Spec(spec)
    })
}

impl Spec {
    pub(crate) fn block(inputs: &[usize]) -> Desired {
        Desired { kind: Kind::Block, account: None, inputs: inputs.to_vec(), shape: 1, color: 1 }
    }

    /// Blocks, each on the one before.
    pub(crate) fn chain(length: usize) -> Self {
        Self((0..length).map(|position| Self::block(&Vec::from_iter(position.checked_sub(1)))).collect())
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn scope(account: Option<usize>) -> String {
        account.map_or_else(|| ROOT.to_owned(), |account| format!("in-{account}"))
    }

    pub(crate) fn key(&self, node: usize) -> Key {
        let Desired { kind, account, .. } = self.0[node];
        Key::new(Self::scope(account), kind.name(), node.to_string())
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = Key> {
        (0..self.len()).map(|node| self.key(node))
    }

    /// What a node takes its inputs from, its account included.
    pub(crate) fn before(&self, node: usize) -> BTreeSet<usize> {
        self.0[node].inputs.iter().copied().chain(self.0[node].account).collect()
    }

    /// All nodes that depend on one of these, these included.
    pub(crate) fn affected(&self, roots: &BTreeSet<usize>) -> BTreeSet<usize> {
        let mut affected = BTreeSet::new();
        for node in 0..self.len() {
            if roots.contains(&node) || !self.before(node).is_disjoint(&affected) {
                affected.insert(node);
            }
        }
        affected
    }

    /// Which inputs are parents and which are links.
    fn split(kind: Kind, inputs: Vec<Ref>) -> (Vec<Ref>, Vec<Ref>) {
        if kind == Kind::Sign { (Vec::new(), inputs) } else { (inputs, Vec::new()) }
    }

    pub(crate) fn graph(&self, world: &World) -> Graph<Cloud> {
        self.graph_and_root(world).0
    }

    /// The graph, and the scope of the account that always exists.
    pub(crate) fn graph_and_root(&self, world: &World) -> (Graph<Cloud>, ScopeId) {
        let mut graph = Graph::default();
        let cloud = Arc::new(Cloud { world: world.clone(), account: ROOT.to_owned() });
        let connect = move |()| std::future::ready(Ok(Some(Arc::clone(&cloud)))).boxed();
        let mut scope = graph.scope(ROOT, tags, (), connect);
        watch(&mut scope);
        let root = scope.id();
        let mut scopes = vec![(None, root)];
        let mut handles: Vec<Any> = Vec::new();
        for (position, node) in self.0.iter().enumerate() {
            let scope = scopes.iter().find(|(account, _)| *account == node.account).unwrap().1;
            let handle = self.add(&mut graph, scope, position, &handles);
            if node.kind == Kind::Account {
                let world = world.clone();
                let connect = move |account: Ref| {
                    let world = world.clone();
                    let account = account.known().map(str::to_owned);
                    std::future::ready(Ok(account.map(|account| Arc::new(Cloud { world, account })))).boxed()
                };
                let mut scope = graph.scope(&Self::scope(Some(position)), tags, handle.clone(), connect);
                watch(&mut scope);
                scopes.push((Some(position), scope.id()));
            }
            handles.push(handle);
        }
        (graph, root)
    }

    fn add(&self, graph: &mut Graph<Cloud>, scope: ScopeId, position: usize, handles: &[Any]) -> Any {
        let Desired { kind, ref inputs, shape, color, .. } = self.0[position];
        let inputs: Vec<Any> = inputs.iter().map(|&input| handles[input].clone()).collect();
        let mut scope = graph.enter(scope);
        let name = position.to_string();
        let fields = move |inputs| {
            let (parents, links) = Self::split(kind, inputs);
            Fields { parents, links, shape, color }
        };
        match kind {
            Kind::Account => scope.add(name, inputs, move |inputs| -> Account { Part(fields(inputs)) }).into(),
            Kind::Block => scope.add(name, inputs, move |inputs| -> Block { Part(fields(inputs)) }).into(),
            Kind::Sign => scope.add(name, inputs, move |inputs| -> Sign { Part(fields(inputs)) }).into(),
            Kind::Lid => scope.add(name, inputs, move |inputs| -> Lid { Part(fields(inputs)) }).into(),
            Kind::Name => scope.add(name, inputs, move |inputs| Name(fields(inputs))).into(),
            Kind::Dial => scope.add(name, inputs, move |of| Dial { of, level: color }).into(),
            Kind::Gauge => scope.add(name, inputs, move |of| Gauge { of }).into(),
        }
    }

    /// What [`World::picture`] should say.
    pub(crate) fn picture(&self) -> Vec<String> {
        let mut lines: Vec<_> = (0..self.len()).filter_map(|node| self.line(node)).collect();
        lines.sort();
        lines
    }

    fn line(&self, node: usize) -> Option<String> {
        let Desired { kind, account, ref inputs, shape, color } = self.0[node];
        let key = self.key(node);
        let account = account.map_or_else(|| ROOT.to_owned(), |account| self.key(account).to_string());
        let names: Vec<_> = inputs.iter().map(|&input| self.key(input).to_string()).collect();
        let empty: Vec<String> = Vec::new();
        let (parents, links) = if kind == Kind::Sign { (&empty, &names) } else { (&names, &empty) };
        let tags = (kind != Kind::Name).then(|| tags(&key));
        match kind {
            Kind::Gauge => None,
            Kind::Dial => (color > 0).then(|| format!("{key} level={color}")),
            _ => Some(format!("{key} in={account} {parents:?} {links:?} shape={shape} color={color} {tags:?}")),
        }
    }
}

/// The tags that every object should have.
pub(crate) fn tags(key: &Key) -> Tags {
    [("fleet", "toy".to_owned()), ("key", key.to_string())].map(|(key, value)| (key.to_owned(), value)).into()
}

fn watch(scope: &mut Scope<'_, Cloud>) {
    scope.watch::<Account>();
    scope.watch::<Block>();
    scope.watch::<Sign>();
    scope.watch::<Lid>();
}
