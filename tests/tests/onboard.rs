//! A project account from nothing, and a second run that finds nothing to do.

use end_to_end::{DEV, World, assert_same};
use serde_json::json;

#[test]
fn everything_is_built() {
    let world = World::new();
    world.onboard();
    its_account_is_ours(&world);

    world.boto3("o = canonical(member().objects()); short = lambda key: key.removeprefix('headless-cms-dev/')");
    let claims = [
        // No default VPC is left.
        (
            "[[v['CidrBlock'], v['IsDefault'], v['EnableDnsHostnames'], v['EnableDnsSupport']] for v in o['vpcs']]",
            json!([["10.20.0.0/16", false, true, true]]),
        ),
        (
            "sorted([short(s['SubnetId']), s['CidrBlock'], s['AvailabilityZone'], s['MapPublicIpOnLaunch']] \
             for s in o['subnets'])",
            json!([
                ["subnet/private-a", "10.20.128.0/19", "us-west-1a", false],
                ["subnet/private-b", "10.20.160.0/19", "us-west-1b", false],
                ["subnet/public-a", "10.20.0.0/19", "us-west-1a", false],
                ["subnet/public-b", "10.20.32.0/19", "us-west-1b", false],
            ]),
        ),
        ("{item['VpcId'] for item in o['subnets'] + o['route-tables']} == {'headless-cms-dev/vpc/main'}", json!(true)),
        ("[[short(a['VpcId']) for a in g['Attachments']] for g in o['internet-gateways']]", json!([["vpc/main"]])),
        (
            "[[n['State'], short(n['SubnetId']), [short(a['AllocationId']) for a in n['NatGatewayAddresses']]] \
             for n in o['nat-gateways']]",
            json!([["available", "subnet/public-a", ["elastic-ip/nat-a"]]]),
        ),
        ("len(o['addresses'])", json!(1)),
        (
            "{short(tags_of(t).get(KEY, 'main')): [{short(r.get('DestinationCidrBlock', 's3')): \
             short(r.get('GatewayId') or r.get('NatGatewayId')) for r in t['Routes']}, \
             [short(a.get('SubnetId', 'main')) for a in t['Associations']]] for t in o['route-tables']}",
            json!({
                "main": [{"10.20.0.0/16": "local"}, ["main"]],
                "route-table/public": [
                    {"0.0.0.0/0": "internet-gateway/main", "10.20.0.0/16": "local", "s3": "vpc-endpoint/s3"},
                    ["subnet/public-a", "subnet/public-b"],
                ],
                "route-table/private-a": [
                    {"0.0.0.0/0": "nat-gateway/a", "10.20.0.0/16": "local", "s3": "vpc-endpoint/s3"},
                    ["subnet/private-a"],
                ],
                "route-table/private-b": [
                    {"0.0.0.0/0": "nat-gateway/a", "10.20.0.0/16": "local", "s3": "vpc-endpoint/s3"},
                    ["subnet/private-b"],
                ],
            }),
        ),
        (
            "[[e['VpcEndpointType'], e['ServiceName'], sorted(map(short, e['RouteTableIds']))] \
             for e in o['vpc-endpoints']]",
            json!([[
                "Gateway",
                "com.amazonaws.us-west-1.s3",
                ["route-table/private-a", "route-table/private-b", "route-table/public"],
            ]]),
        ),
        (
            "[[f['TrafficType'], short(f['ResourceId']), f['LogGroupName'], f['DeliverLogsPermissionArn']] \
             for f in o['flow-logs']]",
            json!([[
                "ALL",
                "vpc/main",
                "/orgstrap/headless-cms-dev/flow-logs",
                "arn:aws:iam::ACCOUNT:role/orgstrap-flow-logs"
            ]]),
        ),
        (
            "[[g['logGroupName'], g['retentionInDays']] for g in o['log-groups']]",
            json!([["/orgstrap/headless-cms-dev/flow-logs", 30]]),
        ),
        (
            "[[g['GroupName'], g['IpPermissions'], g['IpPermissionsEgress']] for g in o['security-groups']]",
            json!([["default", [], []]]),
        ),
        (
            "[o['instances'], [p['Arn'].rsplit('/')[-1] for p in o['policies']], o['users']]",
            json!([
                [],
                [
                    "orgstrap-boundary",
                    "orgstrap-deployer-entrance",
                    "orgstrap-deployer-rollouts",
                    "orgstrap-deployer-services",
                    "orgstrap-workload"
                ],
                []
            ]),
        ),
    ];
    for (question, answer) in claims {
        assert_eq!(world.boto3(question), answer, "{question}");
    }
}

/// It has the name, the address and the tags that say whose it is.
fn its_account_is_ours(world: &World) {
    let member = world.boto3(
        "a = accounts()['headless-cms-dev']\n\
         tags = root('organizations').list_tags_for_resource(ResourceId=a['Id'])['Tags']\n\
         [a['Name'], a['Email'], a['Status'], ordered(tags)]",
    );
    let tags = json!([
        {"Key": "Name", "Value": "management-headless-cms-dev"},
        {"Key": "orgstrap:fleet", "Value": "verb"},
        {"Key": "orgstrap:key", "Value": "management/account/headless-cms-dev"},
        {"Key": "team", "Value": "cms"},
    ]);
    assert_eq!(member, json!([DEV, "aws+headless-cms-dev@verb.example", "ACTIVE", tags]));
}

