//! The law of default networks: they come with their account, in every region, and go unless something uses them.

use aws::Account;
use aws::resources::DefaultVpcs;
use engine::{Action, Graph, Key, Resource};
use serde_json::json;
use testing::{SCOPE, World, step};

/// The default VPCs by region, and what is left of their parts.
const HELPERS: &str = "def there(region):\n    return session.client('ec2', region)\n\
    REGIONS = [r['RegionName'] for r in in_front('ec2').describe_regions()['Regions']]\n\
    def default(region):\n    return [v['VpcId'] for v in there(region).describe_vpcs()['Vpcs'] if v['IsDefault']]\n\
    def defaults():\n    return {region: vpc for region in REGIONS for vpc in default(region)}";

fn graph(world: &World) -> Graph<Account> {
    world.graph(|scope| {
        scope.add("main", (), |()| DefaultVpcs::default());
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn unused_ones_go_with_their_parts_in_every_region() {
    let world = World::new().await;
    let all = world.boto3(&format!(
        "{HELPERS}
for region in ['us-west-1', 'eu-west-1']:
    gateway = there(region).create_internet_gateway()['InternetGateway']['InternetGatewayId']
    there(region).attach_internet_gateway(InternetGatewayId=gateway, VpcId=default(region)[0])
defaults()"
    ));
    assert!(all.as_object().unwrap().len() > 10, "{all}");
    let graph = graph(&world);
    let key = Key::new(SCOPE, DefaultVpcs::KIND, "main");
    let plan = world.planned(&graph, &key, Action::Update).await;
    let found = step(&plan, &key);
    assert_eq!((&found.diffs[0].actual, &found.diffs[0].desired), (&all, &json!({})));
    assert_eq!(found.diffs.len(), 1);

    world.converge(&graph, &plan).await;
    let left = "[[len(there(r).describe_vpcs()['Vpcs']), len(there(r).describe_subnets()['Subnets']), \
                len(there(r).describe_internet_gateways()['InternetGateways'])] for r in REGIONS]";
    let nothing: Vec<_> = all.as_object().unwrap().iter().map(|_| json!([0, 0, 0])).collect();
    assert_eq!(world.boto3(left), json!(nothing));
    world.settle(&graph).await;
    world.needed_all_declared_by::<DefaultVpcs>();
}

#[tokio::test(flavor = "multi_thread")]
async fn used_ones_are_left_alone() {
    let world = World::new().await;
    world.boto3(HELPERS);
    // Something with an address here; elsewhere something without one, which would keep the VPC when its subnets are gone.
    let used = world.boto3(
        "subnet = there('us-west-1').describe_subnets()['Subnets'][0]['SubnetId']\n\
         there('us-west-1').create_network_interface(SubnetId=subnet)\n\
         [vpc] = default('eu-west-1')\n\
         there('eu-west-1').create_security_group(GroupName='a', Description='a', VpcId=vpc)\n\
         {region: vpc for region, vpc in defaults().items() if region in ('us-west-1', 'eu-west-1')}",
    );
    world.settle(&graph(&world)).await;
    assert_eq!(world.boto3("defaults()"), used);
}

/// Each region is looked at once, and the account's own by the list that its networks are in.
#[tokio::test(flavor = "multi_thread")]
async fn each_region_is_one_call() {
    let world = World::new().await;
    let regions = world.boto3(&format!("{HELPERS}\nlen(REGIONS)")).as_u64().unwrap();
    world.settle(&graph(&world)).await;
    let planned = world.in_fair_weather(async {
        let calls = || {
            let all = world.sessions().stats().all();
            let of =
                |operation: &str| all.iter().filter(|one| one.operation == operation).map(|one| one.calls).sum::<u64>();
            [of("DescribeRegions"), of("DescribeVpcs"), of("DescribeSubnets"), of("DescribeNetworkInterfaces")]
        };
        let before = calls();
        let graph = world.graph(|scope| {
            scope.watch::<aws::resources::Vpc>();
            scope.add("main", (), |()| DefaultVpcs::default());
        });
        world.plan(&graph).await;
        calls().iter().zip(before).map(|(now, before)| now - before).collect::<Vec<_>>()
    });
    assert_eq!(planned.await, [1, regions, 0, 0]);
}
