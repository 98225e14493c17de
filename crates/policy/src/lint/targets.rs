//! Actions and resources that are none.

use super::place::Place;
use super::{Report, Rule, Severity};

/// IAM user guide, "IAM JSON policy elements: Action".
pub(super) const MALFORMED_ACTION: Rule = Rule {
    id: "malformed-action",
    severity: Severity::Warning,
    summary: "an action that there cannot be",
    explanation: "Actions are a service's prefix, a colon and a name of letters and digits. Nothing else is ever asked \
        for, and policy variables are not replaced in actions.",
};

/// IAM user guide, "IAM JSON policy elements: Resource" and "Amazon Resource Names (ARNs)".
pub(super) const NOT_AN_ARN: Rule = Rule {
    id: "resource-not-an-arn",
    severity: Severity::Error,
    summary: "a resource that is neither an ARN nor `*`",
    explanation: "Resources are ARNs of six parts, `arn:partition:service:region:account:resource`, of which some may \
        be empty, or `*`. AWS refuses to store anything else.",
};

pub(super) fn check(place: &Place<'_>, report: &mut Report) {
    for (path, action) in place.actions() {
        let is_part =
            |part: &str| part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '*' | '?' | '-' | '_'));
        let (service, name) = action.as_str().split_once(':').unwrap_or(("*", action.as_str()));
        if !is_part(service) || !is_part(name) {
            let message = format!("{} has `{}`, which no action is called", place.name(), action.as_str());
            report.add(&MALFORMED_ACTION, path, message, "write `service:Name`, with `*` and `?` for what varies");
        }
    }
    for (path, resource) in place.resources() {
        if !may_be_arn(resource.as_str()) {
            let message = format!("{} has `{}`, which is no ARN", place.name(), resource.as_str());
            let remedy = "write the full ARN, with `*` for the parts that vary, or `*` for every resource";
            report.add(&NOT_AN_ARN, path, message, remedy);
        }
    }
}

/// Whether some ARN may be meant. A `*` at the end may stand for all parts that are missing.
pub(super) fn may_be_arn(text: &str) -> bool {
    if text == "*" || text.starts_with("${") {
        return true;
    }
    let (mut parts, mut depth) = (1, 0_usize);
    for (at, c) in text.char_indices() {
        match c {
            '{' if text[..at].ends_with('$') => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            ':' if depth == 0 => parts += 1,
            _ => {}
        }
    }
    text.starts_with("arn:") && (parts >= 6 || text.ends_with('*'))
}
