//! A service: so many tasks that are kept running.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ecs::types::{
    AvailabilityZoneRebalancing, Deployment, DeploymentController, LaunchType, LoadBalancer, PropagateTags, Service,
};
use engine::{Class, Cx, Error, Found, Id, Key, Resource, Result, Tags};
use futures_util::FutureExt;
use futures_util::future::try_join_all;
use serde::Serialize;

use super::containers::{tag, tags_of, tags_to, taken, unbuilt};
use super::ecs_cluster::LINKED_ROLE;
use super::services::{self, cluster_of, one, parts};
use super::task_definition::{content_of, wanted};
use super::{
    DiscoveryService, EcsCluster, HttpNamespace, SecurityGroup, Subnet, TargetGroup, TaskDefinition, creation, steady,
    traffic,
};
use crate::edge::{Edge, unless_gone};
use crate::{Account, Grant, Permissions};

/// A service of Fargate tasks. It is called as its node is.
#[derive(Debug, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a setting of its own")]
pub struct EcsService {
    /// Where it runs.
    pub cluster: Id<EcsCluster>,
    /// Who brings a new revision out.
    pub controller: Controller,
    /// What it runs: the family,
    pub task_definition: Id<TaskDefinition>,
    /// and the [content](TaskDefinition::content) of the revision.
    pub content: String,
    /// How many tasks.
    pub desired_count: i32,
    /// From how many on the number is autoscaling's: what it began with is no difference then. None: it is not scaled.
    #[serde(skip)]
    pub scaled_from: Option<i32>,
    /// Whether what it should run is not pushed. Then what runs stays.
    #[serde(skip)]
    pub waits_for_image: bool,
    /// Where tasks have their addresses.
    pub subnets: BTreeSet<Id<Subnet>>,
    /// The security groups of tasks.
    pub security_groups: BTreeSet<Id<SecurityGroup>>,
    /// Whether tasks have public addresses too.
    pub public_address: bool,
    /// The version of Fargate: `LATEST`, or one such as `1.4.0`.
    pub platform_version: String,
    /// Where tasks are registered.
    pub target: Option<ServiceTarget>,
    /// For how many seconds a new task may fail the checks of its target group; 0 without one.
    pub grace_seconds: i32,
    /// Whether a deployment that does not succeed is taken back.
    pub circuit_breaker: bool,
    /// Whether commands can be executed in its containers.
    pub execute_command: bool,
    /// Whether tasks are moved so that zones have equally many.
    pub zone_rebalancing: bool,
    /// How other services find it, and it them.
    pub connect: Option<ServiceConnect>,
    /// The name under which its tasks are found by DNS.
    pub registry: Option<Id<DiscoveryService>>,
}

/// Who brings a new revision out (ECS API reference, `DeploymentController`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "snake_case")]
pub enum Controller {
    /// ECS, task by task.
    Rolling,
    /// `CodeDeploy`. Once the service is there, all but the number of tasks and the time of grace is its business and is not
    /// compared: `UpdateService` refuses to change it. The circuit breaker, the moving of tasks between zones and Service
    /// Connect are ECS's own, and it has none of them.
    CodeDeploy {
        /// The two groups that its tasks are in, by turns. A service whose tasks are in another one cannot be brought over.
        target_groups: BTreeSet<Id<TargetGroup>>,
    },
}

/// Where the tasks of a service are registered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ServiceTarget {
    /// The target group.
    pub group: Id<TargetGroup>,
    /// The container that answers.
    pub container: String,
    /// Its port.
    pub port: i32,
}

/// Service Connect (ECS developer guide, "Use Service Connect to connect Amazon ECS services with short names").
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ServiceConnect {
    /// The namespace in which services know each other.
    pub namespace: Id<HttpNamespace>,
    /// What it offers, by the names of its containers' ports; nothing: it only calls others.
    pub services: BTreeMap<String, ClientAlias>,
}

/// What others call a port of a service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ClientAlias {
    /// What Cloud Map calls it, as no other port in the namespace; lowercase letters, digits, `_` and `-`, 64 at most (ECS API
    /// reference, `ServiceConnectService`, `discoveryName`).
    pub discovery: String,
    /// The name.
    pub name: String,
    /// The port.
    pub port: i32,
}

