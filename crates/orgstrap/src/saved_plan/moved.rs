//! What moved between a saved plan and one that was made just now: the world, or the fleet's files.

use std::collections::HashMap;
use std::path::PathBuf;

use engine::{Action, Diff};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

use super::SavedStep;

/// Why a saved plan is not applied.
#[derive(Debug)]
pub(crate) struct Moved {
    /// The plan's file.
    pub(crate) path: PathBuf,
    /// When it was made.
    pub(crate) made: Timestamp,
    /// The version of the program that made it, if it was another.
    pub(crate) version: Option<String>,
    /// What is not as it was; never empty.
    pub(crate) moves: Vec<Move>,
    /// Whether everything that the plan would do is done.
    pub(crate) is_done: bool,
    /// The command that makes the plan anew.
    pub(crate) again: String,
}

/// One thing that moved.
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct Move {
    /// The object's node.
    pub(crate) key: String,
    /// The field; none when it is the object as a whole.
    pub(crate) field: Option<String>,
    /// What made it move.
    pub(crate) cause: Cause,
    /// How it was.
    pub(crate) planned: Side,
    /// How it is.
    pub(crate) now: Side,
}

/// What made something move.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Cause {
    /// Something else exists, or what is wanted follows from it.
    World,
    /// The files want something else.
    Files,
}

/// What the plan said, or what a plan says now.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub(crate) enum Side {
    /// The object as a whole.
    Object {
        /// What would be done with it.
        action: Action,
        /// Its id, if it exists.
        id: Option<String>,
    },
    /// A field's value; null where there is nothing, not even the object.
    Value(Value),
}

/// What is not as it was, in the order of the plan of now; what it does not know any more comes last.
pub(super) fn moves(planned: &[SavedStep], now: &[SavedStep], same_files: bool) -> Vec<Move> {
    let pairs = pairs(planned, now);
    let mut moves = Vec::new();
    for (planned, now) in pairs {
        let begin = moves.len();
        match (planned, now) {
            (Some(planned), Some(now)) => compare(planned, now, same_files, &mut moves),
            // What nothing wants comes and goes without the files.
            (Some(only), None) | (None, Some(only)) => {
                let cause = if only.action == Action::Delete { Cause::World } else { Cause::Files };
                moves.push(whole(cause, planned, now));
            }
            (None, None) => {}
        }
        debug_assert!(moves.len() > begin || planned.map(SavedStep::done) == now.map(SavedStep::done));
    }
    moves
}

/// Whether the plan had something to do, and all of it is done.
pub(super) fn is_done(planned: &[SavedStep], now: &[SavedStep]) -> bool {
    let is_change = |step: &SavedStep| step.action != Action::Keep;
    let holds = |pair: (Option<&SavedStep>, Option<&SavedStep>)| match pair {
        (Some(planned), Some(now)) => {
            let remade = matches!(planned.action, Action::Create | Action::Replace);
            now.action == Action::Keep && planned.action != Action::Delete && (remade || planned.id == now.id)
        }
        (Some(planned), None) => planned.action == Action::Delete,
        (None, _) => false,
    };
    planned.iter().any(is_change) && pairs(planned, now).into_iter().all(holds)
}

type Pair<'s> = (Option<&'s SavedStep>, Option<&'s SavedStep>);

/// The steps of each object: those of the same key and id, then of what is left those of the same key. Of objects that
/// nothing wants there may be several of one key.
fn pairs<'s>(planned: &'s [SavedStep], now: &'s [SavedStep]) -> Vec<Pair<'s>> {
    let mut left: HashMap<&str, Vec<&SavedStep>> = HashMap::new();
    for step in planned {
        left.entry(&step.key).or_default().push(step);
    }
    let mut take = |key: &str, fits: &dyn Fn(&SavedStep) -> bool| {
        let steps = left.get_mut(key)?;
        steps.iter().position(|step| fits(step)).map(|at| steps.remove(at))
    };
    let mut pairs: Vec<Pair<'_>> =
        now.iter().map(|step| (take(&step.key, &|other| other.id == step.id), Some(step))).collect();
    for (planned, now) in &mut pairs {
        if let (None, Some(now)) = (*planned, *now) {
            // Two that nothing wants are two, not one that got another id.
            let fits = |other: &SavedStep| (other.action, now.action) != (Action::Delete, Action::Delete);
            *planned = take(&now.key, &fits);
        }
    }
    let is_left = |step: &&SavedStep| left[step.key.as_str()].iter().any(|other| std::ptr::eq(*other, *step));
    pairs.extend(planned.iter().filter(is_left).map(|step| (Some(step), None)));
    pairs
}

