//! The services of an account: a cluster of Fargate, and for each service its log group, its task definition, its tasks
//! behind the load balancer and what scales them.

use std::collections::{BTreeMap, BTreeSet};

use aws::Account;
use aws::resources::{
    AccountReady, Balancer, ClientAlias, ContainerImage, Controller, DbEndpoint, DeploymentGroup, DiscoveryService,
    EcsCluster, EcsRollout, EcsService, HttpNamespace, Image, InterfaceEndpoint, KeyPolicy, Listener, ListenerRule,
    LogGroup, Metric, PrivateDnsNamespace, RouteTableAssociation, ScalableTarget, ScalingPolicy, Secret, SecurityGroup,
    ServiceConnect, ServiceTarget, Share, Subnet, TargetGroup, TaskDefinition,
};
use engine::{Handle, Id, Inputs, Scope};
use fleet::{Fleet, RenderError, Scale, SecretRef, names};

use crate::common::Shared;
use crate::keys;
use crate::load_balancer::{Balancing, Targets};
use crate::network::Place;
use crate::rewrites::Rewrites;
use crate::rollouts;
use crate::secrets::Secrets;
use crate::security_groups::Groups;
use crate::service_roles::Roles;
use crate::task::{self, PORT, Task};
use crate::templates::Templates;

/// The node of what an account has one of.
const ONLY: &str = "main";

/// The node of the key of the logs.
const LOGS_KEY: &str = "logs";

/// The log group of what is done in containers by hand.
const EXEC: &str = "exec";

/// What services are made of.
pub(crate) struct Around<'a> {
    pub(crate) fleet: &'a Fleet,
    pub(crate) account: &'a fleet::Account,
    pub(crate) member: Handle<AccountReady>,
    pub(crate) place: &'a Place,
    pub(crate) groups: &'a Groups,
    pub(crate) balancing: &'a Balancing,
    pub(crate) database: Option<Handle<DbEndpoint>>,
    pub(crate) endpoints: &'a [Handle<InterfaceEndpoint>],
    pub(crate) roles: &'a Roles,
    pub(crate) secrets: &'a Secrets,
    pub(crate) shared: &'a Shared,
    pub(crate) rewrites: &'a Rewrites,
}

/// What all services of an account are in.
struct Common {
    cluster: Handle<EcsCluster>,
    namespace: Handle<HttpNamespace>,
    key: Handle<KeyPolicy>,
    /// Where services are found by DNS: where there is one without Service Connect, which it cannot be found by and cannot
    /// find others by.
    domain: Option<Handle<PrivateDnsNamespace>>,
}

/// For how many seconds the address of a task may be remembered.
const TTL: i64 = 10;

/// Adds the cluster and the services.
pub(crate) fn add(scope: &mut Scope<'_, Account>, around: &Around<'_>) -> Result<(), RenderError> {
    let templates = Templates::new(around.fleet, around.account);
    let key = keys::of_logs(scope, LOGS_KEY, around.member, &templates, around.rewrites)?;
    let days = around.account.services.values().map(|service| service.log_days).max();
    let command_log = scope.add(EXEC, key, move |key| LogGroup { retention_days: days, key: Some(key) });
    let namespace = scope.add(ONLY, (), |()| HttpNamespace {});
    let cluster = scope.add(ONLY, (command_log, namespace), |(log, namespace)| EcsCluster {
        providers: ["FARGATE", "FARGATE_SPOT"].map(str::to_owned).into(),
        strategy: BTreeMap::from([("FARGATE".to_owned(), Share { base: 0, weight: 1 })]),
        insights: "enhanced".to_owned(),
        command_log: Some(log),
        namespace: Some(namespace),
    });
    let (account, vpc) = (around.account, around.place.vpc);
    let domain = account.services.keys().any(|name| account.pipelines.contains_key(name));
    let domain =
        domain.then(|| scope.add(names::internal_domain(&account.name), vpc, |vpc| PrivateDnsNamespace { vpc }));
    let common = Common { cluster, namespace, key, domain };
    for (name, service) in &around.account.services {
        one(scope, around, &common, name, service);
    }
    Ok(())
}