impl Resource for EcsService {
    const KIND: &'static str = "ecs-service";
    const FIXED: &'static [&'static str] = &["cluster", "controller"];
    type Cloud = Account;
    /// The service's ARN, which has the cluster's name in it.
    type Output = Id<Self>;

    async fn owned(cx: &Cx<'_, Account>) -> Result<Vec<(Key, Found<Self>)>> {
        let all = services::all(cx).await?;
        let ours = all.iter().filter_map(|service| {
            let key = services::owner(service, cx)?;
            Some(async move { Ok((key, found(service, cx).await?)) }.boxed())
        });
        try_join_all(ours).await
    }

    async fn find(&self, cx: &Cx<'_, Account>) -> Result<Option<Found<Self>>> {
        let all = services::all(cx).await?;
        let mine: Vec<&Service> =
            all.iter().filter(|service| services::owner(service, cx).as_ref() == Some(cx.key)).collect();
        let service = match mine.as_slice() {
            [] => return Ok(None),
            [service] => *service,
            [one, other, ..] => {
                let arn = |service: &Service| service.service_arn().unwrap_or_default().to_owned();
                let message = format!("two services claim to be {}: {} and {}", cx.key, arn(one), arn(other));
                return Err(Error::new(Class::Invalid, message)
                    .hint("look which of them is in use, and delete the other one or its tag orgstrap:key"));
            }
        };
        let mut found = found(service, cx).await?;
        // A service that began without an image has no tasks, and autoscaling does not start the first.
        if self.scaled_from.is_some_and(|least| found.actual.desired_count >= least) {
            found.actual.desired_count = self.desired_count;
        }
        if self.waits_for_image && found.actual.desired_count > 0 {
            cx.tell("what it should run is not pushed yet: what runs stays until it is");
            found.actual.desired_count = self.desired_count;
            found.actual.content.clone_from(&self.content);
        }
        if let (Controller::CodeDeploy { target_groups: wanted }, Controller::CodeDeploy { target_groups: used }) =
            (&self.controller, &found.actual.controller)
        {
            if used.is_subset(wanted) {
                found.actual.controller = self.controller.clone();
            }
            self.leave_to_code_deploy(&mut found.actual, cx);
        }
        Ok(Some(found))
    }

    async fn create(&self, cx: &Cx<'_, Account>) -> Result<Id<Self>> {
        let (cluster, name) = (self.cluster.get()?, &cx.key.name);
        let before = match one(cluster, name, cx).await? {
            Some(other) if other.status() == Some("ACTIVE") => {
                return Err(taken(&format!("service {name}"), &tags_of(other.tags()), cx));
            }
            Some(other) if other.status() == Some("DRAINING") => {
                cx.waiting("its predecessor's tasks to end");
                return Err(Error::new(Class::NotYet, format!("the deleted service {name} is still draining")));
            }
            before => before.iter().map(life).collect(),
        };
        let revision = wanted(&self.task_definition, &self.content, cx).await?.arn;
        let balancers = self.balancers(cx).await?;
        let parameters = serde_json::to_string(self).map_err(unbuilt)?;
        let create = |token: String| {
            let (revision, token) = (revision.clone(), token.chars().take(TOKEN).collect::<String>());
            let balancers = balancers.clone();
            async move {
                let call = self.call(revision, cx)?.set_load_balancers(balancers);
                let made = call.client_token(token).send().await.edge()?;
                let made = made.service.as_ref().map(life).map(Id::new);
                made.ok_or_else(|| Error::new(Class::Other, format!("ECS answered without service {name}")))
            }
            .boxed()
        };
        let is_there = |made: Id<Self>| {
            async move {
                let service = one(cluster, name, cx).await?;
                // A predecessor of that name may be shown for a moment.
                let service = service.filter(|service| made.known() == Some(life(service).as_str()));
                let service = service.ok_or_else(|| Error::new(Class::NotFound, "the service is not listed"))?;
                Ok(service.status() == Some("ACTIVE"))
            }
            .boxed()
        };
        let made = creation::with_token(cx, &[&parameters, &revision], before, create, is_there).await?;
        Ok(Id::new(made.get()?.split(' ').next().unwrap_or_default()))
    }

    /// Only what differs is in the call: whatever else is in it may be a new deployment (ECS API reference,
    /// `UpdateService`).
    async fn update(&self, found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let (arn, actual) = (found.output.get()?, &found.actual);
        let mut call = cx.ecs().update_service().cluster(cluster_of(arn)).service(arn);
        if self.content != actual.content || self.task_definition != actual.task_definition {
            call = call.task_definition(wanted(&self.task_definition, &self.content, cx).await?.arn);
        }
        if self.desired_count != actual.desired_count {
            call = call.desired_count(self.desired_count);
        }
        let network = |of: &Self| (of.subnets.clone(), of.security_groups.clone(), of.public_address);
        if network(self) != network(actual) {
            call = call.network_configuration(parts::network(self)?);
        }
        if self.platform_version != actual.platform_version {
            call = call.platform_version(&self.platform_version);
        }
        if self.target != actual.target {
            call = call.set_load_balancers(Some(parts::balancers(self)?));
        }
        if self.grace_seconds != actual.grace_seconds {
            call = call.health_check_grace_period_seconds(self.grace_seconds);
        }
        if self.circuit_breaker != actual.circuit_breaker {
            call = call.deployment_configuration(parts::deployment(self));
        }
        if self.execute_command != actual.execute_command {
            // By itself it is not for tasks that run already (ECS API reference, `UpdateService`, `enableExecuteCommand`).
            call = call.enable_execute_command(self.execute_command).force_new_deployment(true);
        }
        if self.zone_rebalancing != actual.zone_rebalancing {
            call = call.availability_zone_rebalancing(rebalancing(self));
        }
        if self.connect != actual.connect {
            call = call.service_connect_configuration(parts::connect(self)?);
        }
        if self.registry != actual.registry {
            call = call.set_service_registries(Some(parts::registries(self)?));
        }
        let changed = call.send().await.edge()?;
        let deployment = changed.service().and_then(parts::primary).and_then(Deployment::id);
        cx.unless_cancelled(steady::shown(arn, deployment, cx)).await
    }

    async fn tag(found: &Found<Self>, tags: &Tags, cx: &Cx<'_, Account>) -> Result<()> {
        tag(found.output.get()?, tags, cx).await
    }

    async fn ready(output: &Id<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        steady::wait(output.get()?, cx).await
    }

    /// Whatever runs is stopped. It drains for as long as its target group takes to let go of it, and its tasks to end.
    async fn delete(found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let arn = found.output.get()?;
        let call = cx.ecs().delete_service().cluster(cluster_of(arn)).service(arn).force(true);
        unless_gone(call.send().await.edge().map(drop))?;
        cx.unless_cancelled(steady::gone(arn, cx)).await
    }
}

