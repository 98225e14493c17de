//! The law of the rules of security groups.

use aws::resources::{Direction, Peer, SecurityGroup, SecurityGroupRule};
use engine::{Handle, Id};
use serde_json::json;
use testing::{Law, World};

use crate::given;

const OUTSIDE: &str = r#"
def peer(rule):
    return rule.get("CidrIpv4") or rule.get("CidrIpv6") or rule["ReferencedGroupInfo"]["GroupId"]

[{
    "group": rule["GroupId"],
    "direction": "egress" if rule["IsEgress"] else "ingress",
    "protocol": rule["IpProtocol"],
    "ports": [rule["FromPort"], rule["ToPort"]],
    "peer": peer(rule),
    "description": rule.get("Description", ""),
    "tags": tags_of(rule),
} for rule in owned("describe_security_group_rules", "SecurityGroupRules")]
"#;

#[tokio::test(flavor = "multi_thread")]
async fn it_holds() {
    let law = Law::<(Handle<SecurityGroup>, Handle<SecurityGroup>), _>::new(
        "backend-from-alb",
        |scope| {
            let vpc = given::vpc(scope, "main");
            (given::security_group(scope, "backend", vpc), given::security_group(scope, "alb", vpc))
        },
        |(group, other), variant| SecurityGroupRule {
            group: variant.fix("group", group, other.clone()),
            direction: variant.fix("direction", Direction::Ingress, Direction::Egress),
            protocol: variant.fix("protocol", "tcp", "udp").into(),
            ports: variant.fix("ports", Some((8080, 8080)), Some((80, 443))),
            peer: variant.fix("peer", Peer::Group(other), Peer::Cidr("10.0.0.0/8".into())),
            description: variant.change("from the load balancer", "from the balancer: 8080").into(),
        },
        OUTSIDE,
    );
    let world = World::new().await;
    law.holds(&world).await;
    world.needed_all_declared_by::<SecurityGroupRule>();
}

/// Both go at once, too: their rules go first.
#[tokio::test(flavor = "multi_thread")]
async fn groups_may_name_each_other() {
    let world = World::new().await;
    let graph = world.graph(|scope| {
        let vpc = given::vpc(scope, "main");
        let (one, two) = (given::security_group(scope, "one", vpc), given::security_group(scope, "two", vpc));
        let rule = |group: Id<SecurityGroup>, peer, direction| SecurityGroupRule {
            group,
            direction,
            protocol: "-1".into(),
            ports: None,
            peer,
            description: String::new(),
        };
        for (name, here, there) in [("one", one, two), ("two", two, one)] {
            for (way, direction) in [("in", Direction::Ingress), ("out", Direction::Egress)] {
                scope.add(format!("{name}-{way}"), (here, there), move |(here, there)| {
                    rule(here, Peer::Group(there), direction)
                });
            }
        }
        scope.add("one-ipv6", one, move |one| rule(one, Peer::Cidr("::/0".into()), Direction::Egress));
    });
    let plan = world.settle(&graph).await;
    let groups =
        "sorted(group['GroupName'] for group in ec2.describe_security_groups()['SecurityGroups'] if tags_of(group))";
    assert_eq!(world.boto3(groups), json!(["orgstrap-one", "orgstrap-two"]));
    world.delete(&graph, &plan, |_| true).await;
    assert_eq!(world.boto3(groups), json!([]));
}
