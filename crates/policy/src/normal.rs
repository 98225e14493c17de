//! The normal form of a document, and whether two documents mean the same.
//!
//! AWS does not give documents back as they were written: lists come in another order or lose their brackets, account
//! ids become ARNs, truth values become strings. The normal form takes all of that away, and what repeats itself.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use crate::compare::{Verdict, compare};
use crate::context::Key;
use crate::document::{
    ActionPattern, Condition, ConditionValue, Document, Effect, ResourcePattern, Selection, Statement, Version,
};
use crate::operator::Test;
use crate::principal::Principal;
use crate::spelling;
use crate::value::{Family, is_bool, parse_network, parse_number};

/// Statements of one effect and condition that may be cut into their smallest parts at most.
const LARGEST: usize = 1024;

impl Document {
    /// The document in normal form: it decides every request as this one does. The order of lists and statements,
    /// brackets around one value, spellings, statements that repeat others and statements cut in two make no difference;
    /// statements that both have names (`Sid`) are not merged.
    #[must_use]
    pub fn normal(&self) -> Self {
        let statements = self.statements.iter().map(|statement| statement.normal(self.version)).collect();
        let mut normal = Self { version: self.version, id: self.id.clone(), statements: merged(statements) };
        if !normal.has_open_brace() {
            normal.version = Version::V2012;
        }
        normal
    }

    /// What the document means, whatever it is called: names are gone, and every statement is cut into its smallest
    /// parts and put together again in one way.
    #[must_use]
    pub fn canonical(&self) -> Self {
        let mut normal = self.normal();
        normal.id = None;
        for statement in &mut normal.statements {
            statement.sid = None;
        }
        normal.statements = merged(recut(normal.statements));
        normal
    }

    /// Whether the two decide every request the same way. `None` if that could not be told.
    pub fn is_equivalent(&self, other: &Self) -> Option<bool> {
        if self.canonical() == other.canonical() {
            return Some(true);
        }
        match compare(&[self], &[other]).verdict {
            Verdict::Equal => Some(true),
            Verdict::Unknown => None,
            Verdict::Narrower | Verdict::Wider | Verdict::Incomparable => Some(false),
        }
    }

    /// Whether some text would be a variable in one version and is none in the other.
    fn has_open_brace(&self) -> bool {
        self.statements.iter().any(|statement| {
            let resources = statement.resources.iter().flat_map(Selection::entries).map(ResourcePattern::as_str);
            let values =
                statement.conditions.iter().flat_map(|condition| &condition.values).map(ConditionValue::as_str);
            resources.chain(values).any(|text| text.contains("${"))
        })
    }
}

impl Statement {
    fn normal(&self, version: Version) -> Self {
        let mut conditions: Vec<_> = self.conditions.iter().map(|condition| condition.normal(version)).collect();
        conditions.sort_unstable();
        conditions.dedup();
        Self {
            sid: self.sid.clone(),
            effect: self.effect,
            principals: self.principals.as_ref().map(|principals| with_entries(principals, normal_principals)),
            actions: self.actions.as_ref().map(|actions| with_entries(actions, normal_actions)),
            resources: self.resources.as_ref().map(|resources| {
                with_entries(resources, |entries| {
                    let entries = entries.iter().map(|entry| ResourcePattern::new(entry.as_str(), version)).collect();
                    without_included(entries, |one, other| one.pattern().surely_includes(other.pattern()))
                })
            }),
            conditions,
        }
    }

    /// Whether every request that `other` matches is matched by this one as well, to the same effect.
    fn includes(&self, other: &Self) -> bool {
        let conditions = || self.conditions.iter().all(|condition| other.conditions.contains(condition));
        self.effect == other.effect
            && conditions()
            && included(self.principals.as_ref(), other.principals.as_ref(), |one, other| {
                one == other || *one == Principal::Everyone
            })
            && included(self.actions.as_ref(), other.actions.as_ref(), |one, other| {
                one.pattern().surely_includes(other.pattern())
            })
            && included(self.resources.as_ref(), other.resources.as_ref(), |one, other| {
                one.pattern().surely_includes(other.pattern())
            })
    }
}

impl Condition {
    fn normal(&self, version: Version) -> Self {
        let value = |value: &ConditionValue| {
            let text = value.as_str();
            let normal = match self.operator.test {
                Test::Bool | Test::Null if is_bool(text) => text.to_ascii_lowercase(),
                Test::IpAddress | Test::NotIpAddress => {
                    parse_network(text).map_or_else(|| text.to_owned(), |net| net.to_string())
                }
                _ if Family::of(self.operator.test) == Family::Number => {
                    parse_number(text).map_or_else(|| text.to_owned(), |number| number.to_string())
                }
                _ => text.to_owned(),
            };
            ConditionValue::new(normal, self.operator, version)
        };
        let mut values: Vec<_> = self.values.iter().map(value).collect();
        values.sort_unstable();
        values.dedup();
        Self { operator: self.operator, key: Key::new(spelling::key(self.key.as_str())), values }
    }
}

