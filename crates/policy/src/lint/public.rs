//! Everyone is allowed.

use super::limit::{fixes_caller, is_limited};
use super::place::Place;
use super::{Report, Rule, Severity};
use crate::document::Selection;
use crate::principal::Principal;

/// Amazon S3 user guide, "Blocking public access to your Amazon S3 storage"; IAM user guide, "IAM Access Analyzer
/// findings" and "AWS JSON policy elements: Principal".
pub(super) const PUBLIC_PRINCIPAL: Rule = Rule {
    id: "public-principal",
    severity: Severity::Error,
    summary: "everyone is allowed",
    explanation: "`*` is everyone with an AWS account, and for some services everyone on the internet. Only a \
        condition on who calls or from where keeps strangers out: one on a key that they cannot set themselves, that \
        does not hold when the key is absent (as `...IfExists`, `ForAllValues` and negated operators do), and whose \
        values are not open at the end that matters. Tags do not count, since everyone can tag their own roles.",
};

/// What to write instead.
const REMEDY: &str = "name the accounts or roles below `Principal`, or add a condition such as \
    `\"StringEquals\": {\"aws:PrincipalOrgID\": \"o-...\"}`";

pub(super) fn check(place: &Place<'_>, report: &mut Report) {
    if !place.is_allow() || is_limited(place, &fixes_caller) {
        return;
    }
    match &place.statement.principals {
        Some(Selection::Except(_)) => {
            let message = format!("{} allows everyone whom `NotPrincipal` does not list", place.name());
            report.add(&PUBLIC_PRINCIPAL, place.principal_path(), message, REMEDY);
        }
        _ => {
            for (path, _) in place.named().into_iter().filter(|(_, entry)| **entry == Principal::Everyone) {
                let message = format!("{} allows everyone, and no condition keeps strangers out", place.name());
                report.add(&PUBLIC_PRINCIPAL, path, message, REMEDY);
            }
        }
    }
}
