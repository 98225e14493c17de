//! Keys with several values, and `ForAnyValue` and `ForAllValues`.

use super::place::Place;
use super::{Report, Rule, Severity};
use crate::context::Key;
use crate::document::Condition;
use crate::operator::{Quantifier, Test};

/// IAM user guide, "Single-valued vs. multivalued context keys".
pub(super) const MISSING: Rule = Rule {
    id: "set-operator-missing",
    severity: Severity::Warning,
    summary: "a key with several values is compared as if it had one",
    explanation: "Requests have several values of this key. Only `ForAnyValue` and `ForAllValues` say whether one of \
        them or all of them have to match; AWS requires one of the two.",
};

/// IAM user guide, "Set operators for multivalued context keys": `ForAllValues` is true for requests without the key.
pub(super) const ALLOWS_ABSENT: Rule = Rule {
    id: "for-all-values-allows-absent",
    severity: Severity::Warning,
    summary: "`ForAllValues` allows requests without the key",
    explanation: "`ForAllValues` holds if there are no values at all, so that a request which leaves the key out is \
        allowed.",
};

/// IAM user guide, "Single-valued vs. multivalued context keys"; IAM Access Analyzer policy check reference, "Security
/// warning: `ForAllValues` with single valued key".
pub(super) const SINGLE_VALUE: Rule = Rule {
    id: "set-operator-on-single-value",
    severity: Severity::Warning,
    summary: "`ForAllValues` or `ForAnyValue` with a key that has one value",
    explanation: "Requests have at most one value of this key. `ForAllValues` then adds nothing but that it also holds \
        for requests without the key, and `ForAnyValue` adds nothing.",
};

/// Keys with several values: "AWS global condition context keys" of the IAM user guide, "AWS KMS condition keys", and
/// "Using IAM policy conditions for fine-grained access control" of the Amazon `DynamoDB` developer guide.
const SEVERAL: [&str; 13] = [
    "aws:calledvia",
    "aws:principalorgpaths",
    "aws:principalservicenameslist",
    "aws:resourceorgpaths",
    "aws:sourceorgpaths",
    "aws:tagkeys",
    "aws:vpceorgpaths",
    "dynamodb:attributes",
    "dynamodb:leadingkeys",
    "kms:encryptioncontextkeys",
    "kms:grantoperations",
    "kms:resourcealiases",
    "sts:transitivetagkeys",
];

/// Keys with one value: the same pages.
const ONE: [&str; 36] = [
    "aws:calledviafirst",
    "aws:calledvialast",
    "aws:currenttime",
    "aws:epochtime",
    "aws:federatedprovider",
    "aws:multifactorauthage",
    "aws:multifactorauthpresent",
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalisawsservice",
    "aws:principalorgid",
    "aws:principalservicename",
    "aws:principaltype",
    "aws:referer",
    "aws:requestedregion",
    "aws:resourceaccount",
    "aws:resourceorgid",
    "aws:securetransport",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceidentity",
    "aws:sourceip",
    "aws:sourceorgid",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:tokenissuetime",
    "aws:useragent",
    "aws:userid",
    "aws:username",
    "aws:viaawsservice",
    "aws:vpcsourceip",
    "iam:passedtoservice",
    "kms:calleraccount",
    "kms:viaservice",
    "sts:externalid",
    "sts:rolesessionname",
];

pub(super) fn check(place: &Place<'_>, report: &mut Report) {
    for condition in &place.statement.conditions {
        let (key, operator) = (&condition.key, condition.operator);
        let (path, name) = (place.condition_path(condition), place.name());
        match operator.quantifier {
            None if operator.test != Test::Null && SEVERAL.contains(&key.folded()) => {
                let message = format!("{name} compares {key}, which has several values, by {operator}");
                let remedy = format!(
                    "write `ForAnyValue:{operator}` if one of them has to match, `ForAllValues:{operator}` if all"
                );
                report.add(&MISSING, path, message, remedy);
            }
            Some(quantifier) if has_one(key) => {
                let plain = crate::Operator { quantifier: None, ..operator };
                let message = format!("{name} compares {key}, which has one value, by {operator}");
                let is_harmless = quantifier == Quantifier::ForAnyValue || !place.is_allow();
                let severity = if is_harmless { Severity::Note } else { SINGLE_VALUE.severity };
                report.add_as(severity, &SINGLE_VALUE, path, message, format!("write `{plain}`"));
            }
            Some(Quantifier::ForAllValues) if place.is_allow() && !is_required(place, condition) => {
                let message = format!("{name} allows requests without {key}: {operator} holds for them");
                let remedy = format!("add the condition `\"Null\": {{\"{key}\": \"false\"}}`");
                report.add(&ALLOWS_ABSENT, path, message, remedy);
            }
            _ => {}
        }
    }
}

fn has_one(key: &Key) -> bool {
    let folded = key.folded();
    let is_tag = ["aws:principaltag/", "aws:requesttag/", "aws:resourcetag/"].iter().any(|tag| folded.starts_with(tag));
    // Of a web identity's token: `token.actions.githubusercontent.com:sub`.
    let is_claim = folded.rsplit_once(':').is_some_and(|(host, claim)| {
        host.contains('.') && matches!(claim, "sub" | "aud") || host == "saml" && claim == "aud"
    });
    is_tag || is_claim || ONE.contains(&folded)
}

/// Whether another condition of the statement fails without the key. A tag in the request is one of `aws:TagKeys`.
fn is_required(place: &Place<'_>, condition: &Condition) -> bool {
    place.statement.conditions.iter().any(|other| {
        let is_same = other.key == condition.key
            || (condition.key.folded() == "aws:tagkeys" && other.key.folded().starts_with("aws:requesttag/"));
        let says_present = || {
            other.operator.test == Test::Null
                && other.values.iter().all(|value| value.as_str().eq_ignore_ascii_case("false"))
        };
        let needs = other.operator.test != Test::Null && !other.operator.holds_without_key();
        is_same && (needs || says_present())
    })
}
