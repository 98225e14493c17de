//! Those whom a load balancer sends requests to.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_sdk_elasticloadbalancingv2::types::{
    Matcher, ProtocolEnum, TargetGroup as Listed, TargetGroupAttribute, TargetTypeEnum,
};
use engine::{Class, Cx, Error, Found, Id, Key, Resource, Result, Tags};
use futures_util::future;
use serde::Serialize;

use super::{Vpc, account_tags, balancing};
use crate::edge::{Edge, not_yet_if_unseen};
use crate::inventory::list;
use crate::{Account, FLEET_TAG, Grant, Permissions};

/// A target group. It is called as its node is, and known by that name, which is unique in the region; its tags say whose
/// it is. Its targets come and go with the service that runs them.
#[derive(Debug, Serialize)]
pub struct TargetGroup {
    /// The network.
    pub vpc: Id<Vpc>,
    /// Where targets listen.
    pub port: i32,
    /// `HTTP` or `HTTPS`.
    pub protocol: String,
    /// `ip` for tasks of Fargate.
    pub target_type: String,
    /// Which targets are well.
    pub health_check: HealthCheck,
    /// How long a target that goes may end what it has begun, in seconds.
    pub deregistration_delay_seconds: i32,
}

/// How targets are asked whether they are well.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HealthCheck {
    /// Such as `/health`.
    pub path: String,
    /// How often, in seconds: 5 to 300.
    pub interval_seconds: i32,
    /// How long an answer may take, in seconds; less than the interval.
    pub timeout_seconds: i32,
    /// After how many good answers a target is well: 2 to 10.
    pub healthy_after: i32,
    /// After how many bad ones it is not: 2 to 10.
    pub unhealthy_after: i32,
    /// Good answers, such as `200` or `200-399`.
    pub good_statuses: String,
}

/// A target group of the region, with its tags.
struct Existing {
    listed: Listed,
    /// Only of those of the fleet: the attributes are a call for each.
    delay: Option<i32>,
    tags: Tags,
}

/// Every target group of the region, by name.
async fn all(cx: &Cx<'_, Account>) -> Result<Arc<BTreeMap<String, Existing>>> {
    list(cx, "target-groups", async {
        let pages = cx.elastic_load_balancing().describe_target_groups().into_paginator().items().send();
        let (all, known) = future::try_join(async { pages.try_collect().await.edge() }, account_tags::all(cx)).await?;
        let all: Vec<Listed> = all;
        let arns: Vec<&str> = all.iter().filter_map(Listed::target_group_arn).collect();
        let mut tags = balancing::tags_of(&arns, &known, cx).await?;
        let existing = all.into_iter().map(|listed| {
            let tags = tags.remove(listed.target_group_arn().unwrap_or_default()).unwrap_or_default();
            async move {
                let is_of_fleet = tags.get(FLEET_TAG).is_some_and(|fleet| fleet == cx.fleet());
                let delay = if is_of_fleet { Some(delay(&listed, cx).await?) } else { None };
                let name = listed.target_group_name().unwrap_or_default().to_owned();
                Ok::<_, Error>((name, Existing { listed, delay, tags }))
            }
        });
        Ok(future::try_join_all(existing).await?.into_iter().collect())
    })
    .await
}

const DELAY: &str = "deregistration_delay.timeout_seconds";

/// AWS's own is five minutes (Elastic Load Balancing user guide, "Edit target group attributes").
async fn delay(listed: &Listed, cx: &Cx<'_, Account>) -> Result<i32> {
    let call = cx.elastic_load_balancing().describe_target_group_attributes();
    let call = call.target_group_arn(listed.target_group_arn().unwrap_or_default());
    let answer = call.send().await.edge().map_err(not_yet_if_unseen)?;
    let delay = answer.attributes().iter().find(|one| one.key() == Some(DELAY));
    Ok(delay.and_then(TargetGroupAttribute::value).and_then(|value| value.parse().ok()).unwrap_or(300))
}

