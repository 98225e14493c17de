//! The law of security groups.

use aws::Account;
use aws::resources::{Direction, Peer, SecurityGroup, SecurityGroupRule, Vpc};
use engine::{Action, Handle, Key, Resource, Scope};
use serde_json::json;
use testing::{Law, SCOPE, World, step};

use crate::given;

const OUTSIDE: &str = r#"
def foreign(group):
    rules = every(ec2, "describe_security_group_rules", "SecurityGroupRules",
        Filters=[{"Name": "group-id", "Values": [group["GroupId"]]}])
    return [rule["SecurityGroupRuleId"] for rule in rules if "security-group-rule" not in tags_of(rule).get(KEY, "")]

[{
    "vpc": group["VpcId"],
    "description": group["Description"],
    "foreign_rules": foreign(group),
    "tags": tags_of(group),
} for group in owned("describe_security_groups", "SecurityGroups") if group["GroupName"] == "orgstrap-" + name]
"#;

fn law() -> Law<(Handle<Vpc>, Handle<Vpc>), SecurityGroup> {
    let law = Law::new(
        "alb",
        |scope| (given::vpc(scope, "main"), given::vpc(scope, "other")),
        |(vpc, other), variant| {
            let description = variant.fix("description", "lets the world in: 80, 443", "something else");
            SecurityGroup::new(variant.fix("vpc", vpc, other), description)
        },
        OUTSIDE,
    );
    // Its rules are of another list.
    law.reads_per_object(1).lasting(&["foreign_rules"])
}

#[tokio::test(flavor = "multi_thread")]
async fn it_holds() {
    let (world, law) = (World::new().await, law());
    law.holds(&world).await;

    let first_call = "
vpc = [vpc for vpc in every(ec2, 'describe_vpcs', 'Vpcs') if tags_of(vpc).get(KEY) == scope + '/vpc/main'][0]['VpcId']
ec2.create_security_group(VpcId=vpc, GroupName='orgstrap-alb', Description='lets the world in: 80, 443',
    TagSpecifications=tagged('security-group'))['GroupId']
";
    law.finishes_half_made(&world, first_call, &["foreign_rules"]).await;
    rules_of_others_are_removed(&world).await;
    world.needed_all_declared_by::<SecurityGroup>();
}

/// A group that lets a port of itself in.
fn open_group(scope: &mut Scope<'_, Account>) {
    let vpc = given::vpc(scope, "main");
    let group = given::security_group(scope, "alb", vpc);
    scope.add("alb-itself", group, |group| SecurityGroupRule {
        peer: Peer::Group(group.clone()),
        group,
        direction: Direction::Ingress,
        protocol: "tcp".into(),
        ports: Some((8080, 8081)),
        description: String::new(),
    });
}

async fn rules_of_others_are_removed(world: &World) {
    let (graph, key) = (world.graph(open_group), Key::new(SCOPE, SecurityGroup::KIND, "alb"));
    world.settle(&graph).await;
    world.boto3_about(
        &key,
        &World::tags_of(&key),
        "group = owned('describe_security_groups', 'SecurityGroups')[0]['GroupId']\n\
         ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[{'IpProtocol': 'tcp', 'FromPort': 22, \
             'ToPort': 22, 'IpRanges': [{'CidrIp': '0.0.0.0/0'}]}])\n\
         ec2.authorize_security_group_egress(GroupId=group, IpPermissions=[{'IpProtocol': '-1', \
             'Ipv6Ranges': [{'CidrIpv6': '::/0'}]}])\n\
         group",
    );
    let plan = world.planned(&graph, &key, Action::Update).await;
    let diffs = &step(&plan, &key).diffs;
    assert_eq!(diffs.len(), 1, "{diffs:?}");
    assert_eq!(diffs[0].actual, json!(["in tcp 22 0.0.0.0/0", "out all ::/0"]));
    world.settle(&graph).await;
    let rules = "[[rule['FromPort'], rule['ToPort']] for rule in \
         ec2.describe_security_group_rules(Filters=[{'Name': 'group-id', 'Values': [group]}])['SecurityGroupRules']]";
    assert_eq!(world.boto3(rules), json!([[8080, 8081]]));
}
