//! ECS services: a new deployment has no task running at first, a deleted service drains, and neither what is deleted nor a
//! name that is taken can be used (ECS API reference, `Service`, `Deployment`, and the errors of each operation).

use async_trait::async_trait;
use serde_json::{Value, json};

use super::clock::Clock;
use super::locks::Locks;
use super::{Rule, look};
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
    /// Deleted ones: their tasks end.
    drained: Clock,
    /// Who looks which names are taken, and takes one.
    locks: Locks,
}

const TARGET: &str = "AmazonEC2ContainerServiceV20141113";

#[async_trait]
impl Rule for Services {
    async fn before(&self, request: &mut Request, world: &World) -> Result<Option<Answer>, Broken> {
        if request.call.service != "ecs" {
            return Ok(None);
        }
        if connects(request).is_some() {
            let place = format!("{} {}", request.call.account, request.call.region);
            self.locks.hold(request, place).await;
        }
        let refusal = match request.call.operation.as_str() {
            "CreateService" | "UpdateService" | "DeleteService" => self.refusal(request, world).await?,
            "RunTask" => cluster(request, world).await?,
            _ => None,
        };
        Ok(refusal.map(|(code, message)| Answer::refusal(request.protocol, 400, code, message)))
    }

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
                "DeleteService" => {
                    self.drained.begin(arn(&json["service"]), pending);
                    json["service"]["status"] = json!("DRAINING");
                }
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

/// Code and message.
type Refusal = Option<(&'static str, &'static str)>;

impl Services {
    /// Why a service cannot be made, changed or deleted.
    async fn refusal(&self, request: &Request, world: &World) -> Result<Refusal, Broken> {
        if let Some(refusal) = cluster(request, world).await? {
            return Ok(Some(refusal));
        }
        let text = |name| request.parameters.text(name);
        let (operation, name) = (request.call.operation.as_str(), text("serviceName").or(text("service")));
        let asked = json!({"cluster": text("cluster"), "services": [name]});
        let found = look::json(world, &request.call, &format!("{TARGET}.DescribeServices"), &asked).await?;
        let service = &found["services"][0];
        let (is_there, is_draining) = (service["status"] == "ACTIVE", self.drained.is_running(arn(service)));
        if (operation == "CreateService" || is_there)
            && has_taken_name(request, name.unwrap_or_default(), world).await?
        {
            return Ok(Some(("InvalidParameterException", "SC service is already used by the namespace.")));
        }
        Ok(match operation {
            "CreateService" if is_there => {
                Some(("InvalidParameterException", "Creation of service was not idempotent."))
            }
            "CreateService" if is_draining => {
                Some(("InvalidParameterException", "Unable to Start a service that is still Draining."))
            }
            "UpdateService" if service.is_object() && !is_there => {
                Some(("ServiceNotActiveException", "Service was not ACTIVE."))
            }
            "DeleteService" if service.is_object() && !is_there && !is_draining => {
                Some(("ServiceNotFoundException", "Service not found."))
            }
            "DeleteService" => None,
            "UpdateService" if has_code_deploy(service) && makes_deployment(request) => Some((
                "InvalidParameterException",
                "Unable to update task definition on services with a CODE_DEPLOY deployment controller. Use AWS CodeDeploy \
                 to trigger a new deployment.",
            )),
            "CreateService" => match unfit_for_code_deploy(request) {
                None => revision(request, world).await?,
                refusal => refusal,
            },
            _ => revision(request, world).await?,
        })
    }

