//! What AWS does not store as a kind of document.

use super::{Report, Rule, Severity};
use crate::document::Document;
use crate::key_path::KeyPath;
use crate::kind::Kind;

/// See [`Document::check`].
pub(super) const REFUSED: Rule = Rule {
    id: "refused-as-kind",
    severity: Severity::Error,
    summary: "what AWS does not store as this kind of document",
    explanation: "Each kind of document has its own rules for what has to be there and what must not. AWS refuses the \
        document, and what it should have changed stays as it was.",
};

/// See [`Kind::limit`].
pub(super) const TOO_LARGE: Rule = Rule {
    id: "too-large",
    severity: Severity::Error,
    summary: "a document beyond the limit of its kind",
    explanation: "AWS refuses documents beyond a size that depends on where they are stored. Some limits can be raised for \
        an account.",
};

/// From how much of the limit on, in percent.
const NEARLY: usize = 90;

/// See [`Kind::limit`].
pub(super) const NEARLY_FULL: Rule = Rule {
    id: "nearly-full",
    severity: Severity::Warning,
    summary: "a document near the limit of its kind",
    explanation: "A list that grows with every account reaches the limit one day, and then AWS refuses the next account.",
};

pub(super) fn check(document: &Document, kind: Kind, report: &mut Report) {
    if let Err(mistakes) = document.check(kind) {
        for mistake in mistakes.0 {
            let remedy = mistake.help.unwrap_or_default();
            report.add(&REFUSED, mistake.path, mistake.message, remedy);
        }
    }
    let size = document.size(kind);
    let message = format!("{} of {} for {}", size.used, size.maximum, kind.with_article());
    let remedy = "say whom you mean with a condition such as `aws:PrincipalOrgID` instead of a list, merge statements, or \
        split the document";
    if !size.fits() {
        report.add(&TOO_LARGE, KeyPath::root(), message, remedy);
    } else if size.percent() >= NEARLY {
        report.add(&NEARLY_FULL, KeyPath::root(), message, remedy);
    }
}
