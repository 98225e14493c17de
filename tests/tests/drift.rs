//! Changes made behind its back: each is found, named and mended.

use end_to_end::{DEV, World, assert_same};
use serde_json::{Value, json};

/// A change made with boto3, and what must be said about it.
struct Drift {
    code: &'static str,
    /// The objects that differ, each with the field.
    found: &'static [(&'static str, &'static str)],
    /// Whether mending it makes another object, so that ids differ afterwards.
    remade: bool,
}

const fn drift(code: &'static str, found: &'static [(&'static str, &'static str)]) -> Drift {
    Drift { code, found, remade: false }
}

const NETWORK: &[Drift] = &[
    drift(
        "ec2.delete_route(RouteTableId=id_of('route-table/private-a'), DestinationCidrBlock='0.0.0.0/0')",
        &[("route-table/private-a", "routes")],
    ),
    drift(
        "ec2.create_route(RouteTableId=id_of('route-table/private-b'), DestinationCidrBlock='192.168.0.0/16', \
         GatewayId=id_of('internet-gateway/main'))",
        &[("route-table/private-b", "routes")],
    ),
    drift(
        "ec2.replace_route(RouteTableId=id_of('route-table/private-b'), DestinationCidrBlock='0.0.0.0/0', \
         GatewayId=id_of('internet-gateway/main'))",
        &[("route-table/private-b", "routes")],
    ),
    drift(
        "ec2.modify_subnet_attribute(SubnetId=id_of('subnet/public-b'), MapPublicIpOnLaunch={'Value': True})",
        &[("subnet/public-b", "map_public_ip_on_launch")],
    ),
    drift(
        "ec2.modify_vpc_attribute(VpcId=id_of('vpc/main'), EnableDnsHostnames={'Value': False})",
        &[("vpc/main", "dns_hostnames")],
    ),
    drift(
        "ec2.authorize_security_group_ingress(GroupId=group(), IpProtocol='tcp', FromPort=22, ToPort=22, \
         CidrIp='0.0.0.0/0')",
        &[("default-security-group/main", "ingress")],
    ),
    drift(
        "ec2.authorize_security_group_egress(GroupId=group(), IpPermissions=[{'IpProtocol': '-1', \
         'IpRanges': [{'CidrIp': '0.0.0.0/0'}]}])",
        &[("default-security-group/main", "egress")],
    ),
    drift(
        "ec2.modify_vpc_endpoint(VpcEndpointId=id_of('vpc-endpoint/s3'), \
         RemoveRouteTableIds=[id_of('route-table/private-b')])",
        &[("vpc-endpoint/s3", "route_tables")],
    ),
    drift(
        "ec2.detach_internet_gateway(InternetGatewayId=id_of('internet-gateway/main'), VpcId=id_of('vpc/main'))",
        &[
            ("internet-gateway-attachment/main", "gateway"),
            ("internet-gateway-attachment/main", "vpc"),
            ("route-table/public", "routes"),
        ],
    ),
    Drift {
        code: "table = id_of('route-table/private-a')\n\
               tables = {t['RouteTableId']: t for t in dev.objects()['route-tables']}\n\
               association = tables[table]['Associations'][0]['RouteTableAssociationId']\n\
               ec2.replace_route_table_association(AssociationId=association, \
               RouteTableId=id_of('route-table/public'))",
        found: &[("route-table-association/private-a", "route_table")],
        remade: true,
    },
    Drift {
        code: "ec2.delete_nat_gateway(NatGatewayId=id_of('nat-gateway/a'))",
        found: &[
            ("nat-gateway/a", "subnet"),
            ("nat-gateway/a", "address"),
            ("nat-gateway/a", "tags"),
            ("route-table/private-a", "routes"),
            ("route-table/private-b", "routes"),
        ],
        remade: true,
    },
];

