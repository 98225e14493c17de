//! The law of NAT gateways.

use aws::resources::{ElasticIp, NatGateway, Subnet};
use engine::{Action, Handle};
use serde_json::json;
use testing::{Law, Variant, World, step};

use crate::given;

const OUTSIDE: &str = r#"
[{
    "subnet": gateway["SubnetId"],
    "address": gateway["NatGatewayAddresses"][0]["AllocationId"],
    "tags": tags_of(gateway),
} for gateway in owned("describe_nat_gateways", "NatGateways") if gateway["State"] in ("pending", "available")]
"#;

type Given = (Handle<Subnet>, Handle<Subnet>, Handle<ElasticIp>, Handle<ElasticIp>);

fn law() -> Law<Given, NatGateway> {
    Law::new(
        "a",
        |scope| {
            let (vpc, _) = given::vpc_with_gateway(scope);
            let subnets = (given::subnet(scope, "public-a", vpc, 0), given::subnet(scope, "public-b", vpc, 1));
            (subnets.0, subnets.1, scope.add("nat-a", (), |()| ElasticIp {}), scope.add("nat-b", (), |()| ElasticIp {}))
        },
        |(subnet, other_subnet, address, other_address), variant| NatGateway {
            subnet: variant.fix("subnet", subnet, other_subnet),
            address: Some(variant.fix("address", address, other_address)),
        },
        OUTSIDE,
    )
}

#[tokio::test]
async fn it_holds() {
    let (world, law) = (World::new().await, law());
    law.holds(&world).await;
    a_dead_one_is_not_brought_back(&law, &world).await;
    world.needed_all_declared_by::<NatGateway>();
}

/// In the weather of all other laws a gateway is there at once, because the SDK's waiters look every 15 seconds only.
#[tokio::test]
async fn it_is_waited_for() {
    let (world, law) = (World::new().await, law());
    world.settle(&law.givens(&world)).await;
    let states = "[it['State'] for it in owned('describe_nat_gateways', 'NatGateways')]";
    let states = || world.boto3_about(&law.key(), &World::tags_of(&law.key()), states);
    world.set_weather("stale=3/1500ms, pending=3s".parse().unwrap());
    let graph = law.graph(&world, Variant::First);
    let plan = world.settle(&graph).await;
    assert_eq!(states(), json!(["available"]));
    world.delete(&graph, &plan, |step| step.key == law.key()).await;
    assert_eq!(states(), json!(["deleted"]));
    // Its address is free, and so is its subnet.
    let plan = world.planned(&graph, &law.key(), Action::Create).await;
    world.delete(&graph, &plan, |_| true).await;
}

/// AWS lists a deleted gateway for about an hour.
async fn a_dead_one_is_not_brought_back(law: &Law<Given, NatGateway>, world: &World) {
    let graph = law.graph(world, Variant::First);
    let plan = world.settle(&graph).await;
    let dead = step(&plan, &law.key()).id.clone().unwrap();
    world.delete(&graph, &plan, |step| step.key == law.key()).await;
    let listed = |state: &str| {
        let code = "{it['NatGatewayId']: it['State'] for it in owned('describe_nat_gateways', 'NatGateways')}";
        let all = world.boto3_about(&law.key(), &World::tags_of(&law.key()), code);
        let all = all.as_object().unwrap().iter().filter(|(_, other)| *other == state);
        all.map(|(id, _)| id.clone()).collect::<Vec<_>>()
    };
    assert!(listed("deleted").contains(&dead), "it is still listed");
    assert!(listed("available").is_empty());

    world.planned(&graph, &law.key(), Action::Create).await;
    let plan = world.settle(&graph).await;
    let alive = step(&plan, &law.key()).id.clone().unwrap();
    assert_eq!(listed("available"), [alive]);
}
