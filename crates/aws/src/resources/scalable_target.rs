//! Between how many tasks a service is scaled.

use std::sync::Arc;

use aws_sdk_applicationautoscaling::types::{ScalableDimension, ScalableTarget as Target, ServiceNamespace};
use engine::{Cx, Found, Id, Key, Resource, Result};
use serde::Serialize;

use super::EcsService;
use super::services::{self, resource_id};
use crate::edge::Edge;
use crate::inventory::list;
use crate::{Account, Grant, Permissions};

/// The number of a service's tasks, given over to Application Auto Scaling. It is known by the service, and its node is called
/// as the service's is.
#[derive(Debug, Serialize)]
pub struct ScalableTarget {
    /// The service.
    pub service: Id<EcsService>,
    /// The least number of tasks.
    pub min: i32,
    /// The greatest.
    pub max: i32,
    /// Whether what the service should run is not pushed. Then a greater least number stays.
    #[serde(skip)]
    pub waits_for_image: bool,
}

impl Resource for ScalableTarget {
    const KIND: &'static str = "scalable-target";
    /// Lists show no tags. Those that it is made with are for people.
    const TAGGED: bool = false;
    type Cloud = Account;
    /// What autoscaling calls the service: `service/main/backend`.
    type Output = Id<Self>;

    /// Those of the services that are ours.
    async fn owned(cx: &Cx<'_, Account>) -> Result<Vec<(Key, Found<Self>)>> {
        let targets = all(cx).await?;
        if targets.is_empty() {
            return Ok(Vec::new());
        }
        let services = services::all(cx).await?;
        let ours = services.iter().filter_map(|service| {
            let owner = services::owner(service, cx)?;
            let service = Id::new(service.service_arn()?);
            let id = resource_id(&service).ok()?;
            let target = targets.iter().find(|target| target.resource_id() == id)?;
            Some((Key::new(cx.scope(), Self::KIND, &owner.name), found(target, service)))
        });
        Ok(ours.collect())
    }

    async fn find(&self, cx: &Cx<'_, Account>) -> Result<Option<Found<Self>>> {
        if self.service.known().is_none() {
            return Ok(None);
        }
        let (id, targets) = (resource_id(&self.service)?, all(cx).await?);
        let target = targets.iter().find(|target| target.resource_id() == id);
        let mut found = target.map(|target| found(target, self.service.clone()));
        if let Some(found) = found.as_mut().filter(|found| self.waits_for_image && found.actual.min > self.min) {
            found.actual.min = self.min;
        }
        Ok(found)
    }

    /// Registering it once more changes it (Application Auto Scaling API reference, `RegisterScalableTarget`).
    async fn create(&self, cx: &Cx<'_, Account>) -> Result<Id<Self>> {
        let id = resource_id(&self.service)?;
        let tags = cx.tags.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
        self.register(&id, cx).set_tags(Some(tags)).send().await.edge()?;
        Ok(Id::new(id))
    }

    async fn update(&self, found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        self.register(found.output.get()?, cx).send().await.edge().map(drop)
    }

    async fn delete(found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let call = cx.autoscaling().deregister_scalable_target().service_namespace(ServiceNamespace::Ecs);
        let call = call.scalable_dimension(ScalableDimension::EcsServiceDesiredCount);
        call.resource_id(found.output.get()?).send().await.edge().map(drop)
    }
}

/// Only what concerns services of ECS (Service authorization reference, "AWS Application Auto Scaling").
pub(super) const OF_ECS: &[(&str, &str, &str)] =
    &[("StringEquals", "application-autoscaling:service-namespace", "ecs")];

/// Application Auto Scaling makes the alarms by which it scales, and before it begins it tries whether its caller might, with
/// alarms that are not ours (Application Auto Scaling user guide, "Permissions validation for Application Auto Scaling API calls
/// on target resources").
pub(super) const OF_ALARMS: Grant =
    Grant::everywhere(&["cloudwatch:DeleteAlarms", "cloudwatch:DescribeAlarms", "cloudwatch:PutMetricAlarm"]);

impl Permissions for ScalableTarget {
    const READS: &'static [Grant] = &[
        Grant::everywhere(&["application-autoscaling:DescribeScalableTargets", "ecs:ListClusters", "ecs:ListServices"]),
        Grant::on(&["arn:aws:ecs:{region}:{account}:cluster/*"], &["ecs:DescribeClusters"]),
        Grant::on(&["arn:aws:ecs:{region}:{account}:service/*"], &["ecs:DescribeServices"]),
    ];
    const CHANGES: &'static [Grant] = &[
        Grant::everywhere(&[
            "application-autoscaling:DeregisterScalableTarget",
            "application-autoscaling:RegisterScalableTarget",
        ])
        .when(OF_ECS),
        Grant::on(
            &["arn:aws:application-autoscaling:{region}:{account}:scalable-target/*"],
            &["application-autoscaling:TagResource"],
        ),
        Grant::on(
            &["arn:aws:iam::{account}:role/aws-service-role/ecs.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_ECSService"],
            &["iam:CreateServiceLinkedRole"],
        )
        .when(&[("StringEquals", "iam:AWSServiceName", "ecs.application-autoscaling.amazonaws.com")]),
        Grant::on(&["arn:aws:ecs:{region}:{account}:service/*"], &["ecs:UpdateService"]),
        OF_ALARMS,
    ];
}

impl ScalableTarget {
    fn register(
        &self,
        id: &str,
        cx: &Cx<'_, Account>,
    ) -> aws_sdk_applicationautoscaling::operation::register_scalable_target::builders::RegisterScalableTargetFluentBuilder
    {
        let call = cx.autoscaling().register_scalable_target().service_namespace(ServiceNamespace::Ecs).resource_id(id);
        let call = call.scalable_dimension(ScalableDimension::EcsServiceDesiredCount);
        call.min_capacity(self.min).max_capacity(self.max)
    }
}

fn found(target: &Target, service: Id<EcsService>) -> Found<ScalableTarget> {
    let actual =
        ScalableTarget { service, min: target.min_capacity(), max: target.max_capacity(), waits_for_image: false };
    Found { output: Id::new(target.resource_id()), actual, tags: None }
}

async fn all(cx: &Cx<'_, Account>) -> Result<Arc<Vec<Target>>> {
    list(cx, "scalable-targets", async {
        let call = cx.autoscaling().describe_scalable_targets().service_namespace(ServiceNamespace::Ecs);
        let call = call.scalable_dimension(ScalableDimension::EcsServiceDesiredCount);
        call.into_paginator().items().send().try_collect().await.edge()
    })
    .await
}
