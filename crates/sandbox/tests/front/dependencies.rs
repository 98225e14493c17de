//! What something depends on cannot be deleted.

use serde_json::json;

use crate::bench::Bench;

#[tokio::test(flavor = "multi_thread")]
async fn a_network_goes_from_the_inside_out() {
    let bench = Bench::new("").await;
    bench.ask(
        "def network(side, part):\n    \
             vpc = moto.ec2.create_vpc(CidrBlock='10.0.0.0/16')['Vpc']['VpcId']\n    \
             return vpc, part(side, vpc)\n\
         def group(side, vpc):\n    \
             return side.ec2.create_security_group(VpcId=vpc, GroupName='a', Description='a')['GroupId']\n\
         def way_out(side, vpc):\n    \
             id = moto.ec2.create_internet_gateway()['InternetGateway']['InternetGatewayId']\n    \
             side.ec2.attach_internet_gateway(InternetGatewayId=id, VpcId=vpc)\n    \
             return id\n\
         def endpoint(side, vpc):\n    \
             made = side.ec2.create_vpc_endpoint(VpcId=vpc, ServiceName='com.amazonaws.us-west-1.s3', VpcEndpointType='Gateway')\n    \
             return made['VpcEndpoint']['VpcEndpointId']\n\
         def subnet(side, vpc):\n    \
             return side.ec2.create_subnet(VpcId=vpc, CidrBlock='10.0.0.0/24')['Subnet']['SubnetId']\n\
         def gone(side, part):\n    \
             vpc, _ = network(side, part)\n    \
             code = refusal(side.ec2.delete_vpc, VpcId=vpc)\n    \
             left = vpc in [v['VpcId'] for v in moto.ec2.describe_vpcs()['Vpcs']]\n    \
             return [code, left]",
    );
    let seen = bench.ask("[[gone(side, part) for part in (group, way_out, endpoint)] for side in (moto, front)]");
    let (passes, refused) = (json!([null, false]), json!(["DependencyViolation", true]));
    assert_eq!(seen, json!([[passes, passes, passes], [refused, refused, refused]]));
    // What moto sees to itself.
    assert_eq!(bench.ask("gone(moto, subnet)[0]"), "DependencyViolation");

    let seen = bench.ask(
        "def pair(side, vpc):\n    \
             one, two = group(side, vpc), side.ec2.create_security_group(VpcId=vpc, GroupName='b', Description='b')['GroupId']\n    \
             by_one = {'IpProtocol': 'tcp', 'FromPort': 1, 'ToPort': 2, 'UserIdGroupPairs': [{'GroupId': one}]}\n    \
             side.ec2.authorize_security_group_ingress(GroupId=two, IpPermissions=[by_one])\n    \
             return one, two, [refusal(side.ec2.delete_security_group, GroupId=id) for id in (one, two, one)]\n\
         def worn(side, vpc):\n    \
             id, place = group(side, vpc), subnet(side, vpc)\n    \
             interface = side.ec2.create_network_interface(SubnetId=place, Groups=[id])['NetworkInterface']\n    \
             codes = [refusal(side.ec2.delete_security_group, GroupId=id), refusal(side.ec2.delete_subnet, SubnetId=place)]\n    \
             refusal(side.ec2.delete_network_interface, NetworkInterfaceId=interface['NetworkInterfaceId'])\n    \
             return codes + [refusal(side.ec2.delete_security_group, GroupId=id)]\n\
         def standing(side, vpc):\n    \
             filters = [{'Name': 'vpc-id', 'Values': [vpc]}]\n    \
             table = side.ec2.describe_route_tables(Filters=filters)['RouteTables'][0]['RouteTableId']\n    \
             default = side.ec2.describe_security_groups(Filters=filters)['SecurityGroups'][0]['GroupId']\n    \
             return [refusal(side.ec2.delete_route_table, RouteTableId=table),\n        \
                 refusal(side.ec2.delete_security_group, GroupId=default)]\n\
         [[network(side, pair)[1][2], network(side, worn)[1], network(side, standing)[1]] for side in (moto, front)]",
    );
    let of_moto = json!([[null, null, "InvalidGroup.NotFound"], [null, null, "InvalidGroup.NotFound"], [null, null]]);
    let in_use = "DependencyViolation";
    let of_front = json!([[in_use, null, null], [in_use, in_use, null], [in_use, "CannotDelete"]]);
    assert_eq!(seen, json!([of_moto, of_front]));

    // In the right order everything goes.
    let seen = bench.ask(
        "vpc, gateway = network(front, way_out)\n\
         place, way = subnet(front, vpc), endpoint(front, vpc)\n\
         front.ec2.delete_vpc_endpoints(VpcEndpointIds=[way])\n\
         front.ec2.delete_subnet(SubnetId=place)\n\
         front.ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)\n\
         front.ec2.delete_internet_gateway(InternetGatewayId=gateway)\n\
         front.ec2.delete_vpc(VpcId=vpc)\n\
         vpc in [v['VpcId'] for v in moto.ec2.describe_vpcs()['Vpcs']]",
    );
    assert_eq!(seen, json!(false));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nat_gateway_holds_its_subnet_its_address_and_the_way_out() {
    let bench = Bench::new("").await;
    let seen = bench.ask(
        "def world(side):\n    \
             ec2 = side.ec2\n    \
             vpc = moto.ec2.create_vpc(CidrBlock='10.0.0.0/16')['Vpc']['VpcId']\n    \
             subnet = ec2.create_subnet(VpcId=vpc, CidrBlock='10.0.0.0/24')['Subnet']['SubnetId']\n    \
             way = moto.ec2.create_internet_gateway()['InternetGateway']['InternetGatewayId']\n    \
             ec2.attach_internet_gateway(InternetGatewayId=way, VpcId=vpc)\n    \
             address = ec2.allocate_address(Domain='vpc')['AllocationId']\n    \
             nat = ec2.create_nat_gateway(SubnetId=subnet, AllocationId=address)['NatGateway']['NatGatewayId']\n    \
             out = [lambda: ec2.detach_internet_gateway(InternetGatewayId=way, VpcId=vpc),\n        \
                 lambda: ec2.release_address(AllocationId=address), lambda: ec2.delete_subnet(SubnetId=subnet)]\n    \
             before = [refusal(call) for call in out]\n    \
             refusal(ec2.delete_nat_gateway, NatGatewayId=nat)\n    \
             return [before, [refusal(call) for call in out]]\n\
         [world(moto)[0], world(front)]",
    );
    let (nothing, held) =
        (json!([null, null, null]), json!(["DependencyViolation", "InvalidIPAddress.InUse", "DependencyViolation"]));
    assert_eq!(seen, json!([nothing, [held, nothing]]));
    // So does a load balancer.
    let seen = bench.ask(
        "def world(side, name):\n    \
             ec2 = side.ec2\n    \
             vpc = moto.ec2.create_vpc(CidrBlock='10.0.0.0/16')['Vpc']['VpcId']\n    \
             subnets = [ec2.create_subnet(VpcId=vpc, CidrBlock=f'10.0.{n}.0/24', AvailabilityZone=f'us-west-1{zone}')['Subnet']['SubnetId']\n        \
                 for n, zone in enumerate('ab')]\n    \
             group = ec2.create_security_group(VpcId=vpc, GroupName='a', Description='a')['GroupId']\n    \
             way = moto.ec2.create_internet_gateway()['InternetGateway']['InternetGatewayId']\n    \
             ec2.attach_internet_gateway(InternetGatewayId=way, VpcId=vpc)\n    \
             made = side.elbv2.create_load_balancer(Name=name, Subnets=subnets, SecurityGroups=[group])\n    \
             out = [lambda: ec2.detach_internet_gateway(InternetGatewayId=way, VpcId=vpc),\n        \
                 lambda: ec2.delete_security_group(GroupId=group), lambda: ec2.delete_subnet(SubnetId=subnets[0])]\n    \
             before = [refusal(call) for call in out]\n    \
             side.elbv2.delete_load_balancer(LoadBalancerArn=made['LoadBalancers'][0]['LoadBalancerArn'])\n    \
             return [before, [refusal(call) for call in out]]\n\
         [world(moto, 'm')[0], world(front, 'f')]",
    );
    let held = json!(["DependencyViolation", "DependencyViolation", "DependencyViolation"]);
    assert_eq!(seen, json!([nothing, [held, nothing]]));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_service_refuses_in_its_own_words() {
    let bench = Bench::new("").await;
    let seen = bench.ask(
        "import itertools\n\
         numbers = itertools.count()\n\
         allow = json.dumps({'Version': '2012-10-17', 'Statement': [{'Effect': 'Allow', 'Action': 's3:*', 'Resource': '*'}]})\n\
         trust = json.dumps({'Version': '2012-10-17', 'Statement': [{'Effect': 'Allow', 'Action': 'sts:AssumeRole',\n\
            'Principal': {'Service': 'ecs-tasks.amazonaws.com'}}]})\n\
         def attached(side):\n    \
             name = f'a{next(numbers)}'\n    \
             arn = side.iam.create_policy(PolicyName=name, PolicyDocument=allow)['Policy']['Arn']\n    \
             side.iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)\n    \
             side.iam.attach_role_policy(RoleName=name, PolicyArn=arn)\n    \
             of_role = refusal(side.iam.delete_role, RoleName=name)\n    \
             return [of_role, refusal(side.iam.delete_policy, PolicyArn=arn)]\n\
         def versioned(side):\n    \
             arn = side.iam.create_policy(PolicyName=f'a{next(numbers)}', PolicyDocument=allow)['Policy']['Arn']\n    \
             side.iam.create_policy_version(PolicyArn=arn, PolicyDocument=allow)\n    \
             return refusal(side.iam.delete_policy, PolicyArn=arn)\n\
         def plain(side):\n    \
             arn = side.iam.create_policy(PolicyName=f'a{next(numbers)}', PolicyDocument=allow)['Policy']['Arn']\n    \
             return refusal(side.iam.delete_policy, PolicyArn=arn)\n\
         def cluster(side):\n    \
             name = f'a{next(numbers)}'\n    \
             side.ecs.create_cluster(clusterName=name)\n    \
             task = side.ecs.register_task_definition(family='a', containerDefinitions=[{'name': 'a', 'image': 'a', 'memory': 64}])\n    \
             task = task['taskDefinition']['taskDefinitionArn']\n    \
             side.ecs.create_service(cluster=name, serviceName='web', taskDefinition=task, desiredCount=1)\n    \
             before = refusal(side.ecs.delete_cluster, cluster=name)\n    \
             refusal(side.ecs.delete_service, cluster=name, service='web', force=True)\n    \
             return [before, refusal(side.ecs.delete_cluster, cluster=name)]\n\
         moto.organizations.create_organization(FeatureSet='ALL')\n\
         root = moto.organizations.list_roots()['Roots'][0]['Id']\n\
         def unit(side, child):\n    \
             name = f'a{next(numbers)}'\n    \
             id = side.organizations.create_organizational_unit(ParentId=root, Name=name)['OrganizationalUnit']['Id']\n    \
             if child:\n        \
                 side.organizations.create_organizational_unit(ParentId=id, Name='below')\n    \
             return refusal(side.organizations.delete_organizational_unit, OrganizationalUnitId=id)\n\
         [[attached(side), versioned(side), plain(side), cluster(side), unit(side, True), unit(side, False)]\n\
          for side in (moto, front)]",
    );
    let conflict = "DeleteConflict";
    let of_moto = json!([[conflict, null], null, null, [null, null], null, null]);
    let services = json!(["ClusterContainsServicesException", null]);
    let unit = "OrganizationalUnitNotEmptyException";
    assert_eq!(seen, json!([of_moto, [[conflict, conflict], conflict, null, services, unit, null]]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_load_balancer_may_be_protected_and_leaves_slowly() {
    let bench = Bench::new("elasticloadbalancing.DeleteLoadBalancer:pending=2s").await;
    let seen = bench.ask(
        "def world(side, name):\n    \
             ec2 = side.ec2\n    \
             vpc = moto.ec2.create_vpc(CidrBlock='10.0.0.0/16')['Vpc']['VpcId']\n    \
             subnets = [ec2.create_subnet(VpcId=vpc, CidrBlock=f'10.0.{n}.0/24', AvailabilityZone=f'us-west-1{zone}')['Subnet']['SubnetId']\n        \
                 for n, zone in enumerate('ab')]\n    \
             group = ec2.create_security_group(VpcId=vpc, GroupName='a', Description='a')['GroupId']\n    \
             made = side.elbv2.create_load_balancer(Name=name, Subnets=subnets, SecurityGroups=[group], Scheme='internal')\n    \
             arn = made['LoadBalancers'][0]['LoadBalancerArn']\n    \
             def protect(on):\n        \
                 side.elbv2.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=[\n            \
                     {'Key': 'deletion_protection.enabled', 'Value': on}])\n    \
             protect('true')\n    \
             deleted = [refusal(side.elbv2.delete_load_balancer, LoadBalancerArn=arn)]\n    \
             if deleted[0]:\n        \
                 protect('false')\n        \
                 deleted.append(refusal(side.elbv2.delete_load_balancer, LoadBalancerArn=arn))\n    \
             out = [lambda: ec2.delete_security_group(GroupId=group), lambda: ec2.delete_subnet(SubnetId=subnets[0])]\n    \
             before = [refusal(call) for call in out]\n    \
             if any(before):\n        \
                 time.sleep(2.1)\n        \
                 before += [refusal(call) for call in out]\n    \
             return [deleted, before]\n\
         [world(moto, 'm'), world(front, 'f')]",
    );
    let held = json!([["OperationNotPermitted", null], ["DependencyViolation", "DependencyViolation", null, null]]);
    assert_eq!(seen, json!([[[null], [null, null]], held]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_load_balancer_for_the_world_takes_a_way_in() {
    let bench = Bench::new("").await;
    let seen = bench.ask(
        "def world(side, name):\n    \
             vpc = moto.ec2.create_vpc(CidrBlock='10.0.0.0/16')['Vpc']['VpcId']\n    \
             subnets = [moto.ec2.create_subnet(VpcId=vpc, CidrBlock=f'10.0.{n}.0/24', AvailabilityZone=f'us-west-1{zone}')['Subnet']['SubnetId']\n        \
                 for n, zone in enumerate('ab')]\n    \
             make = lambda name, **more: refusal(side.elbv2.create_load_balancer, Name=name, Subnets=subnets, **more)\n    \
             before = [make(name + '1'), make(name + '2', Scheme='internal')]\n    \
             way = moto.ec2.create_internet_gateway()['InternetGateway']['InternetGatewayId']\n    \
             moto.ec2.attach_internet_gateway(InternetGatewayId=way, VpcId=vpc)\n    \
             return before + [make(name + '3')]\n\
         [world(moto, 'm'), world(front, 'f')]",
    );
    assert_eq!(seen, json!([[null, null, null], ["InvalidSubnet", null, null]]));
}
