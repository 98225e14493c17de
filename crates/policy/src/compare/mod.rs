//! How one policy stands to another: which requests each allows that the other does not.
//!
//! Each statement is a region in a space with a dimension for the caller, the action, the resource and each condition
//! key. A request that one side allows and the other does not is searched for exactly; what is found is decided again
//! by [`decide`](crate::decide) before it is shown, and what cannot be modelled makes the answer unknown, never equal.

mod callers;
mod set;
mod solve;
mod space;
mod witness;

use serde::Serialize;

use crate::document::{Document, Effect, Statement};
use crate::request::Request;
use solve::{Outcome, Solver};
use space::{Region, Regions, Space};

/// How one policy stands to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Both allow the same requests.
    Equal,
    /// The second allows only requests that the first allows, and not all of them.
    Narrower,
    /// The second allows all requests that the first allows, and more.
    Wider,
    /// Each allows requests that the other does not.
    Incomparable,
    /// It could not be told.
    Unknown,
}

/// Which of the two policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Which {
    /// The first.
    A,
    /// The second.
    B,
}

/// A request that one of the two allows and the other does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witness {
    /// Who allows it.
    pub allowed_by: Which,
    /// The request. With a resource's policy the caller is of another account than the object and may do everything as
    /// far as its own policies go; with an identity's, the object's policy leaves it to the caller's.
    pub request: Request,
}

/// The result of a comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// How the second policy stands to the first.
    pub verdict: Verdict,
    /// Requests that show it: one for each policy that allows more.
    pub witnesses: Vec<Witness>,
    /// What could not be modelled, if the verdict is unknown for it.
    pub unmodelled: Vec<String>,
    /// What else is worth knowing.
    pub notes: Vec<String>,
}

/// Compares two policies, each one document or several that apply together: how `b` stands to `a`.
///
/// Documents with principals are compared as policies of a resource, others as policies of an identity. If neither side
/// allows anything, as service control policies do that only deny, both are compared beside a statement that allows
/// everything.
pub fn compare(a: &[&Document], b: &[&Document]) -> Comparison {
    let allows = |documents: &[&Document]| {
        documents.iter().flat_map(|document| &document.statements).any(|statement| statement.effect == Effect::Allow)
    };
    let beside_everything = !allows(a) && !allows(b);
    let mut pair = Pair::new(a, b, beside_everything, false);
    let mut comparison = pair.compare();
    if comparison.verdict == Verdict::Equal && pair.space.is_resource {
        comparison = Pair::new(a, b, beside_everything, true).compare();
        if comparison.verdict != Verdict::Equal {
            comparison.notes.push(
                "both allow the same to other accounts; the difference is within the object's own account, where a role \
                 or user that is named needs no policy of its own, and an account that is named leaves it to its policies"
                    .to_owned(),
            );
        }
    }
    if beside_everything {
        comparison.notes.push("neither allows anything: compared beside a statement that allows everything".to_owned());
    } else if comparison.verdict == Verdict::Equal {
        comparison.notes.extend(pair.denials_differ());
    }
    comparison
}

/// A comparison under way.
struct Pair<'d> {
    a: Vec<&'d Document>,
    b: Vec<&'d Document>,
    of_a: Regions,
    of_b: Regions,
    space: Space,
    beside_everything: bool,
    direct: bool,
}

impl<'d> Pair<'d> {
    fn new(a: &[&'d Document], b: &[&'d Document], beside_everything: bool, direct: bool) -> Self {
        let both: Vec<_> = a.iter().chain(b).copied().collect();
        let mut space = Space::new(&both);
        let mut of_a = space.regions(a, direct);
        let mut of_b = space.regions(b, direct);
        if beside_everything {
            of_a.allowed.push(Region::default());
            of_b.allowed.push(Region::default());
        }
        Self { a: a.to_vec(), b: b.to_vec(), of_a, of_b, space, beside_everything, direct }
    }

