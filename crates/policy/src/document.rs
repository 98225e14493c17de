//! A policy document and its statements.

use std::hash::{Hash, Hasher};

use crate::context::Key;
use crate::operator::{Operator, Test};
use crate::pattern::{Pattern, Syntax, folded};
use crate::principal::Principal;
use crate::value::Matcher;

/// A policy document: any that AWS stores.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// The version of the language.
    pub version: Version,
    /// The document's `Id`.
    pub id: Option<String>,
    /// The statements, in the document's order.
    pub statements: Vec<Statement>,
}

/// The version of the policy language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    /// `2008-10-17`, also without a `Version`: `${...}` is text.
    V2008,
    /// `2012-10-17`, which has policy variables.
    V2012,
}

impl Version {
    /// As in a document.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V2008 => "2008-10-17",
            Self::V2012 => "2012-10-17",
        }
    }
}

/// One statement. What a statement needs depends on where the document is stored: see [`crate::Kind`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The statement's name.
    pub sid: Option<String>,
    /// What it does to the requests it matches.
    pub effect: Effect,
    /// `Principal` or `NotPrincipal`.
    pub principals: Option<Selection<Principal>>,
    /// `Action` or `NotAction`.
    pub actions: Option<Selection<ActionPattern>>,
    /// `Resource` or `NotResource`.
    pub resources: Option<Selection<ResourcePattern>>,
    /// `Condition`: all of them have to hold.
    pub conditions: Vec<Condition>,
}

/// What a statement does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Effect {
    /// It allows.
    Allow,
    /// It denies, whatever else allows.
    Deny,
}

impl Effect {
    /// As in a document.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "Allow",
            Self::Deny => "Deny",
        }
    }
}

/// An element or its `Not...` form.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Selection<T> {
    /// One of these.
    Only(Vec<T>),
    /// None of these.
    Except(Vec<T>),
}

impl<T> Selection<T> {
    /// The entries, of either form.
    pub fn entries(&self) -> &[T] {
        match self {
            Self::Only(entries) | Self::Except(entries) => entries,
        }
    }

    /// Whether it is the `Not...` form.
    pub fn is_except(&self) -> bool {
        matches!(self, Self::Except(_))
    }

    /// Whether something is selected that `matches` some entries and not others.
    pub(crate) fn selects(&self, matches: impl Fn(&T) -> bool) -> bool {
        self.entries().iter().any(matches) != self.is_except()
    }
}

/// An action, such as `ecr:BatchGetImage` or `ecr:*`. Its case does not matter.
#[derive(Clone, Debug)]
pub struct ActionPattern {
    text: String,
    pattern: Pattern,
}

impl ActionPattern {
    /// Reads `text`.
    pub fn new(text: impl Into<String>) -> Self {
        let text = text.into();
        let pattern = Pattern::new(&text, Syntax::Glob, true, false);
        Self { text, pattern }
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    pub(crate) fn pattern(&self) -> &Pattern {
        &self.pattern
    }
}

/// A resource, such as `arn:aws:s3:::bucket/*`, with variables if the version has them.
#[derive(Clone, Debug)]
pub struct ResourcePattern {
    text: String,
    pattern: Pattern,
}

impl ResourcePattern {
    /// Reads `text`.
    pub fn new(text: impl Into<String>, version: Version) -> Self {
        let text = text.into();
        let pattern = Pattern::new(&text, Syntax::Arn, false, version == Version::V2012);
        Self { text, pattern }
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    pub(crate) fn pattern(&self) -> &Pattern {
        &self.pattern
    }
}

/// Patterns are the same if they match the same in the same way, however they are spelled.
macro_rules! compared_by_pattern {
    ($($name:ident),*) => {$(
        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                self.pattern == other.pattern
            }
        }

        impl Eq for $name {}

        impl Hash for $name {
            fn hash<H: Hasher>(&self, state: &mut H) {
                self.pattern.hash(state);
            }
        }

        impl PartialOrd for $name {
            fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
                Some(self.cmp(other))
            }
        }

        impl Ord for $name {
            fn cmp(&self, other: &Self) -> std::cmp::Ordering {
                self.pattern.cmp(&other.pattern)
            }
        }
    )*};
}

compared_by_pattern!(ActionPattern, ResourcePattern);

/// One line of a `Condition`: the values of one key under one operator.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Condition {
    /// The operator.
    pub operator: Operator,
    /// The key.
    pub key: Key,
    /// The values, of which one has to match.
    pub values: Vec<ConditionValue>,
}

impl Condition {
    /// That a key is present.
    pub(crate) fn is_present(key: Key) -> Self {
        let operator = Operator { quantifier: None, test: Test::Null, if_exists: false };
        Self { operator, key, values: vec![ConditionValue::new("false", operator, Version::V2012)] }
    }
}

/// A value of a condition.
#[derive(Clone, Debug)]
pub struct ConditionValue {
    text: String,
    matcher: Matcher,
    variables: bool,
}

impl ConditionValue {
    /// Reads `text` as a value of `operator`.
    pub fn new(text: impl Into<String>, operator: Operator, version: Version) -> Self {
        let text = text.into();
        let variables = version == Version::V2012;
        let matcher = Matcher::new(operator.test, &text, variables);
        let variables = matches!(&matcher, Matcher::Text(pattern) if pattern.has_variables());
        Self { text, matcher, variables }
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    pub(crate) fn matcher(&self) -> &Matcher {
        &self.matcher
    }

    /// Whether it has policy variables.
    pub(crate) fn has_variables(&self) -> bool {
        self.variables
    }

    /// What tells two values of one operator apart.
    fn identity(&self) -> (&str, bool) {
        (&self.text, self.variables)
    }
}

impl PartialEq for ConditionValue {
    fn eq(&self, other: &Self) -> bool {
        self.identity() == other.identity()
    }
}

impl Eq for ConditionValue {}

impl Hash for ConditionValue {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.identity().hash(state);
    }
}

impl PartialOrd for ConditionValue {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for ConditionValue {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.identity().cmp(&other.identity())
    }
}

/// An action in lower case, as patterns of actions expect it.
pub(crate) fn folded_action(action: &str) -> String {
    folded(action).into_owned()
}

/// The service that an action is of: `ecr` of `ecr:BatchGetImage`.
pub(crate) fn service_of(action: &str) -> String {
    folded(action.split(':').next().unwrap_or_default()).into_owned()
}
