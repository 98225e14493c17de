//! The law of the rules of listeners.

use std::collections::BTreeSet;

use aws::resources::{Listener, ListenerAction, ListenerRule, TargetGroup};
use engine::{Action, Handle, Id, Key, Resource};
use serde_json::json;
use testing::{Law, SCOPE, Variant, World, step};

use crate::given;

const OUTSIDE: &str = r#"
def values(rule, field, config):
    return sorted(value for one in rule["Conditions"] if one["Field"] == field for value in one[config]["Values"])

def action(one):
    return {"forward": one["TargetGroupArn"]} if one["Type"] == "forward" else {
        "fixed-response": one["FixedResponseConfig"]["StatusCode"]}

[{
    "listener": listener["ListenerArn"],
    "priority": int(rule["Priority"]),
    "paths": values(rule, "path-pattern", "PathPatternConfig"),
    "hosts": values(rule, "host-header", "HostHeaderConfig"),
    "action": action(rule["Actions"][0]),
    "tags": tags_of(rule),
} for balancer in every(elbv2, "describe_load_balancers", "LoadBalancers")
    for listener in every(elbv2, "describe_listeners", "Listeners", LoadBalancerArn=balancer["LoadBalancerArn"])
    for rule in balancing("describe_rules", "Rules", ListenerArn=listener["ListenerArn"])]
"#;

/// Two listeners, and where requests go.
type Given = (Handle<Listener>, Handle<Listener>, Handle<TargetGroup>);

fn law() -> Law<Given, ListenerRule> {
    let law = Law::new(
        "api",
        |scope| {
            let vpc = given::vpc(scope, "main");
            let [balancer, _] = given::load_balancers(scope, vpc);
            let listeners = [("one", 80), ("two", 81)].map(|(name, port)| {
                scope.add(name, balancer, move |balancer| Listener {
                    load_balancer: balancer.arn,
                    port,
                    protocol: "HTTP".into(),
                    certificate: None,
                    tls_policy: None,
                    action: ListenerAction::FixedResponse("404".into()),
                })
            });
            (listeners[0], listeners[1], given::target_group(scope, "backend", vpc))
        },
        |(one, other, group): (Id<Listener>, _, _), variant| ListenerRule {
            listener: variant.fix("listener", one, other),
            priority: variant.change(10, 20),
            paths: variant.change(BTreeSet::from(["/api/*".into(), "/v2/*".into()]), BTreeSet::new()),
            hosts: variant.change(BTreeSet::new(), BTreeSet::from(["*.example.com".into()])),
            action: variant.change(ListenerAction::Forward(group), ListenerAction::FixedResponse("503".into())),
        },
        OUTSIDE,
    );
    // Each of the two listeners is asked, and its tags are in no list.
    law.reads_per_object(2)
}

