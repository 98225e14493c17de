//! Reads that show what was true before a change, as AWS's do for a while (EC2 API reference, "Eventual consistency";
//! IAM user guide, "Changes that I make are not always immediately visible").
//!
//! What was just made is not listed, and not found by its id, for some calls of each operation. What was just changed or
//! deleted reads back as it was: the answer to the same question before the change.

mod unseen;

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use self::unseen::{Made, hide, made, not_found};
use super::answer::Answer;
use super::call::{Call, Parameters, Request};
use super::weather::{Staleness, Weather};

/// Services that always show the last state: S3 ("Amazon S3 data consistency model"), and STS, which has none.
const CONSISTENT: [&str; 2] = ["s3", "sts"];

/// What is older than this is forgotten, whatever the weather asks for.
const MEMORY: Duration = Duration::from_mins(10);

/// What an account's calls to a service may still not show.
#[derive(Default)]
struct Place {
    /// How many changes there were.
    changes: usize,
    hidden: Vec<Hidden>,
    /// The last whole and fresh answer to each question.
    answers: HashMap<String, Known>,
}

/// What a question was answered with.
struct Known {
    answer: Answer,
    at: Instant,
    /// The first change after it.
    missed: Option<Missed>,
}

/// A change that an answer does not show.
struct Missed {
    change: usize,
    since: Instant,
    /// How often the answer may still be given.
    left: Option<u32>,
}

/// Something new.
struct Hidden {
    made: Made,
    since: Instant,
    change: usize,
    /// How often an operation may still not see it.
    left: HashMap<String, u32>,
}

/// What was changed lately in every account.
#[derive(Default)]
pub(super) struct Visibility {
    places: Mutex<HashMap<(String, String), Place>>,
}

impl Visibility {
    /// The old answer to a call, if it gets one.
    pub(super) fn before(&self, request: &mut Request, weather: &Weather) -> Option<Answer> {
        if CONSISTENT.contains(&request.call.service.as_str()) {
            return None;
        }
        let mut places = self.places();
        let place = places.entry(key(&request.call)).or_default();
        request.seen = place.changes;
        let by_name = place.hidden.iter_mut().filter(|hidden| hidden.made.is_named_in(request)).find_map(|hidden| {
            let answer = not_found(request, &hidden.made)?;
            hidden.is_from(&request.call, weather).then_some(answer)
        });
        if by_name.is_some() || request.call.is_change() {
            return by_name;
        }
        let known = place.answers.get_mut(&question(request))?;
        let missed = known.missed.as_mut()?;
        let staleness = weather.staleness(&request.call, missed.change)?;
        if missed.since.elapsed() >= staleness.time.min(MEMORY) {
            return None;
        }
        let left = missed.left.get_or_insert(staleness.reads);
        *left = left.checked_sub(1)?;
        Some(known.answer.clone())
    }

    /// Notes what a change has made, and takes out of a list what it does not show yet.
    pub(super) fn after(&self, request: &Request, answer: &mut Answer, weather: &Weather) {
        let call = &request.call;
        if CONSISTENT.contains(&call.service.as_str()) || !answer.is_success() {
            return;
        }
        let mut places = self.places();
        let place = places.entry(key(call)).or_default();
        if call.is_change() {
            // What was done in fair weather has been seen.
            place.change(if weather.is_ever_stale() { made(request, answer) } else { Vec::new() });
            return;
        }
        let from = |hidden: &mut Hidden| hidden.is_from(call, weather).then(|| hidden.made.name.clone());
        let names: HashSet<String> = place.hidden.iter_mut().filter_map(from).collect();
        let is_whole = names.is_empty() || !hide(answer, &names);
        // What lacks something would be given for longer than that is hidden. And of a change during the call, nobody
        // knows whether the answer shows it.
        if is_whole && request.seen == place.changes {
            let known = Known { answer: answer.clone(), at: Instant::now(), missed: None };
            place.answers.insert(question(request), known);
        }
    }

    fn places(&self) -> MutexGuard<'_, HashMap<(String, String), Place>> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    fn change(&mut self, made: Vec<Made>) {
        self.changes += 1;
        let (change, since) = (self.changes, Instant::now());
        self.answers.retain(|_, known| known.at.elapsed() < MEMORY);
        self.hidden.retain(|hidden| hidden.since.elapsed() < MEMORY);
        for known in self.answers.values_mut() {
            known.missed.get_or_insert(Missed { change, since, left: None });
        }
        self.hidden.extend(made.into_iter().map(|made| Hidden { made, since, change, left: HashMap::new() }));
    }
}

impl Hidden {
    /// Whether it is hidden from this call, which uses up one of the times that it is.
    fn is_from(&mut self, call: &Call, weather: &Weather) -> bool {
        let Some(Staleness { reads, time }) = weather.staleness(call, self.change) else { return false };
        if self.since.elapsed() >= time.min(MEMORY) {
            return false;
        }
        let left = self.left.entry(call.operation.clone()).or_insert(reads);
        let is_hidden = *left > 0;
        *left = left.saturating_sub(1);
        is_hidden
    }
}

fn key(call: &Call) -> (String, String) {
    (call.account.clone(), call.service.clone())
}

/// What is asked, so that the same question is known again.
fn question(request: &Request) -> String {
    let mut texts = request.parameters.texts();
    texts.sort();
    let body = if let Parameters::Rest { body, .. } = &request.parameters { &body[..] } else { &[] };
    format!("{} {} {} {texts:?} {body:?}", request.call.region, request.call.operation, request.target)
}
