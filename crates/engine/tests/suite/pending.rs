//! The plan of an empty world is complete.

use std::collections::BTreeSet;

use engine::{Action, Id, Key, Status};
use proptest::prelude::*;
use serde_json::json;

use crate::toy::spec::{Desired, Kind, Spec, specs, tags};
use crate::toy::world::World;
use crate::toy::{paused, summary, unwatched};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn every_node_is_shown(spec in specs(60)) {
        let world = World::default();
        let graph = spec.graph(&world);
        let plan = paused(graph.plan(&unwatched()));
        prop_assert!(plan.is_complete(), "{:#?}", summary(&plan));
        let shown: Vec<_> = plan.steps().filter(|step| step.nature == engine::Nature::Object).collect();
        let objects = (0..spec.len()).filter(|&node| spec.0[node].kind.is_object());
        let keys: Vec<_> = objects.map(|node| spec.key(node)).collect();
        prop_assert_eq!(shown.iter().map(|step| step.key.clone()).collect::<Vec<_>>(), keys);
        for step in shown {
            prop_assert_eq!((step.action, step.status()), (Some(Action::Create), Status::Missing));
            let fields: Vec<_> = step.diffs.iter().map(|diff| diff.field.as_str()).collect();
            prop_assert_eq!(fields, ["parents", "links", "shape", "color", "tags"]);
        }
        prop_assert!(world.changes(0).is_empty(), "a plan changes nothing");
    }
}

#[test]
fn in_an_account_that_does_not_exist() {
    let account = Desired { kind: Kind::Account, ..Spec::block(&[]) };
    let within = |kind, inputs: &[usize]| Desired { kind, account: Some(0), ..Spec::block(inputs) };
    let spec = Spec(vec![account, within(Kind::Block, &[]), within(Kind::Dial, &[1]), within(Kind::Block, &[2])]);
    let graph = spec.graph(&World::default());
    let plan = paused(graph.plan(&unwatched()));
    let steps: Vec<_> = plan.steps().collect();
    assert_eq!(
        steps.iter().map(|step| &step.key).collect::<Vec<_>>(),
        spec.keys().collect::<Vec<_>>().iter().collect::<Vec<_>>()
    );
    assert!(steps.iter().all(|step| step.action == Some(Action::Create)));
    let last: Vec<_> = steps[3].diffs.iter().map(|diff| (diff.field.as_str(), diff.desired.clone())).collect();
    let expected = [
        ("parents", json!([{"pending": "in-0/dial/2"}])),
        ("links", json!([])),
        ("shape", json!(1)),
        ("color", json!(1)),
        ("tags", json!(tags(&spec.key(3)))),
    ];
    assert_eq!(last, expected);
    assert!(steps[3].diffs.iter().all(|diff| diff.actual.is_null() && !diff.fixed));
}

#[test]
fn a_pending_id_is_no_text() {
    let key = Key::new("a", "b", "c");
    let pending = Id::<()>::pending(key.clone());
    let known = Id::<()>::new("a/b/c");
    assert_eq!(json!(pending), json!({"pending": "a/b/c"}));
    assert_eq!(json!(known), json!("a/b/c"));
    assert_ne!(pending, known);
    assert_eq!(pending, Id::pending(key));
    assert_eq!((pending.known(), known.known()), (None, Some("a/b/c")));
    assert_eq!(pending.get().unwrap_err().to_string(), "a/b/c does not exist yet");
    assert_eq!([pending.to_string(), known.to_string()], ["(id of a/b/c)", "a/b/c"]);
    let unique: BTreeSet<_> = [known.clone(), known.cast(), pending.clone(), pending].into();
    assert_eq!(unique.len(), 2);
}