    fn show(&self, service: &mut Value) {
        if service["status"] == "INACTIVE" && self.drained.is_running(arn(service)) {
            service["status"] = json!("DRAINING");
            return;
        }
        let is_new = self.made.is_running(arn(service));
        if is_new || self.changed.is_running(arn(service)) {
            begin(service, is_new);
        }
    }
}

fn has_code_deploy(service: &Value) -> bool {
    service["deploymentController"]["type"] == "CODE_DEPLOY"
}

/// What the controller `CODE_DEPLOY` does without, and what not (ECS API reference, `CreateService`, `deploymentController`,
/// `loadBalancers`; ECS developer guide, "Service Connect concepts", and "How the Amazon ECS deployment circuit breaker
/// detects failures").
fn unfit_for_code_deploy(request: &Request) -> Refusal {
    let body = request.parameters.json().filter(has_code_deploy)?;
    let refused = |message| Some(("InvalidParameterException", message));
    if body["serviceConnectConfiguration"]["enabled"] == true {
        return refused("Service Connect is not supported with the CODE_DEPLOY deployment controller.");
    }
    if body["deploymentConfiguration"]["deploymentCircuitBreaker"]["enable"] == true {
        return refused("DeploymentCircuitBreaker feature can only be configured with ECS deployment controller.");
    }
    if body["loadBalancers"].as_array().is_none_or(|all| all.len() != 1) {
        return refused("A load balancer is required when using the CODE_DEPLOY deployment controller.");
    }
    None
}

/// The Service Connect of a call, if it is on.
fn connects(request: &Request) -> Option<Value> {
    let body = request.parameters.json()?;
    Some(body["serviceConnectConfiguration"].clone()).filter(|connect| connect["enabled"] == true)
}

/// What Cloud Map calls a service (ECS API reference, `ServiceConnectService`, `discoveryName`).
fn discovered(connect: &Value) -> Vec<&str> {
    let services = connect["services"].as_array().into_iter().flatten();
    services.filter_map(|one| one["discoveryName"].as_str().or(one["portName"].as_str())).collect()
}

/// Whether another service of the cluster has a name in the namespace that a call asks for.
async fn has_taken_name(request: &Request, name: &str, world: &World) -> Result<bool, Broken> {
    let Some(connect) = connects(request) else { return Ok(false) };
    let ask = async |operation: &str, body: &Value| {
        look::json(world, &request.call, &format!("{TARGET}.{operation}"), body).await
    };
    let cluster = request.parameters.text("cluster");
    let listed = ask("ListServices", &json!({"cluster": cluster, "maxResults": 100})).await?;
    let found = ask("DescribeServices", &json!({"cluster": cluster, "services": listed["serviceArns"]})).await?;
    let others = found["services"].as_array().into_iter().flatten();
    let others =
        others.filter(|other| other["status"] == "ACTIVE" && other["serviceName"] != name && arn(other) != name);
    let mut theirs = others.map(|other| &other["deployments"][0]["serviceConnectConfiguration"]);
    Ok(theirs.any(|their| {
        their["enabled"] == true
            && their["namespace"] == connect["namespace"]
            && discovered(their).iter().any(|name| discovered(&connect).contains(name))
    }))
}

/// Nothing is run in a cluster that is deleted; the local AWS goes on.
async fn cluster(request: &Request, world: &World) -> Result<Refusal, Broken> {
    let asked = json!({"clusters": [request.parameters.text("cluster").unwrap_or("default")]});
    let found = look::json(world, &request.call, &format!("{TARGET}.DescribeClusters"), &asked).await?;
    let is_there = found["clusters"][0]["status"] == "ACTIVE";
    Ok((!is_there).then_some(("ClusterNotFoundException", "Cluster not found.")))
}

/// A revision that is deregistered is run by nobody new (ECS developer guide, "Deregistering an Amazon ECS task definition
/// revision").
async fn revision(request: &Request, world: &World) -> Result<Refusal, Broken> {
    let Some(revision) = request.parameters.text("taskDefinition") else { return Ok(None) };
    let target = format!("{TARGET}.DescribeTaskDefinition");
    let found = look::json(world, &request.call, &target, &json!({"taskDefinition": revision})).await?;
    let is_inactive = found["taskDefinition"]["status"] == "INACTIVE";
    Ok(is_inactive.then_some(("ClientException", "TaskDefinition is inactive")))
}

fn arn(service: &Value) -> &str {
    service["serviceArn"].as_str().unwrap_or_default()
}

/// ECS API reference, `UpdateService`: another number of tasks is no new deployment.
fn makes_deployment(request: &Request) -> bool {
    let texts = request.parameters.texts();
    let makes = [
        "forceNewDeployment",
        "loadBalancers",
        "networkConfiguration",
        "platformVersion",
        "serviceRegistries",
        "taskDefinition",
    ];
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
    let sets = service["taskSets"].as_array_mut();
    if let Some(set) = sets.into_iter().flatten().find(|set| set["status"] == "PRIMARY") {
        (set["runningCount"], set["pendingCount"]) = (json!(0), wanted.clone());
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
