//! Whether a drift widens access: who may reach or do more than the files say.

use std::collections::BTreeSet;

use engine::{Action, Diff, Step};
use serde::Serialize;
use serde_json::Value;

/// How the access that exists stands to the access that is desired.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Access {
    /// Less is possible than desired.
    Narrower,
    /// More is possible than desired.
    Wider,
    /// It cannot be told: a document changed, or rules were exchanged.
    Unknown,
}

/// Rules that each add access of their own, so that more of them is more access.
const RULES: [&str; 3] = ["ingress", "egress", "attached"];
/// Documents, which take a reader of the policy language to compare.
const DOCUMENTS: [&str; 2] = ["trust", "policies"];

/// The access of an object that exists and differs in a policy or a rule.
pub(super) fn of(step: &Step) -> Option<Access> {
    if !matches!(step.action, Some(Action::Update | Action::Replace)) {
        return None;
    }
    step.diffs.iter().filter_map(of_field).reduce(|one, other| if one == other { one } else { Access::Unknown })
}

fn of_field(diff: &Diff) -> Option<Access> {
    if DOCUMENTS.contains(&diff.field.as_str()) {
        return Some(Access::Unknown);
    }
    let rules = |value: &Value| -> Option<BTreeSet<String>> {
        value.as_array()?.iter().map(|rule| rule.as_str().map(str::to_owned)).collect()
    };
    let (actual, desired) = (rules(&diff.actual)?, rules(&diff.desired)?);
    RULES.contains(&diff.field.as_str()).then(|| {
        if actual.is_superset(&desired) {
            Access::Wider
        } else if actual.is_subset(&desired) {
            Access::Narrower
        } else {
            Access::Unknown
        }
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn access(field: &str, actual: Value, desired: Value) -> Option<Access> {
        of_field(&Diff { field: field.into(), actual, desired, fixed: false })
    }

    #[test]
    fn more_rules_are_more_access() {
        assert_eq!(access("ingress", json!(["tcp 22 0.0.0.0/0"]), json!([])), Some(Access::Wider));
        assert_eq!(access("attached", json!([]), json!(["a"])), Some(Access::Narrower));
        assert_eq!(access("egress", json!(["a"]), json!(["b"])), Some(Access::Unknown));
    }

    #[test]
    fn documents_are_not_guessed_at_and_other_fields_are_no_access() {
        assert_eq!(access("trust", json!({}), json!({"Statement": []})), Some(Access::Unknown));
        assert_eq!(access("cidr", json!("10.0.0.0/16"), json!("10.1.0.0/16")), None);
    }
}
