//! The law of route tables.

use std::collections::BTreeMap;

use aws::resources::{ElasticIp, InternetGatewayAttachment, NatGateway, RouteTable, Target, Vpc};
use engine::{Action, Handle};
use testing::{Law, Variant, World, step};

use crate::given;

const OUTSIDE: &str = r#"
def target(route):
    return route.get("NatGatewayId") or route["GatewayId"]

[{
    "vpc": table["VpcId"],
    "routes": {
        route["DestinationCidrBlock"]: target(route) for route in table["Routes"] if target(route) != "local"
    },
    "tags": tags_of(table),
} for table in owned("describe_route_tables", "RouteTables")]
"#;

type Given = (Handle<Vpc>, Handle<Vpc>, Handle<InternetGatewayAttachment>, Handle<NatGateway>);

fn law() -> Law<Given, RouteTable> {
    Law::new(
        "private-a",
        |scope| {
            let (vpc, gateway) = given::vpc_with_gateway(scope);
            let subnet = given::subnet(scope, "public-a", vpc, 0);
            let address = scope.add("nat-a", (), |()| ElasticIp {});
            let nat =
                scope.add("a", (subnet, address), |(subnet, address)| NatGateway { subnet, address: Some(address) });
            (vpc, given::vpc(scope, "other"), gateway, nat)
        },
        // A route changes its target, one goes, and one comes.
        |(vpc, other, gateway, nat), variant| {
            let (gateway, nat) = (Target::InternetGateway(gateway), Target::NatGateway(nat));
            let kept = ("0.0.0.0/0".to_owned(), variant.change(nat, gateway.clone()));
            let moved = (variant.change("192.0.2.0/24", "198.51.100.0/24").to_owned(), gateway);
            RouteTable { vpc: variant.fix("vpc", vpc, other), routes: BTreeMap::from([kept, moved]) }
        },
        OUTSIDE,
    )
}

#[tokio::test]
async fn it_holds() {
    let (world, law) = (World::new().await, law());
    law.holds(&world).await;
    world.needed_all_declared_by::<RouteTable>();

    let first_call = "
vpc = next(vpc for vpc in ec2.describe_vpcs()['Vpcs'] if tags_of(vpc).get(KEY) == 'dev/vpc/main')
ec2.create_route_table(VpcId=vpc['VpcId'], TagSpecifications=tagged('route-table'))
";
    law.finishes_half_made(&world, first_call, &["routes"]).await;
    one_that_another_run_deleted_is_not_brought_back(&law, world).await;
}

/// The token of the one to be made is that of the dead one, and nothing tells of that.
async fn one_that_another_run_deleted_is_not_brought_back(law: &Law<Given, RouteTable>, mut world: World) {
    let graph = law.graph(&world, Variant::Changed);
    world.planned(&graph, &law.key(), Action::Create).await;
    let plan = world.settle(&graph).await;
    let dead = step(&plan, &law.key()).id.clone();
    world.delete(&graph, &plan, |step| step.key == law.key()).await;
    world.restart();
    world.planned(&graph, &law.key(), Action::Create).await;
    let plan = world.settle(&graph).await;
    assert_ne!(step(&plan, &law.key()).id, dead);
}
