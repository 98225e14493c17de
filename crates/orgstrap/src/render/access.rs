//! Whether a drift widens access: who may reach or do more than the files say.

use std::collections::BTreeSet;

use engine::{Action, Diff, Step};
use policy::{Document, Principal, Verdict};
use serde::Serialize;
use serde_json::Value;

use super::style::{DIM, RED, YELLOW, paint};
use crate::policy_fields;

/// How the access that exists stands to the access that is desired.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Access {
    /// The same is possible, written in another way.
    Equal,
    /// Less is possible than desired.
    Narrower,
    /// More is possible than desired.
    Wider,
    /// Some is possible that is not desired, and some is desired that is not possible.
    Incomparable,
    /// It cannot be told: a document is beyond what can be compared, or rules were exchanged.
    Unknown,
}

impl Access {
    /// What exists, in words for people, if there is something to say.
    pub(crate) fn words(self) -> Option<String> {
        match self {
            Self::Equal => Some(paint(DIM, "the same access, written in another way")),
            Self::Narrower => Some(paint(YELLOW, "allows less than desired")),
            Self::Wider => Some(paint(RED, "allows more than desired")),
            Self::Incomparable => Some(paint(RED, "allows some of what is not desired, and not all that is")),
            Self::Unknown => None,
        }
    }

    /// Two differences of one object together.
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (one, other) if one == other => one,
            (Self::Equal, other) | (other, Self::Equal) => other,
            // Whatever the other is: one difference alone has both.
            (Self::Incomparable, _) | (_, Self::Incomparable) => Self::Incomparable,
            (Self::Unknown, _) | (_, Self::Unknown) => Self::Unknown,
            _ => Self::Incomparable,
        }
    }
}

impl From<Verdict> for Access {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Equal => Self::Equal,
            Verdict::Narrower => Self::Narrower,
            Verdict::Wider => Self::Wider,
            Verdict::Incomparable => Self::Incomparable,
            Verdict::Unknown => Self::Unknown,
        }
    }
}

/// Why a policy that nobody touched is another one: it names whoever was deleted, by the id that AWS leaves in place of
/// the name (IAM user guide, "IAM identifiers"). One that is made anew under the same name is somebody else.
pub(super) fn cause(step: &Step) -> Option<String> {
    let documents = step.diffs.iter().filter_map(|diff| policy_fields::documents(&diff.field, &diff.actual)).flatten();
    let ids: BTreeSet<String> = documents.flat_map(|(_, document)| unique_ids(document)).collect();
    let ids = ids.into_iter().collect::<Vec<_>>().join(", ");
    (!ids.is_empty()).then(|| {
        format!("{ids} is what is left of a role or user that was deleted; made anew, it is another one, and is not let in by this")
    })
}

/// The unique ids of roles and users among the principals of a document.
fn unique_ids(document: &Value) -> Vec<String> {
    let Ok(document) = Document::from_value(document) else { return Vec::new() };
    let principals = document.statements.iter().filter_map(|statement| statement.principals.as_ref());
    let ids = principals.flat_map(policy::Selection::entries).filter_map(|principal| match principal {
        Principal::UniqueId(id) => Some(id.clone()),
        _ => None,
    });
    ids.collect()
}

/// The access of an object that exists and differs in a policy or a rule.
pub(crate) fn of(step: &Step) -> Option<Access> {
    if !matches!(step.action, Some(Action::Update | Action::Replace)) {
        return None;
    }
    step.diffs.iter().filter_map(of_field).reduce(Access::and)
}

fn of_field(diff: &Diff) -> Option<Access> {
    match diff.field.as_str() {
        // Rules that each add access of their own, so that more of them is more access.
        "ingress" | "egress" | "attached" => of_rules(&diff.actual, &diff.desired),
        field => {
            let (actual, desired) = (documents(field, &diff.actual)?, documents(field, &diff.desired)?);
            Some(of_documents(actual, desired))
        }
    }
}

fn of_rules(actual: &Value, desired: &Value) -> Option<Access> {
    let rules = |value: &Value| -> Option<BTreeSet<String>> {
        value.as_array()?.iter().map(|rule| rule.as_str().map(str::to_owned)).collect()
    };
    let (actual, desired) = (rules(actual)?, rules(desired)?);
    Some(if actual == desired {
        Access::Equal
    } else if actual.is_superset(&desired) {
        Access::Wider
    } else if actual.is_subset(&desired) {
        Access::Narrower
    } else {
        Access::Unknown
    })
}