/// One service, if all of its parts are in the graph.
fn one(
    scope: &mut Scope<'_, Account>,
    around: &Around<'_>,
    common: &Common,
    name: &str,
    service: &fleet::Service,
) -> Option<()> {
    let (days, balancing) = (service.log_days, around.balancing);
    let image = *around.shared.images.get(&(service.image.clone(), service.tag.clone()))?;
    let (execution, own) = (*around.roles.execution.get(name)?, *around.roles.task.get(name)?);
    let (Targets { first, other }, group) = (*balancing.targets.get(name)?, *around.groups.services.get(name)?);
    let database = around.database.filter(|_| service.database);
    let log =
        scope.add(log_group(name), common.key, move |key| LogGroup { retention_days: Some(days), key: Some(key) });
    let (variables, secrets) = secrets(service, around);
    let task = Task::of(around.account, name, service, variables);
    let parts = (image, execution, own, log, secrets, database);
    let definition = scope.add(name, parts.clone(), {
        let task = task.clone();
        move |values| task.definition(values)
    });
    let desired = Desired { name: name.to_owned(), task, service: service.clone() };
    let leads_here = ((first, other), balancing.default, balancing.rules.get(name).copied());
    let registry =
        common.domain.map(|domain| scope.add(name, domain, |namespace| DiscoveryService { namespace, ttl: TTL }));
    let inside = (around.place.private.clone(), group);
    // Without a way out no image can be pulled.
    let ways_out = (around.place.ways_out.clone(), around.endpoints.to_vec());
    let names = (common.namespace, registry);
    let inputs = (parts.clone(), definition, (common.cluster, names), inside.clone(), leads_here, ways_out);
    let running = scope.add(name, inputs, {
        let desired = desired.clone();
        move |values| desired.service(values)
    });
    if let Some(scale) = &service.scale {
        scaling(scope, name, scale, (running, image, balancing, first));
    }
    if let (Some(role), Some(other)) = (around.roles.deploy.get(name).copied(), other) {
        let rollout = rollouts::Around {
            account: around.account,
            name,
            service: running,
            role,
            groups: (first, other),
            listener: balancing.default,
            rule: balancing.rules.get(name).copied(),
        };
        let group = rollouts::group(scope, &rollout);
        scope.add(name, (parts, definition, running, group, inside), move |values| desired.rollout(values));
    }
    Some(())
}

/// The node of the log group of a service; `execution-logs.json` has it too.
fn log_group(service: &str) -> String {
    format!("service/{service}")
}

/// The variables that a service has from secrets, and these.
fn secrets(service: &fleet::Service, around: &Around<'_>) -> (Vec<String>, Vec<Handle<Secret>>) {
    let of = |secret: &SecretRef| match secret {
        SecretRef::Own(name) => around.secrets.secrets.get(name).copied(),
        SecretRef::Shared(name) => around.shared.secrets.get(name).map(|shared| shared.secret),
    };
    service.secrets.iter().filter_map(|(variable, secret)| Some((variable.clone(), of(secret)?))).unzip()
}

/// What a service should be.
#[derive(Clone)]
struct Desired {
    name: String,
    task: Task,
    service: fleet::Service,
}

type Values = (
    task::Values,
    Id<TaskDefinition>,
    (Id<EcsCluster>, (Id<HttpNamespace>, Option<Id<DiscoveryService>>)),
    Inside,
    ((Id<TargetGroup>, Option<Id<TargetGroup>>), Id<Listener>, Option<Id<ListenerRule>>),
    WaysOut,
);

type Inside = (Vec<Id<Subnet>>, Id<SecurityGroup>);

type RolloutValues = (task::Values, Id<TaskDefinition>, Id<EcsService>, Id<DeploymentGroup>, Inside);