fn compare(planned: &SavedStep, now: &SavedStep, same_files: bool, moves: &mut Vec<Move>) {
    if planned.done() == now.done() {
        return;
    }
    let (key, begin) = (&now.key, moves.len());
    let is_wanted = |step: &SavedStep| step.action != Action::Delete;
    if is_wanted(planned) != is_wanted(now) {
        moves.push(whole(Cause::Files, Some(planned), Some(now)));
        return;
    }
    let exists = |step: &SavedStep| step.action != Action::Create;
    let is_same = exists(planned) == exists(now);
    // Below a parent that the files have replaced nothing is found: that is no news of the world.
    if (!is_same && (same_files || !promise(planned, now))) || (is_same && planned.id != now.id) {
        moves.push(whole(Cause::World, Some(planned), Some(now)));
    }
    if !is_same && same_files {
        // Every field of it comes or goes.
        return;
    }
    let others = now.diffs.iter().filter(|diff| planned.diff(&diff.field).is_none());
    for diff in planned.diffs.iter().chain(others) {
        let field = &diff.field;
        let mut push = |cause, planned, now| {
            if let Some((planned, now)) = differing(field, planned, now) {
                let (planned, now) = (Side::Value(planned), Side::Value(now));
                moves.push(Move { key: key.clone(), field: Some(field.clone()), cause, planned, now });
            }
        };
        if is_same {
            push(Cause::World, planned.actual(field), now.actual(field));
        }
        // With the same files something else is wanted because it depends on an object that is another now.
        let cause = if same_files { Cause::World } else { Cause::Files };
        push(cause, planned.wanted(field), now.wanted(field));
    }
    if moves.len() == begin {
        // The same difference means something else, to another version of the program.
        moves.push(whole(Cause::World, Some(planned), Some(now)));
    }
}

/// Whether one of two plans wants something of an object that does not exist yet, and the other does not.
fn promise(planned: &SavedStep, now: &SavedStep) -> bool {
    let fields = planned.diffs.iter().chain(&now.diffs).map(|diff| diff.field.as_str());
    let mut wanted = fields.map(|field| [planned.wanted(field), now.wanted(field)].map(|value| is_promise(&value)));
    wanted.any(|[planned, now]| planned != now)
}

/// Whether a value has the id of an object that does not exist yet.
fn is_promise(value: &Value) -> bool {
    match value {
        Value::Array(values) => values.iter().any(is_promise),
        Value::Object(fields) => {
            (fields.len() == 1 && fields.contains_key("pending")) || fields.values().any(is_promise)
        }
        _ => false,
    }
}

fn whole(cause: Cause, planned: Option<&SavedStep>, now: Option<&SavedStep>) -> Move {
    let key = now.or(planned).map(|step| step.key.clone()).unwrap_or_default();
    let side = |step: Option<&SavedStep>| match step {
        Some(step) => Side::Object { action: step.action, id: step.id.clone() },
        None => Side::Value(Value::Null),
    };
    Move { key, field: None, cause, planned: side(planned), now: side(now) }
}

/// Two values, if they differ; of tags only those that differ.
fn differing(field: &str, planned: Value, now: Value) -> Option<(Value, Value)> {
    if planned == now {
        return None;
    }
    let (Value::Object(planned), Value::Object(now)) = (&planned, &now) else { return Some((planned, now)) };
    if field != TAGS {
        return Some((planned.clone().into(), now.clone().into()));
    }
    let only = |these: &Map<String, Value>, those: &Map<String, Value>| -> Value {
        let differing = these.iter().filter(|(tag, value)| those.get(*tag) != Some(value));
        Value::Object(differing.map(|(tag, value)| (tag.clone(), value.clone())).collect())
    };
    Some((only(planned, now), only(now, planned)))
}

/// The field of an object's tags, of which only those are compared that we want.
const TAGS: &str = "tags";

impl SavedStep {
    /// What would be done, and with what.
    fn done(&self) -> (Action, Option<&str>, &[Diff]) {
        (self.action, self.id.as_deref(), &self.diffs)
    }

    fn diff(&self, field: &str) -> Option<&Diff> {
        self.diffs.iter().find(|diff| diff.field == field)
    }

    fn wanted(&self, field: &str) -> Value {
        let of_diff = self.diff(field).filter(|_| self.action == Action::Create).map(|diff| &diff.desired);
        of_diff.or_else(|| self.desired.get(field)).cloned().unwrap_or_default()
    }

    fn actual(&self, field: &str) -> Value {
        let Some(diff) = self.diff(field) else { return self.wanted(field) };
        let (Value::Object(mut tags), Value::Object(actual), Value::Object(desired)) =
            (self.wanted(field), &diff.actual, &diff.desired)
        else {
            return diff.actual.clone();
        };
        if field != TAGS {
            return diff.actual.clone();
        }
        tags.retain(|tag, _| !desired.contains_key(tag));
        tags.extend(actual.clone());
        Value::Object(tags)
    }
}

#[cfg(test)]
mod tests;
