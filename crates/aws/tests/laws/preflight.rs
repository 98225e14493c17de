//! What is asked before a run: it is as boto3 says, and needs all that it declares.

use std::collections::BTreeSet;

use aws::preflight::Quota::{self, ElasticIps, FargateCpus, InternetGateways, LoadBalancers, NatGateways, Vpcs};
use aws::preflight::{self, Preflight, Usage};
use testing::World;

/// Beside an account's own: what the fleet has, and what others have.
const GIVEN: &str = "
ours = [{'Key': 'orgstrap:fleet', 'Value': 'verb'}]
vpc = ec2.create_vpc(CidrBlock='10.20.0.0/16', TagSpecifications=[{'ResourceType': 'vpc', 'Tags': ours}])['Vpc']['VpcId']
ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={'Value': True})
ec2.associate_vpc_cidr_block(VpcId=vpc, CidrBlock='10.30.0.0/16')
ec2.create_internet_gateway(TagSpecifications=[{'ResourceType': 'internet-gateway', 'Tags': ours}])
subnets = [ec2.create_subnet(VpcId=vpc, CidrBlock=f'10.20.{n}.0/24', AvailabilityZone='us-west-1' + z)['Subnet']['SubnetId']
    for n, z in [(0, 'a'), (1, 'b'), (2, 'b')]]
def gateway(subnet, **more):
    address = ec2.allocate_address(Domain='vpc')['AllocationId']
    return ec2.create_nat_gateway(SubnetId=subnet, AllocationId=address, **more)['NatGateway']['NatGatewayId']
gateway(subnets[0])
gateway(subnets[1], TagSpecifications=[{'ResourceType': 'natgateway', 'Tags': ours}])
gateway(subnets[2])
ec2.delete_nat_gateway(NatGatewayId=gateway(subnets[0]))

elb = session.client('elbv2')
elb.create_load_balancer(Name='dev', Subnets=subnets[:2])
elb.create_load_balancer(Name='other', Subnets=subnets[:2])
elb.create_load_balancer(Name='network', Subnets=subnets[:2], Type='network')
ecs.create_cluster(clusterName='a')
ecs.register_task_definition(family='a', cpu='512', memory='1024', networkMode='awsvpc',
    requiresCompatibilities=['FARGATE'], containerDefinitions=[{'name': 'a', 'image': 'a', 'memory': 512}])
network = {'awsvpcConfiguration': {'subnets': subnets[:1], 'securityGroups': []}}
run = dict(cluster='a', taskDefinition='a', launchType='FARGATE', networkConfiguration=network)
ecs.run_task(count=2, **run)
ecs.run_task(count=1, tags=[{'key': 'orgstrap:fleet', 'value': 'verb'}], **run)
None
";

#[tokio::test(flavor = "multi_thread")]
async fn it_holds() {
    let world = World::new().await;
    world.in_fair_weather(Box::pin(it_holds_in(&world))).await;
}

async fn it_holds_in(world: &World) {
    world.boto3(GIVEN);
    let account = world.enter().await;
    let networks = preflight::networks(&account).await.unwrap();
    let cidrs = |ours| {
        let some = networks.iter().filter(|network| network.ours == ours).flat_map(|network| &network.cidrs);
        some.map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(cidrs(true), ["10.20.0.0/16", "10.30.0.0/16"]);
    assert_eq!(cidrs(false), ["172.31.0.0/16"]);
    assert!(networks.iter().all(|network| network.is_default != network.ours));

    let wanted = BTreeSet::from([ElasticIps, FargateCpus, InternetGateways, LoadBalancers, NatGateways, Vpcs]);
    let applied = preflight::applied(&account, &wanted).await;
    for quota in &wanted {
        let value = applied[quota].as_ref().unwrap();
        assert!((value - quota.default()).abs() < 0.01, "{quota:?} is {value}");
    }
    let used = preflight::usage(&account, &wanted, "dev").await;
    for (quota, ours, others) in [
        // The default network of the local AWS has none.
        (InternetGateways, 1.0, 0.0),
        (ElasticIps, 0.0, 4.0),
        // In the zone that has most of them, without the one that is gone.
        (NatGateways, 1.0, 1.0),
        (LoadBalancers, 1.0, 1.0),
        (FargateCpus, 0.5, 1.0),
    ] {
        assert_eq!(used[&quota].as_ref().unwrap(), &Usage { ours, others }, "{quota:?}");
    }

    for (region, enabled) in [("us-west-1", true), ("ap-east-1", false)] {
        assert_eq!(preflight::is_enabled(&account, region).await.unwrap(), enabled, "{region}");
        assert_eq!(preflight::is_enabled_by_itself(&account, region).await.unwrap(), enabled, "{region}");
    }
    world.needed_all_declared_by::<Preflight>();
}
