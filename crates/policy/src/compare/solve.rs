//! The search for a request in a region and in none of others.

use std::collections::HashMap;

use super::set::{Answer, Relation, Test, key_in_all, text_in_all};
use super::space::{Literal, Region, Space, Subject};
use crate::document::{Condition, ConditionValue};

/// What is known of a request in one dimension: tests that hold, and tests that do not.
type Known = Vec<(usize, bool)>;

/// What is known of a request, by dimension.
#[derive(Clone, Debug)]
pub(crate) struct Knowledge(Vec<Known>);

/// What a search found.
#[derive(Debug)]
pub(crate) enum Outcome<T> {
    /// Something that was accepted.
    Found(T),
    /// There is nothing, for sure.
    Nothing,
    /// It is not known, and why.
    Unknown(String),
}

/// Values by dimension. `None` for an absent key.
pub(crate) type Point = Vec<Option<Vec<String>>>;

/// Tests that one comparison may look at.
const LARGEST: usize = 10_000_000;
/// What the searches for strings of one comparison may cost together, in states and searches.
const BUDGET: usize = 400_000;

/// Answers questions about a space, and remembers them.
pub(crate) struct Solver<'s> {
    space: &'s Space,
    relations: Vec<Vec<Option<Relation>>>,
    answers: HashMap<(usize, Known), Answer>,
    looked_at: usize,
    budget: usize,
}

impl<'s> Solver<'s> {
    pub(crate) fn new(space: &'s Space) -> Self {
        let relations = space.dimensions.iter().map(|dimension| vec![None; dimension.tests.len().pow(2)]).collect();
        Self { space, relations, answers: HashMap::new(), looked_at: 0, budget: BUDGET }
    }

    /// Searches for a request in all regions of `within` and none of `cover`, which `accept` accepts. What it refuses
    /// makes the answer unknown, and the search goes on.
    pub(crate) fn find<T>(
        &mut self,
        within: &[&Region],
        cover: &[&Region],
        accept: &mut dyn FnMut(&Point) -> Option<T>,
    ) -> Outcome<T> {
        let mut known = Knowledge(vec![Vec::new(); self.space.dimensions.len()]);
        for literal in within.iter().flat_map(|region| &region.literals) {
            add(&mut known, *literal, true);
        }
        let mut why = None;
        for dimension in 0..known.0.len() {
            match self.answer(dimension, &known.0[dimension]) {
                Answer::No => return Outcome::Nothing,
                Answer::Unsure(reason) => why = Some(reason.to_owned()),
                Answer::Yes(_) => {}
            }
        }
        match self.search(&known, cover.to_vec(), accept) {
            Outcome::Nothing => Outcome::Nothing,
            Outcome::Unknown(reason) => Outcome::Unknown(why.unwrap_or(reason)),
            found @ Outcome::Found(_) => found,
        }
    }

    fn search<T>(
        &mut self,
        known: &Knowledge,
        cover: Vec<&Region>,
        accept: &mut dyn FnMut(&Point) -> Option<T>,
    ) -> Outcome<T> {
        if self.looked_at > LARGEST {
            return Outcome::Unknown("the documents are too intricate".to_owned());
        }
        let mut open: Vec<(&Region, Vec<Literal>)> = Vec::new();
        for region in cover {
            match self.open_literals(known, region) {
                None => {}
                Some(literals) if literals.is_empty() => return Outcome::Nothing,
                Some(literals) => open.push((region, literals)),
            }
        }
        let Some(nearest) = open.iter().enumerate().min_by_key(|(_, (_, literals))| literals.len()).map(|(at, _)| at)
        else {
            return self.point(known, accept);
        };
        let (_, literals) = open.swap_remove(nearest);
        let cover: Vec<_> = open.into_iter().map(|(region, _)| region).collect();
        let mut known = known.clone();
        let mut why = None;
        for literal in literals {
            // Not in the region by this test, having kept to those before it.
            let mut outside = known.clone();
            add(&mut outside, literal, false);
            match self.answer(literal.dimension, &outside.0[literal.dimension]) {
                Answer::No => {}
                _ => match self.search(&outside, cover.clone(), accept) {
                    Outcome::Nothing => {}
                    Outcome::Unknown(reason) => why = Some(reason),
                    found @ Outcome::Found(_) => return found,
                },
            }
            add(&mut known, literal, true);
            if self.answer(literal.dimension, &known.0[literal.dimension]) == Answer::No {
                break;
            }
        }
        why.map_or(Outcome::Nothing, Outcome::Unknown)
    }

