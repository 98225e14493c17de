//! Policy variables that are none.

use super::place::Place;
use super::{Report, Rule, Severity};
use crate::document::Version;
use crate::key_path::KeyPath;
use crate::variable::{Piece, pieces};

/// IAM user guide, "IAM policy elements: Variables and tags".
pub(super) const MALFORMED: Rule = Rule {
    id: "malformed-variable",
    severity: Severity::Warning,
    summary: "`${` without a variable behind it",
    explanation: "What is no variable is compared as text, with its dollar sign and braces, and so matches nothing \
        that there is.",
};

/// IAM user guide, "IAM JSON policy elements: Version": variables were introduced with version 2012-10-17.
pub(super) const OLD_VERSION: Rule = Rule {
    id: "variable-in-old-version",
    severity: Severity::Warning,
    summary: "a policy variable in a document of a version without them",
    explanation: "In version 2008-10-17, which is also meant if there is no `Version`, `${aws:username}` is text and \
        matches only itself.",
};

pub(super) fn check(place: &Place<'_>, report: &mut Report) {
    for (path, resource) in place.resources() {
        check_text(place, path, resource.as_str(), report);
    }
    for condition in place.statement.conditions.iter().filter(|condition| condition.operator.test.takes_variables()) {
        for (path, value) in place.values(condition) {
            check_text(place, path, value.as_str(), report);
        }
    }
}

fn check_text(place: &Place<'_>, path: KeyPath, text: &str, report: &mut Report) {
    let pieces = pieces(text);
    if place.document.version == Version::V2008 {
        if pieces.iter().any(|piece| !matches!(piece, Piece::Text(_))) {
            let message = format!("{} has `{text}`, whose variable is not replaced", place.name());
            report.add(&OLD_VERSION, path, message, "write `\"Version\": \"2012-10-17\"`");
        }
        return;
    }
    // Placeholders of orgstrap's are replaced before AWS sees the document.
    let is_malformed = |text: &str| text.match_indices("${").any(|(at, _)| !text[at + 2..].starts_with("orgstrap:"));
    if pieces.iter().any(|piece| matches!(piece, Piece::Text(text) if is_malformed(text))) {
        let message = format!("{} has `{text}`, in which something begins like a variable and is none", place.name());
        let remedy = "write `${service:Key}`, `${service:Key, 'default'}`, or `${$}` for a dollar sign";
        report.add(&MALFORMED, path, message, remedy);
    }
}
