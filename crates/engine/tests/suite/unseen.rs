//! What is there and is not found by a call is looked at again: it was made or changed a moment ago.

use std::time::Duration;

use engine::{Action, Class, Key, Tags};
use tokio::time::Instant;

use crate::toy::spec::Spec;
use crate::toy::world::{Fault, Object, Op, ROOT, World};
use crate::toy::{applied, outcomes, paused, unwatched};

#[test]
fn by_a_deletion() {
    let (spec, world) = (Spec::chain(1), World::default());
    let graph = spec.graph(&world);
    let report = paused(async {
        applied(&graph).await;
        let plan = graph.plan(&unwatched()).await;
        world.fault(&spec.key(0), Op::Delete, Fault::Fail(Class::NotFound, 3));
        graph.delete(&plan, |_| true, &unwatched()).await
    });
    assert!(report.is_success(), "{:#?}", outcomes(&report));
    assert!(world.lock().objects.is_empty(), "it is not only said to be gone");
}

#[test]
fn by_a_deletion_of_what_is_gone_and_still_listed() {
    let (spec, world) = (Spec::chain(1), World::default());
    world.lock().linger = Duration::from_secs(5);
    let graph = spec.graph(&world);
    let (report, took) = paused(async {
        applied(&graph).await;
        let plan = graph.plan(&unwatched()).await;
        graph.delete(&plan, |_| true, &unwatched()).await;
        let start = Instant::now();
        (graph.delete(&plan, |_| true, &unwatched()).await, start.elapsed())
    });
    assert!(report.is_success(), "{:#?}", outcomes(&report));
    assert!((5..20).contains(&took.as_secs()), "{took:?}");
}

#[test]
fn by_a_change() {
    let (spec, world) = (Spec::chain(1), World::default());
    let graph = spec.graph(&world);
    paused(async {
        applied(&graph).await;
        for op in [Op::Update, Op::Tag, Op::Ready] {
            world.meddle(&spec.key(0), |object| {
                object.color += 1;
                object.tags = Some(Tags::new());
            });
            world.fault(&spec.key(0), op, Fault::Fail(Class::NotFound, 2));
            applied(&graph).await;
            let plan = graph.plan(&unwatched()).await;
            assert!(plan.is_empty(), "{op:?}");
        }
    });
    assert_eq!(world.picture(), spec.picture());
}

#[test]
fn by_the_list_of_what_is_unmanaged() {
    let (spec, world) = (Spec::chain(0), World::default());
    let graph = spec.graph(&world);
    let stray = Key::new(ROOT, "block", "stray");
    let object = Object {
        key: Some(stray.clone()),
        kind: "block".into(),
        account: ROOT.into(),
        parents: Vec::new(),
        links: Vec::new(),
        shape: 0,
        color: 0,
        tags: None,
    };
    let plan = paused(async {
        world.lock().add(object);
        graph.plan(&unwatched()).await;
        let lists: Vec<_> = world.lock().calls.iter().map(|call| call.key.clone()).collect();
        for list in lists {
            world.fault(&list, Op::Find, Fault::Fail(Class::NotYet, 2));
        }
        graph.plan(&unwatched()).await
    });
    assert!(plan.is_complete());
    let changes: Vec<_> = plan.changes().map(|step| (step.key.clone(), step.action)).collect();
    assert_eq!(changes, [(stray, Some(Action::Delete))]);
}
