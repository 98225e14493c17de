//! The law of default networks: they come with their account, and go unless something uses them.

use aws::Account;
use aws::resources::DefaultVpc;
use engine::{Action, Graph, Key, Resource};
use serde_json::json;
use testing::{SCOPE, World, step};

const DEFAULTS: &str = "[vpc['VpcId'] for vpc in ec2.describe_vpcs()['Vpcs'] if vpc['IsDefault']]";

fn graph(world: &World) -> Graph<Account> {
    world.graph(|scope| {
        scope.add("us-west-1", (), |()| DefaultVpc { unused: None });
    })
}

#[tokio::test]
async fn an_unused_one_goes_with_its_parts() {
    let world = World::new().await;
    let vpc = world.boto3(&format!(
        "vpc = {DEFAULTS}[0]
gateway = ec2.create_internet_gateway()['InternetGateway']['InternetGatewayId']
ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
vpc"
    ));
    let graph = graph(&world);
    let key = Key::new(SCOPE, DefaultVpc::KIND, "us-west-1");
    let plan = world.planned(&graph, &key, Action::Update).await;
    let default = step(&plan, &key);
    assert_eq!((&default.diffs[0].actual, &default.diffs[0].desired), (&vpc, &json!(null)));
    assert_eq!(default.diffs.len(), 1);

    world.converge(&graph, &plan).await;
    assert_eq!(world.boto3(DEFAULTS), json!([]));
    let left = "[it['SubnetId'] for it in ec2.describe_subnets()['Subnets']], \
                [it['InternetGatewayId'] for it in ec2.describe_internet_gateways()['InternetGateways']]";
    assert_eq!(world.boto3(left), json!([[], []]));
    world.settle(&graph).await;
}

#[tokio::test]
async fn a_used_one_is_left_alone() {
    let world = World::new().await;
    let before = world.boto3(DEFAULTS);
    assert_eq!(before.as_array().map(Vec::len), Some(1));
    // Something with an address; then something without one, which would keep the VPC when its subnets are gone.
    let interface = "ec2.create_network_interface(SubnetId=ec2.describe_subnets()['Subnets'][0]['SubnetId'])";
    let id = world.boto3(&format!("{interface}['NetworkInterface']['NetworkInterfaceId']"));
    world.settle(&graph(&world)).await;
    world.boto3(&format!("ec2.delete_network_interface(NetworkInterfaceId={id})\nNone"));
    world.boto3(&format!("ec2.create_security_group(GroupName='a', Description='a', VpcId={})['GroupId']", before[0]));
    world.settle(&graph(&world)).await;
    assert_eq!(world.boto3(DEFAULTS), before);
}
