//! What a service runs that `CodeDeploy` brings out.

use std::collections::BTreeSet;

use aws_sdk_codedeploy::types::{AppSpecContent, RevisionLocation, RevisionLocationType};
use aws_sdk_ecs::types::{Service, TaskSet};
use engine::{Class, Cx, Error, Found, Id, Nature, Resource, Result};
use serde::Serialize;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::code_deploy_application::APPLICATIONS;
use super::deployment_group::{GROUPS, parts as names};
use super::services::{cluster_of, one, parts};
use super::task_definition::{content_of, wanted};
use super::{DeploymentGroup, EcsService, SecurityGroup, Subnet, TaskDefinition, creation, deployments};
use crate::edge::Edge;
use crate::token::hex;
use crate::{Account, Grant, Permissions};

/// What the tasks of a service are made from that get its requests. It comes with the service, and changing it is a deployment:
/// `CodeDeploy` starts new tasks beside the old ones, moves the requests, and ends the old ones some minutes later.
#[derive(Debug, Serialize)]
pub struct EcsRollout {
    /// The service.
    pub service: Id<EcsService>,
    /// How it is brought out.
    pub group: Id<DeploymentGroup>,
    /// The [content](TaskDefinition::content) of the revision.
    pub content: String,
    /// Where tasks have their addresses.
    pub subnets: BTreeSet<Id<Subnet>>,
    /// The security groups of tasks.
    pub security_groups: BTreeSet<Id<SecurityGroup>>,
    /// The family of the revision.
    #[serde(skip)]
    pub task_definition: Id<TaskDefinition>,
    /// The container that answers.
    #[serde(skip)]
    pub container: String,
    /// Its port.
    #[serde(skip)]
    pub port: i32,
    /// Whether what it should run is not pushed. Then what runs stays.
    #[serde(skip)]
    pub waits_for_image: bool,
}

impl Resource for EcsRollout {
    const KIND: &'static str = "ecs-rollout";
    const NATURE: Nature = Nature::Setting;
    type Cloud = Account;
    /// The service's ARN.
    type Output = Id<Self>;

    async fn find(&self, cx: &Cx<'_, Account>) -> Result<Option<Found<Self>>> {
        let Some(arn) = self.service.known() else { return Ok(None) };
        // Anew: what it was made with a moment ago is in no list that was read before.
        let service = one(cluster_of(arn), arn, cx).await?.filter(|service| service.status() == Some("ACTIVE"));
        let Some(service) = service else { return Ok(None) };
        let mut actual = self.actual(&service, content_of(parts::revision(&service), cx).await?);
        if self.waits_for_image {
            actual.content.clone_from(&self.content);
            (actual.subnets, actual.security_groups) = (self.subnets.clone(), self.security_groups.clone());
        }
        Ok(Some(Found { output: Id::new(arn), actual, tags: None }))
    }

    /// It is there as soon as its service is seen.
    async fn create(&self, _: &Cx<'_, Account>) -> Result<Id<Self>> {
        Err(Error::new(Class::NotYet, format!("{} is not there yet", self.service.get()?)))
    }

    /// One deployment at a time: whatever is under way is waited for, and if it is of this revision, that is all.
    async fn update(&self, _: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let specification = self.specification(&wanted(&self.task_definition, &self.content, cx).await?.arn)?;
        let hash = hex(&Sha256::digest(&specification));
        if let Some(other) = deployments::under_way(&self.group, cx).await? {
            let id = other.deployment_id().unwrap_or_default();
            let of_other = other.revision().and_then(RevisionLocation::app_spec_content);
            if of_other.and_then(AppSpecContent::sha256) == Some(hash.as_str()) {
                return cx.unless_cancelled(Box::pin(deployments::follow(id, &self.service, cx))).await;
            }
            cx.unless_cancelled(deployments::outwait(id, cx)).await?;
            return Err(Error::new(
                Class::NotYet,
                format!("deployment {id} was under way: what it has left is looked at"),
            ));
        }
        let (application, group) = names(&self.group)?;
        let content = AppSpecContent::builder().content(specification).sha256(hash).build();
        let revision = RevisionLocation::builder().revision_type(RevisionLocationType::AppSpecContent);
        let call = cx.code_deploy().create_deployment().application_name(application).deployment_group_name(group);
        let call =
            call.revision(revision.app_spec_content(content).build()).description(format!("orgstrap: {}", cx.key));
        // It takes no token, and a second one could begin when the first is over.
        let call = call
            .customize()
            .config_override(aws_sdk_codedeploy::config::Builder::new().retry_classifier(creation::unless_done()));
        let made = call.send().await.edge().map_err(creation::look_again)?;
        let id = made.deployment_id.unwrap_or_default();
        cx.unless_cancelled(Box::pin(deployments::follow(&id, &self.service, cx))).await
    }
}

impl Permissions for EcsRollout {
    /// Those of services, clusters and revisions are declared by the service.
    const READS: &'static [Grant] = &[
        Grant::on(&["arn:aws:ecs:{region}:{account}:service/*"], &["ecs:DescribeServices"]),
        Grant::everywhere(&["ecs:DescribeTaskDefinition", "ecs:ListTaskDefinitions"]),
    ];
    /// A deployment registers its revision, and reads how requests are moved (`CodeDeploy` user guide, "`CodeDeploy`
    /// permissions reference").
    const CHANGES: &'static [Grant] = &[
        Grant::on(GROUPS, &["codedeploy:CreateDeployment", "codedeploy:GetDeployment", "codedeploy:ListDeployments"]),
        // These take no resource (Service authorization reference, "AWS CodeDeploy").
        Grant::everywhere(&["codedeploy:GetDeploymentTarget", "codedeploy:StopDeployment"]),
        Grant::on(APPLICATIONS, &["codedeploy:RegisterApplicationRevision"]),
        Grant::on(
            &["arn:aws:codedeploy:{region}:{account}:deploymentconfig:CodeDeployDefault.*"],
            &["codedeploy:GetDeploymentConfig"],
        ),
    ];
}

impl EcsRollout {
    fn actual(&self, service: &Service, content: String) -> Self {
        let network = parts::set(service).and_then(TaskSet::network_configuration);
        let (subnets, security_groups, _) = parts::place(network.or(service.network_configuration()));
        Self {
            service: self.service.clone(),
            group: self.group.clone(),
            content,
            subnets,
            security_groups,
            task_definition: self.task_definition.clone(),
            container: self.container.clone(),
            port: self.port,
            waits_for_image: self.waits_for_image,
        }
    }

    /// What `CodeDeploy` reads: the same text for the same revision in the same place (`CodeDeploy` user guide, "`AppSpec`
    /// 'resources' section for Amazon ECS deployments").
    fn specification(&self, revision: &str) -> Result<String> {
        let network = json!({
            "Subnets": super::ids(&self.subnets)?,
            "SecurityGroups": super::ids(&self.security_groups)?,
            "AssignPublicIp": "DISABLED",
        });
        let properties = json!({
            "TaskDefinition": revision,
            "LoadBalancerInfo": {"ContainerName": self.container, "ContainerPort": self.port},
            "NetworkConfiguration": {"AwsvpcConfiguration": network},
        });
        let service = json!({"TargetService": {"Type": "AWS::ECS::Service", "Properties": properties}});
        Ok(json!({"version": 0.0, "Resources": [service]}).to_string())
    }
}
