//! A scope that cannot be reached fails once, at its session.

use std::sync::{Arc, Mutex};

use engine::{Class, Error, Graph, Result};
use futures_util::FutureExt;

use crate::toy::kinds::{Block, Cloud, Fields, Part};
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
