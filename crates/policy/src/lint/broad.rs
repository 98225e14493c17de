//! What an identity may do to everything.

use super::limit::needs_key;
use super::place::Place;
use super::{Report, Rule, Severity};
use crate::document::{ResourcePattern, Selection};
use crate::key_path::KeyPath;

/// IAM user guide, "Security best practices in IAM", section "Apply least-privilege permissions".
pub(super) const FULL_ACCESS: Rule = Rule {
    id: "full-access",
    severity: Severity::Note,
    summary: "everything is allowed",
    explanation: "Everything includes changing the identity's own permissions. That is right for administrators and \
        for service control policies, which only limit, and for little else.",
};

/// IAM user guide, "Grant a user permissions to pass a role to an AWS service"; IAM Access Analyzer policy check
/// reference, "Security warning: Pass role with star in resource".
pub(super) const PASS_ROLE: Rule = Rule {
    id: "pass-role-wildcard",
    severity: Severity::Warning,
    summary: "every role may be passed to a service",
    explanation: "Who passes a role to a service acts with the role's permissions through it, so that the right to \
        pass every role is the right to all that any role of the account may do.",
};

/// IAM user guide, "Grant a user permissions to switch roles".
pub(super) const ASSUME_ROLE: Rule = Rule {
    id: "assume-role-wildcard",
    severity: Severity::Warning,
    summary: "every role may be assumed",
    explanation: "Only the trust policies of roles are left to keep the identity out, those of strangers' accounts \
        too: whoever trusts this account as a whole trusts this identity.",
};

pub(super) fn check(place: &Place<'_>, report: &mut Report) {
    if !place.is_allow() || place.is_resource {
        return;
    }
    let Some((path, resource)) = widest(place) else { return };
    if is_everything(resource) && place.actions().iter().any(|(_, action)| matches!(action.as_str(), "*" | "*:*")) {
        if matches!(place.statement.actions, Some(Selection::Only(_))) {
            let message = format!("{} allows every action on every resource", place.name());
            report.add(&FULL_ACCESS, place.action_path(), message, "list the actions and resources that are needed");
        }
        return;
    }
    if place.has_action("iam:PassRole") {
        let message = format!("{} allows passing every role: `{}`", place.name(), resource.as_str());
        let remedy =
            "list the ARNs of the roles, and add the condition `\"StringEquals\": {\"iam:PassedToService\": ...}`";
        let severity = softened(place, &PASS_ROLE, &|key| key == "iam:passedtoservice");
        report.add_as(severity, &PASS_ROLE, path.clone(), message, remedy);
    }
    if place.has_action("sts:AssumeRole") {
        let message = format!("{} allows assuming every role that lets it: `{}`", place.name(), resource.as_str());
        let remedy = "list the ARNs of the roles, or what their names begin with: `arn:aws:iam::ACCOUNT:role/NAME-*`";
        let of_role = |key: &str| {
            matches!(key, "aws:resourceaccount" | "aws:resourceorgid" | "aws:resourceorgpaths")
                || key.starts_with("aws:resourcetag/")
                || key.starts_with("iam:resourcetag/")
        };
        report.add_as(softened(place, &ASSUME_ROLE, &of_role), &ASSUME_ROLE, path, message, remedy);
    }
}

/// A note only, if a condition on such a key narrows the statement.
fn softened(place: &Place<'_>, rule: &Rule, is_key: &dyn Fn(&str) -> bool) -> Severity {
    let narrows = place.statement.conditions.iter().any(|condition| {
        needs_key(condition)
            && is_key(condition.key.folded())
            && condition.values.iter().all(|value| !matches!(value.as_str(), "*" | "?*" | "*?"))
    });
    if narrows { Severity::Note } else { rule.severity }
}

/// The entry of `Resource` that has every role.
fn widest<'d>(place: &Place<'d>) -> Option<(KeyPath, &'d ResourcePattern)> {
    match &place.statement.resources {
        Some(Selection::Only(_)) => {
            place.resources().into_iter().find(|(_, resource)| has_every_role(resource.as_str()))
        }
        _ => None,
    }
}

fn is_everything(resource: &ResourcePattern) -> bool {
    resource.as_str().chars().all(|c| c == '*')
}

/// Whether all roles of some account, or of all, are meant, whatever their names.
fn has_every_role(resource: &str) -> bool {
    let Some(start) = resource.strip_suffix('*') else { return false };
    let start = start.trim_end_matches('*');
    match start.splitn(6, ':').collect::<Vec<_>>().as_slice() {
        ["arn", _, "iam" | "*", _, _, name] => matches!(*name, "" | "role" | "role/"),
        ["arn", _, service, ..] => matches!(*service, "iam" | "" | "*"),
        [start] | [start, _] => start.is_empty() || *start == "arn",
        _ => false,
    }
}
