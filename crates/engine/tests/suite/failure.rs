//! A failure skips what depends on it, names itself as the cause, and stops nothing else.

use std::collections::{BTreeMap, BTreeSet};

use engine::{Class, Key, Outcome};
use proptest::prelude::*;
use proptest::sample::Index;

use crate::toy::spec::{Spec, specs};
use crate::toy::world::{Fault, Op, World};
use crate::toy::{applied, paused, say, unwatched};

/// Checks the outcome of every node, when `broken` are told to fail and `causes` are what each node depends on.
fn check(
    spec: &Spec,
    broken: &BTreeSet<usize>,
    causes: impl Fn(usize) -> BTreeSet<usize>,
    outcomes: &BTreeMap<Key, Outcome>,
) -> Result<(), TestCaseError> {
    for node in 0..spec.len() {
        let key = spec.key(node);
        let Some(outcome) = outcomes.get(&key) else { continue };
        let causes: BTreeSet<_> = causes(node).intersection(broken).map(|&cause| spec.key(cause)).collect();
        let said = say(outcome);
        match outcome {
            Outcome::Skipped { because } => {
                prop_assert!(causes.contains(because), "{key}: {said}, should be because of one of {causes:?}");
                let root = outcomes.get(because);
                prop_assert!(matches!(root, Some(Outcome::Failed { .. })), "{because} is no root: {root:?}");
            }
            Outcome::Failed { .. } => prop_assert!(causes.is_empty() && broken.contains(&node), "{key}: {said}"),
            _ => {
                prop_assert!(outcome.is_success(), "{key}: {said}");
                prop_assert!(causes.is_empty() && !broken.contains(&node), "{key}: {said} in spite of {causes:?}");
            }
        }
    }
    Ok(())
}

/// All that a node depends on, however far away.
fn ancestors(spec: &Spec, node: usize) -> BTreeSet<usize> {
    (0..node).filter(|&other| spec.affected(&[other].into()).contains(&node)).collect()
}

fn descendants(spec: &Spec, node: usize) -> BTreeSet<usize> {
    spec.affected(&[node].into()).into_iter().filter(|&other| other != node).collect()
}

fn broken(spec: &Spec, picks: &[Index], among: impl Fn(usize) -> bool) -> BTreeSet<usize> {
    picks.iter().map(|pick| pick.index(spec.len())).filter(|&node| among(node)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn of_a_plan(spec in specs(60), picks in prop::collection::vec(any::<Index>(), 1..4)) {
        let world = World::default();
        let graph = spec.graph(&world);
        let broken = broken(&spec, &picks, |_| true);
        let plan = paused(async {
            applied(&graph).await;
            for &node in &broken {
                world.fault(&spec.key(node), Op::Find, Fault::Fail(Class::Denied, u32::MAX));
            }
            graph.plan(&unwatched()).await
        });
        // Look-ups that succeeded are not among the steps.
        let outcomes = plan.steps().map(|step| (step.key.clone(), step.outcome.clone())).collect();
        check(&spec, &broken, |node| ancestors(&spec, node), &outcomes)?;
        prop_assert!(!plan.is_complete() && !plan.is_empty());
        let failures: BTreeSet<_> = plan.failures().map(|(key, _)| key.clone()).collect();
        let roots = broken.iter().filter(|&&node| ancestors(&spec, node).is_disjoint(&broken));
        prop_assert_eq!(failures, roots.map(|&node| spec.key(node)).collect());
    }

    #[test]
    fn of_converging(
        spec in specs(60),
        picks in prop::collection::vec(any::<Index>(), 1..4),
        op in prop::sample::select(vec![Op::Find, Op::Create, Op::Ready]),
    ) {
        let world = World::paced(10);
        let graph = spec.graph(&world);
        let broken = broken(&spec, &picks, |node| op == Op::Find || spec.0[node].kind.is_object());
        let report = paused(async {
            let plan = graph.plan(&unwatched()).await;
            for &node in &broken {
                world.fault(&spec.key(node), op, Fault::Fail(Class::Denied, u32::MAX));
            }
            graph.converge(&plan, &unwatched()).await
        });
        let outcomes: BTreeMap<_, _> = report.outcomes.iter().cloned().collect();
        check(&spec, &broken, |node| ancestors(&spec, node), &outcomes)?;
        prop_assert_eq!(outcomes.len(), graph.keys().count());
        prop_assert_eq!(report.is_success(), broken.is_empty());
    }

    #[test]
    fn of_deleting(spec in specs(60), picks in prop::collection::vec(any::<Index>(), 1..4)) {
        let world = World::paced(10);
        let graph = spec.graph(&world);
        let broken = broken(&spec, &picks, |node| spec.0[node].kind.is_object());
        let report = paused(async {
            applied(&graph).await;
            let plan = graph.plan(&unwatched()).await;
            for &node in &broken {
                world.fault(&spec.key(node), Op::Delete, Fault::Fail(Class::Denied, u32::MAX));
            }
            graph.delete(&plan, |_| true, &unwatched()).await
        });
        let outcomes: BTreeMap<_, _> = report.outcomes.iter().cloned().collect();
        check(&spec, &broken, |node| descendants(&spec, node), &outcomes)?;
        let objects = (0..spec.len()).filter(|&node| spec.0[node].kind.is_object());
        prop_assert_eq!(outcomes.len(), objects.count());
    }
}
