//! `CodeDeploy`: what a deployment group is for has to be there, a group brings out one thing at a time, and what it brings out
//! has to be said in full (`CodeDeploy` API reference, the errors of each operation). How long a deployment takes is the
//! weather's.

use std::fmt::Write;

use async_trait::async_trait;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::locks::Locks;
use super::{Rule, iam, look};
use crate::front::answer::Answer;
use crate::front::call::{Call, Request};
use crate::front::upstream::Broken;
use crate::front::world::World;
use crate::front::xml::text;

/// See the module. The local AWS sees to names that are taken, and to applications and groups that are not there.
#[derive(Default)]
pub(super) struct Deployments {
    locks: Locks,
}

/// Code and message.
type Refusal = Option<(&'static str, String)>;

const TARGET: &str = "CodeDeploy_20141006";

/// How the local AWS is told how long the first stage of a deployment takes, in seconds.
const STAGE: &str = "x-orgstrap-stage";

/// `CodeDeploy` API reference, `DeploymentInfo`, `status`: what is not over.
const UNDER_WAY: [&str; 5] = ["Created", "Queued", "InProgress", "Baking", "Ready"];

#[async_trait]
impl Rule for Deployments {
    async fn before(&self, request: &mut Request, world: &World) -> Result<Option<Answer>, Broken> {
        let call = request.call.clone();
        if call.service != "codedeploy" {
            return Ok(None);
        }
        let refusal = match call.operation.as_str() {
            "CreateDeploymentGroup" | "UpdateDeploymentGroup" => {
                self.locks.hold(request, format!("{} {} groups", call.account, call.region)).await;
                group(request, world).await?
            }
            "CreateDeployment" => {
                self.locks.hold(request, format!("{} {} deployments", call.account, call.region)).await;
                let stage = world.weather().pending(&call).as_secs_f64();
                request.headers.insert(STAGE, stage.to_string().parse()?);
                deployment(request, world).await?
            }
            _ => None,
        };
        Ok(refusal.map(|(code, message)| Answer::refusal(request.protocol, 400, code, &message)))
    }
}

/// Why a group cannot be made or changed so.
async fn group(request: &Request, world: &World) -> Result<Refusal, Broken> {
    let body = request.parameters.json().unwrap_or_default();
    if let Some(role) = body["serviceRoleArn"].as_str() {
        let found = iam::by_arn(world, role).await?.filter(|found| !found.is_unknown(world));
        if found.and_then(|found| found.trust).is_none_or(|trust| !trust.contains("codedeploy.amazonaws.com")) {
            let message = format!("AWS CodeDeploy does not have the permissions required to assume the role {role}.");
            return Ok(Some(("InvalidRoleException", message)));
        }
    }
    if let Some(place) = body["ecsServices"].get(0) {
        let is_deployed = service(&request.call, place, world).await?;
        let is_it = is_deployed["status"] == "ACTIVE" && is_deployed["deploymentController"]["type"] == "CODE_DEPLOY";
        if !is_it {
            let message = "Deployment group's ECS service must be configured for a CODE_DEPLOY deployment controller.";
            return Ok(Some(("InvalidECSServiceException", message.to_owned())));
        }
        if is_mapped_elsewhere(request, &body, place, world).await? {
            let message = "The ECS service is associated with another deployment group.";
            return Ok(Some(("ECSServiceMappingLimitExceededException", message.to_owned())));
        }
    }
    if let Some(pair) = body["loadBalancerInfo"]["targetGroupPairInfoList"].get(0) {
        let names: Vec<&str> =
            pair["targetGroups"].as_array().into_iter().flatten().filter_map(|one| one["name"].as_str()).collect();
        let elb = Call { service: "elasticloadbalancing".to_owned(), ..request.call.clone() };
        let there = look::balancing(world, &elb, "DescribeTargetGroups", &[]).await?;
        let there: Vec<String> = there.iter().filter_map(|group| text(group, "TargetGroupName")).collect();
        if names.len() != 2 || names.iter().any(|name| !there.iter().any(|other| other == name)) {
            let message = "For ECS deployment group, two target groups that exist must be specified.".to_owned();
            return Ok(Some(("InvalidTargetGroupPairException", message)));
        }
    }
    Ok(None)
}

/// A service of ECS, as `CodeDeploy` names it.
async fn service(call: &Call, place: &Value, world: &World) -> Result<Value, Broken> {
    let ecs = Call { service: "ecs".to_owned(), ..call.clone() };
    let asked = json!({"cluster": place["clusterName"], "services": [place["serviceName"]]});
    let target = "AmazonEC2ContainerServiceV20141113.DescribeServices";
    Ok(look::json(world, &ecs, target, &asked).await?["services"][0].clone())
}

/// `CodeDeploy` API reference, `ECSServiceMappingLimitExceededException`: a service is in one deployment group.
async fn is_mapped_elsewhere(request: &Request, body: &Value, place: &Value, world: &World) -> Result<bool, Broken> {
    let ask = |operation: &'static str, asked: Value| async move {
        look::json(world, &request.call, &format!("{TARGET}.{operation}"), &asked).await
    };
    let own = body["currentDeploymentGroupName"].as_str().or(body["deploymentGroupName"].as_str());
    let applications = ask("ListApplications", json!({})).await?;
    for application in applications["applications"].as_array().into_iter().flatten() {
        let named = ask("ListDeploymentGroups", json!({"applicationName": application})).await?;
        let asked = json!({"applicationName": application, "deploymentGroupNames": named["deploymentGroups"]});
        let groups = ask("BatchGetDeploymentGroups", asked).await?;
        let others =
            groups["deploymentGroupsInfo"].as_array().into_iter().flatten().filter(|group| {
                *application != body["applicationName"] || group["deploymentGroupName"].as_str() != own
            });
        if others.into_iter().any(|group| group["ecsServices"][0] == *place) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Why a deployment cannot begin.
async fn deployment(request: &Request, world: &World) -> Result<Refusal, Broken> {
    let body = request.parameters.json().unwrap_or_default();
    let (application, group) = (&body["applicationName"], &body["deploymentGroupName"]);
    let asked = json!({"applicationName": application, "deploymentGroupName": group, "includeOnlyStatuses": UNDER_WAY});
    let there = look::json(world, &request.call, &format!("{TARGET}.ListDeployments"), &asked).await?;
    if let Some(other) = there["deployments"][0].as_str() {
        let group = group.as_str().unwrap_or_default();
        let message = format!("The Deployment Group '{group}' already has an active Deployment '{other}'");
        return Ok(Some(("DeploymentLimitExceededException", message)));
    }
    let content = &body["revision"]["appSpecContent"];
    let text = content["content"].as_str().unwrap_or_default();
    let refused = |message: &str| Ok(Some(("InvalidRevisionException", message.to_owned())));
    if content["sha256"].as_str().is_some_and(|said| said != hash_of(text)) {
        return refused("The SHA256 hash value of the revision content does not match");
    }
    // What is no JSON is YAML, which nothing here writes.
    let specification: Value = serde_json::from_str(text).unwrap_or_default();
    let of_service = specification["Resources"][0].as_object().and_then(|resources| resources.values().next());
    let Some(of_service) = of_service.filter(|service| service["Type"] == "AWS::ECS::Service") else {
        return refused("The AppSpec file must have a Resources section with one Amazon ECS service");
    };
    let (properties, balancer) = (&of_service["Properties"], &of_service["Properties"]["LoadBalancerInfo"]);
    let is_whole = properties["TaskDefinition"].is_string()
        && balancer["ContainerName"].is_string()
        && balancer["ContainerPort"].is_u64();
    if is_whole { Ok(None) } else { refused("The AppSpec file must name a task definition, a container and its port") }
}

/// The SHA-256 of a text, in hexadecimal.
fn hash_of(text: &str) -> String {
    let mut hash = String::new();
    for byte in Sha256::digest(text) {
        // Nothing stops a string from growing.
        let _ = write!(hash, "{byte:02x}");
    }
    hash
}
