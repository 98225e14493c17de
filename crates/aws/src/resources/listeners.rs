//! The listeners of our load balancers and their rules, with their tags, listed once for all who ask.

use std::sync::Arc;

use aws_sdk_elasticloadbalancingv2::types::{Listener, Rule};
use engine::{Cx, Result, Tags};
use futures_util::future;

use super::{balancing, load_balancer, unless_missing};
use crate::Account;
use crate::edge::Edge;
use crate::inventory::list;

/// All of them.
pub(super) struct Listeners {
    pub(super) listeners: Vec<(Listener, Tags)>,
    /// Each with the ARN of its listener; not the last one of each, which is the listener's own action.
    pub(super) rules: Vec<(String, Rule, Tags)>,
}

/// A call for each load balancer, one for each listener, and one for all tags.
pub(super) async fn all(cx: &Cx<'_, Account>) -> Result<Arc<Listeners>> {
    list(cx, "listeners", async {
        let listeners = load_balancer::ours(cx).await?.into_iter().map(|balancer| of_balancer(balancer, cx));
        let listeners: Vec<Listener> = future::try_join_all(listeners).await?.into_iter().flatten().collect();
        let rules = listeners.iter().filter_map(Listener::listener_arn).map(|listener| rules_of(listener, cx));
        let rules: Vec<(String, Rule)> = future::try_join_all(rules).await?.into_iter().flatten().collect();
        let of_rules = rules.iter().filter_map(|(_, rule)| rule.rule_arn());
        let arns: Vec<&str> = listeners.iter().filter_map(Listener::listener_arn).chain(of_rules).collect();
        let mut tags = balancing::asked(&arns, cx).await?;
        let mut tags_of = |arn: Option<&str>| tags.remove(arn.unwrap_or_default()).unwrap_or_default();
        let listeners = listeners.into_iter().map(|listener| {
            let tags = tags_of(listener.listener_arn());
            (listener, tags)
        });
        let listeners = listeners.collect();
        let rules = rules.into_iter().map(|(listener, rule)| {
            let tags = tags_of(rule.rule_arn());
            (listener, rule, tags)
        });
        Ok(Listeners { listeners, rules: rules.collect() })
    })
    .await
}

/// None if the load balancer is gone, and was still listed.
async fn of_balancer(balancer: String, cx: &Cx<'_, Account>) -> Result<Vec<Listener>> {
    let call = cx.elastic_load_balancing().describe_listeners().load_balancer_arn(balancer);
    let all = call.into_paginator().items().send().try_collect().await.edge();
    Ok(unless_missing(all)?.unwrap_or_default())
}

/// None if the listener is gone, and was still listed.
async fn rules_of(listener: &str, cx: &Cx<'_, Account>) -> Result<Vec<(String, Rule)>> {
    let call = cx.elastic_load_balancing().describe_rules().listener_arn(listener);
    let all: Result<Vec<Rule>> = call.into_paginator().items().send().try_collect().await.edge();
    let all = unless_missing(all)?.unwrap_or_default().into_iter();
    let rules = all.filter(|rule| rule.is_default() != Some(true));
    Ok(rules.map(|rule| (listener.to_owned(), rule)).collect())
}
