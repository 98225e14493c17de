//! Principals that AWS refuses, and those that are gone.

use super::place::Place;
use super::{Report, Rule, Severity};
use crate::principal::Principal;

/// IAM user guide, "AWS JSON policy elements: Principal": "You cannot use a wildcard to match part of a principal name
/// or ARN".
pub(super) const WILDCARD: Rule = Rule {
    id: "principal-wildcard",
    severity: Severity::Error,
    summary: "a wildcard in a part of a principal",
    explanation: "`Principal` has no wildcards but `*` for everyone. AWS refuses to store the document.",
};

/// IAM user guide, "AWS JSON policy elements: Principal".
pub(super) const UNKNOWN: Rule = Rule {
    id: "unknown-principal",
    severity: Severity::Error,
    summary: "a principal that is none",
    explanation: "Below `AWS` stand accounts, roles, users and their sessions: 12 digits or an ARN. AWS refuses to \
        store anything else, groups and policies among it, and does not replace variables here.",
};

/// IAM user guide, "AWS JSON policy elements: Principal", sections on roles and users: their ARNs become unique ids
/// when the document is stored.
pub(super) const DELETED: Rule = Rule {
    id: "deleted-principal",
    severity: Severity::Warning,
    summary: "a principal that was deleted",
    explanation: "AWS stores roles and users by their unique ids and shows the ids of those that were deleted. A new \
        one of the same name has another id, so that it has no access; and AWS refuses the id when the document is \
        written again.",
};

pub(super) fn check(place: &Place<'_>, report: &mut Report) {
    for (path, principal) in place.principals() {
        let name = place.name();
        match principal {
            Principal::UniqueId(id) => {
                let message = format!("{name} names {id}, which was deleted");
                let remedy = format!("remove {id}, or write the ARN of the role or user that is there now");
                report.add(&DELETED, path, message, remedy);
            }
            Principal::Service(text) | Principal::Federated(text) | Principal::CanonicalUser(text)
                if text.contains(['*', '?']) =>
            {
                let message = format!("{name} names `{text}`, with a wildcard");
                report.add(&WILDCARD, path, message, "list each one by its full name");
            }
            Principal::Unknown(text) if text.contains("${") => unknown(report, path, &name, text),
            Principal::Unknown(text) if text.contains(['*', '?']) => {
                let message = format!("{name} names `{text}`, with a wildcard");
                let remedy = format!(
                    "write the account below `Principal`, and the wildcard in the condition `\"ArnLike\": \
                     {{\"aws:PrincipalArn\": \"{text}\"}}`"
                );
                report.add(&WILDCARD, path, message, remedy);
            }
            Principal::Account { id, .. } if id.len() != 12 => unknown(report, path, &name, id),
            Principal::Role(text) | Principal::User(text) | Principal::Session(text) if text.contains("${") => {
                unknown(report, path, &name, text);
            }
            Principal::Unknown(text) => unknown(report, path, &name, text),
            _ => {}
        }
    }
}

fn unknown(report: &mut Report, path: crate::KeyPath, name: &str, text: &str) {
    let message = format!("{name} names `{text}`, which is no account, role, user or session");
    let remedy = if text.contains(":group/") {
        "name the users or a role that the group's users assume: groups are no principals"
    } else {
        "write an account's 12 digits or the full ARN of a role or user"
    };
    report.add(&UNKNOWN, path, message, remedy);
}
