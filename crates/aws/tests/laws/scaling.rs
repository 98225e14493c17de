//! The laws of what scales a service.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use aws::Account;
use aws::resources::{Controller, EcsService, Metric, ScalableTarget, ScalingPolicy, watch_service};
use engine::{Action, Handle, Id, Key, Resource, Scope};
use testing::{Law, SCOPE, World};

use crate::given;

const TARGETS: &str = r#"
[{
    "service": f"arn:aws:ecs:us-west-1:{own_id}:{target['ResourceId']}",
    "min": target["MinCapacity"],
    "max": target["MaxCapacity"],
} for target in every(autoscaling, "describe_scalable_targets", "ScalableTargets", ServiceNamespace="ecs")]
"#;

const POLICIES: &str = r#"
def metric(tracking):
    found = tracking["PredefinedMetricSpecification"]
    if found["PredefinedMetricType"] == "ECSServiceAverageCPUUtilization":
        return "cpu"
    balancer, group = found["ResourceLabel"].split("/targetgroup/")
    arn = f"arn:aws:elasticloadbalancing:us-west-1:{own_id}"
    return {"requests": {"balancer": f"{arn}:loadbalancer/{balancer}", "group": f"{arn}:targetgroup/{group}"}}

def shown(policy):
    tracking = policy["TargetTrackingScalingPolicyConfiguration"]
    return {"target": policy["ResourceId"], "metric": metric(tracking), "value": tracking["TargetValue"],
        "in_cooldown": tracking["ScaleInCooldown"], "out_cooldown": tracking["ScaleOutCooldown"]}

found = every(autoscaling, "describe_scaling_policies", "ScalingPolicies", ServiceNamespace="ecs")
[shown(policy) for policy in found if policy["PolicyName"] == name]
"#;

fn service(scope: &mut Scope<'_, Account>) -> Handle<EcsService> {
    let vpc = given::vpc(scope, "main");
    let parts = (given::role(scope, "execution", "ecs-tasks.amazonaws.com"), given::group(scope, "web"));
    let task = scope.add("web", parts, |(role, group)| given::task(role, group, "1"));
    let inputs = (given::cluster(scope, "main"), given::subnet(scope, "a", vpc, 0), parts, task);
    scope.add("web", inputs, |(cluster, subnet, (role, group), task_definition)| EcsService {
        cluster,
        controller: Controller::Rolling,
        task_definition,
        content: given::task(role, group, "1").content(),
        desired_count: 1,
        scaled_from: Some(0),
        waits_for_image: false,
        subnets: BTreeSet::from([subnet]),
        security_groups: BTreeSet::new(),
        public_address: false,
        platform_version: "LATEST".into(),
        target: None,
        grace_seconds: 0,
        circuit_breaker: true,
        execute_command: false,
        zone_rebalancing: true,
        connect: None,
        registry: None,
    })
}

fn target(scope: &mut Scope<'_, Account>) -> Handle<ScalableTarget> {
    let service = service(scope);
    scope.add("web", service, |service| ScalableTarget { service, min: 1, max: 4, waits_for_image: false })
}

#[tokio::test(flavor = "multi_thread")]
async fn targets_hold() {
    let world = World::new().await;
    let desired = |service, variant: testing::Variant| ScalableTarget {
        service,
        min: variant.change(1, 2),
        max: variant.change(4, 8),
        waits_for_image: false,
    };
    Law::new("web", service, desired, TARGETS).known_by(&["service"]).unwatched().holds(&world).await;
    world.needed_all_declared_by::<ScalableTarget>();
}

/// The id of the world's account, which is in the ARNs of balancers.
static ACCOUNT: OnceLock<String> = OnceLock::new();

#[tokio::test(flavor = "multi_thread")]
async fn policies_hold() {
    let world = World::new().await;
    ACCOUNT.set(world.account().to_string()).unwrap();
    let desired = |target, variant: testing::Variant| {
        let arn = |end: &str| format!("arn:aws:elasticloadbalancing:us-west-1:{}:{end}", ACCOUNT.get().unwrap());
        let requests = Metric::Requests {
            balancer: Id::new(arn("loadbalancer/app/main/50dc6c495c0c9188")),
            group: Id::new(arn("targetgroup/web/943f017f100becff")),
        };
        ScalingPolicy {
            target,
            metric: variant.change(Metric::Cpu, requests),
            value: variant.change(60.0, 1000.0),
            in_cooldown: variant.change(300, 120),
            out_cooldown: variant.change(60, 30),
        }
    };
    Law::new("web-cpu", target, desired, POLICIES).known_by(&["target"]).unwatched().holds(&world).await;
    world.needed_all_declared_by::<ScalingPolicy>();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_scales_a_service_of_ours_and_no_node_wants_is_removed() {
    let world = World::new().await;
    let with = world.graph(|scope| {
        let target = target(scope);
        scope.add("web-cpu", target, |target| ScalingPolicy {
            target,
            metric: Metric::Cpu,
            value: 60.0,
            in_cooldown: 300,
            out_cooldown: 60,
        });
    });
    world.settle(&with).await;
    let without = world.graph(|scope| {
        watch_service(scope);
        service(scope);
    });
    let unwanted = [Key::new(SCOPE, ScalableTarget::KIND, "web"), Key::new(SCOPE, ScalingPolicy::KIND, "web-cpu")];
    let all = |plan: &engine::Plan| {
        plan.changes().map(|step| (step.key.clone(), step.action)).collect::<BTreeMap<_, _>>()
            == unwanted.clone().map(|key| (key, Some(Action::Delete))).into()
    };
    let plan = world.plan_until(&without, "both unwanted", all).await;
    world.delete(&without, &plan, |step| step.action == Some(Action::Delete)).await;
    world.in_sync(&without).await;
    let left = "autoscaling.describe_scalable_targets(ServiceNamespace='ecs')['ScalableTargets']";
    assert_eq!(world.boto3(left), serde_json::json!([]));
}
