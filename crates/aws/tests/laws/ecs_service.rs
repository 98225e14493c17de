//! The law of services of ECS.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use aws::Account;
use aws::resources::{
    ClientAlias, Controller, EcsCluster, EcsService, HttpNamespace, LogGroup, Role, SecurityGroup, ServiceConnect,
    ServiceTarget, Subnet, TargetGroup, TaskDefinition,
};
use engine::{Action, Graph, Handle, Id, Key, Resource, Scope};
use serde_json::json;
use testing::{Law, SCOPE, Variant, World, step};

use crate::given;

const OUTSIDE: &str = r#"
import hashlib

def content(revision):
    """What `TaskDefinition::content` says of `given::task`."""
    found = containers.describe_task_definition(taskDefinition=revision)["taskDefinition"]
    [one] = found["containerDefinitions"]
    options = dict(sorted(one["logConfiguration"]["options"].items()))
    container = {
        "image": one["image"], "port": {"number": 80, "name": "http", "protocol": "http"}, "environment": {}, "secrets": {},
        "log": {"group": options.pop("awslogs-group"), "options": options}, "stop_timeout": None, "read_only_root": True,
        "user": None, "init_process": True,
    }
    desired = {
        "cpu": 256, "memory": 512, "architecture": "X86_64", "storage": None, "execution_role": found["executionRoleArn"],
        "task_role": None, "containers": {"web": container},
    }
    return hashlib.sha256(json.dumps(desired, separators=(",", ":")).encode()).hexdigest()[:32]

def shown(service):
    network = service["networkConfiguration"]["awsvpcConfiguration"]
    primary = (service["deployments"] or [{}])[0]
    connect = primary.get("serviceConnectConfiguration", {"enabled": False})
    off = {"deploymentCircuitBreaker": {"enable": False, "rollback": False}}
    breaker = service.get("deploymentConfiguration", off)["deploymentCircuitBreaker"]
    alias = lambda one: {"discovery": one["discoveryName"], "name": one["clientAliases"][0]["dnsName"],
        "port": one["clientAliases"][0]["port"]}
    assert breaker["enable"] == breaker["rollback"] and service["propagateTags"] == "SERVICE"
    return {
        "cluster": service["clusterArn"],
        "controller": {"code-deploy": {"target_groups": [f"arn:aws:elasticloadbalancing:us-west-1:1:targetgroup/{one}/1"
            for one in ["green", "web"]]}} if service["deploymentController"]["type"] == "CODE_DEPLOY" else "rolling",
        "task_definition": service["taskDefinition"].split("/")[-1].split(":")[0],
        "content": content(service["taskDefinition"]),
        "desired_count": service["desiredCount"],
        "subnets": sorted(network["subnets"]),
        "security_groups": sorted(network["securityGroups"]),
        "public_address": network["assignPublicIp"] == "ENABLED",
        "platform_version": service["platformVersion"],
        "target": ([{"group": one["targetGroupArn"], "container": one["containerName"], "port": one["containerPort"]}
            for one in service["loadBalancers"]] or [None])[0],
        "grace_seconds": service.get("healthCheckGracePeriodSeconds", 0),
        "circuit_breaker": breaker["enable"],
        "execute_command": service["enableExecuteCommand"],
        "zone_rebalancing": service.get("availabilityZoneRebalancing") == "ENABLED",
        "connect": {"namespace": connect["namespace"],
            "services": {one["portName"]: alias(one) for one in connect["services"]}} if connect["enabled"] else None,
        "registry": ([one["registryArn"] for one in service["serviceRegistries"]] or [None])[0],
        "tags": {tag["key"]: tag["value"] for tag in service["tags"]},
    }

found = []
for cluster in every(containers, "list_clusters", "clusterArns"):
    arns = every(containers, "list_services", "serviceArns", cluster=cluster)
    if arns:
        found += containers.describe_services(cluster=cluster, services=arns, include=["TAGS"])["services"]
[shown(service) for service in found if service["serviceName"] == name and service["status"] == "ACTIVE"]
"#;

