//! The same token is the same call.

use serde_json::json;

use crate::bench::Bench;

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_token_of_ec2_has_no_second_effect() {
    let bench = Bench::new("").await;
    let seen = bench.ask(
        "vpc = moto.ec2.create_vpc(CidrBlock='10.0.0.0/16')['Vpc']['VpcId']\n\
         subnet = moto.ec2.create_subnet(VpcId=vpc, CidrBlock='10.0.0.0/24')['Subnet']['SubnetId']\n\
         def gateway(side, token, **more):\n    \
             made = side.ec2.create_nat_gateway(SubnetId=subnet, ConnectivityType='private', ClientToken=token, **more)\n    \
             return made['NatGateway']['NatGatewayId']\n\
         def table(side, token):\n    \
             return side.ec2.create_route_table(VpcId=vpc, ClientToken=token)['RouteTable']['RouteTableId']\n\
         def endpoint(side, token):\n    \
             made = side.ec2.create_vpc_endpoint(VpcId=vpc, ServiceName='com.amazonaws.us-west-1.s3', ClientToken=token)\n    \
             return made['VpcEndpoint']['VpcEndpointId']\n\
         def log(side, token):\n    \
             return side.ec2.create_flow_logs(ResourceIds=[subnet], ResourceType='Subnet', TrafficType='ALL',\n        \
                 LogDestinationType='s3', LogDestination='arn:aws:s3:::verb', ClientToken=token)['FlowLogIds']\n\
         moto.s3.create_bucket(Bucket='verb', CreateBucketConfiguration={'LocationConstraint': 'us-west-1'})\n\
         ways = [gateway, table, endpoint]\n\
         [[way(moto, 'm') == way(moto, 'm') for way in ways],\n\
          [way(front, 'f') == way(front, 'f') for way in ways],\n\
          refusal(log, moto, 'm'), refusal(log, moto, 'm'), refusal(moto.ec2.delete_flow_logs, FlowLogIds=[\n\
              found['FlowLogId'] for found in moto.ec2.describe_flow_logs()['FlowLogs']]),\n\
          log(front, 'f') == log(front, 'f'), len(moto.ec2.describe_flow_logs()['FlowLogs']),\n\
          len(moto.ec2.describe_nat_gateways()['NatGateways'])]",
    );
    let same = json!([true, true, true]);
    let other = json!([false, false, false]);
    assert_eq!(seen, json!([other, same, null, "FlowLogAlreadyExists", null, true, 1, 3]));
    let seen = bench.ask(
        "tags = [{'ResourceType': 'natgateway', 'Tags': [{'Key': 'a', 'Value': 'b'}]}]\n\
         first = gateway(front, 'f')\n\
         mismatch = refusal(gateway, front, 'f', TagSpecifications=tags)\n\
         front.ec2.delete_nat_gateway(NatGatewayId=first)\n\
         [mismatch, gateway(front, 'f') == first, gateway(front, 'g') == first]",
    );
    assert_eq!(seen, json!(["IdempotentParameterMismatch", true, false]));
    // Another account, another operation or another region is another call, and a refusal uses up no token.
    let seen = bench.ask(
        "bad = refusal(front.ec2.create_nat_gateway, SubnetId='subnet-00000000', ConnectivityType='private', ClientToken='h')\n\
         id, dev = front.account('dev')\n\
         there = dev.ec2.create_vpc(CidrBlock='10.0.0.0/16')['Vpc']['VpcId']\n\
         [bad, refusal(gateway, front, 'h'), refusal(dev.ec2.create_route_table, VpcId=there, ClientToken='f')]",
    );
    assert_eq!(seen, json!(["InvalidSubnetID.NotFound", null, null]));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_calls_at_once_with_one_token_have_one_effect() {
    let bench = Bench::new("").await;
    let seen = bench.ask(
        "import concurrent.futures\n\
         vpc = moto.ec2.create_vpc(CidrBlock='10.0.0.0/16')['Vpc']['VpcId']\n\
         front.client('ec2')\n\
         def table(_):\n    \
             return front.ec2.create_route_table(VpcId=vpc, ClientToken='f')['RouteTable']['RouteTableId']\n\
         with concurrent.futures.ThreadPoolExecutor(8) as pool:\n    \
             made = set(pool.map(table, range(16)))\n\
         tables = moto.ec2.describe_route_tables(Filters=[{'Name': 'vpc-id', 'Values': [vpc]}])['RouteTables']\n\
         [len(made), len(tables)]",
    );
    // The other table is the main one.
    assert_eq!(seen, json!([1, 2]));
    // A token whose call had its effect but no answer is known, too.
    bench.front.set_weather("error-after=100%".parse().unwrap());
    let lost = bench.ask("refusal(front.ec2.create_route_table, VpcId=vpc, ClientToken='g')");
    assert_eq!(lost, "InternalError");
    bench.front.set_weather("".parse().unwrap());
    let seen = bench.ask(
        "front.ec2.create_route_table(VpcId=vpc, ClientToken='g')\n\
         len(moto.ec2.describe_route_tables(Filters=[{'Name': 'vpc-id', 'Values': [vpc]}])['RouteTables'])",
    );
    assert_eq!(seen, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_service_has_tokens_of_its_own() {
    let bench = Bench::new("").await;
    let seen = bench.ask(
        "def certificate(side, token, name='a.verb.example'):\n    \
             made = side.acm.request_certificate(DomainName=name, ValidationMethod='DNS', IdempotencyToken=token)\n    \
             return made['CertificateArn']\n\
         def zone(side, reference):\n    \
             side.route53.create_hosted_zone(Name='verb.example', CallerReference=reference)\n\
         def both(call):\n    return [[refusal(call, moto), refusal(call, moto)], [refusal(call, front), refusal(call, front)]]\n\
         [certificate(front, 'f') == certificate(front, 'f'),\n\
          certificate(moto, 'm') == certificate(moto, 'm', 'b.verb.example'),\n\
          certificate(front, 'f') == certificate(front, 'f', 'b.verb.example'),\n\
          both(lambda side: zone(side, '1'))]",
    );
    assert_eq!(seen, json!([true, true, false, [[null, null], [null, "HostedZoneAlreadyExists"]]]));
    let seen = bench.ask(
        "id = [z['Id'] for z in front.route53.list_hosted_zones()['HostedZones']][-1]\n\
         front.route53.delete_hosted_zone(Id=id)\n\
         [refusal(zone, front, '1'), refusal(zone, front, '2')]",
    );
    assert_eq!(seen, json!(["HostedZoneAlreadyExists", null]));
    let seen = bench.ask(
        "front.ecs.create_cluster(clusterName='main')\n\
         task = front.ecs.register_task_definition(family='a', containerDefinitions=[{'name': 'a', 'image': 'a', 'memory': 64}])\n\
         task = task['taskDefinition']['taskDefinitionArn']\n\
         def service(side, token, count=1):\n    \
             made = side.ecs.create_service(cluster='main', serviceName=token, taskDefinition=task, desiredCount=count,\n        \
                 clientToken=token)\n    \
             return made['service']['deployments'][0]['id']\n\
         [service(moto, 'm') == service(moto, 'm'), service(front, 'f') == service(front, 'f'), refusal(service, front, 'f', 2)]",
    );
    assert_eq!(seen, json!([false, true, "InvalidParameterException"]));
}
