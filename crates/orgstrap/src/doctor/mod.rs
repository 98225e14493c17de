//! What `doctor` makes of the facts: findings, each with a remedy. Nothing here asks AWS.

pub(crate) mod account;
pub(crate) mod caller;
pub(crate) mod fleet;
pub(crate) mod need;
pub(crate) mod prices;

use engine::{Class, Error};
use serde::Serialize;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Status {
    /// Nothing stands in the way.
    Ok,
    /// Good to know.
    Info,
    /// A run works, and somebody may be surprised.
    Warning,
    /// A run would fail.
    Blocker,
    /// It could not be asked.
    Unknown,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Finding {
    /// What was looked at, one word.
    pub(crate) check: &'static str,
    /// The account's name in the fleet; none is the caller, the organization and the fleet as a whole.
    pub(crate) account: Option<String>,
    pub(crate) status: Status,
    pub(crate) message: String,
    /// What to do about it.
    pub(crate) remedy: Option<String>,
}

impl Finding {
    fn new(check: &'static str, status: Status, message: impl Into<String>) -> Self {
        Self { check, account: None, status, message: message.into(), remedy: None }
    }

    pub(crate) fn ok(check: &'static str, message: impl Into<String>) -> Self {
        Self::new(check, Status::Ok, message)
    }

    pub(crate) fn info(check: &'static str, message: impl Into<String>) -> Self {
        Self::new(check, Status::Info, message)
    }

    pub(crate) fn warning(check: &'static str, message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::new(check, Status::Warning, message).remedy(remedy)
    }

    pub(crate) fn blocker(check: &'static str, message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::new(check, Status::Blocker, message).remedy(remedy)
    }

    /// Something could not be asked: `what` is not known.
    pub(crate) fn unknown(check: &'static str, what: &str, error: &Error) -> Self {
        let message = format!("{what} not known: {error}");
        Self::new(check, Status::Unknown, message).remedy(how_to_ask(error))
    }

    pub(crate) fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }

    /// The same, about an account.
    pub(crate) fn of(mut self, account: &str) -> Self {
        self.account = Some(account.to_owned());
        self
    }
}

/// What lets the question be asked next time.
fn how_to_ask(error: &Error) -> String {
    match (&error.operation, &error.hint) {
        (Some(operation), _) if error.class == Class::Denied => {
            format!("allow {} to whoever asks (docs/permissions.md), or look by hand", action(operation))
        }
        (_, Some(hint)) => hint.to_string(),
        _ => "run again; if it stays so, look by hand".to_owned(),
    }
}

/// The action of an operation: some services are called otherwise in policies than in the SDK.
fn action(operation: &str) -> String {
    operation.replace("elasticloadbalancingv2:", "elasticloadbalancing:")
}

/// How many findings of each status there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Summary {
    pub(crate) ok: usize,
    pub(crate) info: usize,
    pub(crate) warnings: usize,
    pub(crate) blockers: usize,
    pub(crate) unknown: usize,
}

impl Summary {
    pub(crate) fn of(findings: &[Finding]) -> Self {
        let mut summary = Self::default();
        for finding in findings {
            *match finding.status {
                Status::Ok => &mut summary.ok,
                Status::Info => &mut summary.info,
                Status::Warning => &mut summary.warnings,
                Status::Blocker => &mut summary.blockers,
                Status::Unknown => &mut summary.unknown,
            } += 1;
        }
        summary
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_not_be_asked_says_what_permission_is_missing() {
        let denied = Error {
            operation: Some("elasticloadbalancingv2:DescribeLoadBalancers".into()),
            ..Error::new(Class::Denied, "no")
        };
        let finding = Finding::unknown("quota", "the load balancers are", &denied);
        assert_eq!(finding.status, Status::Unknown);
        assert!(
            finding.remedy.is_some_and(|remedy| remedy.starts_with("allow elasticloadbalancing:DescribeLoadBalancers"))
        );
    }
}
