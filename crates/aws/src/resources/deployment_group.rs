//! How `CodeDeploy` brings a service out: where its tasks are reached, and what happens when a deployment fails.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use aws_sdk_codedeploy::types::{
    AutoRollbackConfiguration, AutoRollbackEvent, BlueGreenDeploymentConfiguration, BlueInstanceTerminationOption,
    DeploymentGroupInfo, DeploymentOption, DeploymentReadyAction, DeploymentReadyOption, DeploymentStyle,
    DeploymentType, EcsService as Place, InstanceAction, LoadBalancerInfo, TargetGroupInfo, TargetGroupPairInfo,
    TrafficRoute,
};
use engine::{Class, Cx, Error, Found, Id, Key, Resource, Result, Tags};
use futures_util::FutureExt;
use futures_util::future::try_join_all;
use serde::Serialize;

use super::code_deploy::{self, arn_of, tags_of, tags_to};
use super::code_deploy_application::{self as applications, APPLICATIONS};
use super::containers::taken;
use super::services::cluster_of;
use super::{CodeDeployApplication, EcsService, Listener, Role, deployments};
use crate::edge::{Edge, unless_gone};
use crate::inventory::list;
use crate::{Account, Grant, Permissions};

/// A deployment group for a service of ECS: blue/green, and requests go to the new tasks as soon as they are well. It is called
/// as its node is, and known by that name and its application's.
#[derive(Debug, Serialize)]
pub struct DeploymentGroup {
    /// What it is a part of, and known by.
    pub application: Id<CodeDeployApplication>,
    /// What `CodeDeploy` does it by.
    pub role: Id<Role>,
    /// What is brought out.
    pub service: Id<EcsService>,
    /// The names of the two target groups that the service's tasks are in, by turns.
    pub target_groups: BTreeSet<String>,
    /// The listener that leads to them, by itself or by a rule.
    pub listener: Id<Listener>,
    /// How requests are moved, such as `CodeDeployDefault.ECSAllAtOnce`.
    pub configuration: String,
    /// After what a deployment is taken back (`CodeDeploy` API reference, `AutoRollbackConfiguration`, `events`).
    pub rolled_back_on: BTreeSet<String>,
    /// For how many minutes the old tasks stay once they get no requests.
    pub keeps_old_minutes: i32,
    /// What somebody else set that ours never have. It is never wanted.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub others: BTreeSet<String>,
}

/// `CodeDeploy` API reference, `BatchGetDeploymentGroups`, `deploymentGroupNames`: 100 at most.
const AT_ONCE: usize = 100;

/// The groups of these applications, with their tags.
async fn groups_of(
    application: &str,
    cx: &Cx<'_, Account>,
) -> Result<Arc<BTreeMap<String, (DeploymentGroupInfo, Tags)>>> {
    list(cx, format!("deployment-groups {application}"), async {
        let names = cx.code_deploy().list_deployment_groups().application_name(application);
        let names: Result<Vec<String>> = names.into_paginator().items().send().try_collect().await.edge();
        // The application is not there, or not any more.
        let names = super::unless_missing(names)?.unwrap_or_default();
        let described = names.chunks(AT_ONCE).map(|some| {
            let call = cx.code_deploy().batch_get_deployment_groups().application_name(application);
            let call = call.set_deployment_group_names(Some(some.to_vec()));
            async move { call.send().await.edge() }.boxed()
        });
        let all = try_join_all(described).await?.into_iter();
        let tagged = all.flat_map(|answer| answer.deployment_groups_info.unwrap_or_default()).map(|one| {
            async move {
                let name = one.deployment_group_name().unwrap_or_default().to_owned();
                let tags = tags_of(&arn_of("deploymentgroup", &format!("{application}/{name}"), cx), cx).await?;
                Ok::<_, Error>(tags.map(|tags| (name, (one, tags))))
            }
            .boxed()
        });
        Ok(try_join_all(tagged).await?.into_iter().flatten().collect())
    })
    .await
}

impl Resource for DeploymentGroup {
    const KIND: &'static str = "deployment-group";
    type Cloud = Account;
    /// The application's name and its own: `backend/backend`.
    type Output = Id<Self>;

    /// Those of the applications that are ours.
    async fn owned(cx: &Cx<'_, Account>) -> Result<Vec<(Key, Found<Self>)>> {
        let mut owned = Vec::new();
        for application in applications::ours(cx).await? {
            let groups = groups_of(&application, cx).await?;
            owned.extend(groups.values().filter_map(|(group, tags)| {
                let key = cx.owner(tags).filter(|key| key.kind == Self::KIND)?;
                Some((key, found(&application, group, tags, cx)))
            }));
        }
        Ok(owned)
    }

