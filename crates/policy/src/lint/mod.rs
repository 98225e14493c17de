//! What is dangerous, useless or refused in a document, although it can be read.
//!
//! A document with principals is taken for a resource's policy, a role's trust policy among them, and one without for
//! an identity's. Each file has one rule or a close family of them, and says what the rule is from.

mod broad;
mod deputy;
mod federated;
mod images;
mod inverted;
mod limit;
mod missing;
mod names;
mod place;
mod principals;
mod public;
mod sets;
mod stored;
mod targets;
mod unreachable;
mod values;
mod variables;

use serde::Serialize;

use crate::document::Document;
use crate::key_path::{KeyPath, Step};
use crate::kind::Kind;
use place::Place;

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// Probably not meant.
    Warning,
    /// It opens access to strangers, or AWS refuses it.
    Error,
}

/// Something that the document should not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule's name, which stays the same: `public-principal`.
    pub id: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// Where in the document.
    pub path: KeyPath,
    /// What was found, in a sentence.
    pub message: String,
    /// Why that matters.
    pub explanation: &'static str,
    /// What to write instead.
    pub remedy: String,
}

/// A rule that documents are held to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Rule {
    /// The name, which stays the same.
    pub id: &'static str,
    /// How much a finding usually matters. Single findings may matter less.
    pub severity: Severity,
    /// What it finds, in a few words.
    pub summary: &'static str,
    /// Why that matters.
    pub explanation: &'static str,
}

/// All rules, in the order of their families.
pub fn rules() -> &'static [Rule] {
    &RULES
}

const RULES: [Rule; 35] = [
    public::PUBLIC_PRINCIPAL,
    inverted::NOT_PRINCIPAL,
    inverted::NOT_ACTION,
    inverted::NOT_RESOURCE,
    deputy::CONFUSED_DEPUTY,
    federated::WITHOUT_SUBJECT,
    federated::WITHOUT_AUDIENCE,
    images::PUSH_WITH_PULL,
    broad::FULL_ACCESS,
    broad::PASS_ROLE,
    broad::ASSUME_ROLE,
    principals::WILDCARD,
    principals::UNKNOWN,
    principals::DELETED,
    targets::MALFORMED_ACTION,
    targets::NOT_AN_ARN,
    values::WRONG_KIND,
    values::WILDCARD_IN_EQUALS,
    values::NOT_AN_ARN,
    variables::MALFORMED,
    variables::OLD_VERSION,
    sets::MISSING,
    sets::ALLOWS_ABSENT,
    sets::SINGLE_VALUE,
    missing::PRINCIPAL,
    missing::ACTION,
    missing::RESOURCE,
    names::DUPLICATE_SID,
    names::SID_CHARACTERS,
    names::OLD_VERSION,
    unreachable::NEVER_MATCHES,
    unreachable::UNREACHABLE,
    stored::REFUSED,
    stored::TOO_LARGE,
    stored::NEARLY_FULL,
];

/// Everything that is wrong with a document, in the document's order.
pub fn lint(document: &Document) -> Vec<Finding> {
    lint_as(document, None)
}

/// As [`lint`], with what AWS demands where the document is stored, if that is known.
pub fn lint_as(document: &Document, kind: Option<Kind>) -> Vec<Finding> {
    let mut report = Report::default();
    let places = Place::all(document);
    names::check(document, &places, &mut report);
    images::check(&places, kind, &mut report);
    for place in &places {
        public::check(place, &mut report);
        inverted::check(place, &mut report);
        deputy::check(place, &mut report);
        federated::check(place, &mut report);
        broad::check(place, &mut report);
        principals::check(place, &mut report);
        targets::check(place, &mut report);
        values::check(place, &mut report);
        variables::check(place, &mut report);
        sets::check(place, &mut report);
        missing::check(place, &mut report);
    }
    // Last, since what is found above explains why some statements never match.
    unreachable::check(&places, &mut report);
    if let Some(kind) = kind {
        stored::check(document, kind, &mut report);
    }
    report.findings.sort_by_key(|finding| position(&finding.path));
    report.findings
}

/// Where a path stands in a document as people write it: its statement and the element in that.
fn position(path: &KeyPath) -> Option<(usize, usize)> {
    const ELEMENTS: [&str; 4] = ["Sid", "Principal", "Action", "Resource"];
    let [_, Step::Index(statement), rest @ ..] = path.steps() else { return None };
    let element = match rest.first() {
        None => 0,
        Some(Step::Key(element)) => {
            let element = element.strip_prefix("Not").unwrap_or(element);
            1 + ELEMENTS.iter().position(|other| *other == element).unwrap_or(ELEMENTS.len())
        }
        Some(Step::Index(_)) => usize::MAX,
    };
    Some((*statement, element))
}

/// Takes down what is found.
#[derive(Default)]
struct Report {
    findings: Vec<Finding>,
}

impl Report {
    fn add(&mut self, rule: &Rule, path: KeyPath, message: String, remedy: impl Into<String>) {
        self.add_as(rule.severity, rule, path, message, remedy);
    }

    /// Adds a finding that matters less than the rule's usually do.
    fn add_as(&mut self, severity: Severity, rule: &Rule, path: KeyPath, message: String, remedy: impl Into<String>) {
        let remedy = remedy.into();
        self.findings.push(Finding { id: rule.id, severity, path, message, explanation: rule.explanation, remedy });
    }

    /// Whether something was found in a statement by one of these rules.
    fn has(&self, place: &Place<'_>, rules: &[Rule]) -> bool {
        let statement = place.path();
        self.findings.iter().any(|finding| {
            rules.iter().any(|rule| rule.id == finding.id) && finding.path.steps().starts_with(statement.steps())
        })
    }
}
