//! The law of subnets.

use aws::resources::Subnet;
use testing::{Law, World};

use crate::given;

const OUTSIDE: &str = r#"
[{
    "vpc": subnet["VpcId"],
    "cidr": subnet["CidrBlock"],
    "zone": subnet["AvailabilityZone"],
    "map_public_ip_on_launch": subnet["MapPublicIpOnLaunch"],
    "tags": tags_of(subnet),
} for subnet in owned("describe_subnets", "Subnets")]
"#;

#[tokio::test]
async fn it_holds() {
    let law = Law::new(
        "private-a",
        |scope| (given::vpc(scope, "main"), given::vpc(scope, "other"), given::zones(scope)),
        |(vpc, other, zones), variant| Subnet {
            vpc: variant.fix("vpc", vpc, other),
            cidr: variant.fix("cidr", "10.20.0.0/20", "10.20.16.0/20").parse().ok(),
            zone: variant.fix("zone", zones.at(0), zones.at(1)),
            map_public_ip_on_launch: variant.change(false, true),
        },
        OUTSIDE,
    );
    let world = World::new().await;
    law.holds(&world).await;
    world.needed_all_declared_by::<Subnet>();
}
