//! Conditions that keep strangers out: those that hold only for values that whoever asks cannot choose.
//!
//! Amazon S3 user guide, "Blocking public access to your Amazon S3 storage", section "The meaning of public": access is
//! limited by fixed values, without wildcards or policy variables, of keys that tell where a request is from; ranges of
//! addresses wider than /8 (IPv4) or /32 (IPv6) count as public.

use std::net::IpAddr;

use super::place::Place;
use crate::context::Key;
use crate::document::{Condition, ConditionValue, Effect, Selection, Statement};
use crate::glob::Token;
use crate::operator::{Quantifier, Test};
use crate::pattern::Pattern;
use crate::principal::Principal;
use crate::value::Matcher;

/// Whether a value of a key leaves only requests that are not from strangers.
pub(super) type Fixes<'f> = &'f dyn Fn(&Key, &ConditionValue) -> bool;

/// Whether the statement allows only what `fixes` accepts: by a condition of its own, or since the document denies all
/// else.
pub(super) fn is_limited(place: &Place<'_>, fixes: Fixes<'_>) -> bool {
    let limits = |condition: &Condition| needs_key(condition) && all_fixed(condition, fixes);
    let rules_out = |condition: &Condition| denies_strangers(condition, fixes);
    let denials = place.document.statements.iter().filter(|other| other.effect == Effect::Deny);
    place.statement.conditions.iter().any(limits) || denials.into_iter().any(|denial| {
        !denial.conditions.is_empty()
            && denial.conditions.iter().all(rules_out)
            && matches!(&denial.principals, Some(Selection::Only(entries)) if entries.contains(&Principal::Everyone))
            && is_about_all_of(denial, place.statement)
    })
}

/// Whether the condition holds only for requests with the key, and then for the values it has.
pub(super) fn needs_key(condition: &Condition) -> bool {
    let operator = condition.operator;
    operator.test != Test::Null && !operator.test.is_negated() && !operator.holds_without_key()
}

/// Values are alternatives: each of them has to be fixed.
fn all_fixed(condition: &Condition, fixes: Fixes<'_>) -> bool {
    !condition.values.is_empty() && condition.values.iter().all(|value| fixes(&condition.key, value))
}

/// Whether the condition of a denial holds for everyone whom `fixes` does not accept.
fn denies_strangers(condition: &Condition, fixes: Fixes<'_>) -> bool {
    let operator = condition.operator;
    let is_other = match operator.test {
        Test::Bool => {
            condition.key.folded() == "aws:principalisawsservice"
                && condition.values.iter().any(|value| value.as_str().eq_ignore_ascii_case("false"))
        }
        test => {
            test.is_negated() && operator.quantifier != Some(Quantifier::ForAnyValue) && all_fixed(condition, fixes)
        }
    };
    is_other && operator.holds_without_key()
}

/// Whether one statement has all actions and resources of another.
fn is_about_all_of(statement: &Statement, other: &Statement) -> bool {
    let includes = |ours: &Pattern, theirs: &Pattern| ours.surely_includes(theirs);
    let actions = match (&statement.actions, &other.actions) {
        (Some(Selection::Only(ours)), Some(Selection::Only(theirs))) => {
            theirs.iter().all(|theirs| ours.iter().any(|ours| includes(ours.pattern(), theirs.pattern())))
        }
        (Some(Selection::Only(ours)), _) => ours.iter().any(|ours| ours.as_str() == "*"),
        _ => false,
    };
    let resources = match (&statement.resources, &other.resources) {
        (None, _) => true,
        (Some(Selection::Only(ours)), Some(Selection::Only(theirs))) => {
            theirs.iter().all(|theirs| ours.iter().any(|ours| includes(ours.pattern(), theirs.pattern())))
        }
        (Some(Selection::Only(ours)), _) => ours.iter().any(|ours| ours.as_str() == "*"),
        (Some(Selection::Except(_)), _) => false,
    };
    actions && resources
}