fn with_entries<T>(selection: &Selection<T>, normal: impl Fn(&[T]) -> Vec<T>) -> Selection<T> {
    match selection {
        Selection::Only(entries) => Selection::Only(normal(entries)),
        Selection::Except(entries) => Selection::Except(normal(entries)),
    }
}

fn normal_principals(entries: &[Principal]) -> Vec<Principal> {
    if entries.contains(&Principal::Everyone) {
        return vec![Principal::Everyone];
    }
    entries.iter().cloned().collect::<BTreeSet<_>>().into_iter().collect()
}

fn normal_actions(entries: &[ActionPattern]) -> Vec<ActionPattern> {
    let entries = entries.iter().map(|entry| ActionPattern::new(spelling::action(entry))).collect();
    without_included(entries, |one, other| one.pattern().surely_includes(other.pattern()))
}

/// The entries in order, without those that another one includes. Of several that are the same but for their spelling,
/// the first spelling stays.
fn without_included<T: Ord + Clone + Text>(mut entries: Vec<T>, includes: impl Fn(&T, &T) -> bool) -> Vec<T> {
    entries.sort_by(|one, other| one.cmp(other).then_with(|| one.text().cmp(other.text())));
    entries.dedup();
    let all = entries.clone();
    let mut number = 0;
    entries.retain(|entry| {
        number += 1;
        // Of two that include each other, the first stays.
        !all.iter().enumerate().any(|(other_number, other)| {
            other_number + 1 != number && includes(other, entry) && !(includes(entry, other) && number <= other_number)
        })
    });
    entries.sort_by(|one, other| one.text().cmp(other.text()));
    entries
}

/// An entry as it is written.
trait Text {
    fn text(&self) -> &str;
}

impl Text for ActionPattern {
    fn text(&self) -> &str {
        self.as_str()
    }
}

impl Text for ResourcePattern {
    fn text(&self) -> &str {
        self.as_str()
    }
}

/// Whether what `other` selects is certainly selected by `one`.
fn included<T: PartialEq>(
    one: Option<&Selection<T>>,
    other: Option<&Selection<T>>,
    includes: impl Fn(&T, &T) -> bool,
) -> bool {
    let each_in = |few: &[T], many: &[T]| few.iter().all(|entry| many.iter().any(|other| includes(other, entry)));
    match (one, other) {
        (None, None) => true,
        (Some(Selection::Only(one)), Some(Selection::Only(other))) => each_in(other, one),
        // Who is excepted is told by more than the patterns, so principals are the same or not.
        (Some(one @ Selection::Except(_)), Some(other @ Selection::Except(_))) => one == other,
        _ => false,
    }
}

/// In which order statements stand.
fn order(one: &Statement, other: &Statement) -> Ordering {
    fn texts<T: Text>(selection: Option<&Selection<T>>) -> Option<Vec<&str>> {
        selection.map(|selection| selection.entries().iter().map(Text::text).collect())
    }
    (one.effect.cmp(&other.effect))
        .then_with(|| one.principals.cmp(&other.principals))
        .then_with(|| texts(one.actions.as_ref()).cmp(&texts(other.actions.as_ref())))
        .then_with(|| texts(one.resources.as_ref()).cmp(&texts(other.resources.as_ref())))
        .then_with(|| one.actions.cmp(&other.actions))
        .then_with(|| one.resources.cmp(&other.resources))
        .then_with(|| one.conditions.cmp(&other.conditions))
        .then_with(|| one.sid.cmp(&other.sid))
}

/// Merges statements that differ in one element only, and drops those that another one includes, until nothing changes.
fn merged(mut statements: Vec<Statement>) -> Vec<Statement> {
    loop {
        statements.sort_by(order);
        let before = statements.len();
        statements = without_repeated(&statements);
        statements =
            merged_along(statements, |statement| (None, statement.actions.clone(), statement.principals.clone()));
        statements =
            merged_along(statements, |statement| (statement.resources.clone(), None, statement.principals.clone()));
        statements =
            merged_along(statements, |statement| (statement.resources.clone(), statement.actions.clone(), None));
        if statements.len() == before {
            statements.sort_by(order);
            return statements;
        }
    }
}

/// The statements without those that another one includes.
fn without_repeated(statements: &[Statement]) -> Vec<Statement> {
    let is_repeated = |number: usize| {
        statements.iter().enumerate().any(|(other_number, other)| {
            other_number != number
                && other.includes(&statements[number])
                // Of two that include each other, the first stays.
                && (other_number < number || !statements[number].includes(other))
        })
    };
    (0..statements.len()).filter(|number| !is_repeated(*number)).map(|number| statements[number].clone()).collect()
}

