//! When images of a repository go.

use serde::Serialize;
use serde_json::{Value, json};

/// How many images stay, and for how long (Amazon ECR user guide, "Automate the cleanup of images by using lifecycle
/// policies").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Lifecycle {
    /// So many images with tags stay; the oldest ones beyond go.
    pub keep: u32,
    /// An image without tags goes so many days after it was pushed.
    pub untagged_days: u32,
}

/// The lifecycle policy of a repository: ours, or whatever somebody else wrote.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum LifecyclePolicy {
    /// Exactly the rules of a [`Lifecycle`].
    Ours(Lifecycle),
    /// Other rules, as they are.
    Other(Value),
}

impl From<Lifecycle> for LifecyclePolicy {
    fn from(lifecycle: Lifecycle) -> Self {
        Self::Ours(lifecycle)
    }
}

impl LifecyclePolicy {
    /// A policy as ECR gives it.
    pub(super) fn read(text: &str) -> Self {
        let Ok(found) = serde_json::from_str::<Value>(text) else { return Self::Other(text.into()) };
        match ours(&found) {
            Some(lifecycle) => Self::Ours(lifecycle),
            None => Self::Other(found),
        }
    }

    /// The policy as it is sent to ECR.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Ours(lifecycle) => json!({"rules": rules(*lifecycle)}).to_string(),
            Self::Other(policy) => policy.to_string(),
        }
    }
}

/// In the order of their priorities, as of no two may be the same.
fn rules(Lifecycle { keep, untagged_days }: Lifecycle) -> [Value; 2] {
    let expire = |priority: u32, selection: Value| json!({"rulePriority": priority, "selection": selection, "action": {"type": "expire"}});
    [
        expire(
            1,
            json!({"tagStatus": "untagged", "countType": "sinceImagePushed", "countUnit": "days", "countNumber": untagged_days}),
        ),
        expire(
            2,
            json!({"tagStatus": "tagged", "tagPatternList": ["*"], "countType": "imageCountMoreThan", "countNumber": keep}),
        ),
    ]
}

/// The numbers of a policy that says nothing but what [`rules`] say; descriptions are for people.
fn ours(policy: &Value) -> Option<Lifecycle> {
    let mut found = policy["rules"].as_array()?.clone();
    for rule in &mut found {
        rule.as_object_mut()?.remove("description");
    }
    found.sort_by_key(|rule| rule["rulePriority"].as_u64());
    let number = |rule: usize| u32::try_from(found.get(rule)?["selection"]["countNumber"].as_u64()?).ok();
    let lifecycle = Lifecycle { keep: number(1)?, untagged_days: number(0)? };
    (found == rules(lifecycle)).then_some(lifecycle)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: Lifecycle = Lifecycle { keep: 20, untagged_days: 14 };

    #[test]
    fn what_was_written_is_read_back() {
        let policy = LifecyclePolicy::from(OURS);
        assert_eq!(LifecyclePolicy::read(&policy.text()), policy);
        assert_eq!(json!(policy), json!({"keep": 20, "untagged_days": 14}));
    }

    #[test]
    fn order_and_descriptions_mean_nothing() {
        let [mut one, two] = rules(OURS);
        one["description"] = json!("Untagged images go");
        assert_eq!(LifecyclePolicy::read(&json!({"rules": [two, one]}).to_string()), OURS.into());
    }

    #[test]
    fn other_rules_show_as_they_are() {
        let [one, two] = rules(OURS);
        let mut prefixed = two.clone();
        prefixed["selection"]["tagPatternList"] = json!(["v*"]);
        for other in [json!([one]), json!([one, prefixed]), json!([one, two, two]), json!([1]), json!([])] {
            let policy = json!({"rules": other});
            assert_eq!(LifecyclePolicy::read(&policy.to_string()), LifecyclePolicy::Other(policy));
        }
        assert_eq!(LifecyclePolicy::read("no JSON"), LifecyclePolicy::Other(json!("no JSON")));
    }
}
