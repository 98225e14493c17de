//! Every call that went through, in order.

use std::fmt;
use std::time::Duration;

use super::call::Call;
use super::needs::Need;

/// A call, and what came of it.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// Its place among all calls, from 1.
    pub number: usize,
    /// The call.
    pub call: Call,
    /// What whoever makes it has to be allowed.
    pub needs: Vec<Need>,
    /// The policy document that it writes, as it was sent.
    pub document: Option<String>,
    /// When it came, since the front began.
    pub at: Duration,
    /// How long it took, until its answer or its end without one.
    pub took: Duration,
    /// What came of it.
    pub outcome: Outcome,
}

/// What came of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It has no answer yet.
    Open,
    /// It did what it was to do.
    Done,
    /// The local AWS refused it with this code.
    Refused(String),
    /// The front refused it with this code, as AWS would have.
    Enforced(String),
    /// It was disturbed, with the word for how. Its effect may be there.
    Disturbed(&'static str),
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open => f.write_str("open"),
            Self::Done => f.write_str("done"),
            Self::Refused(code) => write!(f, "refused: {code}"),
            Self::Enforced(code) => write!(f, "refused by the front: {code}"),
            Self::Disturbed(how) => write!(f, "disturbed: {how}"),
        }
    }
}

/// Calls in the order in which they came. What selects gives the rest, so `calls.to("ec2").named("CreateVpc")` reads as
/// it is meant.
#[derive(Clone, Debug, Default)]
pub struct Calls(pub(crate) Vec<Recorded>);

impl Calls {
    /// Those to a service, such as `ec2`.
    #[must_use]
    pub fn to(self, service: &str) -> Self {
        self.only(|recorded| recorded.call.service == service)
    }

    /// Those of an operation, such as `CreateVpc`.
    #[must_use]
    pub fn named(self, operation: &str) -> Self {
        self.only(|recorded| recorded.call.operation == operation)
    }

    /// Those made in an account.
    #[must_use]
    pub fn of(self, account: &str) -> Self {
        self.only(|recorded| recorded.call.account == account)
    }

    /// Those that would change something.
    #[must_use]
    pub fn changes(self) -> Self {
        self.only(|recorded| recorded.call.is_change())
    }

    /// Those that this holds for.
    #[must_use]
    pub fn only(self, holds: impl Fn(&Recorded) -> bool) -> Self {
        Self(self.0.into_iter().filter(|recorded| holds(recorded)).collect())
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Each of them.
    pub fn iter(&self) -> std::slice::Iter<'_, Recorded> {
        self.0.iter()
    }
}

impl<'a> IntoIterator for &'a Calls {
    type Item = &'a Recorded;
    type IntoIter = std::slice::Iter<'a, Recorded>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// A timeline: a line for each call.
impl fmt::Display for Calls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Recorded { number, call, at, took, outcome, .. } in self {
            let (at, took) = (at.as_secs_f64(), took.as_millis());
            write!(f, "{number:>5} {at:>8.3}s {took:>5} ms  {}  {call}", call.account)?;
            if *outcome != Outcome::Done {
                write!(f, "  [{outcome}]")?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}
