//! The law of the associations of subnets with route tables.

use std::collections::BTreeMap;

use aws::resources::{RouteTable, RouteTableAssociation};
use testing::{Law, World};

use crate::given;

const OUTSIDE: &str = r#"
[{
    "subnet": association["SubnetId"],
    "route_table": association["RouteTableId"],
} for table in every(ec2, "describe_route_tables", "RouteTables")
    for association in table["Associations"] if not association["Main"]]
"#;

#[tokio::test]
async fn it_holds() {
    let law = Law::new(
        "private-a",
        |scope| {
            let vpc = given::vpc(scope, "main");
            let subnet = given::subnet(scope, "private-a", vpc, 0);
            let tables =
                ["first", "other"].map(|name| scope.add(name, vpc, |vpc| RouteTable { vpc, routes: BTreeMap::new() }));
            (subnet, tables[0], tables[1])
        },
        |(subnet, first, other), variant| RouteTableAssociation { subnet, route_table: variant.change(first, other) },
        OUTSIDE,
    );
    let world = World::new().await;
    law.known_by(&["subnet"]).holds(&world).await;
    world.needed_all_declared_by::<RouteTableAssociation>();
}
