//! What the time of a walk went to: the longest path through its graph is as long as the walk, since a node waits for its
//! inputs and for nothing else.

use std::collections::BTreeMap;
use std::time::Duration;

use engine::{Course, Key, Visit};
use proptest::prelude::*;
use proptest::sample::Index;

use crate::toy::spec::{Spec, specs};
use crate::toy::world::{Fault, Op, World};
use crate::toy::{paused, unwatched};

fn key(at: usize) -> Key {
    Key::new("toy", "block", at.to_string())
}

/// Visits as a walk with little to spare makes them: each waits for earlier ones, then a little longer, then works.
fn visits() -> impl Strategy<Value = Vec<Visit>> {
    let visit = (prop::collection::vec(any::<Index>(), 0..4), 0..5_u64, 0..100_u64);
    prop::collection::vec(visit, 1..80).prop_map(|drawn| {
        let mut visits: Vec<Visit> = Vec::new();
        for (at, (after, late, work)) in drawn.into_iter().enumerate() {
            let after: Vec<usize> = if at == 0 { Vec::new() } else { after.iter().map(|it| it.index(at)).collect() };
            let ready = after.iter().map(|&before| visits[before].end).max().unwrap_or_default();
            let begin = ready + Duration::from_millis(late);
            visits.push(Visit { key: key(at), after, begin, end: begin + Duration::from_millis(work) });
        }
        visits
    })
}

/// The longest path by looking at every one, from the end.
fn longest(visits: &[Visit], at: usize, known: &mut BTreeMap<usize, Duration>) -> Duration {
    if let Some(time) = known.get(&at) {
        return *time;
    }
    let visit = &visits[at];
    let before = visit.after.iter().map(|&before| longest(visits, before, known)).max().unwrap_or_default();
    let time = before + (visit.end.saturating_sub(visit.begin));
    known.insert(at, time);
    time
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn the_longest_path_is_a_chain_of_edges_and_none_is_longer(visits in visits()) {
        let course = Course::of(&visits);
        let single = visits.iter().map(|visit| visit.end.saturating_sub(visit.begin)).max().unwrap();
        prop_assert!(course.longest() <= course.wall);
        prop_assert!(course.longest() >= single);
        prop_assert!(course.ratio() >= 1.0);
        let mut known = BTreeMap::new();
        let expected = (0..visits.len()).map(|at| longest(&visits, at, &mut known)).max().unwrap();
        prop_assert_eq!(course.longest(), expected);
        let of = |key: &Key| visits.iter().position(|visit| visit.key == *key).unwrap();
        for pair in course.path.windows(2) {
            prop_assert!(visits[of(&pair[1].0)].after.contains(&of(&pair[0].0)), "{} does not wait for {}", pair[1].0, pair[0].0);
        }
        for (key, time) in &course.path {
            let visit = &visits[of(key)];
            prop_assert_eq!(*time, visit.end.saturating_sub(visit.begin));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn every_walk_takes_as_long_as_its_longest_path(
        spec in specs(60),
        delays in prop::collection::vec(0..9_u64, 60),
    ) {
        let world = World::paced(10);
        let graph = spec.graph(&world);
        for (key, delay) in spec.keys().zip(&delays) {
            for op in [Op::Find, Op::Create, Op::Ready, Op::Delete] {
                world.fault(&key, op, Fault::Slow(Duration::from_millis(20 * delay)));
            }
        }
        let (plan, made, gone) = paused(async {
            let plan = graph.plan(&unwatched()).await;
            let made = graph.converge(&plan, &unwatched()).await;
            let there = graph.plan(&unwatched()).await;
            let gone = graph.delete(&there, |_| true, &unwatched()).await;
            (plan, made, gone)
        });
        prop_assert!(made.is_success());
        prop_assert!(gone.is_success());
        for course in [&plan.course, &made.course, &gone.course] {
            prop_assert_eq!(course.longest(), course.wall);
        }
        // What was made went along the inputs that nodes have, sessions among them.
        let keys: Vec<&Key> = graph.keys().collect();
        let edges: Vec<&[usize]> = graph.edges().collect();
        let of = |key: &Key| keys.iter().position(|other| *other == key).unwrap();
        for pair in made.course.path.windows(2) {
            let (before, after) = (of(&pair[0].0), of(&pair[1].0));
            prop_assert!(edges[after].contains(&before), "{} is no input of {}", keys[before], keys[after]);
        }
    }
}

#[test]
fn a_session_is_on_the_path_when_nodes_wait_for_it() {
    let world = World::paced(10);
    let graph = Spec::chain(3).graph(&world);
    let course = paused(async {
        let plan = graph.plan(&unwatched()).await;
        graph.converge(&plan, &unwatched()).await.course
    });
    let kinds: Vec<&str> = course.path.iter().map(|(key, _)| key.kind.as_str()).collect();
    assert_eq!(kinds, ["session", "block", "block", "block"]);
    // A find, a creation and a wait for each block; the toy's session takes no time.
    assert_eq!((course.longest(), course.wall), (Duration::from_millis(90), Duration::from_millis(90)));
}

#[test]
fn a_walk_of_nothing_takes_no_time() {
    let course = Course::of(&[]);
    assert_eq!((course.wall, course.longest(), course.path.len()), (Duration::ZERO, Duration::ZERO, 0));
    assert!((course.ratio() - 1.0).abs() < f64::EPSILON);
}
