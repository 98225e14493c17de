//! What several kinds are built on.

use std::collections::{BTreeMap, BTreeSet};

use aws::resources::{
    AvailabilityZones, Balancer, Container, ContainerLog, ContainerPort, Controller, EcsCluster, EcsService,
    HealthCheck, HostedZone, InternetGateway, InternetGatewayAttachment, Listener, ListenerAction, LoadBalancer,
    LogGroup, Role, SecurityGroup, ServiceTarget, Subnet, TargetGroup, TaskDefinition, Vpc, Wanted,
};
use aws::{Account, PolicyDocument};
use engine::{Handle, Id, Scope};
use serde_json::{Value, json};
use testing::World;

/// A network. All have the same addresses, so that one can be changed for another.
pub(crate) fn vpc(scope: &mut Scope<'_, Account>, name: &str) -> Handle<Vpc> {
    scope.add(name, (), |()| Vpc { cidr: "10.20.0.0/16".parse().ok(), dns_hostnames: true, dns_support: true })
}

/// A network with a way to the internet.
pub(crate) fn vpc_with_gateway(scope: &mut Scope<'_, Account>) -> (Handle<Vpc>, Handle<InternetGatewayAttachment>) {
    let (vpc, gateway) = (vpc(scope, "main"), scope.add("main", (), |()| InternetGateway {}));
    let attached = scope.add("main", (gateway, vpc), |(gateway, vpc)| InternetGatewayAttachment { gateway, vpc });
    (vpc, attached)
}

/// Two zones.
pub(crate) fn zones(scope: &mut Scope<'_, Account>) -> Handle<AvailabilityZones> {
    scope.add("main", (), |()| AvailabilityZones { wanted: Wanted::Count(2), subnets: Vec::new() })
}

/// A subnet with the addresses `10.20.<third>.0/24`.
pub(crate) fn subnet(scope: &mut Scope<'_, Account>, name: &str, vpc: Handle<Vpc>, third: u8) -> Handle<Subnet> {
    subnet_in(scope, name, vpc, third, "us-west-1a")
}

/// The same in another zone.
pub(crate) fn subnet_in(
    scope: &mut Scope<'_, Account>,
    name: &str,
    vpc: Handle<Vpc>,
    third: u8,
    zone: &'static str,
) -> Handle<Subnet> {
    scope.add(name, vpc, move |vpc| Subnet {
        vpc,
        cidr: format!("10.20.{third}.0/24").parse().ok(),
        zone: zone.into(),
        map_public_ip_on_launch: false,
    })
}

/// A public zone.
pub(crate) fn zone(scope: &mut Scope<'_, Account>, domain: &str) -> Handle<HostedZone> {
    scope.add(domain, (), |()| HostedZone { comment: None })
}

/// Two load balancers inside a network.
pub(crate) fn load_balancers(scope: &mut Scope<'_, Account>, vpc: Handle<Vpc>) -> [Handle<LoadBalancer>; 2] {
    let subnets = [("a", "us-west-1a"), ("b", "us-west-1b")];
    let subnets: Vec<_> =
        subnets.into_iter().zip(0..).map(|((name, zone), third)| subnet_in(scope, name, vpc, third, zone)).collect();
    let group = security_group(scope, "alb", vpc);
    ["main", "other"].map(|name| {
        scope.add(name, (subnets.clone(), group), |(subnets, group)| LoadBalancer {
            subnets: subnets.into_iter().collect(),
            security_groups: [group].into(),
            scheme: "internal".into(),
            ip_type: "ipv4".into(),
            deletion_protected: false,
            drops_invalid_headers: true,
            idle_timeout_seconds: 60,
            access_logs: None,
        })
    })
}

/// A target group.
pub(crate) fn target_group(scope: &mut Scope<'_, Account>, name: &str, vpc: Handle<Vpc>) -> Handle<TargetGroup> {
    scope.add(name, vpc, |vpc| TargetGroup {
        vpc,
        port: 8080,
        protocol: "HTTP".into(),
        target_type: "ip".into(),
        health_check: HealthCheck {
            path: "/".into(),
            interval_seconds: 30,
            timeout_seconds: 5,
            healthy_after: 2,
            unhealthy_after: 2,
            good_statuses: "200".into(),
        },
        deregistration_delay_seconds: 30,
    })
}

/// A security group without rules.
pub(crate) fn security_group(scope: &mut Scope<'_, Account>, name: &str, vpc: Handle<Vpc>) -> Handle<SecurityGroup> {
    scope.add(name, vpc, |vpc| SecurityGroup::new(vpc, "a group"))
}

