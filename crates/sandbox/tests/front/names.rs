//! Names and numbers have limits.

use serde_json::{Value, json};

use crate::bench::Bench;

#[tokio::test(flavor = "multi_thread")]
async fn names_texts_and_numbers_have_limits() {
    let bench = Bench::new("").await;
    let seen = bench.ask(
        "trust = json.dumps({'Version': '2012-10-17', 'Statement': [{'Effect': 'Allow', 'Action': 'sts:AssumeRole',\n\
            'Principal': {'AWS': MANAGEMENT}}]})\n\
         moto.organizations.create_organization(FeatureSet='ALL')\n\
         root = moto.organizations.list_roots()['Roots'][0]['Id']\n\
         vpc = moto.ec2.create_vpc(CidrBlock='10.0.0.0/16')['Vpc']['VpcId']\n\
         subnets = [moto.ec2.create_subnet(VpcId=vpc, CidrBlock=f'10.0.{n}.0/24', AvailabilityZone=f'us-west-1{zone}')['Subnet']['SubnetId']\n    \
             for n, zone in enumerate('ab')]\n\
         moto.iam.create_role(RoleName='there', AssumeRolePolicyDocument=trust)\n\
         moto.logs.create_log_group(logGroupName='/there')\n\
         def role(side, name, **more):\n    \
             return refusal(side.iam.create_role, RoleName=name, AssumeRolePolicyDocument=trust, **more)\n\
         def enter(side, name):\n    \
             return refusal(side.sts.assume_role, RoleArn=f'arn:aws:iam::{MANAGEMENT}:role/there', RoleSessionName=name)\n\
         def keep(side, days):\n    \
             return refusal(side.logs.put_retention_policy, logGroupName='/there', retentionInDays=days)\n\
         def balance(side, name):\n    return refusal(side.elbv2.create_load_balancer, Name=name, Subnets=subnets, Scheme='internal')\n\
         def wrong(side):\n    \
             return [role(side, 'a' * 65), role(side, 'a b!'), role(side, 'long', Description='a' * 1001),\n        \
                 refusal(side.iam.put_role_policy, RoleName='there', PolicyName='a' * 129, PolicyDocument=trust.replace(\n            \
                     '\"Principal\": {\"AWS\": \"' + MANAGEMENT + '\"}', '\"Resource\": \"*\"')),\n        \
                 enter(side, 'a b'), keep(side, 2), refusal(side.logs.create_log_group, logGroupName='/x y'),\n        \
                 balance(side, 'a' * 33), balance(side, 'a_b'), balance(side, 'internal-a'),\n        \
                 refusal(side.ec2.create_subnet, VpcId=vpc, CidrBlock='10.0.9.0/29'),\n        \
                 refusal(side.organizations.create_organizational_unit, ParentId=root, Name='a' * 129)]\n\
         def right(side):\n    \
             return [role(side, 'a' * 64), role(side, 'a+=,.@-_9'), enter(side, 'ab'), keep(side, 90),\n        \
                 refusal(side.logs.create_log_group, logGroupName='/a/b.c-d_e#f'), balance(side, 'a' * 32),\n        \
                 refusal(side.ec2.create_subnet, VpcId=vpc, CidrBlock='10.0.10.0/28')]\n\
         [wrong(moto), wrong(front), right(front)]",
    );
    assert_eq!(seen[0], Value::from(vec![Value::Null; 12]));
    let (plain, logs) = ("ValidationError", "InvalidParameterException");
    let expected = json!([
        plain,
        plain,
        plain,
        plain,
        plain,
        logs,
        logs,
        plain,
        plain,
        plain,
        "InvalidSubnet.Range",
        "InvalidInputException"
    ]);
    assert_eq!(seen[1], expected);
    assert_eq!(seen[2], Value::from(vec![Value::Null; 7]));
    // What moto sees to itself.
    let seen = bench.ask(
        "[refusal(moto.ec2.create_vpc, CidrBlock='10.0.0.0/15'),\n\
          refusal(moto.ec2.create_subnet, VpcId=vpc, CidrBlock='10.1.0.0/24'),\n\
          refusal(moto.ec2.create_subnet, VpcId=vpc, CidrBlock='10.0.0.0/25'),\n\
          refusal(moto.elbv2.create_target_group, Name='a' * 33, Protocol='HTTP', Port=80, VpcId=vpc),\n\
          refusal(moto.logs.create_log_group, logGroupName='/' * 513)]",
    );
    assert_eq!(seen, json!(["InvalidVpc.Range", "InvalidSubnet.Range", "InvalidSubnet.Conflict", plain, logs]));
}

