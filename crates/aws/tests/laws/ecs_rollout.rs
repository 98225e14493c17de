//! How what a service runs is brought out by `CodeDeploy`.

use std::collections::BTreeSet;
use std::time::Duration;

use aws::Account;
use aws::resources::{CodeDeployApplication, DeploymentGroup, EcsRollout, EcsService, TaskDefinition};
use engine::{Action, Graph, Key, Resource, Scope};
use serde_json::json;
use testing::{SCOPE, World, step};

use crate::given;

/// A service that runs an image by this tag, and what brings it out.
fn whole(scope: &mut Scope<'_, Account>, tag: &'static str, change: fn(&mut EcsRollout)) {
    let place = given::blue_green(scope);
    let (definition, service) = given::blue_green_service(scope, "web", place, tag, 2);
    let role = given::role(scope, "deploy", "codedeploy.amazonaws.com");
    let application = scope.add("web", (), |()| CodeDeployApplication {});
    let inputs = (application, role, service, place.listener);
    let group = scope.add("web", inputs, |(application, role, service, listener)| DeploymentGroup {
        application,
        role,
        service,
        target_groups: ["web", "web-green"].map(str::to_owned).into(),
        listener,
        configuration: "CodeDeployDefault.ECSAllAtOnce".into(),
        rolled_back_on: ["DEPLOYMENT_FAILURE".to_owned()].into(),
        keeps_old_minutes: 5,
        others: BTreeSet::new(),
    });
    let inputs = (place.parts, definition, service, group, place.inside);
    scope.add("web", inputs, move |((role, log), task_definition, service, group, (subnet, security_group))| {
        let mut rollout = EcsRollout {
            service,
            group,
            content: given::task(role, log, tag).content(),
            subnets: [subnet].into(),
            security_groups: [security_group].into(),
            task_definition,
            container: "web".into(),
            port: 80,
            waits_for_image: false,
        };
        change(&mut rollout);
        rollout
    });
}

fn graph(world: &World, tag: &'static str) -> Graph<Account> {
    world.graph(|scope| whole(scope, tag, |_| ()))
}

fn key() -> Key {
    Key::new(SCOPE, EcsRollout::KIND, "web")
}

const WORDS: &str = "
def service():
    return containers.describe_services(cluster='main', services=['web'])['services'][0]

def runs():
    return service()['taskDefinition'].split('/')[-1]

def deployments():
    ids = codedeploy.list_deployments(applicationName='web', deploymentGroupName='web')['deployments']
    return [codedeploy.get_deployment(deploymentId=id)['deploymentInfo']['status'] for id in ids]

def weights():
    [balancer] = [one for one in elbv2.describe_load_balancers()['LoadBalancers'] if one['LoadBalancerName'] == 'main']
    [listener] = elbv2.describe_listeners(LoadBalancerArn=balancer['LoadBalancerArn'])['Listeners']
    groups = listener['DefaultActions'][0]['ForwardConfig']['TargetGroups']
    return {one['TargetGroupArn'].split('/')[1]: one['Weight'] for one in groups}

def deploy(side, task):
    balancer = {'ContainerName': 'web', 'ContainerPort': 80}
    resource = {'Type': 'AWS::ECS::Service', 'Properties': {'TaskDefinition': task, 'LoadBalancerInfo': balancer}}
    content = {'content': json.dumps({'version': 0.0, 'Resources': [{'TargetService': resource}]})}
    return side.create_deployment(applicationName='web', deploymentGroupName='web',
        revision={'revisionType': 'AppSpecContent', 'appSpecContent': content})['deploymentId']
None";

async fn world() -> World {
    let world = World::new().await;
    world.boto3(WORDS);
    world
}

#[tokio::test(flavor = "multi_thread")]
async fn another_image_is_brought_out_by_one_deployment() {
    let world = world().await;
    world.settle(&graph(&world, "1")).await;
    assert_eq!(world.boto3("[runs(), deployments(), weights()]"), json!(["web:1", [], {"web": 100, "web-green": 0}]));

    let next = graph(&world, "2");
    let plan = world.planned(&next, &key(), Action::Update).await;
    let fields: Vec<_> = step(&plan, &key()).diffs.iter().map(|diff| diff.field.as_str()).collect();
    assert_eq!(fields, ["content"]);
    let service = Key::new(SCOPE, EcsService::KIND, "web");
    assert_eq!(step(&plan, &service).action, Some(Action::Keep));
    world.converge(&next, &plan).await;
    assert_eq!(world.boto3("[runs(), weights()]"), json!(["web:2", {"web": 0, "web-green": 100}]));
    world.in_sync(&next).await;

    // And back, into the group that it was in before: the next one waits until the old tasks are gone.
    let third = graph(&world, "3");
    world.settle(&third).await;
    assert_eq!(world.boto3("[runs(), weights()]"), json!(["web:3", {"web": 100, "web-green": 0}]));
    assert_eq!(world.boto3("len(deployments())"), 2);
}

/// The old tasks stay for minutes: nobody waits for that, and the service is steady meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn it_is_out_as_soon_as_requests_go_there() {
    let world = world().await;
    world.settle(&graph(&world, "1")).await;
    let next = graph(&world, "2");
    let plan = world.planned(&next, &key(), Action::Update).await;
    world.set_weather("codedeploy.CreateDeployment:pending=4s".parse().unwrap());
    world.converge(&next, &plan).await;
    assert_eq!(world.boto3("[runs(), deployments(), service()['runningCount']]"), json!(["web:2", ["InProgress"], 4]));
    let plan = world.in_sync(&next).await;
    world.converge(&next, &plan).await;
    assert_eq!(world.boto3("deployments()"), json!(["InProgress"]));
}

