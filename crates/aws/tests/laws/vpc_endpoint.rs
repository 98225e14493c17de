//! The law of gateway endpoints.

use std::collections::{BTreeMap, BTreeSet};

use aws::resources::{RouteTable, VpcEndpoint};
use testing::{Law, World};

use crate::given;

const OUTSIDE: &str = r#"
[{
    "vpc": endpoint["VpcId"],
    "service": endpoint["ServiceName"],
    "route_tables": sorted(endpoint["RouteTableIds"]),
    "tags": tags_of(endpoint),
} for endpoint in owned("describe_vpc_endpoints", "VpcEndpoints") if endpoint["State"] == "available"]
"#;

#[tokio::test]
async fn it_holds() {
    let law = Law::new(
        "s3",
        |scope| {
            let (vpc, other) = (given::vpc(scope, "main"), given::vpc(scope, "other"));
            let tables =
                ["a", "b", "c"].map(|name| scope.add(name, vpc, |vpc| RouteTable { vpc, routes: BTreeMap::new() }));
            (vpc, other, tables.to_vec())
        },
        // One of two tables goes, and another comes.
        |(vpc, other, tables), variant| VpcEndpoint {
            vpc: variant.fix("vpc", vpc, other),
            service: variant.fix("service", "com.amazonaws.us-west-1.s3", "com.amazonaws.us-west-1.dynamodb").into(),
            route_tables: BTreeSet::from([tables[0].clone(), variant.change(tables[1].clone(), tables[2].clone())]),
        },
        OUTSIDE,
    );
    let world = World::new().await;
    law.holds(&world).await;
    world.needed_all_declared_by::<VpcEndpoint>();
}