#[tokio::test(flavor = "multi_thread")]
async fn tags_of_ec2_have_limits() {
    let bench = Bench::new("").await;
    let seen = bench.ask(
        "vpc = moto.ec2.create_vpc(CidrBlock='10.0.0.0/16')['Vpc']['VpcId']\n\
         def tag(side, **tags):\n    \
             tags = [{'Key': key, 'Value': value} for key, value in tags.items()]\n    \
             later = refusal(side.ec2.create_tags, Resources=[vpc], Tags=tags)\n    \
             at_once = [{'ResourceType': 'route-table', 'Tags': tags}]\n    \
             return [later, refusal(side.ec2.create_route_table, VpcId=vpc, TagSpecifications=at_once)]\n\
         def all(side):\n    \
             return [tag(side, **{'aws:a': 'b'}), tag(side, **{'a' * 129: 'b'}), tag(side, a='b' * 257),\n        \
                 tag(side, **{str(n): 'a' for n in range(51)}), tag(side, **{'a' * 128: 'b' * 256}), tag(side, a='')]\n\
         [all(moto), all(front)]",
    );
    let (passes, wrong) = (json!([null, null]), json!(["InvalidParameterValue", "InvalidParameterValue"]));
    let full = "TagLimitExceeded";
    assert_eq!(seen[0], json!([passes, passes, passes, [full, full], passes, passes]));
    assert_eq!(seen[1], json!([wrong, wrong, wrong, [full, full], passes, passes]));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_has_quotas() {
    let bench = Bench::new("").await;
    let seen = bench.ask(
        "import concurrent.futures\n\
         def at_once(call, **arguments):\n    \
             with concurrent.futures.ThreadPoolExecutor(4) as pool:\n        \
                 return sorted(set(pool.map(lambda _: str(refusal(call, **arguments)), range(6))))\n\
         found = [at_once(front.ec2.create_vpc, CidrBlock='10.0.0.0/16'), at_once(front.ec2.allocate_address, Domain='vpc'),\n    \
             at_once(front.ec2.create_internet_gateway)]\n\
         counts = [len(moto.ec2.describe_vpcs()['Vpcs']), len(moto.ec2.describe_addresses()['Addresses']),\n    \
             len(moto.ec2.describe_internet_gateways()['InternetGateways'])]\n\
         vpc = moto.ec2.describe_vpcs()['Vpcs'][-1]['VpcId']\n\
         def nats(side, number, zone):\n    \
             place = moto.ec2.create_subnet(VpcId=vpc, CidrBlock=f'10.0.{number}.0/24', AvailabilityZone=zone)['Subnet']['SubnetId']\n    \
             return [refusal(side.ec2.create_nat_gateway, SubnetId=place, ConnectivityType='private') for _ in range(6)]\n\
         [found, counts, nats(front, 1, 'us-west-1a'), nats(front, 2, 'us-west-1b')[:5],\n\
          refusal(moto.ec2.create_vpc, CidrBlock='10.0.0.0/16'), refusal(moto.ec2.allocate_address, Domain='vpc'),\n\
          refusal(moto.ec2.create_internet_gateway), nats(moto, 3, 'us-west-1a')]",
    );
    let found = json!([
        ["None", "VpcLimitExceeded"],
        ["AddressLimitExceeded", "None"],
        ["InternetGatewayLimitExceeded", "None"]
    ]);
    let five = json!([null, null, null, null, null]);
    let nats = json!([null, null, null, null, null, "NatGatewayLimitExceeded"]);
    assert_eq!(seen, json!([found, [5, 5, 5], nats, five, null, null, null, [null, null, null, null, null, null]]));
}

#[tokio::test(flavor = "multi_thread")]
async fn security_groups_are_named_and_described_in_plain_letters() {
    let bench = Bench::new("").await;
    let seen = bench.ask(
        "vpc = moto.ec2.create_vpc(CidrBlock='10.0.0.0/16')['Vpc']['VpcId']\n\
         def group(side, name, text='a'):\n    \
             return side.ec2.create_security_group(VpcId=vpc, GroupName=name, Description=text)['GroupId']\n\
         def rule(side, group, port, text, way='ingress'):\n    \
             addresses = [{'CidrIp': '0.0.0.0/0', 'Description': text}]\n    \
             permission = {'IpProtocol': 'tcp', 'FromPort': port, 'ToPort': port, 'IpRanges': addresses}\n    \
             return refusal(getattr(side.ec2, 'authorize_security_group_' + way), GroupId=group, IpPermissions=[permission])\n\
         def all(side, name):\n    \
             id = group(side, name, 'a (b): c/d, e=f')\n    \
             return [[refusal(group, side, 'sg-' + name), refusal(group, side, name + 'é'), refusal(group, side, name + '2', 'a\\u2192b'),\n        \
                 rule(side, id, 1, 'a > b'), rule(side, id, 2, 'it\\'s', 'egress')], [rule(side, id, 3, 'a: b, [c]')]]\n\
         [all(moto, 'm'), all(front, 'f')]",
    );
    let (passes, wrong) = (Value::from(vec![Value::Null; 5]), Value::from(vec!["InvalidParameterValue"; 5]));
    assert_eq!(seen, json!([[passes, [null]], [wrong, [null]]]));
}
