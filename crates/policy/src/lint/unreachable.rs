//! Statements that never change a decision.

use super::place::Place;
use super::{Report, Rule, Severity, missing, principals, targets, values};
use crate::compare::{Coverage, Solver};
use crate::document::{Condition, Effect, Selection, Statement};
use crate::key_path::KeyPath;
use crate::principal::{Principal, Reach};

/// IAM user guide, "Policy evaluation logic".
pub(super) const UNREACHABLE: Rule = Rule {
    id: "unreachable-statement",
    severity: Severity::Warning,
    summary: "a statement that changes no decision",
    explanation: "What a statement allows matters only if nothing else of the document allows it and nothing denies \
        it, and what it denies only if nothing else denies it. This one can be removed and every request is decided as \
        before, so it says less than whoever wrote it believes.",
};

/// IAM user guide, "IAM JSON policy elements: Condition", sections on how keys and values are taken together.
pub(super) const NEVER_MATCHES: Rule = Rule {
    id: "never-matches",
    severity: Severity::Warning,
    summary: "a statement that no request matches",
    explanation: "All conditions of a statement have to hold at once, and each of its elements has to match. Here no \
        request can do that, so the statement neither allows nor denies anything.",
};

/// What explains that a statement never matches, and was found already.
const EXPLAINED: [Rule; 11] = [
    missing::PRINCIPAL,
    missing::ACTION,
    missing::RESOURCE,
    principals::WILDCARD,
    principals::UNKNOWN,
    principals::DELETED,
    targets::MALFORMED_ACTION,
    targets::NOT_AN_ARN,
    values::WRONG_KIND,
    values::WILDCARD_IN_EQUALS,
    values::NOT_AN_ARN,
];

pub(super) fn check(places: &[Place<'_>], report: &mut Report) {
    let parts: Vec<_> = places.iter().map(|place| by_reach(place.statement)).collect();
    let coverage = Coverage::new(parts.iter().flatten().map(|(_, part)| part));
    let mut judge = Judge::new(places, &parts, &coverage);
    let mut ineffective = vec![false; places.len()];
    // From the last to the first: of two that cover each other, the later one is the one too many.
    for place in places.iter().rev() {
        let index = place.index;
        if judge.is_covered(index, &[]) {
            ineffective[index] = true;
            if !report.has(place, &EXPLAINED) {
                never_matches(place, report);
            }
            continue;
        }
        let others: Vec<_> = (0..places.len()).filter(|other| *other != index && !ineffective[*other]).collect();
        if judge.is_covered(index, &others) {
            ineffective[index] = true;
            let single = others.iter().find(|other| judge.is_covered(index, &[**other]));
            unreachable(place, single.map(|other| &places[*other]), report);
        }
    }
}

/// Says which statements change no decision.
struct Judge<'c> {
    coverage: &'c Coverage,
    solver: Solver<'c>,
    effects: Vec<Effect>,
    /// The parts of each statement, by their numbers in `coverage`.
    parts: Vec<Vec<(Reach, usize)>>,
}

