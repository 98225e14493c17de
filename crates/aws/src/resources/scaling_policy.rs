//! When a service is given more tasks, and when fewer.

use std::sync::Arc;

use aws_sdk_applicationautoscaling::types::{
    MetricType, PolicyType, PredefinedMetricSpecification, ScalableDimension, ScalingPolicy as Policy,
    ServiceNamespace, TargetTrackingScalingPolicyConfiguration as Tracking,
};
use engine::{Class, Cx, Error, Found, Id, Key, Resource, Result};
use serde::Serialize;

use super::scalable_target::{OF_ALARMS, OF_ECS};
use super::services::{self, resource_id};
use super::{LoadBalancer, ScalableTarget, TargetGroup};
use crate::edge::Edge;
use crate::inventory::list;
use crate::{Account, Grant, Permissions};

/// A policy that keeps a metric at a value. It is called as its node is.
#[derive(Debug, Serialize)]
pub struct ScalingPolicy {
    /// The service, as autoscaling knows it.
    pub target: Id<ScalableTarget>,
    /// What is kept at the value.
    pub metric: Metric,
    /// Percent, or requests.
    pub value: f64,
    /// Seconds after tasks were taken away in which no more are.
    pub in_cooldown: i32,
    /// Seconds after tasks were added that count as part of the same need.
    pub out_cooldown: i32,
}

/// What a service is scaled by.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Metric {
    /// The average use of the tasks' CPU, in percent.
    Cpu,
    /// How many requests a load balancer gives to each task in a minute.
    Requests {
        /// The load balancer.
        balancer: Id<LoadBalancer>,
        /// The target group.
        group: Id<TargetGroup>,
    },
    /// Something that we never use.
    Other(String),
}

impl Resource for ScalingPolicy {
    const KIND: &'static str = "scaling-policy";
    const TAGGED: bool = false;
    type Cloud = Account;
    /// The policy's ARN.
    type Output = Id<Self>;

    /// Those of the services that are ours.
    async fn owned(cx: &Cx<'_, Account>) -> Result<Vec<(Key, Found<Self>)>> {
        let policies = all(cx).await?;
        if policies.is_empty() {
            return Ok(Vec::new());
        }
        let services = services::all(cx).await?;
        let ours = services.iter().filter(|service| services::owner(service, cx).is_some());
        let ours: Vec<String> = ours.filter_map(|service| resource_id(&Id::new(service.service_arn()?)).ok()).collect();
        let ours = policies.iter().filter(|policy| ours.iter().any(|id| id == policy.resource_id()));
        Ok(ours.map(|policy| (Key::new(cx.scope(), Self::KIND, policy.policy_name()), found(policy, cx))).collect())
    }

    async fn find(&self, cx: &Cx<'_, Account>) -> Result<Option<Found<Self>>> {
        let Some(target) = self.target.known() else { return Ok(None) };
        let policies = all(cx).await?;
        let mine = policies.iter().find(|one| one.resource_id() == target && one.policy_name() == cx.key.name);
        Ok(mine.map(|policy| found(policy, cx)))
    }

    /// A policy of a name that there is is changed (Application Auto Scaling API reference, `PutScalingPolicy`).
    async fn create(&self, cx: &Cx<'_, Account>) -> Result<Id<Self>> {
        let call = cx
            .autoscaling()
            .put_scaling_policy()
            .policy_name(&cx.key.name)
            .policy_type(PolicyType::TargetTrackingScaling);
        let call = call.service_namespace(ServiceNamespace::Ecs).resource_id(self.target.get()?);
        let call = call.scalable_dimension(ScalableDimension::EcsServiceDesiredCount);
        let made = call.target_tracking_scaling_policy_configuration(self.tracking()?).send().await.edge()?;
        Ok(Id::new(made.policy_arn()))
    }

    async fn update(&self, _: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        self.create(cx).await.map(drop)
    }

    async fn delete(found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let call = cx.autoscaling().delete_scaling_policy().policy_name(&cx.key.name);
        let call = call.service_namespace(ServiceNamespace::Ecs).resource_id(found.actual.target.get()?);
        let call = call.scalable_dimension(ScalableDimension::EcsServiceDesiredCount);
        call.send().await.edge().map(drop)
    }
}

