//! Values of conditions that cannot be what was meant.

use super::place::Place;
use super::targets::may_be_arn;
use super::{Report, Rule, Severity};
use crate::document::Condition;
use crate::key_path::KeyPath;
use crate::operator::{Operator, Test};
use crate::value::{Family, Matcher, is_bool};

/// IAM user guide, "IAM JSON policy elements: Condition operators".
pub(super) const WRONG_KIND: Rule = Rule {
    id: "value-of-wrong-kind",
    severity: Severity::Warning,
    summary: "a value that is not of its operator's kind",
    explanation: "Operators compare numbers, dates, addresses or truth values. A value that is none matches nothing: \
        the condition never holds, or always if its operator is a negated one. Policy variables are replaced for \
        operators on strings and ARNs only.",
};

/// IAM user guide, "IAM JSON policy elements: Condition operators", section "String condition operators".
pub(super) const WILDCARD_IN_EQUALS: Rule = Rule {
    id: "wildcard-in-equals",
    severity: Severity::Warning,
    summary: "a wildcard under an operator that has none",
    explanation: "Operators with `Equals` on strings compare character by character: `*` and `?` match only themselves.",
};

/// IAM user guide, "IAM JSON policy elements: Condition operators", section "Amazon Resource Name (ARN) condition
/// operators".
pub(super) const NOT_AN_ARN: Rule = Rule {
    id: "not-an-arn",
    severity: Severity::Warning,
    summary: "an operator on ARNs has another value",
    explanation: "Operators on ARNs compare the six parts of an ARN one by one. A value of another form matches no ARN.",
};

pub(super) fn check(place: &Place<'_>, report: &mut Report) {
    for condition in &place.statement.conditions {
        for (path, value) in place.values(condition) {
            let value = Value { place, condition, path, text: value.as_str(), matcher: value.matcher() };
            value.check(report);
        }
    }
}

struct Value<'v> {
    place: &'v Place<'v>,
    condition: &'v Condition,
    path: KeyPath,
    text: &'v str,
    matcher: &'v Matcher,
}

impl Value<'_> {
    fn check(&self, report: &mut Report) {
        let Operator { test, .. } = self.condition.operator;
        let kind = match test {
            Test::Null if is_bool(self.text) => None,
            Test::Null | Test::Bool => Some("`true` or `false`"),
            test => match Family::of(test) {
                Family::Number => Some("a number"),
                Family::Time => Some("a date, such as `2030-01-31T00:00:00Z`"),
                Family::Network => Some("an address or a range, such as `203.0.113.0/24`"),
                Family::Text => None,
            },
        };
        if let Some(kind) = kind.filter(|_| matches!(self.matcher, Matcher::Nothing)) {
            let found = format!("{} takes {kind}", self.condition.operator);
            self.add(report, &WRONG_KIND, &found, &format!("write {kind}"));
        }
        let is_equals = matches!(
            test,
            Test::StringEquals | Test::StringNotEquals | Test::StringEqualsIgnoreCase | Test::StringNotEqualsIgnoreCase
        );
        if is_equals && has_wildcard(self.text) {
            let test = if test.is_negated() { Test::StringNotLike } else { Test::StringLike };
            let found = format!("{} takes its wildcard literally", self.condition.operator);
            let like = Operator { test, ..self.condition.operator };
            self.add(report, &WILDCARD_IN_EQUALS, &found, &format!("use {like}, or write `${{*}}` for a real `*`"));
        }
        let is_arn = matches!(test, Test::ArnEquals | Test::ArnLike | Test::ArnNotEquals | Test::ArnNotLike);
        if is_arn && !may_be_arn(self.text) && !self.text.starts_with('*') {
            let found = format!("no ARN that {} compares is of this form", self.condition.operator);
            self.add(
                report,
                &NOT_AN_ARN,
                &found,
                "write an ARN of six parts, or use StringLike if the key has no ARNs",
            );
        }
    }

    fn add(&self, report: &mut Report, rule: &Rule, found: &str, remedy: &str) {
        let name = self.place.name();
        let message = format!("{name} compares {} with `{}`: {found}", self.condition.key, self.text);
        report.add(rule, self.path.clone(), message, remedy);
    }
}

/// Whether there is a wildcard that is not written as `${*}` or `${?}`.
fn has_wildcard(text: &str) -> bool {
    text.replace("${*}", "").replace("${?}", "").contains(['*', '?'])
}