type WaysOut = <(Vec<Handle<RouteTableAssociation>>, Vec<Handle<InterfaceEndpoint>>) as Inputs>::Values;

impl Desired {
    fn service(&self, values: Values) -> EcsService {
        let (parts, task_definition, (cluster, (namespace, registry)), (subnets, group), (targets, _, _), _) = values;
        let (target, other) = targets;
        let is_pushed = parts.0.is_pushed;
        let count = i32::try_from(self.service.count).unwrap_or(i32::MAX);
        let port = i32::from(self.service.port);
        let alias = ClientAlias { discovery: self.name.clone(), name: self.name.clone(), port };
        // What CodeDeploy brings out has neither of ECS's own.
        let is_rolling = other.is_none();
        let controller = other.map_or(Controller::Rolling, |other| Controller::CodeDeploy {
            target_groups: BTreeSet::from([target.clone(), other]),
        });
        let connect = ServiceConnect { namespace, services: BTreeMap::from([(PORT.to_owned(), alias)]) };
        EcsService {
            cluster,
            controller,
            task_definition,
            content: self.task.definition(parts).content(),
            // Before there is an image, everything but tasks can be made.
            desired_count: if is_pushed { count } else { 0 },
            scaled_from: self.service.scale.as_ref().filter(|_| is_pushed).map(|scale| scale.min),
            waits_for_image: !is_pushed,
            subnets: subnets.into_iter().collect(),
            security_groups: BTreeSet::from([group]),
            public_address: false,
            platform_version: "LATEST".to_owned(),
            target: Some(ServiceTarget { group: target, container: self.name.clone(), port }),
            grace_seconds: self.service.grace,
            circuit_breaker: is_rolling,
            execute_command: self.service.exec,
            zone_rebalancing: is_rolling,
            connect: is_rolling.then_some(connect),
            registry,
        }
    }

    fn rollout(&self, (parts, task_definition, service, group, inside): RolloutValues) -> EcsRollout {
        let is_pushed = parts.0.is_pushed;
        let (subnets, security_group) = inside;
        EcsRollout {
            service,
            group,
            content: self.task.definition(parts).content(),
            subnets: subnets.into_iter().collect(),
            security_groups: BTreeSet::from([security_group]),
            task_definition,
            container: self.name.clone(),
            port: i32::from(self.service.port),
            waits_for_image: !is_pushed,
        }
    }
}

/// Seconds in which no tasks are taken away after some were, and in which those that were added count.
const COOLDOWN_IN: i32 = 300;
const COOLDOWN_OUT: i32 = 60;

fn scaling(
    scope: &mut Scope<'_, Account>,
    name: &str,
    scale: &Scale,
    (service, image, balancing, target): (Handle<EcsService>, Handle<ContainerImage>, &Balancing, Handle<TargetGroup>),
) {
    let (min, max) = (scale.min, scale.max);
    let scalable = scope.add(name, (service, image), move |(service, image): (_, Image)| ScalableTarget {
        service,
        // Nothing can run before there is an image.
        min: if image.is_pushed { min } else { 0 },
        max,
        waits_for_image: !image.is_pushed,
    });
    let policy = |target, metric, value: i32| ScalingPolicy {
        target,
        metric,
        value: f64::from(value),
        in_cooldown: COOLDOWN_IN,
        out_cooldown: COOLDOWN_OUT,
    };
    if let Some(percent) = scale.cpu {
        scope.add(format!("{name}-cpu"), scalable, move |target| policy(target, Metric::Cpu, percent));
    }
    if let Some(requests) = scale.requests {
        let inputs = (scalable, balancing.balancer, target);
        scope.add(format!("{name}-requests"), inputs, move |(scalable, balancer, group): (_, Balancer, _)| {
            policy(scalable, Metric::Requests { balancer: balancer.arn, group }, requests)
        });
    }
}