type Two<R> = (Handle<R>, Handle<R>);
type Given = (
    Two<EcsCluster>,
    Handle<HttpNamespace>,
    Two<Subnet>,
    Two<SecurityGroup>,
    (Handle<Role>, Handle<LogGroup>),
    Two<TaskDefinition>,
);

fn given(scope: &mut Scope<'_, Account>) -> Given {
    let clusters = (given::cluster(scope, "main"), given::cluster(scope, "other"));
    let namespace = scope.add("main", (), |()| HttpNamespace {});
    let vpcs = ["main", "other"].map(|name| given::vpc(scope, name));
    let subnets = (given::subnet(scope, "a", vpcs[0], 0), given::subnet(scope, "b", vpcs[0], 1));
    let mut group = |name, vpc| given::security_group(scope, name, vpc);
    let (group, other) = (group("main", vpcs[0]), group("other", vpcs[1]));
    let role = given::role(scope, "execution", "ecs-tasks.amazonaws.com");
    let parts = (role, given::group(scope, "web"));
    let task = |scope: &mut Scope<'_, Account>, name: &'static str| {
        scope.add(name, parts, move |(role, group)| given::task(role, group, name))
    };
    (clusters, namespace, subnets, (group, other), parts, (task(scope, "first"), task(scope, "other")))
}

type Values = <Given as engine::Inputs>::Values;

fn desired((clusters, namespace, (a, b), (group, other), (role, log), tasks): Values, variant: Variant) -> EcsService {
    let target = |name: &str| ServiceTarget { group: group_of(name), container: "web".into(), port: 80 };
    let alias = ClientAlias { discovery: "web".into(), name: "web".into(), port: 80 };
    let connect = ServiceConnect { namespace, services: BTreeMap::from([("http".into(), alias)]) };
    EcsService {
        cluster: variant.fix("cluster", clusters.0, clusters.1),
        controller: variant.fix(
            "controller",
            Controller::Rolling,
            Controller::CodeDeploy { target_groups: ["green", "web"].map(group_of).into() },
        ),
        task_definition: variant.change(tasks.0, tasks.1),
        content: given::task(role, log, variant.change("first", "other")).content(),
        desired_count: variant.change(2, 1),
        scaled_from: None,
        waits_for_image: false,
        subnets: variant.change(BTreeSet::from([a.clone()]), BTreeSet::from([a, b])),
        security_groups: BTreeSet::from([variant.change(group, other)]),
        public_address: variant.change(false, true),
        platform_version: variant.change("LATEST", "1.4.0").into(),
        target: variant.change(Some(target("web")), None),
        grace_seconds: variant.change(60, 0),
        // CodeDeploy has none of these.
        circuit_breaker: variant.change(false, true),
        execute_command: variant.change(true, false),
        zone_rebalancing: variant.change(false, true),
        connect: variant.change(None, Some(connect)),
        registry: variant.change(None, Some(Id::new("arn:aws:servicediscovery:us-west-1:1:service/srv-1"))),
    }
}

fn group_of(name: &str) -> Id<TargetGroup> {
    Id::new(format!("arn:aws:elasticloadbalancing:us-west-1:1:targetgroup/{name}/1"))
}

fn key() -> Key {
    Key::new(SCOPE, EcsService::KIND, "web")
}

#[tokio::test(flavor = "multi_thread")]
async fn it_holds() {
    let world = World::new().await;
    // Those of each cluster are listed and described, and the revision may not be the newest.
    let law = Law::new("web", given, desired, OUTSIDE).named().reads_per_object(4);
    law.holds(&world).await;
}

/// A service of one node's task definition, whose image has this tag.
fn graph(world: &World, tag: &'static str, change: fn(&mut EcsService)) -> Graph<Account> {
    world.graph(|scope| {
        let (clusters, namespace, subnets, groups, parts, _) = given(scope);
        let task = scope.add("web", parts, move |(role, group)| given::task(role, group, tag));
        let inputs = (clusters, namespace, subnets, groups, parts, (task, task));
        scope.add("web", inputs, move |values: Values| {
            let content = given::task(values.4.0.clone(), values.4.1.clone(), tag).content();
            let mut service = EcsService { content, ..desired(values, Variant::First) };
            change(&mut service);
            service
        });
    })
}

