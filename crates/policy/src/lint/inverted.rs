//! `Not...` elements in statements that allow: they allow what nobody listed.

use super::place::Place;
use super::{Report, Rule, Severity};
use crate::document::Selection;

/// IAM user guide, "AWS JSON policy elements: `NotPrincipal`": the element is for `Deny`.
pub(super) const NOT_PRINCIPAL: Rule = Rule {
    id: "not-principal-with-allow",
    severity: Severity::Error,
    summary: "`NotPrincipal` in a statement that allows",
    explanation: "`NotPrincipal` with `Allow` means everyone else in the world, those without an AWS account among \
        them. AWS supports the element only with `Deny`.",
};

/// IAM user guide, "IAM JSON policy elements: `NotAction`".
pub(super) const NOT_ACTION: Rule = Rule {
    id: "not-action-with-allow",
    severity: Severity::Warning,
    summary: "`NotAction` in a statement that allows",
    explanation: "`NotAction` with `Allow` allows all actions of all services that are not listed, and each action \
        that AWS adds later.",
};

/// IAM user guide, "IAM JSON policy elements: `NotResource`".
pub(super) const NOT_RESOURCE: Rule = Rule {
    id: "not-resource-with-allow",
    severity: Severity::Warning,
    summary: "`NotResource` in a statement that allows",
    explanation: "`NotResource` with `Allow` allows the actions on every resource that is not listed, of every service \
        and account, and on each that is made later.",
};

pub(super) fn check(place: &Place<'_>, report: &mut Report) {
    if !place.is_allow() {
        return;
    }
    let name = place.name();
    if matches!(&place.statement.principals, Some(Selection::Except(_))) {
        let remedy = "list who is allowed below `Principal`, and who is not in a statement with `Deny`";
        report.add(&NOT_PRINCIPAL, place.principal_path(), format!("{name} allows by `NotPrincipal`"), remedy);
    }
    if let Some(Selection::Except(entries)) = &place.statement.actions {
        let listed: Vec<_> = entries.iter().map(|entry| format!("`{}`", entry.as_str())).collect();
        let message = format!("{name} allows every action but {}", or_none(&listed));
        let remedy = "list the actions below `Action`, and deny those above in a statement of their own";
        report.add(&NOT_ACTION, place.action_path(), message, remedy);
    }
    if let Some(Selection::Except(entries)) = &place.statement.resources {
        let listed: Vec<_> = entries.iter().map(|entry| format!("`{}`", entry.as_str())).collect();
        let message = format!("{name} allows every resource but {}", or_none(&listed));
        let remedy = "list the resources below `Resource`, and deny those above in a statement of their own";
        report.add(&NOT_RESOURCE, place.resource_path(), message, remedy);
    }
}

fn or_none(listed: &[String]) -> String {
    if listed.is_empty() { "none".to_owned() } else { listed.join(", ") }
}