/// A role of a service of AWS that may do nothing.
pub(crate) fn role(scope: &mut Scope<'_, Account>, name: &str, service: &str) -> Handle<Role> {
    let principal = json!({"Service": service});
    let statement = json!({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"});
    let trust: PolicyDocument = json!({"Version": "2012-10-17", "Statement": [statement]}).into();
    scope.add(name, (), move |()| Role {
        trust: trust.clone(),
        policies: BTreeMap::new(),
        attached: BTreeSet::new(),
        boundary: None,
    })
}

/// A log group.
pub(crate) fn group(scope: &mut Scope<'_, Account>, name: &str) -> Handle<LogGroup> {
    scope.add(name, (), |()| LogGroup { retention_days: Some(30), key: None })
}

/// A cluster.
pub(crate) fn cluster(scope: &mut Scope<'_, Account>, name: &str) -> Handle<EcsCluster> {
    scope.add(name, (), |()| EcsCluster {
        providers: BTreeSet::from(["FARGATE".into()]),
        strategy: BTreeMap::new(),
        insights: "disabled".into(),
        command_log: None,
        namespace: None,
    })
}

/// A small task with one container, which runs an image by this tag.
pub(crate) fn task(execution_role: Id<Role>, group: Id<LogGroup>, tag: &str) -> TaskDefinition {
    let options = [("awslogs-region", "us-west-1"), ("awslogs-stream-prefix", "web")];
    let container = Container {
        image: Id::new(format!("111122223333.dkr.ecr.us-west-1.amazonaws.com/web:{tag}")),
        port: Some(ContainerPort { number: 80, name: Some("http".into()), protocol: Some("http".into()) }),
        environment: BTreeMap::new(),
        secrets: BTreeMap::new(),
        log: Some(ContainerLog { group, options: options.map(|(name, value)| (name.into(), value.into())).into() }),
        stop_timeout: None,
        read_only_root: true,
        user: None,
        init_process: true,
    };
    TaskDefinition {
        cpu: 256,
        memory: 512,
        architecture: "X86_64".into(),
        storage: None,
        execution_role,
        task_role: None,
        containers: BTreeMap::from([("web".into(), container)]),
        others: BTreeSet::new(),
    }
}

/// Where a service is that `CodeDeploy` brings out: what its tasks are made from, and what leads to them.
#[derive(Clone, Copy)]
pub(crate) struct BlueGreen {
    pub(crate) vpc: Handle<Vpc>,
    pub(crate) balancer: Handle<LoadBalancer>,
    pub(crate) parts: (Handle<Role>, Handle<LogGroup>),
    pub(crate) cluster: Handle<EcsCluster>,
    pub(crate) inside: (Handle<Subnet>, Handle<SecurityGroup>),
    pub(crate) groups: (Handle<TargetGroup>, Handle<TargetGroup>),
    pub(crate) listener: Handle<Listener>,
}

/// A place for one, in its own network, with a listener that leads there.
pub(crate) fn blue_green(scope: &mut Scope<'_, Account>) -> BlueGreen {
    let vpc = vpc(scope, "main");
    let [balancer, _] = load_balancers(scope, vpc);
    let groups = (target_group(scope, "web", vpc), target_group(scope, "web-green", vpc));
    let listener = scope.add("web", (balancer, groups), |(balancer, (first, second)): (Balancer, _)| Listener {
        load_balancer: balancer.arn,
        port: 8080,
        protocol: "HTTP".into(),
        certificate: None,
        tls_policy: None,
        action: ListenerAction::ForwardEither { first, second },
    });
    let inside = (subnet(scope, "tasks", vpc, 9), security_group(scope, "tasks", vpc));
    let parts = (role(scope, "execution", "ecs-tasks.amazonaws.com"), group(scope, "web"));
    BlueGreen { vpc, balancer, parts, cluster: cluster(scope, "main"), inside, groups, listener }
}

/// The service of a node in that place, which runs an image by this tag.
pub(crate) fn blue_green_service(
    scope: &mut Scope<'_, Account>,
    name: &'static str,
    place: BlueGreen,
    tag: &'static str,
    count: i32,
) -> (Handle<TaskDefinition>, Handle<EcsService>) {
    let definition = scope.add(name, place.parts, move |(role, group)| task(role, group, tag));
    let inputs = (place.parts, definition, place.cluster, place.inside, place.groups, place.listener);
    let service = scope.add(
        name,
        inputs,
        move |((role, group), task_definition, cluster, (subnet, security_group), (blue, green), _)| EcsService {
            cluster,
            controller: Controller::CodeDeploy { target_groups: [blue.clone(), green].into() },
            task_definition,
            content: task(role, group, tag).content(),
            desired_count: count,
            scaled_from: None,
            waits_for_image: false,
            subnets: [subnet].into(),
            security_groups: [security_group].into(),
            public_address: false,
            platform_version: "LATEST".into(),
            target: Some(ServiceTarget { group: blue, container: "web".into(), port: 80 }),
            grace_seconds: 60,
            circuit_breaker: false,
            execute_command: false,
            zone_rebalancing: false,
            connect: None,
            registry: None,
        },
    );
    (definition, service)
}

/// Has a task of a service start that ends as one that never answers, with a word in its log; gives its id. `starter` is Python
/// that says by what it is started.
pub(crate) fn a_task_dies(world: &World, starter: &str) -> Value {
    const DIES: &str = "
import time
[task] = containers.run_task(cluster='main', launchType='FARGATE', **starter)['tasks']
id = task['taskArn'].split('/')[-1]
place = dict(logGroupName='/orgstrap/dev/web', logStreamName=f'web/web/{id}')
logs.create_log_stream(**place)
logs.put_log_events(logEvents=[{'timestamp': int(time.time() * 1000), 'message': 'no database'}], **place)
containers.stop_task(cluster='main', task=id, reason='Task failed ELB health checks in (target-group web)')
id";
    world.boto3(&format!("{starter}\n{DIES}"))
}