const REVISION: &str =
    "containers.describe_services(cluster='main', services=['web'])['services'][0]['taskDefinition'].split('/')[-1]";

#[tokio::test(flavor = "multi_thread")]
async fn another_image_is_another_revision_and_one_run_brings_it_out() {
    let world = World::new().await;
    world.settle(&graph(&world, "1", |_| ())).await;
    assert_eq!(world.boto3(REVISION), "web:1");
    let next = graph(&world, "2", |_| ());
    let task = Key::new(SCOPE, TaskDefinition::KIND, "web");
    let plan = world.planned(&next, &task, Action::Update).await;
    let fields: Vec<_> = step(&plan, &key()).diffs.iter().map(|diff| diff.field.as_str()).collect();
    assert_eq!(fields, ["content"]);
    world.in_fair_weather(world.converge(&next, &plan)).await;
    assert_eq!(world.boto3(REVISION), "web:2");
    world.in_sync(&next).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_others_own_is_left_to_them() {
    let world = World::new().await;
    let scaled = |service: &mut EcsService| service.scaled_from = Some(1);
    world.settle(&graph(&world, "1", scaled)).await;
    world.boto3("containers.update_service(cluster='main', service='web', desiredCount=5)['service']['desiredCount']");
    world.in_sync(&graph(&world, "1", scaled)).await;
    world.planned(&graph(&world, "1", |_| ()), &key(), Action::Update).await;

    // CodeDeploy brings out whatever is newest when it is asked to.
    let deployed = |service: &mut EcsService| {
        service.controller = Controller::CodeDeploy { target_groups: ["green", "web"].map(group_of).into() };
    };
    let before = graph(&world, "1", deployed);
    world.apply(&before).await;
    world.in_sync(&before).await;
    let task = Key::new(SCOPE, TaskDefinition::KIND, "web");
    let next = graph(&world, "2", deployed);
    let plan = world.planned(&next, &task, Action::Update).await;
    assert_eq!(step(&plan, &key()).action, Some(Action::Keep));
}

/// What starts the service's tasks.
const DEPLOYMENT: &str = "
[service] = containers.describe_services(cluster='main', services=['web'])['services']
starter = dict(taskDefinition=service['taskDefinition'], networkConfiguration=service['networkConfiguration'],
    startedBy=service['deployments'][0]['id'])";

#[tokio::test(flavor = "multi_thread")]
async fn a_task_that_dies_is_told_at_once_with_its_cause() {
    let world = World::new().await;
    let graph = graph(&world, "1", |_| ());
    let plan = world.plan(&graph).await;
    // Nothing is steady while we look.
    world.set_weather("pending=60s, ecs.DeleteService:pending=0ms".parse().unwrap());
    let kill = async {
        // What has stopped before the first look, at those that run and at those that have stopped, may have been mended.
        while world.answered("ListTasks") < 2 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        given::a_task_dies(&world, DEPLOYMENT)
    };
    let (error, task) = tokio::join!(world.failure(&graph, &plan), kill);
    let task = task.as_str().unwrap();
    assert!(error.message.contains(&format!("task {task} stopped: Task failed ELB health checks")), "{error}");
    assert!(error.message.contains("web: no database"), "{error}");
    assert!(error.hint.as_ref().is_some_and(|hint| hint.contains("run again")), "{error:?}");

    // It is there, and to run nothing is steady.
    let none = self::graph(&world, "1", |service| service.desired_count = 0);
    world.apply(&none).await;
    let left = world.in_sync(&none).await;
    world.boto3("containers.update_service(cluster='main', service='web', desiredCount=1)['service']['status']");
    world.delete(&none, &left, |step| step.key == key()).await;
    assert_eq!(
        world.boto3("containers.describe_services(cluster='main', services=['web'])['services'][0]['status']"),
        json!("INACTIVE")
    );
    world.needed_all_declared_by::<EcsService>();
}