impl Permissions for ScalingPolicy {
    const READS: &'static [Grant] = &[
        Grant::everywhere(&["application-autoscaling:DescribeScalingPolicies", "ecs:ListClusters", "ecs:ListServices"]),
        Grant::on(&["arn:aws:ecs:{region}:{account}:cluster/*"], &["ecs:DescribeClusters"]),
        Grant::on(&["arn:aws:ecs:{region}:{account}:service/*"], &["ecs:DescribeServices"]),
    ];
    const CHANGES: &'static [Grant] = &[
        Grant::everywhere(&["application-autoscaling:DeleteScalingPolicy", "application-autoscaling:PutScalingPolicy"])
            .when(OF_ECS),
        OF_ALARMS,
    ];
}

impl ScalingPolicy {
    fn tracking(&self) -> Result<Tracking> {
        let tracking =
            Tracking::builder().target_value(self.value).predefined_metric_specification(self.metric.specification()?);
        tracking.scale_in_cooldown(self.in_cooldown).scale_out_cooldown(self.out_cooldown).build().map_err(unbuilt)
    }
}

const BALANCER: &str = "loadbalancer/";
const GROUP: &str = "targetgroup/";

impl Metric {
    fn specification(&self) -> Result<PredefinedMetricSpecification> {
        let metric = PredefinedMetricSpecification::builder();
        let metric = match self {
            Self::Cpu => metric.predefined_metric_type(MetricType::EcsServiceAverageCpuUtilization),
            Self::Requests { balancer, group } => {
                // `app/name/id/targetgroup/name/id` (Application Auto Scaling API reference, `PredefinedMetricSpecification`).
                let end = |arn: &str, kind: &str| arn.split_once(kind).map_or("", |(_, end)| end).to_owned();
                let label = format!("{}/{GROUP}{}", end(balancer.get()?, BALANCER), end(group.get()?, GROUP));
                metric.predefined_metric_type(MetricType::AlbRequestCountPerTarget).resource_label(label)
            }
            Self::Other(name) => metric.predefined_metric_type(name.as_str().into()),
        };
        metric.build().map_err(unbuilt)
    }

    fn read(metric: Option<&PredefinedMetricSpecification>, cx: &Cx<'_, Account>) -> Self {
        let Some(metric) = metric else { return Self::Other("none".to_owned()) };
        let label = metric.resource_label().and_then(|label| label.split_once(&format!("/{GROUP}")));
        match (metric.predefined_metric_type(), label) {
            (MetricType::EcsServiceAverageCpuUtilization, _) => Self::Cpu,
            (MetricType::AlbRequestCountPerTarget, Some((balancer, group))) => {
                let arn = |end: String| format!("arn:aws:elasticloadbalancing:{}:{}:{end}", cx.region(), cx.id());
                let (balancer, group) = (arn(format!("{BALANCER}{balancer}")), arn(format!("{GROUP}{group}")));
                Self::Requests { balancer: Id::new(balancer), group: Id::new(group) }
            }
            (other, _) => Self::Other(other.as_str().to_owned()),
        }
    }
}

fn found(policy: &Policy, cx: &Cx<'_, Account>) -> Found<ScalingPolicy> {
    let tracking = policy.target_tracking_scaling_policy_configuration();
    let actual = ScalingPolicy {
        target: Id::new(policy.resource_id()),
        metric: Metric::read(tracking.and_then(Tracking::predefined_metric_specification), cx),
        value: tracking.map_or(0.0, Tracking::target_value),
        in_cooldown: tracking.and_then(Tracking::scale_in_cooldown).unwrap_or_default(),
        out_cooldown: tracking.and_then(Tracking::scale_out_cooldown).unwrap_or_default(),
    };
    Found { output: Id::new(policy.policy_arn()), actual, tags: None }
}

async fn all(cx: &Cx<'_, Account>) -> Result<Arc<Vec<Policy>>> {
    list(cx, "scaling-policies", async {
        let call = cx.autoscaling().describe_scaling_policies().service_namespace(ServiceNamespace::Ecs);
        call.into_paginator().items().send().try_collect().await.edge()
    })
    .await
}

fn unbuilt(error: impl std::fmt::Display) -> Error {
    Error::new(Class::Invalid, format!("a scaling policy: {error}"))
}