#[tokio::test(flavor = "multi_thread")]
async fn it_holds() {
    let (world, law) = (World::new().await, law());
    law.holds(&world).await;
    // Where there are two groups it is seen which of them serves.
    world.settle(&world.graph(|scope| _ = given::blue_green(scope))).await;
    world.needed_all_declared_by::<ListenerRule>();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_others_set_is_a_difference() {
    let (world, law) = (World::new().await, law());
    let (graph, key) = (law.graph(&world, Variant::First), Key::new(SCOPE, ListenerRule::KIND, "api"));
    let plan = world.settle(&graph).await;
    let arn = step(&plan, &key).id.clone().expect("a rule has an ARN");
    world.boto3(&format!(
        "conditions = [{{'Field': 'source-ip', 'SourceIpConfig': {{'Values': ['10.0.0.0/8']}}}}]\n\
         actions = [{{'Type': 'redirect', 'RedirectConfig': {{'Host': 'example.com', 'StatusCode': 'HTTP_302'}}}}]\n\
         elbv2.modify_rule(RuleArn='{arn}', Conditions=conditions, Actions=actions)['Rules'][0]['Priority']"
    ));
    let plan = world.planned(&graph, &key, Action::Update).await;
    let diffs: Vec<_> = step(&plan, &key).diffs.iter().map(|diff| (diff.field.as_str(), diff.actual.clone())).collect();
    assert_eq!(diffs, [("paths", json!(["(source-ip)"])), ("action", json!({"other": "redirect"}))]);
    world.settle(&graph).await;
}

/// `CodeDeploy` moves requests from one group to the other: either is as it should be, and nothing else is.
#[tokio::test(flavor = "multi_thread")]
async fn requests_may_go_to_either_of_two_groups() {
    let world = World::new().await;
    let key = Key::new(SCOPE, ListenerRule::KIND, "api");
    let graph = world.graph(|scope| {
        let place = given::blue_green(scope);
        given::target_group(scope, "third", place.vpc);
        let inputs = (place.listener, place.groups);
        scope.add("api", inputs, |(listener, (first, second))| ListenerRule {
            listener,
            priority: 10,
            paths: BTreeSet::from(["/api/*".into()]),
            hosts: BTreeSet::new(),
            action: ListenerAction::ForwardEither { first, second },
        });
    });
    let plan = world.settle(&graph).await;
    let arn = step(&plan, &key).id.clone().expect("a rule has an ARN");
    world.boto3(&format!(
        "
def groups():
    return {{one['TargetGroupName']: one['TargetGroupArn'] for one in elbv2.describe_target_groups()['TargetGroups']}}
def lead(**weights):
    there = groups()
    to = [{{'TargetGroupArn': there[name.replace('_', '-')], 'Weight': weight}} for name, weight in weights.items()]
    elbv2.modify_rule(RuleArn='{arn}', Actions=[{{'Type': 'forward', 'ForwardConfig': {{'TargetGroups': to}}}}])
    listener = '{arn}'.replace(':listener-rule/', ':listener/').rsplit('/', 1)[0]
    elbv2.modify_listener(ListenerArn=listener, DefaultActions=[{{'Type': 'forward', 'ForwardConfig': {{'TargetGroups': to}}}}])
def leads():
    names = {{arn: name for name, arn in groups().items()}}
    [action] = elbv2.describe_rules(RuleArns=['{arn}'])['Rules'][0]['Actions']
    return {{names[one['TargetGroupArn']]: one['Weight'] for one in action['ForwardConfig']['TargetGroups']}}
None"
    ));
    assert_eq!(world.boto3("leads()"), json!({"web": 100, "web-green": 0}));
    for moved in ["lead(web_green=100, web=0)", "lead(web=50, web_green=50)", "lead(web_green=1)"] {
        world.boto3(moved);
        world.in_sync(&graph).await;
    }
    // Requests come back to where the tasks are.
    world.boto3("lead(third=1)");
    world.boto3("elbv2.register_targets(TargetGroupArn=groups()['web-green'], Targets=[{'Id': '10.20.9.9', 'Port': 80}]) and None");
    let plan = world.planned(&graph, &key, Action::Update).await;
    let fields: Vec<_> = step(&plan, &key).diffs.iter().map(|diff| diff.field.as_str()).collect();
    assert_eq!(fields, ["action"]);
    world.settle(&graph).await;
    assert_eq!(world.boto3("leads()"), json!({"web": 0, "web-green": 100}));
}

/// Each waits for the other's priority, which no two have at once.
#[tokio::test(flavor = "multi_thread")]
async fn two_may_change_places() {
    let world = World::new().await;
    let graph = |priorities: [i32; 2]| {
        world.graph(move |scope| {
            let vpc = given::vpc(scope, "main");
            let [balancer, _] = given::load_balancers(scope, vpc);
            let listener = scope.add("one", balancer, |balancer| Listener {
                load_balancer: balancer.arn,
                port: 80,
                protocol: "HTTP".into(),
                certificate: None,
                tls_policy: None,
                action: ListenerAction::FixedResponse("404".into()),
            });
            for (name, priority) in ["api", "web"].into_iter().zip(priorities) {
                scope.add(name, listener, move |listener| ListenerRule {
                    listener,
                    priority,
                    paths: BTreeSet::from([format!("/{name}/*")]),
                    hosts: BTreeSet::new(),
                    action: ListenerAction::FixedResponse("503".into()),
                });
            }
        })
    };
    world.settle(&graph([10, 20])).await;
    world.settle(&graph([20, 10])).await;
}
