//! The values of a condition, and what they accept.

use std::net::IpAddr;
use std::str::FromStr;

use ipnet::IpNet;
use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;

use crate::context::Context;
use crate::operator::Test;
use crate::pattern::{Pattern, Syntax, folded};

/// How a value of the request stands to one of the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Relation {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Relation {
    fn holds<T: Ord>(self, ours: &T, theirs: &T) -> bool {
        match self {
            Self::Equal => ours == theirs,
            Self::Less => ours < theirs,
            Self::LessOrEqual => ours <= theirs,
            Self::Greater => ours > theirs,
            Self::GreaterOrEqual => ours >= theirs,
        }
    }
}

/// What one value of a document accepts, negation aside.
#[derive(Clone, Debug)]
pub(crate) enum Matcher {
    Text(Pattern),
    Number(Relation, Decimal),
    Time(Relation, Timestamp),
    Network(IpNet),
    /// The value is none of its kind: it accepts nothing.
    Nothing,
}

/// What the values of one condition are about. Conditions of different families on one key cannot be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    Text,
    Number,
    Time,
    Network,
}

impl Family {
    pub(crate) fn of(test: Test) -> Self {
        match test {
            Test::NumericEquals
            | Test::NumericNotEquals
            | Test::NumericLessThan
            | Test::NumericLessThanEquals
            | Test::NumericGreaterThan
            | Test::NumericGreaterThanEquals => Self::Number,
            Test::DateEquals
            | Test::DateNotEquals
            | Test::DateLessThan
            | Test::DateLessThanEquals
            | Test::DateGreaterThan
            | Test::DateGreaterThanEquals => Self::Time,
            Test::IpAddress | Test::NotIpAddress => Self::Network,
            _ => Self::Text,
        }
    }
}

impl Matcher {
    /// Reads a value of a document. `variables` says whether the document's version has them.
    pub(crate) fn new(of: Test, text: &str, variables: bool) -> Self {
        let variables = variables && of.takes_variables();
        let pattern = |syntax, folded| Self::Text(Pattern::new(text, syntax, folded, variables));
        let number = |relation| parse_number(text).map_or(Self::Nothing, |number| Self::Number(relation, number));
        let time = |relation| parse_time(text).map_or(Self::Nothing, |time| Self::Time(relation, time));
        match of {
            Test::StringEquals | Test::StringNotEquals | Test::BinaryEquals => pattern(Syntax::Literal, false),
            Test::StringEqualsIgnoreCase | Test::StringNotEqualsIgnoreCase => pattern(Syntax::Literal, true),
            Test::StringLike | Test::StringNotLike => pattern(Syntax::Glob, false),
            Test::ArnEquals | Test::ArnLike | Test::ArnNotEquals | Test::ArnNotLike => pattern(Syntax::Arn, false),
            Test::Bool if is_bool(text) => pattern(Syntax::Literal, true),
            Test::Bool | Test::Null => Self::Nothing,
            Test::NumericEquals | Test::NumericNotEquals => number(Relation::Equal),
            Test::NumericLessThan => number(Relation::Less),
            Test::NumericLessThanEquals => number(Relation::LessOrEqual),
            Test::NumericGreaterThan => number(Relation::Greater),
            Test::NumericGreaterThanEquals => number(Relation::GreaterOrEqual),
            Test::DateEquals | Test::DateNotEquals => time(Relation::Equal),
            Test::DateLessThan => time(Relation::Less),
            Test::DateLessThanEquals => time(Relation::LessOrEqual),
            Test::DateGreaterThan => time(Relation::Greater),
            Test::DateGreaterThanEquals => time(Relation::GreaterOrEqual),
            Test::IpAddress | Test::NotIpAddress => parse_network(text).map_or(Self::Nothing, Self::Network),
        }
    }

    /// Whether a value of a request is accepted.
    pub(crate) fn accepts(&self, value: &str, context: &Context) -> bool {
        match self {
            Self::Text(pattern) if pattern.is_folded() => pattern.matches_in(&folded(value), context),
            Self::Text(pattern) => pattern.matches_in(value, context),
            Self::Number(relation, number) => parse_number(value).is_some_and(|value| relation.holds(&value, number)),
            Self::Time(relation, time) => parse_time(value).is_some_and(|value| relation.holds(&value, time)),
            Self::Network(network) => IpAddr::from_str(value).is_ok_and(|address| network.contains(&address)),
            Self::Nothing => false,
        }
    }

    /// Values of requests around this one, such that between two neighbours of all landmarks of a key nothing changes:
    /// where the answer changes, and the point just beyond.
    pub(crate) fn landmarks(&self) -> Vec<String> {
        match self {
            Self::Network(network) => {
                let next = match network.broadcast() {
                    IpAddr::V4(last) => u32::from(last).checked_add(1).map(|next| IpAddr::V4(next.into())),
                    IpAddr::V6(last) => u128::from(last).checked_add(1).map(|next| IpAddr::V6(next.into())),
                };
                [Some(network.network()), next].into_iter().flatten().map(|address| address.to_string()).collect()
            }
            Self::Time(_, time) => {
                let around =
                    [SignedDuration::from_hours(-24), SignedDuration::from_nanos(1), SignedDuration::from_hours(24)];
                let near = around.into_iter().filter_map(|step| time.checked_add(step).ok());
                std::iter::once(*time).chain(near).map(|time| time.to_string()).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// Whether the text is a truth value.
pub(crate) fn is_bool(text: &str) -> bool {
    text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false")
}

/// Reads a number, "an integer or decimal value".
pub(crate) fn parse_number(text: &str) -> Option<Decimal> {
    let text = text.trim();
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+'));
    Decimal::from_str(text).ok().filter(|_| is_number).map(|number| number.normalize())
}

/// Reads a time: "one of the W3C implementations of the ISO 8601 date formats or in epoch (UNIX) time".
pub(crate) fn parse_time(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let is_year = text.len() == 4;
    if !is_year && !text.is_empty() && text.trim_start_matches('-').bytes().all(|byte| byte.is_ascii_digit()) {
        return Timestamp::from_second(text.parse().ok()?).ok();
    }
    let date = |text: &str| Offset::UTC.to_timestamp(Date::from_str(text).ok()?.at(0, 0, 0, 0)).ok();
    match text.len() {
        4 if text.bytes().all(|byte| byte.is_ascii_digit()) => date(&format!("{text}-01-01")),
        7 => date(&format!("{text}-01")),
        10 => date(text),
        _ => Timestamp::from_str(text).ok().or_else(|| without_zone(text)),
    }
}

/// A date and time without a zone is in UTC.
fn without_zone(text: &str) -> Option<Timestamp> {
    Offset::UTC.to_timestamp(DateTime::from_str(text).ok()?).ok()
}

/// Reads an address range. An address alone is a range of one.
pub(crate) fn parse_network(text: &str) -> Option<IpNet> {
    let text = text.trim();
    IpNet::from_str(text).map(|network| network.trunc()).or_else(|_| IpAddr::from_str(text).map(IpNet::from)).ok()
}
