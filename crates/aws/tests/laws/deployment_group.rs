//! The law of deployment groups.

use std::collections::BTreeSet;

use aws::Account;
use aws::resources::{Balancer, CodeDeployApplication, DeploymentGroup, EcsService, Listener, ListenerAction, Role};
use engine::{Handle, Scope};
use testing::{Law, Variant, World};

use crate::given;

const OUTSIDE: &str = r#"
def shown(group):
    [pair] = group["loadBalancerInfo"]["targetGroupPairInfoList"]
    [place] = group["ecsServices"]
    blue_green, rollback = group["blueGreenDeploymentConfiguration"], group["autoRollbackConfiguration"]
    old = blue_green["terminateBlueInstancesOnDeploymentSuccess"]
    style = group["deploymentStyle"]
    assert (style["deploymentType"], style["deploymentOption"]) == ("BLUE_GREEN", "WITH_TRAFFIC_CONTROL")
    assert blue_green["deploymentReadyOption"]["actionOnTimeout"] == "CONTINUE_DEPLOYMENT" and rollback["enabled"]
    assert old["action"] == "TERMINATE"
    full = f"{group['applicationName']}/{group['deploymentGroupName']}"
    arn = f"arn:aws:codedeploy:us-west-1:{own_id}:deploymentgroup:{full}"
    return {
        "application": group["applicationName"],
        "role": group["serviceRoleArn"],
        "service": f"arn:aws:ecs:us-west-1:{own_id}:service/{place['clusterName']}/{place['serviceName']}",
        "target_groups": sorted(one["name"] for one in pair["targetGroups"]),
        "listener": pair["prodTrafficRoute"]["listenerArns"][0],
        "configuration": group["deploymentConfigName"],
        "rolled_back_on": sorted(rollback["events"]),
        "keeps_old_minutes": old["terminationWaitTimeInMinutes"],
        "tags": tags_of(codedeploy.list_tags_for_resource(ResourceArn=arn)),
    }

[shown(codedeploy.get_deployment_group(applicationName=application, deploymentGroupName=name)["deploymentGroupInfo"])
 for application in every(codedeploy, "list_applications", "applications")
 for group in every(codedeploy, "list_deployment_groups", "deploymentGroups", applicationName=application) if group == name]
"#;

type Two<R> = (Handle<R>, Handle<R>);
type Given = (Handle<CodeDeployApplication>, Two<Role>, Two<EcsService>, Two<Listener>);

fn given(scope: &mut Scope<'_, Account>) -> Given {
    let place = given::blue_green(scope);
    let application = scope.add("web", (), |()| CodeDeployApplication {});
    let roles = ["deploy", "deploy-other"].map(|name| given::role(scope, name, "codedeploy.amazonaws.com"));
    let services = ["web", "other"].map(|name| given::blue_green_service(scope, name, place, "1", 1).1);
    let other = scope.add("other", place.balancer, |balancer: Balancer| Listener {
        load_balancer: balancer.arn,
        port: 81,
        protocol: "HTTP".into(),
        certificate: None,
        tls_policy: None,
        action: ListenerAction::RedirectToHttps,
    });
    given::target_group(scope, "third", place.vpc);
    (application, (roles[0], roles[1]), (services[0], services[1]), (place.listener, other))
}

type Values = <Given as engine::Inputs>::Values;

fn desired((application, roles, services, listeners): Values, variant: Variant) -> DeploymentGroup {
    let names = |all: [&str; 2]| BTreeSet::from(all.map(str::to_owned));
    let failure = "DEPLOYMENT_FAILURE".to_owned();
    DeploymentGroup {
        application,
        role: variant.change(roles.0, roles.1),
        service: variant.change(services.0, services.1),
        target_groups: variant.change(names(["web", "web-green"]), names(["third", "web"])),
        listener: variant.change(listeners.0, listeners.1),
        configuration: variant
            .change("CodeDeployDefault.ECSAllAtOnce", "CodeDeployDefault.ECSCanary10Percent5Minutes")
            .into(),
        rolled_back_on: variant
            .change([failure.clone(), "DEPLOYMENT_STOP_ON_ALARM".to_owned()].into(), [failure].into()),
        keeps_old_minutes: variant.change(5, 10),
        others: BTreeSet::new(),
    }
}

/// Goes on for a minute.
const BEGIN: &str = r#"
def slowly(request, **_):
    request.headers["X-Orgstrap-Stage"] = "60"

codedeploy.list_applications()
codedeploy.made.meta.events.register("before-sign.codedeploy.CreateDeployment", slowly)
[service] = containers.describe_services(cluster="main", services=["web"])["services"]
balancer = {"ContainerName": "web", "ContainerPort": 80}
resource = {"Type": "AWS::ECS::Service", "Properties": {"TaskDefinition": service["taskDefinition"], "LoadBalancerInfo": balancer}}
content = {"content": json.dumps({"version": 0.0, "Resources": [{"TargetService": resource}]})}
codedeploy.create_deployment(applicationName="web", deploymentGroupName="web",
    revision={"revisionType": "AppSpecContent", "appSpecContent": content})["deploymentId"]
"#;

#[tokio::test(flavor = "multi_thread")]
async fn it_holds() {
    let world = World::new().await;
    // Those of an application are described, and their tags are in no list.
    let law = Law::new("web", given, desired, OUTSIDE).named().lasting(&["application"]).reads_per_object(2);
    law.holds(&world).await;

    // What is being brought out is stopped, and the tasks that were to come are gone.
    let graph = law.graph(&world, Variant::First);
    let plan = world.settle(&graph).await;
    let deployment = world.boto3(BEGIN);
    world.delete(&graph, &plan, |step| step.key == law.key()).await;
    let status = format!("codedeploy.get_deployment(deploymentId={deployment})['deploymentInfo']['status']");
    assert_eq!(world.boto3(&status), "Stopped");
    let sets = "[one['status'] for one in containers.describe_services(cluster='main', services=['web'])['services'][0]['taskSets']]";
    assert_eq!(world.boto3(sets), serde_json::json!(["PRIMARY"]));
    world.needed_all_declared_by::<DeploymentGroup>();
}
