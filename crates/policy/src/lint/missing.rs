//! Statements that lack an element and so have no effect.

use super::place::Place;
use super::{Report, Rule, Severity};
use crate::document::service_of;

/// IAM user guide, "AWS JSON policy elements: Principal"; AWS KMS developer guide, "Key policies in AWS KMS".
pub(super) const PRINCIPAL: Rule = Rule {
    id: "principal-missing",
    severity: Severity::Warning,
    summary: "a resource's policy has a statement about nobody",
    explanation: "In a resource's policy each statement says whom it is about. Most services refuse one that does not; \
        of a key's policy it is stored and has no effect.",
};

/// IAM user guide, "Grammar of the IAM JSON policy language"; AWS KMS developer guide, "Key policies in AWS KMS".
pub(super) const ACTION: Rule = Rule {
    id: "action-missing",
    severity: Severity::Warning,
    summary: "a statement about no action",
    explanation: "A statement without `Action` or `NotAction` is refused, or stored without effect as a key's policy is.",
};

/// IAM user guide, "IAM JSON policy elements: Resource"; AWS KMS developer guide, "Key policies in AWS KMS".
pub(super) const RESOURCE: Rule = Rule {
    id: "resource-missing",
    severity: Severity::Warning,
    summary: "a statement about no resource",
    explanation: "An identity's policy needs `Resource` in each statement, and AWS refuses it otherwise. Policies of \
        repositories and roles go without; in a key's policy a statement without it is stored and has no effect.",
};

pub(super) fn check(place: &Place<'_>, report: &mut Report) {
    let (statement, name) = (place.statement, place.name());
    if place.is_resource && statement.principals.is_none() {
        let message = format!("{name} has no `Principal`, as others of the document do");
        report.add(&PRINCIPAL, place.path(), message, "add the `Principal` that it is about");
    }
    if statement.actions.is_none() {
        report.add(&ACTION, place.path(), format!("{name} has no `Action`"), "add the actions that it is about");
    }
    if statement.resources.is_none() && needs_resource(place) {
        let what =
            if place.is_resource { "has no `Resource`, as its document's kind does" } else { "has no `Resource`" };
        let remedy = if place.is_resource {
            "add `\"Resource\": \"*\"`, which in a key's policy is the key"
        } else {
            "add the resources that it is about"
        };
        report.add(&RESOURCE, place.path(), format!("{name} {what}"), remedy);
    }
}

/// Whether the other statements, or the actions, show that the document is of a kind with resources.
fn needs_resource(place: &Place<'_>) -> bool {
    let actions = place.actions();
    let is_key = !actions.is_empty() && actions.iter().all(|(_, action)| service_of(action.as_str()) == "kms");
    !place.is_resource || is_key || place.document.statements.iter().any(|statement| statement.resources.is_some())
}