/// ECS API reference, `CreateService`, `clientToken`: "Up to 36 ASCII characters".
const TOKEN: usize = 36;

/// The services of the account.
const SERVICES: &[&str] = &["arn:aws:ecs:{region}:{account}:service/*"];

impl Permissions for EcsService {
    /// Beside its own the reads are those of its clusters and revisions. Which group gets requests is the listeners' to read.
    const READS: &'static [Grant] = &[
        Grant::on(SERVICES, &["ecs:DescribeServices"]),
        Grant::on(&["arn:aws:ecs:{region}:{account}:cluster/*"], &["ecs:DescribeClusters"]),
        Grant::everywhere(&[
            "ecs:DescribeTaskDefinition",
            "ecs:ListClusters",
            "ecs:ListServices",
            "ecs:ListTaskDefinitions",
        ]),
    ];
    const CHANGES: &'static [Grant] = &[
        Grant::on(SERVICES, &["ecs:CreateService", "ecs:DeleteService", "ecs:TagResource", "ecs:UpdateService"]),
        // What its tasks die of.
        Grant::everywhere(&["ecs:ListTasks", "elasticloadbalancing:DescribeTargetHealth"]),
        Grant::on(&["arn:aws:ecs:{region}:{account}:task/*"], &["ecs:DescribeTasks"]),
        Grant::on(&["arn:aws:logs:{region}:{account}:log-group:/orgstrap/*"], &["logs:GetLogEvents"]),
        LINKED_ROLE,
    ];
}

