//! The law of task definitions.

use std::collections::{BTreeMap, BTreeSet};

use aws::resources::{Container, ContainerLog, ContainerPort, ContainerSecret, LogGroup, Role, TaskDefinition};
use engine::{Action, Handle, Id, Key, Resource};
use serde_json::json;
use testing::{Law, SCOPE, Variant, World, step};

use crate::given;

const OUTSIDE: &str = r#"
def container(one):
    [port] = one["portMappings"] or [None]
    log = one.get("logConfiguration")
    options = dict(log["options"]) if log else {}
    def secret(value):
        parts = value.split(":")
        return {"secret": ":".join(parts[:7]), "key": parts[7] if len(parts) > 7 else None}
    return {
        "image": one["image"],
        "port": port and {"number": port["containerPort"], "name": port.get("name"), "protocol": port.get("appProtocol")},
        "environment": {pair["name"]: pair["value"] for pair in one["environment"]},
        "secrets": {pair["name"]: secret(pair["valueFrom"]) for pair in one["secrets"]},
        "log": log and {"group": options.pop("awslogs-group"), "options": options},
        "stop_timeout": one.get("stopTimeout"),
        "read_only_root": one["readonlyRootFilesystem"],
        "user": one.get("user"),
        "init_process": one.get("linuxParameters", {}).get("initProcessEnabled", False),
    }

def shown(arn):
    answer = containers.describe_task_definition(taskDefinition=arn, include=["TAGS"])
    found = answer["taskDefinition"]
    assert found["networkMode"] == "awsvpc" and found["requiresCompatibilities"] == ["FARGATE"]
    return {
        "cpu": int(found["cpu"]), "memory": int(found["memory"]),
        "architecture": found["runtimePlatform"]["cpuArchitecture"],
        "storage": found.get("ephemeralStorage", {}).get("sizeInGiB"),
        "execution_role": found["executionRoleArn"], "task_role": found.get("taskRoleArn"),
        "containers": {one["name"]: container(one) for one in found["containerDefinitions"]},
        "tags": {tag["key"]: tag["value"] for tag in answer["tags"]},
    }

arns = every(containers, "list_task_definitions", "taskDefinitionArns", familyPrefix=name, status="ACTIVE")
[shown(max(arns, key=lambda arn: int(arn.split(":")[-1])))] if arns else []
"#;

type Given = (Handle<Role>, Handle<Role>, Handle<LogGroup>);

fn law() -> Law<Given, TaskDefinition> {
    Law::new(
        "backend",
        |scope| {
            let role = |scope: &mut _, name| given::role(scope, name, "ecs-tasks.amazonaws.com");
            (role(scope, "execution"), role(scope, "other"), given::group(scope, "backend"))
        },
        desired,
        OUTSIDE,
    )
}

fn desired((execution, other, group): (Id<Role>, Id<Role>, Id<LogGroup>), variant: Variant) -> TaskDefinition {
    let pairs = |pairs: &[(&str, &str)]| pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    let secret = |key: Option<&str>| ContainerSecret {
        secret: Id::new("arn:aws:secretsmanager:us-west-1:111122223333:secret:github-AbCdEf"),
        key: key.map(str::to_owned),
    };
    let options = [("awslogs-region", "us-west-1"), ("awslogs-stream-prefix", "backend"), ("mode", "non-blocking")];
    let log = ContainerLog { group, options: pairs(&options) };
    let backend = Container {
        image: Id::new(variant.change("example/backend@sha256:aa", "example/backend@sha256:bb")),
        port: variant.change(
            Some(ContainerPort { number: 1337, name: Some("http".into()), protocol: Some("http".into()) }),
            Some(ContainerPort { number: 80, name: None, protocol: None }),
        ),
        environment: variant.change(pairs(&[("A", "1"), ("B", "2")]), BTreeMap::new()),
        secrets: variant.change(
            BTreeMap::from([("TOKEN".into(), secret(None)), ("PASSWORD".into(), secret(Some("password")))]),
            BTreeMap::new(),
        ),
        log: variant.change(Some(log), None),
        stop_timeout: variant.change(Some(60), None),
        read_only_root: variant.change(true, false),
        user: variant.change(Some("1000:1000".into()), None),
        init_process: variant.change(true, false),
    };
    TaskDefinition {
        cpu: variant.change(512, 1024),
        memory: variant.change(1024, 2048),
        architecture: variant.change("ARM64", "X86_64").into(),
        storage: variant.change(Some(30), None),
        execution_role: variant.change(execution.clone(), other.clone()),
        task_role: variant.change(Some(other), None),
        containers: BTreeMap::from([("backend".into(), backend)]),
        others: BTreeSet::new(),
    }
}

fn key() -> Key {
    Key::new(SCOPE, TaskDefinition::KIND, "backend")
}

#[tokio::test(flavor = "multi_thread")]
async fn it_holds() {
    let (world, law) = (World::new().await, law());
    // Families are listed, and each is described.
    law.reads_per_object(1).holds(&world).await;
    world.needed_all_declared_by::<TaskDefinition>();
}

#[tokio::test(flavor = "multi_thread")]
async fn old_revisions_are_deregistered_and_nothing_is_left() {
    let (world, law) = (World::new().await, law());
    let revisions = |status: &str| {
        let code = format!(
            "containers.list_task_definitions(familyPrefix='backend', status='{status}')['taskDefinitionArns']"
        );
        let all = world.boto3(&code);
        let number =
            |arn: &serde_json::Value| arn.as_str().unwrap().rsplit(':').next().unwrap().parse::<u32>().unwrap();
        all.as_array().unwrap().iter().map(number).collect::<BTreeSet<_>>()
    };
    world
        .in_fair_weather(async {
            for _ in 0..4 {
                world.settle(&law.graph(&world, Variant::First)).await;
                world.settle(&law.graph(&world, Variant::Changed)).await;
            }
            assert_eq!(revisions("ACTIVE"), BTreeSet::from([4, 5, 6, 7, 8]));
            let graph = law.graph(&world, Variant::Changed);
            let plan = world.in_sync(&graph).await;
            world.delete(&graph, &plan, |step| step.key == key()).await;
            assert_eq!((revisions("ACTIVE"), revisions("INACTIVE")), (BTreeSet::new(), BTreeSet::new()));
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_else_registered_is_a_difference() {
    let (world, law) = (World::new().await, law());
    let graph = law.graph(&world, Variant::First);
    world.settle(&graph).await;
    world.boto3(
        "found = containers.describe_task_definition(taskDefinition='backend')['taskDefinition']\n\
         found['containerDefinitions'][0]['command'] = ['sleep', '1']\n\
         wanted = ['family', 'containerDefinitions', 'cpu', 'memory', 'networkMode', 'requiresCompatibilities',\n    \
             'executionRoleArn', 'taskRoleArn', 'runtimePlatform', 'ephemeralStorage']\n\
         containers.register_task_definition(**{name: found[name] for name in wanted})['taskDefinition']['revision']",
    );
    let plan = world.planned(&graph, &key(), Action::Update).await;
    let fields: Vec<_> = step(&plan, &key()).diffs.iter().map(|diff| (&*diff.field, diff.actual.clone())).collect();
    assert_eq!(fields, [("others", json!(["backend: command"])), ("tags", json!({}))]);
    world.settle(&graph).await;
}