    fn compare(&mut self) -> Comparison {
        let mut solver = Solver::new(&self.space);
        let more_in_a = self.difference(&mut solver, Which::A);
        let more_in_b = self.difference(&mut solver, Which::B);
        let verdict = match (&more_in_a, &more_in_b) {
            (Outcome::Unknown(_), _) | (_, Outcome::Unknown(_)) => Verdict::Unknown,
            (Outcome::Nothing, Outcome::Nothing) => Verdict::Equal,
            (Outcome::Found(_), Outcome::Nothing) => Verdict::Narrower,
            (Outcome::Nothing, Outcome::Found(_)) => Verdict::Wider,
            (Outcome::Found(_), Outcome::Found(_)) => Verdict::Incomparable,
        };
        let mut witnesses = Vec::new();
        let mut unmodelled = Vec::new();
        for (allowed_by, outcome) in [(Which::A, more_in_a), (Which::B, more_in_b)] {
            match outcome {
                Outcome::Found(request) => witnesses.push(Witness { allowed_by, request }),
                Outcome::Unknown(reason) => unmodelled.push(reason),
                Outcome::Nothing => {}
            }
        }
        if verdict == Verdict::Unknown {
            unmodelled.extend(self.space.unmodelled.iter().cloned());
        }
        unmodelled.sort_unstable();
        unmodelled.dedup();
        Comparison { verdict, witnesses, unmodelled, notes: Vec::new() }
    }

    /// Searches for a request that one side allows and the other does not.
    fn difference(&self, solver: &mut Solver<'_>, which: Which) -> Outcome<Request> {
        let (ours, theirs) = match which {
            Which::A => (&self.of_a, &self.of_b),
            Which::B => (&self.of_b, &self.of_a),
        };
        let (our_documents, their_documents) = match which {
            Which::A => (&self.a, &self.b),
            Which::B => (&self.b, &self.a),
        };
        let our_side = witness::Side::new(our_documents, self.space.is_resource, self.beside_everything);
        let their_side = witness::Side::new(their_documents, self.space.is_resource, self.beside_everything);
        let mut accept = |point: &solve::Point| {
            witness::requests(&self.space, point, self.direct)
                .into_iter()
                .find(|request| our_side.allows(request, self.direct) && !their_side.allows(request, self.direct))
        };
        let mut unknown = None;
        let not_allowed: Vec<_> = ours.denied.iter().chain(&theirs.allowed).collect();
        let denied: Vec<_> = ours.denied.iter().collect();
        for region in &ours.allowed {
            let by_their_denials = theirs.denied.iter().map(|denial| (vec![region, denial], &denied));
            for (within, cover) in std::iter::once((vec![region], &not_allowed)).chain(by_their_denials) {
                match solver.find(&within, cover, &mut accept) {
                    Outcome::Nothing => {}
                    Outcome::Unknown(reason) => unknown = Some(reason),
                    found @ Outcome::Found(_) => return found,
                }
            }
        }
        unknown.map_or(Outcome::Nothing, Outcome::Unknown)
    }

    /// What to say if the two deny different requests explicitly, which shows only beside other policies.
    fn denials_differ(&self) -> Option<String> {
        let mut solver = Solver::new(&self.space);
        let mut more = |ours: &Regions, theirs: &Regions| {
            let cover: Vec<_> = theirs.denied.iter().collect();
            ours.denied
                .iter()
                .any(|region| !matches!(solver.find(&[region], &cover, &mut |_| Some(())), Outcome::Nothing))
        };
        let which = match (more(&self.of_a, &self.of_b), more(&self.of_b, &self.of_a)) {
            (false, false) => return None,
            (true, false) => "A explicitly denies requests that B only does not allow",
            (false, true) => "B explicitly denies requests that A only does not allow",
            (true, true) => "each explicitly denies requests that the other only does not allow",
        };
        Some(format!("{which}: beside other policies that allow them, the two differ"))
    }
}

/// Whether every request that the statement matches is matched by one of the others, whatever their effects: then it
/// never matters. `None` if that cannot be told.
pub(crate) fn is_covered(statement: &Statement, others: &[&Statement], is_resource: bool) -> Option<bool> {
    let document = |statements: Vec<Statement>| Document { version: crate::Version::V2012, id: None, statements };
    let (one, rest) =
        (document(vec![statement.clone()]), document(others.iter().map(|other| (*other).clone()).collect()));
    let mut space = Space::new(&[&one, &rest]);
    debug_assert!(!is_resource || space.is_resource);
    let regions = space.regions_of(statement, false);
    let cover: Vec<_> = others.iter().flat_map(|other| space.regions_of(other, false)).collect();
    let cover: Vec<_> = cover.iter().collect();
    let mut solver = Solver::new(&space);
    let mut answer = Some(true);
    for region in &regions {
        match solver.find(&[region], &cover, &mut |_| Some(())) {
            Outcome::Found(()) => return Some(false),
            Outcome::Nothing => {}
            Outcome::Unknown(_) => answer = None,
        }
    }
    answer
}