/// A run that is killed has begun its deployment: the next one waits for that.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_under_way_is_not_begun_twice() {
    let world = world().await;
    world.settle(&graph(&world, "1")).await;
    let next = graph(&world, "2");
    let plan = world.planned(&next, &key(), Action::Update).await;
    world.set_weather("codedeploy.CreateDeployment:pending=8s".parse().unwrap());
    let begun = async {
        while world.boto3("deployments()") != json!(["InProgress"]) {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::select! {
        _ = world.converge(&next, &plan) => panic!("it takes longer"),
        () = begun => {}
    }
    assert_eq!(world.boto3("runs()"), "web:1");
    let plan = world.planned(&next, &key(), Action::Update).await;
    world.converge(&next, &plan).await;
    assert_eq!(world.boto3("[runs(), deployments()]"), json!(["web:2", ["InProgress"]]));
    world.in_sync(&next).await;
}

/// Somebody else's deployment is waited for, and then what it has left is looked at.
#[tokio::test(flavor = "multi_thread")]
async fn what_others_bring_out_is_waited_for() {
    let world = world().await;
    world.settle(&graph(&world, "1")).await;
    let next = graph(&world, "2");
    let plan = world.planned(&next, &key(), Action::Update).await;
    world.set_weather("codedeploy.CreateDeployment:pending=1s".parse().unwrap());
    world.boto3("deploy(in_front('codedeploy'), service()['taskDefinition'])");
    world.converge(&next, &plan).await;
    assert_eq!(world.boto3("[runs(), len(deployments()), 'Succeeded' in deployments()]"), json!(["web:2", 2, true]));
    world.in_sync(&next).await;
}

/// What starts the new tasks.
const NEW: &str = "
[set] = [one for one in service()['taskSets'] if one['status'] == 'ACTIVE']
starter = dict(taskDefinition=set['taskDefinition'], networkConfiguration=set['networkConfiguration'], startedBy=set['id'])";

#[tokio::test(flavor = "multi_thread")]
async fn a_new_task_that_dies_ends_the_deployment_and_is_told() {
    let world = world().await;
    world.settle(&graph(&world, "1")).await;
    let next = graph(&world, "2");
    let plan = world.planned(&next, &key(), Action::Update).await;
    world.set_weather("codedeploy.CreateDeployment:pending=60s".parse().unwrap());
    let looked = world.answered("ListTasks");
    let kill = async {
        // What has stopped before the first look, at those that run and at those that have stopped, may have been mended.
        while world.answered("ListTasks") < looked + 2 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        given::a_task_dies(&world, NEW)
    };
    let (error, task) = tokio::join!(world.failure(&next, &plan), kill);
    let task = task.as_str().unwrap();
    assert!(error.message.contains(&format!("task {task} stopped: Task failed ELB health checks")), "{error}");
    assert!(error.message.contains("web: no database"), "{error}");
    assert!(error.hint.as_ref().is_some_and(|hint| hint.contains("what ran before goes on running")), "{error:?}");
    assert_eq!(
        world.boto3("[runs(), deployments(), weights()]"),
        json!(["web:1", ["Stopped"], {"web": 100, "web-green": 0}])
    );

    // One that somebody stops is told as that.
    let plan = world.planned(&next, &key(), Action::Update).await;
    let stop = async {
        while world.boto3("'InProgress' in deployments()") != true {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        world.boto3(
            "[id] = codedeploy.list_deployments(applicationName='web', deploymentGroupName='web', includeOnlyStatuses=['InProgress'])['deployments']\n\
             codedeploy.stop_deployment(deploymentId=id)['status']",
        )
    };
    let (error, _) = tokio::join!(world.failure(&next, &plan), stop);
    assert!(error.message.contains("it was stopped: The deployment was stopped by a user."), "{error}");
    assert_eq!(error.code.as_deref(), Some("MANUAL_STOP"));

    world.set_weather("pending=0ms".parse().unwrap());
    world.settle(&next).await;
    assert_eq!(world.boto3("runs()"), "web:2");
    world.needed_all_declared_by::<EcsRollout>();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_pushed_is_not_brought_out() {
    let world = world().await;
    world.settle(&graph(&world, "1")).await;
    let waits = world.graph(|scope| whole(scope, "2", |rollout| rollout.waits_for_image = true));
    let task = Key::new(SCOPE, TaskDefinition::KIND, "web");
    let plan = world.planned(&waits, &task, Action::Update).await;
    assert_eq!(step(&plan, &key()).action, Some(Action::Keep));
    world.converge(&waits, &plan).await;
    assert_eq!(world.boto3("[runs(), deployments()]"), json!(["web:1", []]));
}

/// A service that is made anew finds requests where its predecessor was.
#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_made_anew_begins_where_requests_go() {
    let world = world().await;
    world.settle(&graph(&world, "1")).await;
    let next = graph(&world, "2");
    world.settle(&next).await;
    world.boto3("containers.delete_service(cluster='main', service='web', force=True)['service']['status']");
    let service = Key::new(SCOPE, EcsService::KIND, "web");
    world.planned(&next, &service, Action::Create).await;
    world.settle(&next).await;
    let found = world.boto3("[runs(), service()['loadBalancers'][0]['targetGroupArn'].split('/')[1], weights()]");
    assert_eq!(found, json!(["web:2", "web-green", {"web": 0, "web-green": 100}]));
}