impl<'c> Judge<'c> {
    fn new(places: &[Place<'_>], parts: &[Vec<(Reach, Statement)>], coverage: &'c Coverage) -> Self {
        let mut numbers = 0..;
        let numbered = |parts: &Vec<(Reach, Statement)>| {
            parts.iter().zip(&mut numbers).map(|((reach, _), number)| (*reach, number)).collect()
        };
        let parts = parts.iter().map(numbered).collect();
        let effects = places.iter().map(|place| place.statement.effect).collect();
        Self { coverage, solver: coverage.solver(), effects, parts }
    }

    /// Whether the statement changes no decision beside these others. What cannot be told is no.
    fn is_covered(&mut self, statement: usize, others: &[usize]) -> bool {
        let parts = &self.parts;
        let effects = &self.effects;
        self.parts[statement].iter().all(|(reach, part)| {
            let counts = |other: usize, other_reach: Reach| match (effects[statement], effects[other]) {
                (_, Effect::Deny) => true,
                (Effect::Allow, Effect::Allow) => other_reach >= *reach,
                (Effect::Deny, Effect::Allow) => false,
            };
            let others =
                others.iter().flat_map(|other| parts[*other].iter().map(|(reach, part)| (*other, *reach, *part)));
            let cover: Vec<_> =
                others.filter(|(other, reach, _)| counts(*other, *reach)).map(|(_, _, part)| part).collect();
            self.coverage.is_covered(&mut self.solver, *part, &cover) == Some(true)
        })
    }
}

/// The statement by how far its principals reach. An account's name leaves it to the account's policies, a role's needs
/// none of them but a boundary still limits, and a user's or a session's reaches past that too: what one allows does
/// not replace what the next one does. See [`Reach`].
fn by_reach(statement: &Statement) -> Vec<(Reach, Statement)> {
    let Some(Selection::Only(entries)) = &statement.principals else {
        return vec![(Reach::Entity, statement.clone())];
    };
    let reach = |entry: &Principal| match entry {
        Principal::Account { .. } => Reach::Account,
        Principal::Role(_) | Principal::UniqueId(_) => Reach::Entity,
        _ => Reach::Itself,
    };
    let parts = [Reach::Account, Reach::Entity, Reach::Itself].map(|wanted| {
        let entries: Vec<_> = entries.iter().filter(|entry| reach(entry) == wanted).cloned().collect();
        (wanted, Statement { principals: Some(Selection::Only(entries)), ..statement.clone() })
    });
    let parts =
        parts.into_iter().filter(|(_, part)| part.principals.as_ref().is_some_and(|only| !only.entries().is_empty()));
    parts.collect()
}

/// `single` covers the statement alone, if one does.
fn unreachable(place: &Place<'_>, single: Option<&Place<'_>>, report: &mut Report) {
    let name = place.name();
    let message = match (single, place.statement.effect) {
        (Some(other), Effect::Allow) if other.statement.effect == Effect::Deny => {
            format!("{name} allows nothing: {} denies all of it", other.name())
        }
        (Some(other), Effect::Allow) => format!("{name} allows nothing new: {} allows all of it", other.name()),
        (Some(other), Effect::Deny) => format!("{name} denies nothing new: {} denies all of it", other.name()),
        (None, Effect::Allow) => format!("{name} allows nothing new: the others together allow or deny all of it"),
        (None, Effect::Deny) => format!("{name} denies nothing new: the others together deny all of it"),
    };
    report.add(&UNREACHABLE, place.path(), message, "remove it, or correct what it should do beyond the others");
}

fn never_matches(place: &Place<'_>, report: &mut Report) {
    let name = place.name();
    let (path, message, remedy) = if let Some(path) = empty_list(place) {
        (
            path,
            format!("{name} matches nothing: the list is empty"),
            "add what the list should have, or remove the statement",
        )
    } else {
        match culprits(place).as_slice() {
            [condition] => {
                let message = format!("{name} matches nothing: {} never holds", described(condition));
                (place.condition_path(condition), message, "correct the condition")
            }
            [one, other] => {
                let message =
                    format!("{name} matches nothing: {} and {} never hold together", described(one), described(other));
                let remedy =
                    "keep one of the two conditions; alternatives go into one list of values, or into two statements";
                (place.condition_path(other), message, remedy)
            }
            _ => {
                let message = format!("{name} matches nothing: its principals and conditions exclude each other");
                (place.path(), message, "remove the condition that excludes the others, or the statement")
            }
        }
    };
    report.add(&NEVER_MATCHES, path, message, remedy);
}

fn empty_list(place: &Place<'_>) -> Option<KeyPath> {
    let statement = place.statement;
    let is_empty = |entries: usize, is_except: bool| entries == 0 && !is_except;
    let of = |entries: Option<(usize, bool)>| entries.is_some_and(|(entries, is_except)| is_empty(entries, is_except));
    if of(statement.principals.as_ref().map(|only| (only.entries().len(), only.is_except()))) {
        return Some(place.principal_path());
    }
    if of(statement.actions.as_ref().map(|only| (only.entries().len(), only.is_except()))) {
        return Some(place.action_path());
    }
    if of(statement.resources.as_ref().map(|only| (only.entries().len(), only.is_except()))) {
        return Some(place.resource_path());
    }
    None
}

/// The condition, or the two, for which no request matches.
fn culprits<'d>(place: &Place<'d>) -> Vec<&'d Condition> {
    let conditions = &place.statement.conditions;
    let excludes = |chosen: &[&Condition]| {
        let conditions = chosen.iter().map(|condition| (*condition).clone()).collect();
        let coverage = Coverage::new([&Statement { conditions, ..place.statement.clone() }]);
        coverage.is_covered(&mut coverage.solver(), 0, &[]) == Some(true)
    };
    if excludes(&[]) {
        return Vec::new();
    }
    if let Some(condition) = conditions.iter().find(|condition| excludes(&[condition])) {
        return vec![condition];
    }
    // In the order of operators, whatever the document's: the one that is named is then always the same.
    let mut sorted: Vec<_> = conditions.iter().collect();
    sorted.sort_by_key(|condition| (condition.operator, &condition.key));
    let pairs = sorted.iter().enumerate().flat_map(|(at, other)| sorted[..at].iter().map(move |one| [*one, *other]));
    pairs.into_iter().find(|pair| excludes(pair)).map(|pair| pair.to_vec()).unwrap_or_default()
}

fn described(condition: &Condition) -> String {
    format!("{} {}", condition.operator, condition.key)
}