/// Whether a value tells who calls, or through what of whose.
pub(super) fn fixes_caller(key: &Key, value: &ConditionValue) -> bool {
    match key.folded() {
        "aws:principalorgid"
        | "aws:principalaccount"
        | "aws:sourcevpc"
        | "aws:sourcevpce"
        | "aws:principalservicename"
        | "aws:principalservicenameslist"
        | "kms:calleraccount"
        | "s3:dataaccesspointaccount" => is_fixed(value),
        "aws:principalorgpaths" => fixes_organization(value),
        "aws:principalarn"
        | "aws:sourcevpcarn"
        | "ec2:sourceinstancearn"
        | "lambda:sourcefunctionarn"
        | "s3:dataaccesspointarn"
        | "s3:x-amz-server-side-encryption-aws-kms-key-id" => fixes_arn(value),
        // A role's or user's unique id, or an account's id.
        "aws:userid" => prefix(value).chars().count() >= 12,
        "aws:sourceip" => match value.matcher() {
            Matcher::Network(network) => match network.network() {
                IpAddr::V4(_) => network.prefix_len() >= 8,
                IpAddr::V6(_) => network.prefix_len() >= 32,
            },
            _ => false,
        },
        "aws:principalisawsservice" => value.as_str().eq_ignore_ascii_case("true"),
        _ => fixes_source(key, value),
    }
}

/// Whether a value tells on behalf of what or whom a service calls (IAM user guide, "The confused deputy problem").
pub(super) fn fixes_source(key: &Key, value: &ConditionValue) -> bool {
    match key.folded() {
        "aws:sourceaccount" | "aws:sourceowner" | "aws:sourceorgid" => is_fixed(value),
        "aws:sourceorgpaths" => fixes_organization(value),
        "aws:sourcearn" => fixes_arn(value),
        _ => false,
    }
}

/// Whether a value has no wildcard, and no variable that the caller has a say in.
pub(super) fn is_fixed(value: &ConditionValue) -> bool {
    let text = shown(value);
    !text.is_empty() && !text.contains(WILD)
}

/// What stands before the first wildcard.
pub(super) fn prefix(value: &ConditionValue) -> String {
    shown(value).split(WILD).next().unwrap_or_default().to_owned()
}

/// Stands for a wildcard.
const WILD: char = '\u{1A}';

/// A value in which wildcards, and variables of the caller's, are [`WILD`]. Variables that tell the owner of the object
/// are as good as a fixed value.
fn shown(value: &ConditionValue) -> String {
    let Matcher::Text(pattern) = value.matcher() else { return String::new() };
    let part = |token: &Token| match token {
        Token::Char(c) => c.to_string(),
        Token::Variable(variable) => match variable.key.folded() {
            "aws:resourceaccount" => "000000000000".to_owned(),
            "aws:resourceorgid" => "o-0000000000".to_owned(),
            _ => WILD.to_string(),
        },
        Token::One(_) | Token::Many(_) => WILD.to_string(),
    };
    pattern.tokens().iter().map(part).collect()
}

/// Whether the path begins with a whole organization's id, as "AWS global condition context keys" of the IAM user guide
/// asks for: ids of units are not unique among organizations.
fn fixes_organization(value: &ConditionValue) -> bool {
    prefix(value).split_once('/').is_some_and(|(organization, _)| organization.len() > 2)
}

/// Whether the ARN is of one account, or of a bucket, whose names are unique among accounts.
fn fixes_arn(value: &ConditionValue) -> bool {
    let text = shown(value);
    let segments: Vec<&str> = text.splitn(6, ':').collect();
    let is_account = |segment: &str| segment.len() >= 12 && segment.bytes().take(12).all(|byte| byte.is_ascii_digit());
    // A wildcard of `StringLike` may stand for several segments.
    if segments.iter().skip(3).take(2).any(|segment| is_account(segment)) {
        return true;
    }
    let [_, _, service, _, account, resource] = segments.as_slice() else { return false };
    let name = if *service == "s3" { resource.split('/').next().unwrap_or_default() } else { resource };
    (*service == "s3" || account.is_empty()) && !name.is_empty() && !name.contains(WILD)
}
