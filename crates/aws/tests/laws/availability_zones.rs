//! The law of zones: they are looked up, and subnets that exist keep theirs.

use aws::Account;
use aws::resources::{AvailabilityZones, Subnet, Wanted};
use engine::{Class, Graph, Resource};
use testing::World;

use crate::given;

/// A subnet in the first of the zones that are wanted.
fn graph(world: &World, wanted: Wanted) -> Graph<Account> {
    world.graph(|scope| {
        let vpc = given::vpc(scope, "main");
        let zones = scope.add("main", (), move |()| AvailabilityZones {
            wanted: wanted.clone(),
            subnets: vec![vec!["a".into()], vec!["b".into()]],
        });
        scope.add("a", (vpc, zones), |(vpc, zones)| Subnet {
            vpc,
            cidr: "10.20.0.0/20".parse().ok(),
            zone: zones.at(0),
            map_public_ip_on_launch: false,
        });
    })
}

fn names(names: &[&str]) -> Wanted {
    Wanted::Names(names.iter().map(|name| (*name).to_owned()).collect())
}

#[tokio::test]
async fn it_holds() {
    let world = World::new().await;
    zones_that_are_not_there_are_refused(&world).await;
    a_subnet_keeps_its_zone(&world).await;
    world.needed_all_declared_by::<AvailabilityZones>();
}

async fn a_subnet_keeps_its_zone(world: &World) {
    let plan = world.settle(&graph(world, names(&["us-west-1b", "us-west-1a"]))).await;
    let zones = "[subnet['AvailabilityZone'] for subnet in ec2.describe_subnets()['Subnets'] if tags_of(subnet)]";
    assert_eq!(world.boto3(zones), serde_json::json!(["us-west-1b"]));
    assert!(plan.steps().all(|step| step.key.kind != AvailabilityZones::KIND), "a look-up is not shown");

    // The first of the available ones is us-west-1a.
    world.in_sync(&graph(world, Wanted::Count(2))).await;
}

async fn zones_that_are_not_there_are_refused(world: &World) {
    for (wanted, why) in [
        (Wanted::Count(9), "9 zones are wanted and this account has 2 in us-west-1: us-west-1a, us-west-1b"),
        (names(&["us-west-1a", "us-west-1z"]), "this account has no zone us-west-1z in us-west-1"),
    ] {
        let error = world.refusal(&graph(world, wanted)).await;
        assert_eq!((error.class, &*error.message), (Class::Invalid, why));
        assert!(error.hint.is_some_and(|hint| hint.contains("network.zones")));
    }
}