impl Resource for TargetGroup {
    const KIND: &'static str = "target-group";
    const FIXED: &'static [&'static str] = &["vpc", "port", "protocol", "target_type"];
    type Cloud = Account;
    /// The group's ARN.
    type Output = Id<Self>;

    async fn owned(cx: &Cx<'_, Account>) -> Result<Vec<(Key, Found<Self>)>> {
        let all = all(cx).await?;
        let owned = all.values().filter_map(|one| {
            let key = cx.owner(&one.tags).filter(|key| key.kind == Self::KIND)?;
            Some((key, found(&one.listed, one.delay?, &one.tags)))
        });
        Ok(owned.collect())
    }

    async fn find(&self, cx: &Cx<'_, Account>) -> Result<Option<Found<Self>>> {
        let (all, name) = (all(cx).await?, balancing::own_name(cx)?);
        let Some(one) = all.get(name) else { return Ok(None) };
        let tags = balancing::confirmed(&one.tags, one.listed.target_group_arn().unwrap_or_default(), cx).await?;
        balancing::is_free(&tags, cx)?;
        let delay = match one.delay {
            Some(delay) => delay,
            // It is to be taken over.
            None => delay(&one.listed, cx).await?,
        };
        Ok(Some(found(&one.listed, delay, &tags)))
    }

    async fn create(&self, cx: &Cx<'_, Account>) -> Result<Id<Self>> {
        let check = &self.health_check;
        let call = cx.elastic_load_balancing().create_target_group().name(balancing::own_name(cx)?);
        let call = call.vpc_id(self.vpc.get()?).port(self.port).protocol(self.protocol.as_str().into());
        let call = call.target_type(self.target_type.as_str().into());
        let call = call.health_check_path(&check.path).matcher(check.matcher());
        let call = call.health_check_interval_seconds(check.interval_seconds);
        let call = call.health_check_timeout_seconds(check.timeout_seconds);
        let call = call.healthy_threshold_count(check.healthy_after).unhealthy_threshold_count(check.unhealthy_after);
        // A second one of this name is the same or is refused, so it may be repeated.
        let made = call.set_tags(Some(balancing::to_sdk(cx.tags))).send().await.edge()?;
        let arn = made.target_groups().first().and_then(Listed::target_group_arn).map(Id::new);
        let arn = arn.ok_or_else(|| Error::new(Class::Other, "AWS answered without the ARN of the target group"))?;
        cx.follow_up(|| Box::pin(self.set_delay(&arn, cx))).await?;
        Ok(arn)
    }

    async fn update(&self, found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let (check, arn) = (&self.health_check, &found.output);
        if *check != found.actual.health_check {
            let call = cx.elastic_load_balancing().modify_target_group().target_group_arn(arn.get()?);
            let call = call.health_check_path(&check.path).matcher(check.matcher());
            let call = call.health_check_interval_seconds(check.interval_seconds);
            let call = call.health_check_timeout_seconds(check.timeout_seconds);
            let call = call.healthy_threshold_count(check.healthy_after);
            call.unhealthy_threshold_count(check.unhealthy_after).send().await.edge()?;
        }
        if self.deregistration_delay_seconds != found.actual.deregistration_delay_seconds {
            self.set_delay(arn, cx).await?;
        }
        Ok(())
    }

    async fn tag(found: &Found<Self>, tags: &Tags, cx: &Cx<'_, Account>) -> Result<()> {
        balancing::tag(found.output.get()?, tags, cx).await
    }

    /// It is in use as long as a listener or a rule names it.
    async fn delete(found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let call = cx.elastic_load_balancing().delete_target_group().target_group_arn(found.output.get()?);
        call.send().await.edge().map(drop)
    }
}

impl Permissions for TargetGroup {
    const READS: &'static [Grant] = &[Grant::everywhere(&[
        "elasticloadbalancing:DescribeTags",
        "elasticloadbalancing:DescribeTargetGroupAttributes",
        "elasticloadbalancing:DescribeTargetGroups",
        "tag:GetResources",
    ])];
    const CHANGES: &'static [Grant] = &[Grant::on(
        &["arn:aws:elasticloadbalancing:{region}:{account}:targetgroup/*"],
        &[
            "elasticloadbalancing:AddTags",
            "elasticloadbalancing:CreateTargetGroup",
            "elasticloadbalancing:DeleteTargetGroup",
            "elasticloadbalancing:ModifyTargetGroup",
            "elasticloadbalancing:ModifyTargetGroupAttributes",
        ],
    )];
}

impl TargetGroup {
    async fn set_delay(&self, arn: &Id<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let delay = self.deregistration_delay_seconds.to_string();
        let delay = TargetGroupAttribute::builder().key(DELAY).value(delay).build();
        let call = cx.elastic_load_balancing().modify_target_group_attributes().target_group_arn(arn.get()?);
        call.attributes(delay).send().await.edge().map(drop)
    }
}

impl HealthCheck {
    fn matcher(&self) -> Matcher {
        Matcher::builder().http_code(&self.good_statuses).build()
    }
}

fn found(listed: &Listed, delay: i32, tags: &Tags) -> Found<TargetGroup> {
    let good = listed.matcher().and_then(Matcher::http_code);
    let actual = TargetGroup {
        vpc: Id::new(listed.vpc_id().unwrap_or_default()),
        port: listed.port().unwrap_or_default(),
        protocol: listed.protocol().map(ProtocolEnum::as_str).unwrap_or_default().to_owned(),
        target_type: listed.target_type().map(TargetTypeEnum::as_str).unwrap_or_default().to_owned(),
        health_check: HealthCheck {
            path: listed.health_check_path().unwrap_or_default().to_owned(),
            interval_seconds: listed.health_check_interval_seconds().unwrap_or_default(),
            timeout_seconds: listed.health_check_timeout_seconds().unwrap_or_default(),
            healthy_after: listed.healthy_threshold_count().unwrap_or_default(),
            unhealthy_after: listed.unhealthy_threshold_count().unwrap_or_default(),
            good_statuses: good.unwrap_or_default().to_owned(),
        },
        deregistration_delay_seconds: delay,
    };
    Found { output: Id::new(listed.target_group_arn().unwrap_or_default()), actual, tags: Some(tags.clone()) }
}