/// The elements of a statement, of which the one that may differ is left out.
type Rest = (Option<Selection<ResourcePattern>>, Option<Selection<ActionPattern>>, Option<Selection<Principal>>);

/// Merges statements that differ in one element only: `rest` says what they have in common.
fn merged_along(statements: Vec<Statement>, rest: impl Fn(&Statement) -> Rest) -> Vec<Statement> {
    let mut groups: BTreeMap<_, Vec<Statement>> = BTreeMap::new();
    for statement in statements {
        groups.entry((statement.effect, statement.conditions.clone(), rest(&statement))).or_default().push(statement);
    }
    groups.into_values().flat_map(merged_group).collect()
}

/// Merges the statements of a group, where their names allow it: those of one name, those without a name with each other,
/// and those with the only name that there is.
fn merged_group(group: Vec<Statement>) -> Vec<Statement> {
    let mut by_name: BTreeMap<Option<String>, Vec<Statement>> = BTreeMap::new();
    for statement in group {
        merge_into(by_name.entry(statement.sid.clone()).or_default(), statement);
    }
    let unnamed = by_name.remove(&None).unwrap_or_default();
    let mut merged: Vec<_> = by_name.values().flatten().cloned().collect();
    if by_name.len() == 1 {
        for statement in unnamed {
            merge_into(&mut merged, statement);
        }
    } else {
        merged.extend(unnamed);
    }
    merged
}

/// Adds a statement to others: to the first that it can be merged with, whose name stays.
fn merge_into(others: &mut Vec<Statement>, statement: Statement) {
    match others.iter_mut().find_map(|other| Some((merge(other, &statement)?, other))) {
        Some((both, other)) => *other = both,
        None => others.push(statement),
    }
}

/// The two statements, which differ in one element at most, as one, if that is possible.
fn merge(one: &Statement, other: &Statement) -> Option<Statement> {
    let mut merged = one.clone();
    if one.resources != other.resources {
        let all = both(one.resources.as_ref(), other.resources.as_ref())?;
        let entries = without_included(all, |one, other| one.pattern().surely_includes(other.pattern()));
        merged.resources = Some(Selection::Only(entries));
    } else if one.actions != other.actions {
        merged.actions = Some(Selection::Only(normal_actions(&both(one.actions.as_ref(), other.actions.as_ref())?)));
    } else if one.principals != other.principals {
        let all = both(one.principals.as_ref(), other.principals.as_ref())?;
        merged.principals = Some(Selection::Only(normal_principals(&all)));
    }
    Some(merged)
}

/// The entries of two positive elements.
fn both<T: Clone>(one: Option<&Selection<T>>, other: Option<&Selection<T>>) -> Option<Vec<T>> {
    match (one, other) {
        (Some(Selection::Only(one)), Some(Selection::Only(other))) => Some(one.iter().chain(other).cloned().collect()),
        _ => None,
    }
}

/// An element cut into parts: one entry each, or the whole of what cannot be cut.
fn parts<T: Clone>(selection: Option<&Selection<T>>) -> Vec<Option<Selection<T>>> {
    match selection {
        Some(Selection::Only(entries)) => {
            entries.iter().map(|entry| Some(Selection::Only(vec![entry.clone()]))).collect()
        }
        whole => vec![whole.cloned()],
    }
}

/// Cuts statements into their smallest parts: who, what and which one at a time. Where that would be too many, they stay.
fn recut(statements: Vec<Statement>) -> Vec<Statement> {
    let mut groups: BTreeMap<(Effect, Vec<Condition>), Vec<Statement>> = BTreeMap::new();
    for statement in statements {
        groups.entry((statement.effect, statement.conditions.clone())).or_default().push(statement);
    }
    let size = |statement: &Statement| {
        let count = |entries: Option<usize>| entries.unwrap_or(1).max(1);
        count(statement.principals.as_ref().map(|principals| principals.entries().len()))
            * count(statement.actions.as_ref().map(|actions| actions.entries().len()))
            * count(statement.resources.as_ref().map(|resources| resources.entries().len()))
    };
    let mut cut = Vec::new();
    for group in groups.into_values() {
        if group.iter().map(size).sum::<usize>() > LARGEST {
            cut.extend(group);
            continue;
        }
        cut.extend(group.iter().flat_map(|statement| {
            parts(statement.principals.as_ref()).into_iter().flat_map(move |principals| {
                parts(statement.actions.as_ref()).into_iter().flat_map(move |actions| {
                    let principals = principals.clone();
                    parts(statement.resources.as_ref()).into_iter().map(move |resources| Statement {
                        principals: principals.clone(),
                        actions: actions.clone(),
                        resources,
                        ..statement.clone()
                    })
                })
            })
        }));
    }
    cut
}
