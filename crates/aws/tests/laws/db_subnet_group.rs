//! The law of subnet groups of databases.

use std::collections::BTreeSet;

use aws::resources::{DbSubnetGroup, Subnet};
use engine::{Class, Handle, Id, Scope};
use testing::{Law, Variant, World};

use crate::given;

const OUTSIDE: &str = r#"
[{
    "subnets": sorted(subnet["SubnetIdentifier"] for subnet in group["Subnets"]),
    "tags": {tag["Key"]: tag["Value"] for tag in rds.list_tags_for_resource(ResourceName=group["DBSubnetGroupArn"])["TagList"]},
} for group in rds.describe_db_subnet_groups()["DBSubnetGroups"] if group["DBSubnetGroupName"] == f"orgstrap-{name}"]
"#;

fn given(scope: &mut Scope<'_, aws::Account>) -> Vec<Handle<Subnet>> {
    let vpc = given::vpc(scope, "main");
    let subnets = [("a", 0, "us-west-1a"), ("b", 1, "us-west-1b"), ("c", 2, "us-west-1b")];
    subnets.map(|(name, third, zone)| given::subnet_in(scope, name, vpc, third, zone)).to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn it_holds() {
    let desired = |subnets: Vec<Id<Subnet>>, variant: Variant| DbSubnetGroup {
        subnets: BTreeSet::from([subnets[0].clone(), variant.change(subnets[1].clone(), subnets[2].clone())]),
    };
    let (world, law) = (World::new().await, Law::new("main", given, desired, OUTSIDE).untagged().named());
    law.holds(&world).await;
    world.needed_all_declared_by::<DbSubnetGroup>();
}

#[tokio::test(flavor = "multi_thread")]
async fn one_zone_is_too_few() {
    let world = World::new().await;
    let graph = world.graph(|scope| {
        let subnets = given(scope);
        scope.add("main", subnets, |subnets| DbSubnetGroup { subnets: subnets.into_iter().skip(1).collect() });
    });
    let plan = world.plan(&graph).await;
    let error = world.failure(&graph, &plan).await;
    assert_eq!(error.class, Class::Invalid, "{error}");
    assert_eq!(error.code.as_deref(), Some("DBSubnetGroupDoesNotCoverEnoughAZs"));
}
