//! A scope that cannot be reached fails once, at its session.

use std::sync::{Arc, Mutex};

use engine::{Class, Error, Graph, Result};
use futures_util::FutureExt;

use crate::toy::kinds::{Block, Cloud, Fields, Part, Sign};
use crate::toy::spec::tags;
use crate::toy::world::{ROOT, World};
use crate::toy::{outcomes, paused, unwatched};

/// Two blocks in a scope whose session gives these answers, the last of them from then on.
fn graph(world: &World, answers: Vec<Result<bool>>) -> Graph<Cloud> {
    let answers = Mutex::new(answers);
    let cloud = Arc::new(Cloud { world: world.clone(), account: ROOT.to_owned() });
    let mut graph = Graph::default();
    let mut scope = graph.scope("far", tags, (), move |()| {
        let mut answers = answers.lock().unwrap();
        let answer = if answers.len() > 1 { answers.remove(0) } else { answers[0].clone() };
        std::future::ready(answer.map(|there| there.then(|| Arc::clone(&cloud)))).boxed()
    });
    scope.watch::<Block>();
    let first = scope.add("a", (), |()| -> Block { Part(Fields::default()) });
    scope.add("b", first, |first| -> Block { Part(Fields { parents: vec![first], ..Fields::default() }) });
    graph
}

fn error(class: Class) -> Result<bool> {
    Err(Error::new(class, "no way in"))
}

#[test]
fn while_planning() {
    let graph = graph(&World::default(), vec![error(Class::Denied)]);
    let plan = paused(graph.plan(&unwatched()));
    let failures: Vec<_> = plan.failures().map(|(key, error)| (key.to_string(), error.to_string())).collect();
    assert_eq!(failures, [("far/session/far".to_owned(), "no way in".to_owned())]);
    let steps: Vec<_> = plan.steps().map(|step| step.key.to_string()).collect();
    assert_eq!(steps, ["far/session/far", "far/block/a", "far/block/b"], "the watch repeats nothing");
}

#[test]
fn while_converging() {
    for (answer, expected) in [
        (error(Class::Denied), "failed: no way in"),
        (Ok(false), "failed: the account of far/session/far could not be reached"),
    ] {
        let graph = graph(&World::default(), vec![Ok(false), answer]);
        let report = paused(async {
            let plan = graph.plan(&unwatched()).await;
            graph.converge(&plan, &unwatched()).await
        });
        let said: Vec<_> = outcomes(&report).into_values().collect();
        assert_eq!(said, ["skipped: far/session/far", "skipped: far/session/far", expected]);
    }
}

#[test]
fn is_tried_again_when_the_account_is_too_new() {
    let world = World::default();
    let graph = graph(&world, vec![Ok(false), error(Class::NotYet), error(Class::NotYet), Ok(true)]);
    let report = paused(async {
        let plan = graph.plan(&unwatched()).await;
        graph.converge(&plan, &unwatched()).await
    });
    assert!(report.is_success(), "{:#?}", outcomes(&report));
    assert_eq!(world.lock().objects.len(), 2);
}

/// A scope that is entered by the door, until it has a gate of its own, which lets in unless it is shut.
fn through_a_gate(world: &World, ways: &Arc<Mutex<Vec<String>>>, is_shut: bool) -> Graph<Cloud> {
    let cloud = |account: &str| Arc::new(Cloud { world: world.clone(), account: account.to_owned() });
    let mut graph = Graph::default();
    let door = cloud(ROOT);
    let mut scope = graph.scope("far", tags, (), move |()| std::future::ready(Ok(Some(Arc::clone(&door)))).boxed());
    let gate = scope.add("gate", (), |()| -> Sign { Part(Fields::default()) });
    let (ways, world) = (Arc::clone(ways), world.clone());
    scope.renew("gate", gate, move |door, gate| {
        let way = gate.known().map_or("door", |_| "gate").to_owned();
        let cloud = match gate.known() {
            Some(_) => Some(Arc::new(Cloud { world: world.clone(), account: ROOT.to_owned() })),
            None => door,
        };
        let is_refused = is_shut && way == "gate";
        ways.lock().unwrap().push(way);
        let reached = if is_refused { Err(Error::new(Class::Denied, "the gate is shut")) } else { Ok(cloud) };
        std::future::ready(reached).boxed()
    });
    scope.add("a", (), |()| -> Block { Part(Fields::default()) });
    graph
}

#[test]
fn is_renewed_by_what_the_scope_holds() {
    let (world, ways) = (World::default(), Arc::default());
    let graph = through_a_gate(&world, &ways, false);
    let report = paused(async {
        let plan = graph.plan(&unwatched()).await;
        graph.converge(&plan, &unwatched()).await
    });
    assert!(report.is_success(), "{:#?}", outcomes(&report));
    assert_eq!(*ways.lock().unwrap(), ["door", "gate"], "only planned, and then made");
    let keys: Vec<_> = graph.keys().map(ToString::to_string).collect();
    assert_eq!(keys, ["far/session/far", "far/sign/gate", "far/session/gate", "far/block/a"]);
    let order: Vec<usize> = graph.edges().nth(3).unwrap().to_vec();
    assert_eq!(order, [2], "a node comes after the session that it is made through");

    paused(async {
        let plan = graph.plan(&unwatched()).await;
        assert!(plan.is_empty());
        graph.delete(&plan, |_| true, &unwatched()).await;
    });
    assert_eq!(world.lock().objects.len(), 0);
}

#[test]
fn that_is_refused_keeps_a_plan_from_nothing_and_a_run_from_all() {
    let (world, ways) = (World::default(), Arc::default());
    let graph = through_a_gate(&world, &ways, true);
    let report = paused(async {
        let plan = graph.plan(&unwatched()).await;
        graph.converge(&plan, &unwatched()).await
    });
    let said: Vec<_> = outcomes(&report).into_values().collect();
    assert_eq!(said, ["skipped: far/session/gate", "Kept", "failed: the gate is shut", "Created"]);

    let plan = paused(graph.plan(&unwatched()));
    assert!(plan.is_complete(), "looked at by the door: {plan:#?}");
    assert_eq!(plan.changes().map(|step| step.key.to_string()).collect::<Vec<_>>(), ["far/block/a"]);
}