    async fn find(&self, cx: &Cx<'_, Account>) -> Result<Option<Found<Self>>> {
        let (Some(application), name) = (self.application.known(), &cx.key.name) else { return Ok(None) };
        // A list of groups is for an application that there is.
        if !applications::all(cx).await?.contains_key(application) {
            return Ok(None);
        }
        let groups = groups_of(application, cx).await?;
        let Some((group, tags)) = groups.get(name) else { return Ok(None) };
        if !super::is_free(tags, cx) {
            return Err(taken(&format!("deployment group {name}"), tags, cx));
        }
        Ok(Some(found(application, group, tags, cx)))
    }

    async fn create(&self, cx: &Cx<'_, Account>) -> Result<Id<Self>> {
        let (application, name) = (self.application.get()?, &cx.key.name);
        // A second one of this name is refused, so it may be repeated.
        let call = cx.code_deploy().create_deployment_group().application_name(application).deployment_group_name(name);
        let call = call.deployment_config_name(&self.configuration).service_role_arn(self.role.get()?);
        let call = call.auto_rollback_configuration(self.rollback()).deployment_style(style());
        let call = call.blue_green_deployment_configuration(self.blue_green()).load_balancer_info(self.balancing()?);
        let call = call.ecs_services(self.place()?).set_tags(Some(tags_to(cx.tags)));
        call.send().await.edge()?;
        Ok(Id::new(format!("{application}/{name}")))
    }

    async fn update(&self, found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let (application, name) = parts(&found.output)?;
        let call = cx.code_deploy().update_deployment_group().application_name(application);
        let call = call.current_deployment_group_name(name).deployment_config_name(&self.configuration);
        let call = call.auto_rollback_configuration(self.rollback()).deployment_style(style());
        let call = call.blue_green_deployment_configuration(self.blue_green()).load_balancer_info(self.balancing()?);
        let call = call.ecs_services(self.place()?).service_role_arn(self.role.get()?);
        call.send().await.edge().map(drop)
    }

    async fn tag(found: &Found<Self>, tags: &Tags, cx: &Cx<'_, Account>) -> Result<()> {
        code_deploy::tag(&arn_of("deploymentgroup", found.output.get()?, cx), tags, cx).await
    }

    /// What is being brought out is stopped, and nothing is taken back: the service goes, or is ECS's own from now on.
    async fn delete(found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        if let Some(deployment) = deployments::under_way(&found.output, cx).await? {
            deployments::stop(deployment.deployment_id().unwrap_or_default(), false, cx).await?;
        }
        let (application, name) = parts(&found.output)?;
        let call = cx.code_deploy().delete_deployment_group().application_name(application).deployment_group_name(name);
        unless_gone(call.send().await.edge().map(drop))
    }
}

/// The deployment groups of the account.
pub(super) const GROUPS: &[&str] = &["arn:aws:codedeploy:{region}:{account}:deploymentgroup:*"];

impl Permissions for DeploymentGroup {
    const READS: &'static [Grant] = &[
        Grant::everywhere(&["codedeploy:ListApplications", "tag:GetResources"]),
        Grant::on(
            APPLICATIONS,
            &["codedeploy:BatchGetApplications", "codedeploy:ListDeploymentGroups", "codedeploy:ListTagsForResource"],
        ),
        Grant::on(GROUPS, &["codedeploy:BatchGetDeploymentGroups", "codedeploy:ListTagsForResource"]),
    ];
    const CHANGES: &'static [Grant] = &[
        Grant::on(
            GROUPS,
            &[
                "codedeploy:CreateDeploymentGroup",
                "codedeploy:DeleteDeploymentGroup",
                "codedeploy:GetDeployment",
                "codedeploy:ListDeployments",
                "codedeploy:TagResource",
                "codedeploy:UpdateDeploymentGroup",
            ],
        ),
        // It takes no resource (Service authorization reference, "AWS CodeDeploy").
        Grant::everywhere(&["codedeploy:StopDeployment"]),
        Grant::on(&["arn:aws:iam::{account}:role/orgstrap-*"], &["iam:PassRole"]).when(&[(
            "StringEquals",
            "iam:PassedToService",
            "codedeploy.amazonaws.com",
        )]),
    ];
}

/// The application's name and the group's.
pub(super) fn parts(group: &Id<DeploymentGroup>) -> Result<(&str, &str)> {
    let id = group.get()?;
    id.split_once('/').ok_or_else(|| Error::new(Class::Invalid, format!("{id} is not an application and its group")))
}

