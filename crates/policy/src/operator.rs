//! Condition operators: their names and what is common to them.

use std::fmt;

/// What a condition tests, and how it treats several values and none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Operator {
    /// How several values of the request are taken together.
    pub quantifier: Option<Quantifier>,
    /// What is tested of one value.
    pub test: Test,
    /// Whether the condition holds if the key is absent: `...IfExists`.
    pub if_exists: bool,
}

/// `ForAnyValue:` or `ForAllValues:`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Quantifier {
    /// At least one value of the request.
    ForAnyValue,
    /// Every value of the request; true if there is none.
    ForAllValues,
}

/// The test of one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "AWS's names")]
pub enum Test {
    StringEquals,
    StringNotEquals,
    StringEqualsIgnoreCase,
    StringNotEqualsIgnoreCase,
    StringLike,
    StringNotLike,
    NumericEquals,
    NumericNotEquals,
    NumericLessThan,
    NumericLessThanEquals,
    NumericGreaterThan,
    NumericGreaterThanEquals,
    DateEquals,
    DateNotEquals,
    DateLessThan,
    DateLessThanEquals,
    DateGreaterThan,
    DateGreaterThanEquals,
    Bool,
    BinaryEquals,
    IpAddress,
    NotIpAddress,
    ArnEquals,
    ArnLike,
    ArnNotEquals,
    ArnNotLike,
    Null,
}

impl Test {
    /// All of them (IAM user guide, "IAM JSON policy elements: Condition operators").
    pub const ALL: [Self; 27] = [
        Self::StringEquals,
        Self::StringNotEquals,
        Self::StringEqualsIgnoreCase,
        Self::StringNotEqualsIgnoreCase,
        Self::StringLike,
        Self::StringNotLike,
        Self::NumericEquals,
        Self::NumericNotEquals,
        Self::NumericLessThan,
        Self::NumericLessThanEquals,
        Self::NumericGreaterThan,
        Self::NumericGreaterThanEquals,
        Self::DateEquals,
        Self::DateNotEquals,
        Self::DateLessThan,
        Self::DateLessThanEquals,
        Self::DateGreaterThan,
        Self::DateGreaterThanEquals,
        Self::Bool,
        Self::BinaryEquals,
        Self::IpAddress,
        Self::NotIpAddress,
        Self::ArnEquals,
        Self::ArnLike,
        Self::ArnNotEquals,
        Self::ArnNotLike,
        Self::Null,
    ];

    /// Whether it is the negation of another one: it holds for values that match none of the document's, and if the
    /// key is absent.
    pub fn is_negated(self) -> bool {
        matches!(
            self,
            Self::StringNotEquals
                | Self::StringNotEqualsIgnoreCase
                | Self::StringNotLike
                | Self::NumericNotEquals
                | Self::DateNotEquals
                | Self::NotIpAddress
                | Self::ArnNotEquals
                | Self::ArnNotLike
        )
    }

    /// Whether variables are replaced in its values: in those of strings and ARNs.
    pub(crate) fn takes_variables(self) -> bool {
        let name = self.name();
        name.starts_with("String") || name.starts_with("Arn")
    }

    fn name(self) -> &'static str {
        match self {
            Self::StringEquals => "StringEquals",
            Self::StringNotEquals => "StringNotEquals",
            Self::StringEqualsIgnoreCase => "StringEqualsIgnoreCase",
            Self::StringNotEqualsIgnoreCase => "StringNotEqualsIgnoreCase",
            Self::StringLike => "StringLike",
            Self::StringNotLike => "StringNotLike",
            Self::NumericEquals => "NumericEquals",
            Self::NumericNotEquals => "NumericNotEquals",
            Self::NumericLessThan => "NumericLessThan",
            Self::NumericLessThanEquals => "NumericLessThanEquals",
            Self::NumericGreaterThan => "NumericGreaterThan",
            Self::NumericGreaterThanEquals => "NumericGreaterThanEquals",
            Self::DateEquals => "DateEquals",
            Self::DateNotEquals => "DateNotEquals",
            Self::DateLessThan => "DateLessThan",
            Self::DateLessThanEquals => "DateLessThanEquals",
            Self::DateGreaterThan => "DateGreaterThan",
            Self::DateGreaterThanEquals => "DateGreaterThanEquals",
            Self::Bool => "Bool",
            Self::BinaryEquals => "BinaryEquals",
            Self::IpAddress => "IpAddress",
            Self::NotIpAddress => "NotIpAddress",
            Self::ArnEquals => "ArnEquals",
            Self::ArnLike => "ArnLike",
            Self::ArnNotEquals => "ArnNotEquals",
            Self::ArnNotLike => "ArnNotLike",
            Self::Null => "Null",
        }
    }
}

impl Operator {
    /// Reads an operator's name, in any case.
    pub fn parse(name: &str) -> Option<Self> {
        let lower = name.to_ascii_lowercase();
        let (quantifier, rest) = match lower.split_once(':') {
            None => (None, lower.as_str()),
            Some(("foranyvalue", rest)) => (Some(Quantifier::ForAnyValue), rest),
            Some(("forallvalues", rest)) => (Some(Quantifier::ForAllValues), rest),
            Some(_) => return None,
        };
        let (rest, if_exists) = match rest.strip_suffix("ifexists") {
            Some(rest) => (rest, true),
            None => (rest, false),
        };
        let test = Test::ALL.into_iter().find(|test| test.name().eq_ignore_ascii_case(rest))?;
        // "You can add IfExists to the end of any condition operator name except the Null condition".
        if test == Test::Null && (if_exists || quantifier.is_some()) {
            return None;
        }
        Some(Self { quantifier, test, if_exists })
    }

    /// Whether the condition holds for a request without the key.
    pub fn holds_without_key(self) -> bool {
        self.if_exists
            || match self.quantifier {
                Some(Quantifier::ForAllValues) => true,
                Some(Quantifier::ForAnyValue) => false,
                None => self.test.is_negated(),
            }
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.quantifier {
            Some(Quantifier::ForAnyValue) => f.write_str("ForAnyValue:")?,
            Some(Quantifier::ForAllValues) => f.write_str("ForAllValues:")?,
            None => {}
        }
        f.write_str(self.test.name())?;
        f.write_str(if self.if_exists { "IfExists" } else { "" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_read_back_in_any_case() {
        for test in Test::ALL {
            for quantifier in [None, Some(Quantifier::ForAnyValue), Some(Quantifier::ForAllValues)] {
                for if_exists in [false, true] {
                    let operator = Operator { quantifier, test, if_exists };
                    let expected = (test != Test::Null || (!if_exists && quantifier.is_none())).then_some(operator);
                    assert_eq!(Operator::parse(&operator.to_string()), expected, "{operator}");
                    assert_eq!(Operator::parse(&operator.to_string().to_uppercase()), expected, "{operator}");
                }
            }
        }
    }

    #[test]
    fn other_names_are_none() {
        for name in ["", "StringMatches", "ForAll:StringEquals", "ForAnyValue:", "IfExists", "NullIfExists"] {
            assert_eq!(Operator::parse(name), None, "{name}");
        }
    }
}