const THE_REST: &[Drift] = &[
    drift(
        "ec2.create_tags(Resources=[id_of('subnet/public-a')], Tags=[{'Key': 'team', 'Value': 'shop'}])",
        &[("subnet/public-a", "tags")],
    ),
    drift("ec2.delete_tags(Resources=[id_of('vpc/main')], Tags=[{'Key': 'team'}])", &[("vpc/main", "tags")]),
    drift(
        "iam.tag_role(RoleName='orgstrap-flow-logs', Tags=[{'Key': 'team', 'Value': 'shop'}])",
        &[("role/flow-logs", "tags")],
    ),
    drift(
        "dev.logs.put_retention_policy(logGroupName='/orgstrap/headless-cms-dev/flow-logs', retentionInDays=7)",
        &[("log-group/flow-logs", "retention_days")],
    ),
    drift(
        "dev.logs.delete_retention_policy(logGroupName='/orgstrap/headless-cms-dev/flow-logs')",
        &[("log-group/flow-logs", "retention_days")],
    ),
    drift(
        "iam.update_assume_role_policy(RoleName='orgstrap-flow-logs', \
         PolicyDocument=allow(Principal='*', Action='sts:AssumeRole'))",
        &[("role/flow-logs", "trust")],
    ),
    drift(
        "iam.attach_role_policy(RoleName='orgstrap-flow-logs', \
         PolicyArn='arn:aws:iam::aws:policy/AdministratorAccess')",
        &[("role/flow-logs", "attached")],
    ),
    drift(
        "iam.put_role_policy(RoleName='orgstrap-flow-logs', PolicyName='flow-logs', \
         PolicyDocument=allow(Action='*', Resource='*'))",
        &[("role/flow-logs", "policies")],
    ),
    drift(
        "iam.put_role_policy(RoleName='orgstrap-flow-logs', PolicyName='more', \
         PolicyDocument=allow(Action='*', Resource='*'))",
        &[("role/flow-logs", "policies")],
    ),
    Drift {
        code: "ec2.delete_flow_logs(FlowLogIds=[id_of('flow-log/main')])",
        found: &[
            ("flow-log/main", "vpc"),
            ("flow-log/main", "traffic"),
            ("flow-log/main", "log_group"),
            ("flow-log/main", "role"),
            ("flow-log/main", "tags"),
        ],
        remade: true,
    },
];

const HELPERS: &str = "dev = member(); ec2, iam, id_of = dev.ec2, dev.iam, dev.id_of
group = lambda: dev.objects()['security-groups'][0]['GroupId']
allow = lambda **what: json.dumps({'Version': '2012-10-17', 'Statement': [{'Effect': 'Allow', **what}]})";

#[test]
fn drift_of_the_network() {
    is_found_and_mended(NETWORK);
}

#[test]
fn drift_of_tags_logs_and_roles() {
    is_found_and_mended(THE_REST);
}

fn is_found_and_mended(all: &[Drift]) {
    let world = World::onboarded();
    world.boto3(HELPERS);
    let mut before = world.objects();
    let meant = world.canonical();
    for Drift { code, found, remade } in all {
        world.boto3(code);
        assert_ne!(world.objects(), before, "nothing was changed by {code}");

        let found = found.iter().map(|(key, field)| format!("{DEV}/{key} {field}")).collect::<Vec<_>>();
        for command in ["plan", "audit"] {
            let said = world.orgstrap(&[command, DEV, "--format", "json"]).exits(2).json();
            assert_eq!(differences(&said), found, "{command} after {code}");
            let human = world.orgstrap(&[command, DEV]).exits(2).stdout;
            for difference in &found {
                let (key, field) = difference.split_once(' ').unwrap();
                let node = key.strip_prefix(&format!("{DEV}/")).unwrap();
                // The tags of what has to be made anew are no news.
                let named = human.contains(node) && (field == "tags" || human.contains(field));
                assert!(named, "{command} does not name {difference}:\n{human}");
            }
        }

        world.orgstrap(&["apply", "--yes", DEV]).exits(0);
        world.orgstrap(&["plan", DEV]).exits(0);
        assert_same(&world.canonical(), &meant, code);
        let after = world.objects();
        if !remade {
            assert_same(&after, &before, code);
        }
        before = after;
    }
}

/// Every field that differs, as `key field`.
fn differences(plan: &Value) -> Vec<String> {
    let accounts = plan["accounts"].as_array().unwrap().iter();
    let resources = accounts.flat_map(|account| account["resources"].as_array().unwrap());
    let different = resources.filter(|resource| resource["status"] != "in-sync");
    let fields = different.flat_map(|resource| {
        let diffs = resource["diffs"].as_array().unwrap().iter();
        diffs.map(|diff| format!("{} {}", resource["key"].as_str().unwrap(), diff["field"].as_str().unwrap()))
    });
    fields.collect()
}

/// What others write on our objects is theirs.
#[test]
fn tags_of_others_are_no_drift_and_stay() {
    let world = World::onboarded();
    world.boto3("member().ec2.create_tags(Resources=[member().id_of('vpc/main')], Tags=[dict(Key='cost', Value='7')])");
    world.orgstrap(&["plan", DEV]).exits(0);
    world.boto3(
        "member().ec2.create_tags(Resources=[member().id_of('vpc/main')], Tags=[dict(Key='team', Value='shop')])",
    );
    world.orgstrap(&["apply", DEV]).exits(0);
    let tags = "{t: v for t, v in tags_of(member().objects()['vpcs'][0]).items() if t in ('cost', 'team')}";
    assert_eq!(world.boto3(tags), json!({"cost": "7", "team": "cms"}));
}