/// How documents that apply together stand to those that should; `None` is what is no document.
fn of_documents(actual: Option<Vec<Document>>, desired: Option<Vec<Document>>) -> Access {
    let (Some(actual), Some(desired)) = (actual, desired) else { return Access::Unknown };
    let [actual, desired] = [&actual, &desired].map(|documents| documents.iter().collect::<Vec<_>>());
    policy::compare(&desired, &actual).verdict.into()
}

/// The documents in a field; the inner `None` if one of them is no document, the outer one if it holds none.
#[expect(clippy::option_option, reason = "no document is something else than no documents")]
fn documents(field: &str, value: &Value) -> Option<Option<Vec<Document>>> {
    let documents = policy_fields::documents(field, value)?;
    Some(documents.into_iter().map(|(_, document)| Document::from_value(document).ok()).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn access(field: &str, actual: Value, desired: Value) -> Option<Access> {
        of_field(&Diff { field: field.into(), actual, desired, fixed: false })
    }

    fn trust(principal: &Value) -> Value {
        json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"},
        ]})
    }

    fn allow(action: &Value) -> Value {
        json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": action, "Resource": "*"}})
    }

    #[test]
    fn more_rules_are_more_access() {
        assert_eq!(access("ingress", json!(["tcp 22 0.0.0.0/0"]), json!([])), Some(Access::Wider));
        assert_eq!(access("attached", json!([]), json!(["a"])), Some(Access::Narrower));
        assert_eq!(access("egress", json!(["a"]), json!(["b"])), Some(Access::Unknown));
        assert_eq!(access("attached", json!(["b", "a"]), json!(["a", "b"])), Some(Access::Equal));
        assert_eq!(access("cidr", json!("10.0.0.0/16"), json!("10.1.0.0/16")), None);
    }

    #[test]
    fn a_trust_that_lets_others_in_is_wider() {
        let service = json!({"Service": "ecs-tasks.amazonaws.com"});
        let both = json!({"Service": "ecs-tasks.amazonaws.com", "AWS": "arn:aws:iam::444455556666:root"});
        let other = json!({"AWS": "444455556666"});
        for (actual, desired, expected) in [
            (&both, &service, Access::Wider),
            (&service, &both, Access::Narrower),
            (&other, &service, Access::Incomparable),
            (&other, &json!({"AWS": ["arn:aws:iam::444455556666:root"]}), Access::Equal),
        ] {
            assert_eq!(access("trust", trust(actual), trust(desired)), Some(expected), "{actual} for {desired}");
        }
    }

    #[test]
    fn inline_policies_are_compared_together() {
        let (get, put) = (json!("s3:GetObject"), json!("s3:PutObject"));
        let desired = json!({"all": allow(&json!([get, put]))});
        for (actual, expected) in [
            (json!({"get": allow(&get), "put": allow(&put)}), Access::Equal),
            (json!({"get": allow(&get)}), Access::Narrower),
            (json!({}), Access::Narrower),
            (Value::Null, Access::Narrower),
            (json!({"all": allow(&json!("s3:*"))}), Access::Wider),
            (json!({"all": allow(&json!("ec2:*"))}), Access::Incomparable),
        ] {
            assert_eq!(access("policies", actual.clone(), desired.clone()), Some(expected), "{actual}");
        }
    }

    #[test]
    fn what_is_no_document_is_unknown() {
        let desired = trust(&json!("*"));
        assert_eq!(access("trust", json!("not JSON"), desired.clone()), Some(Access::Unknown));
        assert_eq!(access("trust", json!({"Statement": [{}]}), desired), Some(Access::Unknown));
        assert_eq!(access("policies", json!({"a": "not JSON"}), json!({})), Some(Access::Unknown));
    }

    #[test]
    fn differences_add_up() {
        use Access::{Equal, Incomparable, Narrower, Unknown, Wider};
        for (one, other, both) in [
            (Wider, Wider, Wider),
            (Wider, Equal, Wider),
            (Wider, Narrower, Incomparable),
            (Wider, Unknown, Unknown),
            (Incomparable, Unknown, Incomparable),
            (Equal, Unknown, Unknown),
        ] {
            assert_eq!([one.and(other), other.and(one)], [both, both]);
        }
    }
}
