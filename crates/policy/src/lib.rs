//! The IAM policy language: parse, normal form, decide, compare and lint.
//!
//! Everything here is pure: no network, no files, no clock. What a rule of AWS is from stands with it.

mod caller;
mod compare;
mod context;
mod decide;
mod document;
mod evaluate;
mod glob;
mod json;
mod key_path;
mod kind;
mod language;
mod lint;
mod mistake;
mod normal;
mod operator;
mod parse;
mod pattern;
mod position;
mod principal;
mod print;
mod request;
mod size;
mod spelling;
mod substitute;
mod value;
mod variable;

pub use caller::Caller;
pub use compare::{Comparison, Denial, Verdict, Which, Witness, compare};
pub use context::{Context, Key};
pub use decide::{Decider, Decision, Outcome, Policies, PolicyType, decide};
pub use document::{
    ActionPattern, Condition, ConditionValue, Document, Effect, ResourcePattern, Selection, Statement, Version,
};
pub use json::read_json;
pub use key_path::{KeyPath, Step};
pub use kind::Kind;
pub use lint::{Finding, Rule, Severity, lint, lint_as, rules};
pub use mistake::{Mistake, Mistakes};
pub use operator::{Operator, Quantifier, Test};
pub use position::{line_of, offset_of};
pub use principal::Principal;
pub use request::Request;
pub use size::{Limit, Size, Unit};
pub use substitute::{Placeholder, placeholders, substitute};
