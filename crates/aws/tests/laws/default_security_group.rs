//! The law of default security groups: they come with their network, and are emptied.

use std::collections::BTreeSet;

use aws::Account;
use aws::resources::{DefaultSecurityGroup, Vpc};
use engine::{Action, Graph, Key, Resource, Status};
use serde_json::{Value, json};
use testing::{SCOPE, World, step};

use crate::given;

const OPENED: &str = r#"
vpc = owned("describe_vpcs", "Vpcs")[0]["VpcId"]
filters = [{"Name": "vpc-id", "Values": [vpc]}, {"Name": "group-name", "Values": ["default"]}]
group = ec2.describe_security_groups(Filters=filters)["SecurityGroups"][0]["GroupId"]
ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[
    {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": group}]},
    {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]},
    {"IpProtocol": "udp", "FromPort": 1, "ToPort": 9, "Ipv6Ranges": [{"CidrIpv6": "::/0"}]},
])
"#;

const RULES: &str = r#"
group = ec2.describe_security_groups(Filters=filters)["SecurityGroups"][0]
[group["IpPermissions"], group["IpPermissionsEgress"]]
"#;

#[tokio::test]
async fn it_holds() {
    let world = World::new().await;
    it_is_emptied(&world).await;
    those_of_many_networks_are_listed_once(&world).await;
    world.needed_all_declared_by::<DefaultSecurityGroup>();
}

async fn it_is_emptied(world: &World) {
    world
        .settle(&world.graph(|scope| {
            given::vpc(scope, "main");
        }))
        .await;
    let about_the_vpc = |code| world.boto3_about(&Key::new(SCOPE, Vpc::KIND, "main"), &engine::Tags::new(), code);
    about_the_vpc(OPENED);

    let graph = world.graph(|scope| {
        let vpc = given::vpc(scope, "main");
        scope.add("main", vpc, |vpc| DefaultSecurityGroup { vpc, ingress: BTreeSet::new(), egress: BTreeSet::new() });
    });
    let key = Key::new(SCOPE, DefaultSecurityGroup::KIND, "main");
    let plan = world.planned(&graph, &key, Action::Update).await;
    let group = step(&plan, &key);
    assert_eq!(group.status(), Status::Drifted);
    let actual: Value = group.diffs.iter().map(|diff| (diff.field.clone(), diff.actual.clone())).collect();
    let ingress: Vec<_> = actual["ingress"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    // AWS lets the group's own members in from the beginning.
    let from_itself = format!("all {}", group.id.as_deref().unwrap());
    assert_eq!(
        BTreeSet::from_iter(ingress),
        BTreeSet::from([from_itself.as_str(), "tcp 22 0.0.0.0/0", "udp 1-9 ::/0"])
    );
    assert_eq!(actual["egress"], json!(["all 0.0.0.0/0"]));

    world.converge(&graph, &plan).await;
    assert_eq!(about_the_vpc(RULES), json!([[], []]));

    // It goes with its network, and with nothing else.
    let plan = world.in_sync(&graph).await;
    let report = world.delete(&graph, &plan, |_| true).await;
    assert!(report.outcomes.iter().all(|(key, _)| key.kind == Vpc::KIND), "{report:?}");
    assert_eq!(about_the_vpc("ec2.describe_security_groups(Filters=filters)['SecurityGroups']"), json!([]));
}

async fn those_of_many_networks_are_listed_once(world: &World) {
    let with = |count: usize| {
        world.graph(|scope| {
            for name in &["a", "b", "c"][..count] {
                let vpc = given::vpc(scope, name);
                scope.add(*name, vpc, |vpc| DefaultSecurityGroup {
                    vpc,
                    ingress: BTreeSet::new(),
                    egress: BTreeSet::new(),
                });
            }
        })
    };
    world.settle(&with(3)).await;
    world.in_fair_weather(listed_once(world, &with(3))).await;
}

async fn listed_once(world: &World, graph: &Graph<Account>) {
    let listed = || {
        let all = world.sessions().stats().all();
        all.iter().filter(|calls| calls.operation == "DescribeSecurityGroups").map(|calls| calls.calls).sum::<u64>()
    };
    let before = listed();
    world.plan(graph).await;
    assert_eq!(listed() - before, 1);
}
