//! AWS Budgets (AWS Billing and Cost Management API reference, "AWS Budgets"). The local AWS knows budgets and
//! notifications, and none of their subscribers, changes and tags; and it takes any account's call about any other. So the
//! front keeps them itself.

use std::collections::BTreeMap;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Rule;
use super::locks::Locks;
use crate::front::answer::Answer;
use crate::front::call::Request;
use crate::front::upstream::Broken;
use crate::front::world::World;

/// See the module.
#[derive(Default)]
pub(super) struct Budgets {
    locks: Locks,
}

/// What is kept of an account's budgets, by their names.
type All = BTreeMap<String, Kept>;

#[derive(Clone, Deserialize, PartialEq, Serialize)]
struct Kept {
    budget: Value,
    notifications: Vec<Notification>,
    tags: Vec<Value>,
}

#[derive(Clone, Deserialize, PartialEq, Serialize)]
struct Notification {
    about: Value,
    subscribers: Vec<Value>,
}

/// A refusal: code and message.
type Refusal = (&'static str, String);

/// `CreateNotification`: "a budget can have up to five notifications", each with ten addresses and one topic.
const MOST_NOTIFICATIONS: usize = 5;
const MOST_EMAILS: usize = 10;
const MOST_TOPICS: usize = 1;

#[async_trait]
impl Rule for Budgets {
    async fn before(&self, request: &mut Request, world: &World) -> Result<Option<Answer>, Broken> {
        let call = request.call.clone();
        let Some(body) = request.parameters.json().filter(|_| call.service == "budgets") else { return Ok(None) };
        let key = format!("budgets {}", call.account);
        self.locks.hold(request, key.clone()).await;
        let known = world.recall(&key).await?;
        let mut all: All = known.and_then(|known| serde_json::from_value(known).ok()).unwrap_or_default();
        let before = all.clone();
        let is_own = body["AccountId"] == call.account.as_str() || body["ResourceARN"].is_string();
        let answer = if is_own {
            answer(&call.operation, &body, &mut all)
        } else {
            Some(Err(("AccessDeniedException", format!("Account {} cannot see budgets of another", call.account))))
        };
        if all != before {
            world.remember(&key, serde_json::to_value(all)?).await?;
        }
        Ok(answer.map(|answer| match answer {
            Ok(answer) => Answer::success_json(&answer),
            Err((code, message)) => Answer::refusal(request.protocol, 400, code, &message),
        }))
    }
}

/// What an operation answers; nothing for one that is not known here.
fn answer(operation: &str, body: &Value, all: &mut All) -> Option<Result<Value, Refusal>> {
    let name = body["BudgetName"].as_str().unwrap_or_default();
    Some(match operation {
        "CreateBudget" => create(body, all),
        "DescribeBudgets" => {
            let budgets: Vec<_> = all.values().map(|one| &one.budget).collect();
            Ok(json!({"Budgets": budgets}))
        }
        "DescribeBudget" => budget(all, name).map(|one| json!({"Budget": one.budget})),
        "UpdateBudget" => {
            let new = &body["NewBudget"];
            budget(all, new["BudgetName"].as_str().unwrap_or_default()).and_then(|one| {
                one.budget = filled(new)?;
                Ok(json!({}))
            })
        }
        "DeleteBudget" => budget(all, name).map(drop).map(|()| {
            all.remove(name);
            json!({})
        }),
        "DescribeNotificationsForBudget" => budget(all, name).map(|one| {
            let notifications: Vec<_> = one.notifications.iter().map(|one| &one.about).collect();
            json!({"Notifications": notifications})
        }),
        "CreateNotification" => budget(all, name).and_then(|one| add(one, body)),
        "DeleteNotification" => budget(all, name).and_then(|one| {
            let at = position(one, &body["Notification"])?;
            one.notifications.remove(at);
            Ok(json!({}))
        }),
        "ListTagsForResource" | "TagResource" => {
            let arn = body["ResourceARN"].as_str().unwrap_or_default();
            budget(all, arn.rsplit('/').next().unwrap_or(arn)).map(|one| {
                tag(one, &body["ResourceTags"]);
                if operation == "TagResource" { json!({}) } else { json!({"ResourceTags": one.tags}) }
            })
        }
        _ if operation.contains("Subscriber") => budget(all, name).and_then(|one| {
            let at = position(one, &body["Notification"])?;
            subscribers(operation, body, &mut one.notifications, at)
        }),
        _ => return None,
    })
}

fn create(body: &Value, all: &mut All) -> Result<Value, Refusal> {
    let name = body["Budget"]["BudgetName"].as_str().unwrap_or_default();
    if name.is_empty() || name.len() > 100 || name.contains([':', '\\']) {
        return Err(("InvalidParameterException", format!("{name:?} cannot be the name of a budget")));
    }
    if all.contains_key(name) {
        return Err((
            "DuplicateRecordException",
            format!("Error creating budget: {name} - the budget already exists."),
        ));
    }
    let mut made = Kept { budget: filled(&body["Budget"])?, notifications: Vec::new(), tags: Vec::new() };
    for one in body["NotificationsWithSubscribers"].as_array().into_iter().flatten() {
        add(&mut made, one)?;
    }
    tag(&mut made, &body["ResourceTags"]);
    all.insert(name.to_owned(), made);
    Ok(json!({}))
}

/// A budget with what AWS adds to it: a period, and decimals.
fn filled(budget: &Value) -> Result<Value, Refusal> {
    let mut budget = budget.clone();
    let amount: Option<f64> = budget["BudgetLimit"]["Amount"].as_str().and_then(|amount| amount.parse().ok());
    let amount = amount
        .filter(|amount| *amount > 0.0)
        .ok_or_else(|| ("InvalidParameterException", "Budget Limit Amount should be greater than 0.".to_owned()))?;
    budget["BudgetLimit"]["Amount"] = format!("{amount:.1}").into();
    // From the first of this month on, until 2087.
    budget["TimePeriod"] = json!({"Start": 1_790_812_800, "End": 3_706_473_600_u32});
    Ok(budget)
}

fn add(budget: &mut Kept, with: &Value) -> Result<Value, Refusal> {
    if position(budget, &with["Notification"]).is_ok() {
        return Err(("DuplicateRecordException", "Notification already exists for budget".into()));
    }
    if budget.notifications.len() >= MOST_NOTIFICATIONS {
        return Err(("CreationLimitExceededException", "There are too many notifications for this budget".into()));
    }
    let subscribers = with["Subscribers"].as_array().cloned().unwrap_or_default();
    if subscribers.is_empty() {
        return Err(("InvalidParameterException", "A notification must have a subscriber".into()));
    }
    within_limits(&subscribers)?;
    budget.notifications.push(Notification { about: with["Notification"].clone(), subscribers });
    Ok(json!({}))
}

fn within_limits(subscribers: &[Value]) -> Result<(), Refusal> {
    let of = |kind: &str| subscribers.iter().filter(|one| one["SubscriptionType"] == kind).count();
    if of("EMAIL") > MOST_EMAILS || of("SNS") > MOST_TOPICS {
        return Err(("CreationLimitExceededException", "There are too many subscribers for this notification".into()));
    }
    Ok(())
}

fn subscribers(operation: &str, body: &Value, all: &mut Vec<Notification>, at: usize) -> Result<Value, Refusal> {
    let mut now = all[at].subscribers.clone();
    let find = |now: &[Value], wanted: &Value| {
        let missing = || ("NotFoundException", format!("There is no subscriber {}", wanted["Address"]));
        now.iter().position(|one| one == wanted).ok_or_else(missing)
    };
    let is_there = |now: &[Value], new: &Value| {
        let twice = || ("DuplicateRecordException", format!("{} subscribes already", new["Address"]));
        if now.contains(new) { Err(twice()) } else { Ok(()) }
    };
    match operation {
        "DescribeSubscribersForNotification" => return Ok(json!({"Subscribers": now})),
        "CreateSubscriber" => {
            is_there(&now, &body["Subscriber"])?;
            now.push(body["Subscriber"].clone());
        }
        "UpdateSubscriber" => {
            is_there(&now, &body["NewSubscriber"])?;
            let old = find(&now, &body["OldSubscriber"])?;
            now[old] = body["NewSubscriber"].clone();
        }
        _ => drop(now.remove(find(&now, &body["Subscriber"])?)),
    }
    within_limits(&now)?;
    // `DeleteSubscriber`: the last one takes the notification with it.
    if now.is_empty() {
        all.remove(at);
    } else {
        all[at].subscribers = now;
    }
    Ok(json!({}))
}

fn budget<'a>(all: &'a mut All, name: &str) -> Result<&'a mut Kept, Refusal> {
    let missing = || ("NotFoundException", format!("Unable to get budget: {name} - the budget doesn't exist."));
    all.get_mut(name).ok_or_else(missing)
}

/// Which notification is meant: everything but its state is its name.
fn position(budget: &Kept, wanted: &Value) -> Result<usize, Refusal> {
    let name = |one: &Value| {
        let kind = if one["ThresholdType"].is_null() { json!("PERCENTAGE") } else { one["ThresholdType"].clone() };
        let threshold = one["Threshold"].as_f64().map(f64::to_bits);
        (one["NotificationType"].clone(), one["ComparisonOperator"].clone(), threshold, kind)
    };
    let missing = || ("NotFoundException", "Unable to get notification - it doesn't exist.".to_owned());
    let wanted = name(wanted);
    budget.notifications.iter().position(|one| name(&one.about) == wanted).ok_or_else(missing)
}

fn tag(budget: &mut Kept, tags: &Value) {
    for tag in tags.as_array().into_iter().flatten() {
        budget.tags.retain(|old| old["Key"] != tag["Key"]);
        budget.tags.push(tag.clone());
    }
}
