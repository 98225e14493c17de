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

pub(crate) use solve::Solver;

use std::collections::BTreeSet;

use serde::Serialize;

use crate::decide::Decision;
use crate::document::{Document, Statement};
use crate::request::Request;
use callers::Aspect;
use solve::Outcome;
use space::{Region, Regions, Space};

/// How one policy stands to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Both decide every request the same way.
    Equal,
    /// The second allows only requests that the first allows, and not all of them; or it allows the same and explicitly
    /// denies more, which shows beside other policies.
    Narrower,
    /// The first is narrower than the second.
    Wider,
    /// Each allows requests that the other does not, or each denies requests that the other does not.
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

impl Which {
    fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }
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

/// A request that one of the two denies explicitly, where the other only does not allow it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denial {
    /// Who denies it.
    pub denied_by: Which,
    /// The request.
    pub request: Request,
}

/// The result of a comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// How the second policy stands to the first.
    pub verdict: Verdict,
    /// Requests that show it: one for each policy that allows more.
    pub witnesses: Vec<Witness>,
    /// Where both allow the same: one request for each policy that explicitly denies more.
    pub denials: Vec<Denial>,
    /// What could not be modelled, if the verdict is unknown for it.
    pub unmodelled: Vec<String>,
    /// What else is worth knowing.
    pub notes: Vec<String>,
}

/// Compares two policies, each one document or several that apply together: how `b` stands to `a`.
///
/// Documents with principals are compared as policies of a resource, others as policies of an identity. What counts is
/// first what each allows to other accounts (of a resource) or at all (of an identity); if that is the same, what a
/// resource's policy allows within its own account; and if that is the same too, what each denies explicitly, because it
/// shows beside other policies. Service control policies that only deny differ in the latter.
pub fn compare(a: &[&Document], b: &[&Document]) -> Comparison {
    let pair = Pair::new(a, b, Aspect::Anywhere);
    let mut comparison = pair.compare_allowed();
    let others =
        [(Aspect::WithinAccount, WITHIN_ACCOUNT), (Aspect::PastLimits, PAST_LIMITS), (Aspect::Bounded, BOUNDED)];
    for (aspect, note) in others.into_iter().filter(|_| pair.space.is_resource) {
        if comparison.verdict == Verdict::Equal {
            comparison = Pair::new(a, b, aspect).compare_allowed();
            if comparison.verdict != Verdict::Equal {
                comparison.notes.push(note.to_owned());
            }
        }
    }
    if comparison.verdict == Verdict::Equal {
        comparison = pair.compare_denied();
        if comparison.verdict != Verdict::Equal {
            let is_allowed = !pair.of_a.allowed.is_empty() || !pair.of_b.allowed.is_empty();
            comparison.notes.push(if is_allowed { DENIED } else { ONLY_DENIED }.to_owned());
            if !is_allowed {
                let witness =
                    |denial: &Denial| Witness { allowed_by: denial.denied_by.other(), request: denial.request.clone() };
                comparison.witnesses = comparison.denials.iter().map(witness).collect();
            }
        }
    }
    if pair.space.is_resource {
        let names_nobody = |documents: &[&Document]| {
            let mut statements = documents.iter().flat_map(|document| &document.statements).peekable();
            statements.peek().is_some() && statements.all(|statement| statement.principals.is_none())
        };
        let nobody = [("A", a), ("B", b)].into_iter().filter(|(_, documents)| names_nobody(documents));
        comparison.notes.extend(nobody.map(|(name, _)| {
            format!("{name} has no principals, as policies of identities have none: beside a policy of a resource it matches nobody")
        }));
    }
    comparison
}

const WITHIN_ACCOUNT: &str = "both allow the same to other accounts; the difference is within the object's own account, \
    where a role or user that is named needs no policy of its own, and an account that is named leaves it to its policies";
const PAST_LIMITS: &str = "both allow the same as long as nothing limits the caller; the difference is within the object's own \
    account for callers with a permissions boundary or a session policy, which limit a role that is named, and neither a \
    user or session that is named nor everyone under a condition";
const BOUNDED: &str = "both allow the same to callers without a permissions boundary; `NotPrincipal` with `Deny` spares \
    nobody who has one";
const DENIED: &str = "alone, both allow the same; they deny different requests explicitly, which shows beside other \
    policies that allow them";
const ONLY_DENIED: &str = "neither allows anything: what counts is what each leaves to other policies, and the requests \
    shown are allowed beside a statement that allows everything";

/// A comparison under way.
struct Pair<'d> {
    a: Vec<&'d Document>,
    b: Vec<&'d Document>,
    of_a: Regions,
    of_b: Regions,
    space: Space,
}

impl<'d> Pair<'d> {
    fn new(a: &[&'d Document], b: &[&'d Document], aspect: Aspect) -> Self {
        let both: Vec<_> = a.iter().chain(b).copied().collect();
        let mut space = Space::new(&both, aspect);
        let of_a = space.regions(a);
        let of_b = space.regions(b);
        Self { a: a.to_vec(), b: b.to_vec(), of_a, of_b, space }
    }

