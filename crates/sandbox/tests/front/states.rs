//! What takes its time.

use serde_json::json;

use crate::bench::Bench;

#[tokio::test(flavor = "multi_thread")]
async fn nat_gateways_come_and_go() {
    let bench = Bench::new("").await;
    let seen = bench.ask(
        "vpc = moto.ec2.create_vpc(CidrBlock='10.0.0.0/16')['Vpc']['VpcId']\n\
         def state(side, id, **more):\n    \
             found = side.ec2.describe_nat_gateways(NatGatewayIds=[id], **more)['NatGateways']\n    \
             return found[0]['State'] if found else None\n\
         def gateway(side, number):\n    \
             subnet = moto.ec2.create_subnet(VpcId=vpc, CidrBlock=f'10.0.{number}.0/24')['Subnet']['SubnetId']\n    \
             address = moto.ec2.allocate_address(Domain='vpc')['AllocationId']\n    \
             made = side.ec2.create_nat_gateway(SubnetId=subnet, AllocationId=address)['NatGateway']\n    \
             return made['State'], made['NatGatewayId'], subnet, address\n\
         (of_moto, *_), (of_front, id, subnet, address) = gateway(moto, 1), gateway(front, 2)\n\
         [of_moto, of_front, state(front, id)]",
    );
    assert_eq!(seen, json!(["available", "pending", "available"]));
    bench.front.set_weather("pending=2s".parse().unwrap());
    let seen = bench.ask(
        "available = [{'Name': 'state', 'Values': ['available']}]\n\
         _, late, *_ = gateway(front, 3)\n\
         found = [state(moto, late), state(front, late), state(front, late, Filters=available)]\n\
         time.sleep(2.1)\n\
         found + [state(front, late), state(front, late, Filters=available)]",
    );
    assert_eq!(seen, json!(["available", "pending", null, "available", "available"]));
    let seen = bench.ask(
        "front.ec2.delete_nat_gateway(NatGatewayId=id)\n\
         calls = [lambda: front.ec2.delete_subnet(SubnetId=subnet), lambda: front.ec2.release_address(AllocationId=address)]\n\
         found = [state(moto, id), state(front, id)] + [refusal(call) for call in calls]\n\
         time.sleep(2.1)\n\
         found + [state(front, id)] + [refusal(call) for call in calls]",
    );
    let held = ["DependencyViolation", "InvalidIPAddress.InUse"];
    assert_eq!(seen, json!(["deleted", "deleting", held[0], held[1], "deleted", null, null]));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_takes_its_time_and_an_address_of_its_own() {
    let bench = Bench::new("organizations.CreateAccount:pending=2s").await;
    let seen = bench.ask(
        "org = front.organizations\n\
         moto.organizations.create_organization(FeatureSet='ALL')\n\
         def begin(side, name, email):\n    \
             return side.organizations.create_account(AccountName=name, Email=email)['CreateAccountStatus']\n\
         def status(id):\n    return org.describe_create_account_status(CreateAccountRequestId=id)['CreateAccountStatus']\n\
         def listed(*states):\n    \
             found = org.list_create_account_status(States=list(states))['CreateAccountStatuses']\n    \
             return [request['Id'] for request in found]\n\
         of_moto = begin(moto, 'a', 'aws+a@verb.example')\n\
         made = begin(front, 'b', 'aws+b@verb.example')\n\
         now = status(made['Id'])\n\
         there = moto.organizations.describe_create_account_status(CreateAccountRequestId=made['Id'])\n\
         id = there['CreateAccountStatus']['AccountId']\n\
         role = f'arn:aws:iam::{id}:role/OrganizationAccountAccessRole'\n\
         enter = lambda side: refusal(side.sts.assume_role, RoleArn=role, RoleSessionName='test')\n\
         names = lambda: [account['Name'] for account in org.list_accounts()['Accounts']]\n\
         describe = lambda side: refusal(side.organizations.describe_account, AccountId=id)\n\
         found = [of_moto['State'], made['State'], 'AccountId' in made, now['State'], 'AccountId' in now, names(), enter(moto),\n    \
             enter(front), describe(moto), describe(front), listed('IN_PROGRESS') == [made['Id']]]\n\
         time.sleep(2.1)\n\
         later = status(made['Id'])\n\
         [found, [later['State'], later['AccountId'] == id, names()[-1], enter(front), describe(front), listed('IN_PROGRESS')]]",
    );
    let (denied, missing) = ("AccessDenied", "AccountNotFoundException");
    let names = json!(["master", "a"]);
    let before =
        json!(["SUCCEEDED", "IN_PROGRESS", false, "IN_PROGRESS", false, names, null, denied, null, missing, true]);
    assert_eq!(seen, json!([before, ["SUCCEEDED", true, "b", null, null, []]]));
    let seen = bench.ask(
        "count = len(moto.organizations.list_accounts()['Accounts'])\n\
         second = begin(front, 'c', 'AWS+b@verb.example')\n\
         end = status(second['Id'])\n\
         found = [second['State'], end['State'], end['FailureReason'], listed('FAILED') == [second['Id']],\n    \
             len(moto.organizations.list_accounts()['Accounts']) - count]\n\
         begin(moto, 'c', 'aws+b@verb.example')\n\
         found + [len(moto.organizations.list_accounts()['Accounts']) - count]",
    );
    assert_eq!(seen, json!(["IN_PROGRESS", "FAILED", "EMAIL_ALREADY_EXISTS", true, 0, 1]));
}

#[tokio::test(flavor = "multi_thread")]
async fn endpoints_load_balancers_and_services_begin() {
    let bench = Bench::new("").await;
    let code = "vpc = moto.ec2.create_vpc(CidrBlock='10.0.0.0/16')['Vpc']['VpcId']\n\
         subnets = [moto.ec2.create_subnet(VpcId=vpc, CidrBlock=f'10.0.{n}.0/24', AvailabilityZone=f'us-west-1{zone}')['Subnet']['SubnetId']\n    \
             for n, zone in enumerate('ab')]\n\
         moto.ecs.create_cluster(clusterName='main')\n\
         task = moto.ecs.register_task_definition(family='a', containerDefinitions=[{'name': 'a', 'image': 'a', 'memory': 64}])\n\
         task = task['taskDefinition']['taskDefinitionArn']\n\
         def counts(service):\n    \
             return [service['runningCount'], service['deployments'][0]['runningCount'], service['deployments'][0]['rolloutState']]\n\
         def begin(side, name):\n    \
             place = dict(VpcId=vpc, ServiceName='com.amazonaws.us-west-1.ecr.api', VpcEndpointType='Interface')\n    \
             endpoint = side.ec2.create_vpc_endpoint(SubnetIds=subnets[:1], **place)['VpcEndpoint']\n    \
             place['ServiceName'], place['VpcEndpointType'] = f'com.amazonaws.us-west-1.{name}', 'Gateway'\n    \
             way = side.ec2.create_vpc_endpoint(**place)['VpcEndpoint']['State']\n    \
             balancer = side.elbv2.create_load_balancer(Name=name, Subnets=subnets, Scheme='internal')['LoadBalancers'][0]\n    \
             service = side.ecs.create_service(cluster='main', serviceName=name, taskDefinition=task, desiredCount=2)['service']\n    \
             return [endpoint['State'], way, balancer['State']['Code'], counts(service)], endpoint['VpcEndpointId']\n\
         def look(side, name, endpoint):\n    \
             endpoint = side.ec2.describe_vpc_endpoints(VpcEndpointIds=[endpoint])['VpcEndpoints'][0]['State']\n    \
             balancer = side.elbv2.describe_load_balancers(Names=[name])['LoadBalancers'][0]['State']['Code']\n    \
             return [endpoint, balancer, counts(side.ecs.describe_services(cluster='main', services=[name])['services'][0])]\n";
    bench.ask(&format!("{code}None"));
    let seen = bench.ask("(of_moto, _), (of_front, id) = begin(moto, 's3'), begin(front, 'dynamodb')\n[of_moto, of_front, look(front, 'dynamodb', id)]");
    let (none, all) = (json!([0, 0, "IN_PROGRESS"]), json!([2, 2, "COMPLETED"]));
    let begun = json!(["pending", "available", "provisioning", none]);
    assert_eq!(seen, json!([["available", "available", "provisioning", all], begun, ["available", "active", all]]));
    bench.front.set_weather("pending=3s".parse().unwrap());
    let seen = bench.ask(
        "_, late = begin(front, 'late')\n\
         found = [look(moto, 'late', late), look(front, 'late', late)]\n\
         time.sleep(3.1)\n\
         found + [look(front, 'late', late)]",
    );
    let done = json!(["available", "active", all]);
    assert_eq!(seen, json!([done, ["pending", "provisioning", none], done]));
    // Another task definition is another deployment; what was there runs on.
    let seen = bench.ask(
        "front.ecs.update_service(cluster='main', service='late', desiredCount=2, forceNewDeployment=True)\n\
         found = look(front, 'late', late)[2]\n\
         time.sleep(3.1)\n\
         [found, look(front, 'late', late)[2]]",
    );
    assert_eq!(seen, json!([[2, 0, "IN_PROGRESS"], all]));
}
