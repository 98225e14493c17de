//! What an account may cost in a month, and who is told when it costs more.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use aws_sdk_budgets::types::{
    Budget as AwsBudget, BudgetType, ComparisonOperator, Notification, NotificationType, NotificationWithSubscribers,
    ResourceTag, Spend, Subscriber, SubscriptionType, ThresholdType, TimeUnit,
};
use engine::{Class, Cx, Error, Found, Id, Key, Resource, Result};
use futures_util::future;
use serde::Serialize;

use crate::edge::{Edge, unless_gone};
use crate::inventory::list;
use crate::{Account, Grant, Permissions};

/// A monthly cost budget. It is known by its name, `orgstrap-<name>`: `DescribeBudgets` reports no tags. Budgets cost
/// nothing without actions (AWS Budgets pricing).
#[derive(Debug, Serialize)]
pub struct Budget {
    /// US dollars a month.
    pub monthly: Option<u32>,
    /// The e-mail addresses of each notification of ours, by what it is about. Notifications of others are left alone.
    pub notify: BTreeMap<String, BTreeSet<String>>,
}

/// When somebody is told: of what was spent, and of what a forecast says. Per cent of the budget.
const NOTIFICATIONS: [(&str, NotificationType, f64); 2] =
    [("actual 80%", NotificationType::Actual, 80.0), ("forecasted 100%", NotificationType::Forecasted, 100.0)];

const PREFIX: &str = "orgstrap-";

impl Budget {
    /// A budget that tells everybody of everything.
    pub fn telling(monthly: u32, emails: &BTreeSet<String>) -> Self {
        let notify = NOTIFICATIONS.iter().map(|(about, ..)| ((*about).to_owned(), emails.clone()));
        Self { monthly: Some(monthly), notify: notify.collect() }
    }

    /// The name of the budget of a node.
    pub fn name(node: &str) -> String {
        format!("{PREFIX}{node}")
    }
}

impl Permissions for Budget {
    const READS: &'static [Grant] = &[Grant::on(BUDGETS, &["budgets:ViewBudget"])];
    const CHANGES: &'static [Grant] = &[Grant::on(BUDGETS, &["budgets:ModifyBudget", "budgets:TagResource"])];
}

/// A list is allowed on every budget, or it is refused (Service Authorization Reference, "AWS Budget Service").
const BUDGETS: &[&str] = &["arn:aws:budgets::{account}:budget/*"];

impl Resource for Budget {
    const KIND: &'static str = "budget";
    type Cloud = Account;
    /// The budget's name.
    type Output = Id<Self>;

    async fn owned(cx: &Cx<'_, Account>) -> Result<Vec<(Key, Found<Self>)>> {
        let all = all(cx).await?;
        let ours = all.iter().map(|(name, found)| {
            let key = Key::new(cx.scope(), Self::KIND, name.strip_prefix(PREFIX).unwrap_or(name));
            let actual = Self { monthly: found.monthly, notify: found.notify.clone() };
            (key, Found { output: Id::new(name.as_str()), actual, tags: None })
        });
        Ok(ours.collect())
    }

    async fn create(&self, cx: &Cx<'_, Account>) -> Result<Id<Self>> {
        let name = Self::name(&cx.key.name);
        let tags = cx.tags.iter().map(|(key, value)| ResourceTag::builder().key(key).value(value).build());
        let tags = tags.collect::<Result<_, _>>().map_err(unbuilt)?;
        let call = cx.budgets().create_budget().account_id(cx.id()).budget(self.limit(&name)?);
        let call = call.set_notifications_with_subscribers(Some(self.notifications()?)).set_resource_tags(Some(tags));
        // A second one of this name is refused, so it may be repeated.
        call.send().await.edge()?;
        Ok(Id::new(name))
    }

    async fn update(&self, found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let name = found.output.get()?;
        if self.monthly != found.actual.monthly {
            cx.budgets().update_budget().account_id(cx.id()).new_budget(self.limit(name)?).send().await.edge()?;
        }
        for (about, kind, threshold) in NOTIFICATIONS {
            let about = (notification(kind, threshold)?, self.notify.get(about), found.actual.notify.get(about));
            tell(name, about, cx).await?;
        }
        Ok(())
    }

    async fn delete(found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let call = cx.budgets().delete_budget().account_id(cx.id()).budget_name(found.output.get()?);
        call.send().await.edge().map(drop)
    }
}

impl Budget {
    fn limit(&self, name: &str) -> Result<AwsBudget> {
        let amount = self.monthly.unwrap_or_default().to_string();
        let limit = Spend::builder().amount(amount).unit("USD").build().map_err(unbuilt)?;
        let budget = AwsBudget::builder().budget_name(name).budget_limit(limit);
        budget.budget_type(BudgetType::Cost).time_unit(TimeUnit::Monthly).build().map_err(unbuilt)
    }

    fn notifications(&self) -> Result<Vec<NotificationWithSubscribers>> {
        let wanted = NOTIFICATIONS.into_iter().filter_map(|of| Some((self.notify.get(of.0)?, of)));
        let built = wanted.map(|(addresses, (_, kind, threshold))| {
            let subscribers = addresses.iter().map(|address| subscriber(address)).collect::<Result<_>>()?;
            let with = NotificationWithSubscribers::builder().notification(notification(kind, threshold)?);
            with.set_subscribers(Some(subscribers)).build().map_err(unbuilt)
        });
        built.collect()
    }
}

