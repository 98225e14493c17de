//! What others do to the world, and what a plan should say of it.

use std::collections::{BTreeMap, BTreeSet};

use engine::{Action, Key};
use proptest::prelude::*;
use proptest::sample::Index;

use super::spec::{Kind, Spec};
use super::world::World;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Change {
    Lose,
    Shape,
    Color,
    Retag,
}

/// What happens to which nodes.
pub(crate) type Drift = Vec<(Index, Change)>;

pub(crate) fn drifts() -> impl Strategy<Value = Drift> {
    let change = prop::sample::select(vec![Change::Lose, Change::Shape, Change::Color, Change::Retag]);
    prop::collection::vec((any::<Index>(), change), 1..8)
}

pub(crate) fn happen(spec: &Spec, drift: &Drift, world: &World) {
    for (node, change) in drift {
        let node = node.index(spec.len());
        apply(&spec.key(node), spec.0[node].kind, *change, world);
    }
}

pub(crate) fn apply(key: &Key, kind: Kind, change: Change, world: &World) {
    if kind == Kind::Dial && change == Change::Color {
        world.lock().set_level(key, 9);
    }
    if world.id_of(key).is_none() {
        return;
    }
    match change {
        Change::Lose => world.lose(key),
        Change::Shape => world.meddle(key, |object| object.shape = 9),
        Change::Color => world.meddle(key, |object| object.color = 9),
        Change::Retag => world.meddle(key, |object| {
            if let Some(tags) = &mut object.tags {
                tags.insert("fleet".into(), "stolen".into());
                tags.insert("theirs".into(), "is left alone".into());
            }
        }),
    }
}

/// The picture of a world, without the tags that others added.
pub(crate) fn ours(world: &World) -> Vec<String> {
    world.picture().into_iter().map(|line| line.replace(r#", "theirs": "is left alone""#, "")).collect()
}

/// The changes that a plan should show, with the fields that differ.
pub(crate) fn expected(spec: &Spec, drift: &Drift) -> BTreeMap<Key, (Option<Action>, BTreeSet<String>)> {
    let mut changes = vec![BTreeSet::new(); spec.len()];
    for (node, change) in drift {
        changes[node.index(spec.len())].insert(*change);
    }
    // The nodes whose ids a plan does not know.
    let mut pending = BTreeSet::new();
    let mut expected = BTreeMap::new();
    for (node, (desired, changes)) in spec.0.iter().zip(&changes).enumerate() {
        let unreached = desired.account.is_some_and(|account| pending.contains(&account));
        let moved = desired.inputs.iter().any(|input| pending.contains(input));
        let (action, fields) = match desired.kind {
            kind if kind.is_object() => object(kind, changes, unreached, moved),
            Kind::Dial if unreached || moved => (Action::Create, vec!["of", "level"]),
            Kind::Dial if changes.contains(&Change::Color) => (Action::Update, vec!["level"]),
            _ if unreached || moved => (Action::Create, Vec::new()),
            _ => (Action::Keep, Vec::new()),
        };
        if matches!(action, Action::Create | Action::Replace) {
            pending.insert(node);
        }
        if action != Action::Keep && desired.kind != Kind::Gauge {
            expected.insert(spec.key(node), (Some(action), fields.into_iter().map(str::to_owned).collect()));
        }
    }
    expected
}

fn object(kind: Kind, changes: &BTreeSet<Change>, unreached: bool, moved: bool) -> (Action, Vec<&'static str>) {
    let tagged = kind != Kind::Name;
    if unreached || changes.contains(&Change::Lose) {
        // Of a kind that takes no tags, too: only what exists tells.
        return (Action::Create, vec!["parents", "links", "shape", "color", "tags"]);
    }
    let shape = changes.contains(&Change::Shape);
    let inputs = if kind == Kind::Sign { "links" } else { "parents" };
    let differing = [
        (moved, inputs),
        (shape, "shape"),
        (changes.contains(&Change::Color), "color"),
        (tagged && changes.contains(&Change::Retag), "tags"),
    ];
    let fields: Vec<_> = differing.into_iter().filter(|(differs, _)| *differs).map(|(_, field)| field).collect();
    let replaced = kind != Kind::Account && (shape || moved && kind != Kind::Sign);
    match (fields.is_empty(), replaced) {
        (true, _) => (Action::Keep, fields),
        (_, true) => (Action::Replace, fields),
        _ => (Action::Update, fields),
    }
}