fn style() -> DeploymentStyle {
    let style = DeploymentStyle::builder().deployment_type(DeploymentType::BlueGreen);
    style.deployment_option(DeploymentOption::WithTrafficControl).build()
}

impl DeploymentGroup {
    fn rollback(&self) -> AutoRollbackConfiguration {
        let events = self.rolled_back_on.iter().map(|event| AutoRollbackEvent::from(event.as_str())).collect();
        AutoRollbackConfiguration::builder().enabled(true).set_events(Some(events)).build()
    }

    fn blue_green(&self) -> BlueGreenDeploymentConfiguration {
        let old = BlueInstanceTerminationOption::builder().action(InstanceAction::Terminate);
        let old = old.termination_wait_time_in_minutes(self.keeps_old_minutes).build();
        let ready = DeploymentReadyOption::builder().action_on_timeout(DeploymentReadyAction::ContinueDeployment);
        let all = BlueGreenDeploymentConfiguration::builder().deployment_ready_option(ready.build());
        all.terminate_blue_instances_on_deployment_success(old).build()
    }

    fn balancing(&self) -> Result<LoadBalancerInfo> {
        let groups = self.target_groups.iter().map(|name| TargetGroupInfo::builder().name(name).build()).collect();
        let route = TrafficRoute::builder().listener_arns(self.listener.get()?).build();
        let pair = TargetGroupPairInfo::builder().set_target_groups(Some(groups)).prod_traffic_route(route).build();
        Ok(LoadBalancerInfo::builder().target_group_pair_info_list(pair).build())
    }

    fn place(&self) -> Result<Place> {
        let arn = self.service.get()?;
        let name = arn.rsplit('/').next().unwrap_or_default();
        Ok(Place::builder().cluster_name(cluster_of(arn)).service_name(name).build())
    }
}

fn found(application: &str, group: &DeploymentGroupInfo, tags: &Tags, cx: &Cx<'_, Account>) -> Found<DeploymentGroup> {
    let name = group.deployment_group_name().unwrap_or_default();
    let pairs = group.load_balancer_info().map_or(&[][..], LoadBalancerInfo::target_group_pair_info_list);
    let names = pairs.iter().flat_map(TargetGroupPairInfo::target_groups).filter_map(TargetGroupInfo::name);
    let listeners = pairs.iter().filter_map(TargetGroupPairInfo::prod_traffic_route);
    let listener = listeners.flat_map(TrafficRoute::listener_arns).next();
    let service = group.ecs_services().first().map(|place| {
        let of = |part: Option<&str>| part.unwrap_or_default().to_owned();
        let (cluster, name) = (of(place.cluster_name()), of(place.service_name()));
        format!("arn:aws:ecs:{}:{}:service/{cluster}/{name}", cx.region(), cx.id())
    });
    let blue_green = group.blue_green_deployment_configuration();
    let ready = blue_green.and_then(BlueGreenDeploymentConfiguration::deployment_ready_option);
    let old = blue_green.and_then(BlueGreenDeploymentConfiguration::terminate_blue_instances_on_deployment_success);
    let rollback = group.auto_rollback_configuration().filter(|rollback| rollback.enabled());
    let unusual = [
        ("deploymentStyle", group.deployment_style() != Some(&style())),
        (
            "deploymentReadyOption",
            ready.and_then(DeploymentReadyOption::action_on_timeout) == Some(&DeploymentReadyAction::StopDeployment),
        ),
        (
            "terminateBlueInstancesOnDeploymentSuccess",
            old.and_then(BlueInstanceTerminationOption::action) != Some(&InstanceAction::Terminate),
        ),
    ];
    let actual = DeploymentGroup {
        application: Id::new(application),
        role: Id::new(group.service_role_arn().unwrap_or_default()),
        service: Id::new(service.unwrap_or_default()),
        target_groups: names.map(str::to_owned).collect(),
        listener: Id::new(listener.map_or("", String::as_str)),
        configuration: group.deployment_config_name().unwrap_or_default().to_owned(),
        rolled_back_on: rollback
            .into_iter()
            .flat_map(AutoRollbackConfiguration::events)
            .map(|event| event.as_str().to_owned())
            .collect(),
        keeps_old_minutes: old.map_or(0, BlueInstanceTerminationOption::termination_wait_time_in_minutes),
        others: unusual.into_iter().filter(|(_, is_so)| *is_so).map(|(what, _)| what.to_owned()).collect(),
    };
    Found { output: Id::new(format!("{application}/{name}")), actual, tags: Some(tags.clone()) }
}