/// Makes a notification tell those who are wanted and nobody else. It has one subscriber at least and ten addresses at
/// most (Budgets API reference, `CreateNotification`), so addresses are exchanged before any is added or removed.
async fn tell(
    budget: &str,
    (notification, wanted, actual): (Notification, Option<&BTreeSet<String>>, Option<&BTreeSet<String>>),
    cx: &Cx<'_, Account>,
) -> Result<()> {
    let (client, account) = (cx.budgets(), cx.id());
    let (wanted, actual) = match (wanted, actual) {
        (Some(wanted), Some(actual)) => (wanted, actual),
        (Some(wanted), None) => {
            let subscribers = wanted.iter().map(|address| subscriber(address)).collect::<Result<_>>()?;
            let call = client.create_notification().account_id(account).budget_name(budget).notification(notification);
            return call.set_subscribers(Some(subscribers)).send().await.edge().map(drop);
        }
        (None, Some(_)) => {
            let call = client.delete_notification().account_id(account).budget_name(budget).notification(notification);
            return unless_gone(call.send().await.edge().map(drop));
        }
        (None, None) => return Ok(()),
    };
    let (mut missing, mut surplus) = (wanted.difference(actual), actual.difference(wanted));
    loop {
        let about = notification.clone();
        match (missing.next(), surplus.next()) {
            (Some(new), Some(old)) => {
                let call = client.update_subscriber().account_id(account).budget_name(budget).notification(about);
                call.old_subscriber(subscriber(old)?).new_subscriber(subscriber(new)?).send().await.edge()?;
            }
            (Some(new), None) => {
                let call = client.create_subscriber().account_id(account).budget_name(budget).notification(about);
                call.subscriber(subscriber(new)?).send().await.edge()?;
            }
            (None, Some(old)) => {
                let call = client.delete_subscriber().account_id(account).budget_name(budget).notification(about);
                unless_gone(call.subscriber(subscriber(old)?).send().await.edge().map(drop))?;
            }
            (None, None) => return Ok(()),
        }
    }
}

/// A budget of ours, as it is.
struct Existing {
    monthly: Option<u32>,
    notify: BTreeMap<String, BTreeSet<String>>,
}

/// Every budget of ours by name. Who is told by a notification has to be asked one by one.
async fn all(cx: &Cx<'_, Account>) -> Result<Arc<BTreeMap<String, Existing>>> {
    list(cx, Budget::KIND, async {
        let call = cx.budgets().describe_budgets().account_id(cx.id());
        let budgets: Vec<AwsBudget> = call.into_paginator().items().send().try_collect().await.edge()?;
        let ours = budgets.iter().filter(|budget| budget.budget_name().starts_with(PREFIX));
        let looked = ours.map(|budget| async move {
            let name = budget.budget_name().to_owned();
            let notify =
                future::try_join_all(NOTIFICATIONS.map(|of| subscribers(budget.budget_name(), of, cx))).await?;
            let amount = budget.budget_limit().and_then(|limit| limit.amount().parse::<f64>().ok());
            Ok((name, Existing { monthly: amount.and_then(whole), notify: notify.into_iter().flatten().collect() }))
        });
        Ok(future::try_join_all(looked).await?.into_iter().collect())
    })
    .await
}

/// AWS writes amounts as `500.0`. What is no whole number is none of ours.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is looked at first")]
fn whole(amount: f64) -> Option<u32> {
    let fits = amount.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&amount);
    fits.then_some(amount as u32)
}

/// Who is told by one of our notifications; nothing if the budget does not have it.
async fn subscribers(
    budget: &str,
    (about, kind, threshold): (&str, NotificationType, f64),
    cx: &Cx<'_, Account>,
) -> Result<Option<(String, BTreeSet<String>)>> {
    let call = cx.budgets().describe_subscribers_for_notification().account_id(cx.id()).budget_name(budget);
    let call = call.notification(notification(kind, threshold)?);
    match call.into_paginator().items().send().try_collect().await.edge() {
        Ok(subscribers) => {
            let subscribers: Vec<Subscriber> = subscribers;
            let emails = subscribers.into_iter().filter(|one| one.subscription_type == SubscriptionType::Email);
            Ok(Some((about.to_owned(), emails.map(|one| one.address).collect())))
        }
        Err(error) if error.class == Class::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn notification(kind: NotificationType, threshold: f64) -> Result<Notification> {
    Notification::builder()
        .notification_type(kind)
        .comparison_operator(ComparisonOperator::GreaterThan)
        .threshold(threshold)
        .threshold_type(ThresholdType::Percentage)
        .build()
        .map_err(unbuilt)
}

fn subscriber(address: &str) -> Result<Subscriber> {
    Subscriber::builder().subscription_type(SubscriptionType::Email).address(address).build().map_err(unbuilt)
}

fn unbuilt(error: impl std::fmt::Display) -> Error {
    Error::new(Class::Invalid, format!("a budget: {error}"))
}