    fn compare_allowed(&self) -> Comparison {
        let mut solver = Solver::new(&self.space);
        let mut difference = |which| {
            let (ours, theirs) = self.regions(which);
            let not_allowed: Vec<_> = ours.denied.iter().chain(&theirs.allowed).collect();
            let denied: Vec<_> = ours.denied.iter().collect();
            let mut searches = Vec::new();
            for region in &ours.allowed {
                searches.push((vec![region], &not_allowed));
                searches.extend(theirs.denied.iter().map(|denial| (vec![region, denial], &denied)));
            }
            self.search(&mut solver, which, Decision::Allow, &searches)
        };
        let (more_in_a, more_in_b) = (difference(Which::A), difference(Which::B));
        let mut comparison = self.comparison([&more_in_a, &more_in_b]);
        for (allowed_by, outcome) in [(Which::A, more_in_a), (Which::B, more_in_b)] {
            if let Outcome::Found(request) = outcome {
                comparison.witnesses.push(Witness { allowed_by, request });
            }
        }
        comparison
    }

    fn compare_denied(&self) -> Comparison {
        let mut solver = Solver::new(&self.space);
        let mut difference = |which| {
            let (ours, theirs) = self.regions(which);
            let denied: Vec<_> = theirs.denied.iter().collect();
            let searches: Vec<_> = ours.denied.iter().map(|region| (vec![region], &denied)).collect();
            self.search(&mut solver, which, Decision::ExplicitDeny, &searches)
        };
        let (more_in_a, more_in_b) = (difference(Which::A), difference(Which::B));
        // Who denies more is narrower.
        let mut comparison = self.comparison([&more_in_b, &more_in_a]);
        for (denied_by, outcome) in [(Which::A, more_in_a), (Which::B, more_in_b)] {
            if let Outcome::Found(request) = outcome {
                comparison.denials.push(Denial { denied_by, request });
            }
        }
        comparison
    }

    /// The regions of one side, and those of the other.
    fn regions(&self, which: Which) -> (&Regions, &Regions) {
        match which {
            Which::A => (&self.of_a, &self.of_b),
            Which::B => (&self.of_b, &self.of_a),
        }
    }

    /// Searches for a request that one side decides in this way and the other does not: in the first regions of each
    /// search, and in none of the others.
    fn search(
        &self,
        solver: &mut Solver<'_>,
        which: Which,
        decision: Decision,
        searches: &[(Vec<&Region>, &Vec<&Region>)],
    ) -> Outcome<Request> {
        let (ours, theirs) = match which {
            Which::A => (&self.a, &self.b),
            Which::B => (&self.b, &self.a),
        };
        let ours = witness::Side::new(ours, self.space.is_resource);
        let theirs = witness::Side::new(theirs, self.space.is_resource);
        let mut accept = |point: &solve::Point| {
            witness::requests(&self.space, point).into_iter().find(|request| {
                ours.decides(request, self.space.aspect) == decision
                    && theirs.decides(request, self.space.aspect) != decision
            })
        };
        let mut unknown = None;
        for (within, cover) in searches {
            match solver.find(within, cover, &mut accept) {
                Outcome::Nothing => {}
                Outcome::Unknown(reason) => unknown = Some(reason),
                found @ Outcome::Found(_) => return found,
            }
        }
        unknown.map_or(Outcome::Nothing, Outcome::Unknown)
    }

    /// The verdict, from whether the first and the second reaches further.
    fn comparison(&self, further: [&Outcome<Request>; 2]) -> Comparison {
        let verdict = match further {
            [Outcome::Unknown(_), _] | [_, Outcome::Unknown(_)] => Verdict::Unknown,
            [Outcome::Nothing, Outcome::Nothing] => Verdict::Equal,
            [Outcome::Found(_), Outcome::Nothing] => Verdict::Narrower,
            [Outcome::Nothing, Outcome::Found(_)] => Verdict::Wider,
            [Outcome::Found(_), Outcome::Found(_)] => Verdict::Incomparable,
        };
        let mut unmodelled = BTreeSet::new();
        if verdict == Verdict::Unknown {
            unmodelled.extend(self.space.unmodelled.iter().cloned());
            unmodelled.extend(further.into_iter().filter_map(|outcome| match outcome {
                Outcome::Unknown(reason) => Some(reason.clone()),
                _ => None,
            }));
        }
        let unmodelled = unmodelled.into_iter().collect();
        Comparison { verdict, witnesses: Vec::new(), denials: Vec::new(), unmodelled, notes: Vec::new() }
    }
}

/// Statements as regions, to ask which of them others make superfluous.
pub(crate) struct Coverage {
    space: Space,
    regions: Vec<Vec<Region>>,
}

impl Coverage {
    /// The statements of one document. Without principals in any of them, it is an identity's.
    pub(crate) fn new<'s>(statements: impl IntoIterator<Item = &'s Statement>) -> Self {
        let statements = statements.into_iter().cloned().collect();
        let document = Document { version: crate::Version::V2012, id: None, statements };
        let mut space = Space::new(&[&document], Aspect::Anywhere);
        let regions = document.statements.iter().map(|statement| space.regions_of(statement)).collect();
        Self { space, regions }
    }

    /// Answers questions, and remembers the answers.
    pub(crate) fn solver(&self) -> Solver<'_> {
        Solver::new(&self.space)
    }

    /// Whether every request that a statement matches is matched by some of the others, whatever their effects. `None` if
    /// that cannot be told.
    pub(crate) fn is_covered(&self, solver: &mut Solver<'_>, statement: usize, others: &[usize]) -> Option<bool> {
        let cover: Vec<_> = others.iter().flat_map(|other| &self.regions[*other]).collect();
        let mut answer = Some(true);
        for region in &self.regions[statement] {
            match solver.find(&[region], &cover, &mut |_| Some(())) {
                Outcome::Found(()) => return Some(false),
                Outcome::Nothing => {}
                Outcome::Unknown(_) => answer = None,
            }
        }
        answer
    }
}