#[test]
fn the_role_may_write_flow_logs_and_no_more() {
    let world = World::onboarded();
    let role =
        world.boto3("[r for r in canonical(member().objects())['roles'] if r['RoleName'] == 'orgstrap-flow-logs']");
    assert_eq!(role.as_array().unwrap().len(), 1);
    assert!(
        role[0]["PermissionsBoundary"]["PermissionsBoundaryArn"]
            .as_str()
            .unwrap()
            .ends_with(":policy/orgstrap-workload")
    );
    assert_eq!(role[0]["AttachedManagedPolicies"], json!([]));
    let trust = json!([{
        "Sid": "DeliverFlowLogs",
        "Effect": "Allow",
        "Principal": {"Service": "vpc-flow-logs.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {
            "StringEquals": {"aws:SourceAccount": "ACCOUNT"},
            "ArnLike": {"aws:SourceArn": "arn:aws:ec2:us-west-1:ACCOUNT:vpc-flow-log/*"},
        },
    }]);
    assert_eq!(role[0]["AssumeRolePolicyDocument"]["Statement"], trust);
    let policies = role[0]["RolePolicyList"].as_array().unwrap();
    assert_eq!(policies.len(), 1);
    let statements = json!([
        {
            "Sid": "FindLogGroup",
            "Effect": "Allow",
            "Action": "logs:DescribeLogGroups",
            "Resource": "arn:aws:logs:us-west-1:ACCOUNT:log-group:*",
        },
        {
            "Sid": "WriteFlowLogs",
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
            "Resource": "arn:aws:logs:us-west-1:ACCOUNT:log-group:/orgstrap/headless-cms-dev/flow-logs:*",
        },
    ]);
    assert_eq!(policies[0]["PolicyDocument"]["Statement"], statements);
}

#[test]
fn whatever_takes_tags_says_whose_it_is() {
    let world = World::onboarded();
    world.boto3("o = member().objects()");
    let untagged = "sorted(kind for kind, id in OWN_ID.items() for item in o[kind] if not tags_of(item))";
    // The main route table, the default security group and the role of AWS Organizations are AWS's own.
    assert_eq!(world.boto3(untagged), json!(["roles", "route-tables", "security-groups"]));
    assert_eq!(world.boto3("all(t[FLEET] == 'verb' and t['team'] == 'cms' for _, _, t in tagged(o))"), json!(true));
    let keys = world.boto3("sorted(t[KEY].removeprefix('headless-cms-dev/') for _, _, t in tagged(o))");
    let expected = json!([
        "elastic-ip/nat-a",
        "flow-log/main",
        "internet-gateway/main",
        "log-group/flow-logs",
        "nat-gateway/a",
        "role/auditor",
        "role/deployer",
        "role/flow-logs",
        "route-table/private-a",
        "route-table/private-b",
        "route-table/public",
        "subnet/private-a",
        "subnet/private-b",
        "subnet/public-a",
        "subnet/public-b",
        "vpc-endpoint/s3",
        "vpc/main",
    ]);
    assert_eq!(keys, expected);
}

#[test]
fn a_second_run_has_nothing_to_do() {
    let world = World::onboarded();
    let before = world.objects();
    let again = world.onboard();
    assert!(again.stderr.contains("Nothing to do."), "{}", again.stderr);
    for command in [&["plan"][..], &["plan", DEV], &["audit"], &["audit", DEV], &["apply", DEV], &["apply"]] {
        world.orgstrap(command).exits(0);
    }
    assert_same(&world.objects(), &before, "after runs that had nothing to do");
    // Those that nobody named and that do not exist were left alone.
    assert_eq!(
        world.boto3("sorted(set(accounts()) & {'headless-cms-dev', 'storefront-dev', 'verb-common'})"),
        json!([DEV])
    );
}

#[test]
fn all_accounts_at_once() {
    let world = World::new();
    let plan = world.orgstrap(&["plan", "--all", "--format", "json"]).exits(2).json();
    let names: Vec<_> = plan["accounts"].as_array().unwrap().iter().map(|account| &account["name"]).collect();
    assert_eq!(names, ["management", DEV, "storefront-dev", "verb-common"]);
    world.orgstrap(&["apply", "--all"]).exits(0);
    world.orgstrap(&["plan", "--all"]).exits(0);
    world.orgstrap(&["audit"]).exits(0);
    let cidrs = "[[v['CidrBlock'] for v in member(name).objects()['vpcs']] for name in \
                 ['headless-cms-dev', 'storefront-dev']]";
    assert_eq!(world.boto3(cidrs), json!([["10.20.0.0/16"], ["10.21.0.0/16"]]));
}

#[test]
fn an_account_named_twice_is_meant_once() {
    let world = World::new();
    let plan = world.orgstrap(&["plan", DEV, DEV, "--format", "json"]).exits(2).json();
    let accounts: Vec<_> = plan["accounts"].as_array().unwrap().iter().map(|account| &account["name"]).collect();
    assert_eq!(accounts, ["management", DEV]);
}
