//! The law of subnet groups of databases.

use std::collections::BTreeSet;

use aws::resources::{DbSubnetGroup, Subnet, Vpc};
use engine::{Class, Handle, Id, Scope};
use testing::{Law, Variant, World};

use crate::given;

const OUTSIDE: &str = r#"
[{
    "vpc": group["VpcId"],
    "subnets": sorted(subnet["SubnetIdentifier"] for subnet in group["Subnets"]),
    "tags": {tag["Key"]: tag["Value"] for tag in rds.list_tags_for_resource(ResourceName=group["DBSubnetGroupArn"])["TagList"]},
} for group in rds.describe_db_subnet_groups()["DBSubnetGroups"] if group["DBSubnetGroupName"] == f"orgstrap-{name}"]
"#;

/// Two networks, with three subnets in the first one and two in the other.
type Given = ((Handle<Vpc>, Vec<Handle<Subnet>>), (Handle<Vpc>, Vec<Handle<Subnet>>));
type Values = ((Id<Vpc>, Vec<Id<Subnet>>), (Id<Vpc>, Vec<Id<Subnet>>));

fn given(scope: &mut Scope<'_, aws::Account>) -> Given {
    let mut network = |name: &str, subnets: &[(&'static str, u8, &'static str)]| {
        let vpc = given::vpc(scope, name);
        let subnets = subnets.iter().map(|(name, third, zone)| given::subnet_in(scope, name, vpc, *third, zone));
        (vpc, subnets.collect())
    };
    let main = network("main", &[("a", 0, "us-west-1a"), ("b", 1, "us-west-1b"), ("c", 2, "us-west-1b")]);
    (main, network("other", &[("d", 0, "us-west-1a"), ("e", 1, "us-west-1b")]))
}

#[tokio::test(flavor = "multi_thread")]
async fn it_holds() {
    let desired = |((main, subnets), (other, others)): Values, variant: Variant| DbSubnetGroup {
        vpc: variant.fix("vpc", main, other),
        subnets: variant.fix(
            "vpc",
            BTreeSet::from([subnets[0].clone(), variant.change(subnets[1].clone(), subnets[2].clone())]),
            others.into_iter().collect(),
        ),
    };
    let law = Law::new("main", given, desired, OUTSIDE).untagged().named().changes_along(&["subnets"]);
    let world = World::new().await;
    law.holds(&world).await;
    world.needed_all_declared_by::<DbSubnetGroup>();
}

#[tokio::test(flavor = "multi_thread")]
async fn one_zone_is_too_few() {
    let world = World::new().await;
    let graph = world.graph(|scope| {
        let (main, _) = given(scope);
        scope.add("main", main, |(vpc, subnets): (_, Vec<_>)| DbSubnetGroup {
            vpc,
            subnets: subnets.into_iter().skip(1).collect(),
        });
    });
    let plan = world.plan(&graph).await;
    let error = world.failure(&graph, &plan).await;
    assert_eq!(error.class, Class::Invalid, "{error}");
    assert_eq!(error.code.as_deref(), Some("DBSubnetGroupDoesNotCoverEnoughAZs"));
}