    /// The tests of a region that are not certain, or nothing if one of them certainly fails.
    fn open_literals(&mut self, known: &Knowledge, region: &Region) -> Option<Vec<Literal>> {
        let mut open = Vec::new();
        for literal in &region.literals {
            self.looked_at += 1;
            match self.relation(&known.0[literal.dimension], *literal) {
                Relation::Implies => {}
                Relation::Excludes => return None,
                Relation::Open => open.push(*literal),
            }
        }
        Some(open)
    }

    fn relation(&mut self, known: &Known, literal: Literal) -> Relation {
        let tests = &self.space.dimensions[literal.dimension].tests;
        for (test, positive) in known {
            if *test == literal.test {
                return if *positive { Relation::Implies } else { Relation::Excludes };
            }
            if *positive {
                let remembered = &mut self.relations[literal.dimension][test * tests.len() + literal.test];
                let relation = *remembered.get_or_insert_with(|| tests[*test].relation_to(&tests[literal.test]));
                if relation != Relation::Open {
                    return relation;
                }
            }
        }
        Relation::Open
    }

    /// What there is in one dimension.
    fn answer(&mut self, dimension: usize, known: &Known) -> Answer {
        if known.is_empty()
            && matches!(
                self.space.dimensions[dimension].subject,
                Subject::Key(_) | Subject::Condition(_) | Subject::Principals(_)
            )
        {
            return Answer::Yes(None);
        }
        if let Some(answer) = self.answers.get(&(dimension, known.clone())) {
            return answer.clone();
        }
        let answer = self.compute(dimension, known);
        self.answers.insert((dimension, known.clone()), answer.clone());
        answer
    }

    fn compute(&mut self, dimension: usize, known: &Known) -> Answer {
        let space = self.space;
        let dimension = &space.dimensions[dimension];
        let tests: Vec<_> = known.iter().map(|(test, positive)| (&dimension.tests[*test], *positive)).collect();
        match dimension.subject {
            Subject::Condition(_) | Subject::Principals(_) => Answer::Yes(None),
            Subject::Key(_) => {
                key_in_all(&tests, dimension.single, &dimension.points, &dimension.candidates, &mut self.budget)
            }
            _ => {
                let sets: Vec<_> = tests
                    .iter()
                    .filter_map(
                        |(test, positive)| if let Test::Text(set) = test { Some((set, *positive)) } else { None },
                    )
                    .collect();
                text_in_all(&sets, &dimension.bases, &dimension.candidates, &mut self.budget)
            }
        }
    }

    /// A request of which all that matters is known.
    fn point<T>(&mut self, known: &Knowledge, accept: &mut dyn FnMut(&Point) -> Option<T>) -> Outcome<T> {
        let mut point = Vec::with_capacity(known.0.len());
        for (number, known) in known.0.iter().enumerate() {
            if let Subject::Condition(_) | Subject::Principals(_) = self.space.dimensions[number].subject {
                // Whether it has to hold is all there is to say.
                let holds = known.first().map(|(_, positive)| vec![positive.to_string()]);
                point.push(holds);
                continue;
            }
            match self.answer(number, known) {
                Answer::Yes(values) => point.push(values),
                Answer::No => return Outcome::Nothing,
                Answer::Unsure(reason) => return Outcome::Unknown(reason.to_owned()),
            }
        }
        match accept(&point) {
            Some(found) => Outcome::Found(found),
            None => Outcome::Unknown(self.unmodelled(known)),
        }
    }

    /// Why a request that should have been found was none.
    fn unmodelled(&self, known: &Knowledge) -> String {
        let condition =
            known.0.iter().zip(&self.space.dimensions).find_map(|(known, dimension)| match &dimension.subject {
                Subject::Condition(condition) if !known.is_empty() => Some(condition),
                _ => None,
            });
        match condition.map(|condition| &**condition) {
            Some(Condition { operator, key, values }) if values.iter().any(ConditionValue::has_variables) => {
                format!("{operator} {key} is not modelled: its values have policy variables")
            }
            Some(Condition { operator, key, .. }) => format!("{operator} {key} is not modelled"),
            None => "a policy variable or keys that depend on each other".to_owned(),
        }
    }
}

fn add(known: &mut Knowledge, literal: Literal, positive: bool) {
    let known = &mut known.0[literal.dimension];
    if let Err(at) = known.binary_search(&(literal.test, positive)) {
        known.insert(at, (literal.test, positive));
    }
}
