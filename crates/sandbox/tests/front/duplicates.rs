//! What there is only once.

use serde_json::json;

use crate::bench::Bench;

#[tokio::test(flavor = "multi_thread")]
async fn a_second_one_is_refused() {
    let bench = Bench::new("").await;
    let seen = bench.ask(
        "trust = json.dumps({'Version': '2012-10-17', 'Statement': [{'Effect': 'Allow', 'Action': 'sts:AssumeRole',\n\
            'Principal': {'AWS': MANAGEMENT}}]})\n\
         moto.organizations.create_organization(FeatureSet='ALL')\n\
         root = moto.organizations.list_roots()['Roots'][0]['Id']\n\
         vpc = moto.ec2.create_vpc(CidrBlock='10.0.0.0/16')['Vpc']['VpcId']\n\
         subnets = [moto.ec2.create_subnet(VpcId=vpc, CidrBlock=f'10.0.{n}.0/24', AvailabilityZone=f'us-west-1{zone}')['Subnet']['SubnetId']\n    \
             for n, zone in enumerate('ab')]\n\
         def twice(call, *arguments):\n    return [refusal(call, *arguments), refusal(call, *arguments)]\n\
         def unit(side, name):\n    side.organizations.create_organizational_unit(ParentId=root, Name=name)\n\
         def role(side, name):\n    \
             side.iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)\n    \
             side.iam.create_role(RoleName=name.upper(), AssumeRolePolicyDocument=trust)\n\
         def balancer(side, name, scheme='internal'):\n    \
             made = side.elbv2.create_load_balancer(Name=name, Subnets=subnets, Scheme=scheme)\n    \
             return made['LoadBalancers'][0]['LoadBalancerArn']\n\
         def listener(side, arn, port=80):\n    \
             answer = [{'Type': 'fixed-response', 'FixedResponseConfig': {'StatusCode': '200'}}]\n    \
             side.elbv2.create_listener(LoadBalancerArn=arn, Protocol='HTTP', Port=port, DefaultActions=answer)\n\
         def all(side, name):\n    \
             arn = balancer(side, name)\n    \
             return [twice(unit, side, name), refusal(role, side, name), balancer(side, name) == arn,\n        \
                 refusal(balancer, side, name, 'internet-facing'), twice(listener, side, arn), refusal(listener, side, arn, 81)]\n\
         [all(moto, 'm'), all(front, 'f'), len(moto.elbv2.describe_load_balancers(Names=['f'])['LoadBalancers'])]",
    );
    let of_moto = json!([[null, null], null, false, null, [null, null], null]);
    let of_front = json!([
        [null, "DuplicateOrganizationalUnitException"],
        "EntityAlreadyExists",
        true,
        "DuplicateLoadBalancerName",
        [null, "DuplicateListener"],
        null
    ]);
    assert_eq!(seen, json!([of_moto, of_front, 1]));
    let seen = bench.ask(
        "table = [moto.ec2.create_route_table(VpcId=vpc)['RouteTable']['RouteTableId'] for _ in range(6)]\n\
         gateway = [moto.ec2.create_internet_gateway()['InternetGateway']['InternetGatewayId'] for _ in range(2)]\n\
         def associate(side, number, table):\n    side.ec2.associate_route_table(SubnetId=subnets[number], RouteTableId=table)\n\
         def endpoint(side, table):\n    \
             side.ec2.create_vpc_endpoint(VpcId=vpc, ServiceName='com.amazonaws.us-west-1.s3', VpcEndpointType='Gateway',\n        \
                 RouteTableIds=[table])\n\
         def attach(side, gateway):\n    side.ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)\n\
         [[refusal(associate, side, n, table[n]), refusal(associate, side, n, table[n + 2]),\n           \
             twice(endpoint, side, table[n + 4])] for n, side in enumerate((moto, front))] + [\n             \
             refusal(attach, front, gateway[0]), refusal(attach, front, gateway[1]), refusal(attach, moto, gateway[1])]",
    );
    let of_front = json!([null, "Resource.AlreadyAssociated", [null, "RouteAlreadyExists"]]);
    assert_eq!(seen, json!([[null, null, [null, null]], of_front, null, "InvalidParameterValue", null]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secrets_name_stays_taken_until_it_is_gone() {
    let bench = Bench::new("").await;
    let seen = bench.ask(
        "def secret(side, name):\n    \
             secrets, token = side.secretsmanager, name * 32\n    \
             make = lambda value: secrets.create_secret(Name=name, SecretString=value, ClientRequestToken=token)\n    \
             codes = [refusal(make, 'a'), refusal(make, 'a'), refusal(make, 'b'),\n        \
                 refusal(secrets.put_secret_value, SecretId=name, SecretString='b', ClientRequestToken=token)]\n    \
             secrets.delete_secret(SecretId=name)\n    \
             codes += [refusal(make, 'a'), refusal(secrets.put_secret_value, SecretId=name, SecretString='c')]\n    \
             secrets.restore_secret(SecretId=name)\n    \
             codes += [refusal(secrets.put_secret_value, SecretId=name, SecretString='c')]\n    \
             secrets.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)\n    \
             return codes + [refusal(make, 'b')]\n\
         [secret(moto, 'm'), secret(front, 'f')]",
    );
    let (exists, going) = ("ResourceExistsException", "InvalidRequestException");
    assert_eq!(seen[1], json!([null, null, exists, exists, going, going, null, null]));
    assert_eq!(seen[0], json!([null, null, exists, exists, null, null, null, null]));
}
