//! ECS services: a new deployment has no task running at first (ECS API reference, `Service` and `Deployment`).

use async_trait::async_trait;
use serde_json::{Value, json};

use super::Rule;
use super::clock::Clock;
use crate::front::answer::Answer;
use crate::front::call::Request;
use crate::front::upstream::Broken;
use crate::front::world::World;

/// See the module.
#[derive(Default)]
pub(super) struct Services {
    /// New services, by their ARNs.
    made: Clock,
    /// Changed ones: the tasks of what was there before still run.
    changed: Clock,
}

#[async_trait]
impl Rule for Services {
    async fn after(&self, request: &Request, answer: &mut Answer, world: &World) -> Result<(), Broken> {
        let call = &request.call;
        if call.service == "ecs"
            && answer.is_success()
            && let Some(mut json) = answer.json()
        {
            let pending = world.weather().pending(call);
            match call.operation.as_str() {
                "CreateService" => {
                    self.made.begin(arn(&json["service"]), pending);
                    begin(&mut json["service"], true);
                }
                "UpdateService" if makes_deployment(request) => {
                    self.changed.begin(arn(&json["service"]), pending);
                    begin(&mut json["service"], false);
                }
                "UpdateService" => self.show(&mut json["service"]),
                "DescribeServices" => {
                    let services = json["services"].as_array_mut();
                    services.into_iter().flatten().for_each(|service| self.show(service));
                }
                _ => return Ok(()),
            }
            answer.set_json(&json);
        }
        Ok(())
    }
}

impl Services {
    fn show(&self, service: &mut Value) {
        let is_new = self.made.is_running(arn(service));
        if is_new || self.changed.is_running(arn(service)) {
            begin(service, is_new);
        }
    }
}

fn arn(service: &Value) -> &str {
    service["serviceArn"].as_str().unwrap_or_default()
}

/// ECS API reference, `UpdateService`: another number of tasks is no new deployment.
fn makes_deployment(request: &Request) -> bool {
    let texts = request.parameters.texts();
    let makes = ["forceNewDeployment", "loadBalancers", "networkConfiguration", "platformVersion", "taskDefinition"];
    texts.iter().any(|(name, text)| makes.iter().any(|part| name.starts_with(part)) && text != "false")
}

/// A service as it is while its deployment begins.
fn begin(service: &mut Value, is_new: bool) {
    let (wanted, is_gone) = (service["desiredCount"].clone(), service["status"] == "INACTIVE");
    if is_gone {
        return;
    }
    if is_new {
        (service["runningCount"], service["pendingCount"]) = (json!(0), wanted.clone());
    }
    let deployments = service["deployments"].as_array_mut();
    if let Some(deployment) = deployments.into_iter().flatten().find(|deployment| deployment["status"] == "PRIMARY") {
        (deployment["runningCount"], deployment["pendingCount"]) = (json!(0), wanted);
        deployment["rolloutState"] = json!("IN_PROGRESS");
        if let Some(id) = deployment["id"].as_str() {
            deployment["rolloutStateReason"] = json!(format!("ECS deployment {id} in progress."));
        }
    }
}