impl EcsService {
    /// Where tasks are registered. Where `CodeDeploy` moves a service between two groups, it begins in the one that gets
    /// requests: a service that is made anew may find them where its predecessor was.
    async fn balancers(&self, cx: &Cx<'_, Account>) -> Result<Option<Vec<LoadBalancer>>> {
        let mut all = parts::balancers(self)?;
        if let Controller::CodeDeploy { target_groups } = &self.controller
            && let Some(group) = traffic::leading(target_groups, cx).await?
        {
            for balancer in &mut all {
                balancer.target_group_arn = group.known().map(str::to_owned);
            }
        }
        Ok(Some(all).filter(|all| !all.is_empty()))
    }

    fn call(
        &self,
        revision: String,
        cx: &Cx<'_, Account>,
    ) -> Result<aws_sdk_ecs::operation::create_service::builders::CreateServiceFluentBuilder> {
        let call = cx.ecs().create_service().cluster(self.cluster.get()?).service_name(&cx.key.name);
        let call = call.task_definition(revision).desired_count(self.desired_count).set_tags(Some(tags_to(cx.tags)));
        let call = call.network_configuration(parts::network(self)?).platform_version(&self.platform_version);
        let registries = Some(parts::registries(self)?).filter(|registries| !registries.is_empty());
        let call = call.set_service_registries(registries);
        let grace = Some(self.grace_seconds).filter(|seconds| *seconds > 0);
        let call = call.set_health_check_grace_period_seconds(grace).propagate_tags(PropagateTags::Service);
        let call = call.enable_execute_command(self.execute_command).enable_ecs_managed_tags(true);
        let controller = DeploymentController::builder().r#type(parts::controller(&self.controller));
        let call = call.deployment_controller(controller.build().map_err(unbuilt)?);
        Ok(match &self.controller {
            // Without a launch type the cluster shares tasks among its providers.
            Controller::Rolling => {
                let connect = self.connect.is_some().then(|| parts::connect(self)).transpose()?;
                let call = call.set_service_connect_configuration(connect);
                call.deployment_configuration(parts::deployment(self)).availability_zone_rebalancing(rebalancing(self))
            }
            Controller::CodeDeploy { .. } => call.launch_type(LaunchType::Fargate),
        })
    }

    fn leave_to_code_deploy(&self, actual: &mut Self, cx: &Cx<'_, Account>) {
        if self.execute_command != actual.execute_command {
            cx.tell(
                "whether commands can be executed in its containers stays as it was made: CodeDeploy cannot change it",
            );
        }
        actual.task_definition.clone_from(&self.task_definition);
        actual.content.clone_from(&self.content);
        actual.subnets.clone_from(&self.subnets);
        actual.security_groups.clone_from(&self.security_groups);
        actual.public_address = self.public_address;
        actual.platform_version.clone_from(&self.platform_version);
        actual.target.clone_from(&self.target);
        actual.circuit_breaker = self.circuit_breaker;
        actual.execute_command = self.execute_command;
        actual.zone_rebalancing = self.zone_rebalancing;
        actual.connect.clone_from(&self.connect);
        actual.registry.clone_from(&self.registry);
    }
}

fn rebalancing(service: &EcsService) -> AvailabilityZoneRebalancing {
    if service.zone_rebalancing { AvailabilityZoneRebalancing::Enabled } else { AvailabilityZoneRebalancing::Disabled }
}

/// One of the services that a name has had one after the other: its ARN, which they share, and when it was made.
fn life(service: &Service) -> String {
    let created = service.created_at().map(|at| at.as_nanos().to_string());
    format!("{} {}", service.service_arn().unwrap_or_default(), created.unwrap_or_default())
}

async fn found(service: &Service, cx: &Cx<'_, Account>) -> Result<Found<EcsService>> {
    let content = content_of(parts::revision(service), cx).await?;
    let actual = parts::actual(service, content);
    Ok(Found {
        output: Id::new(service.service_arn().unwrap_or_default()),
        actual,
        tags: Some(tags_of(service.tags())),
    })
}
