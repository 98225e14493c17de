//! The law of interface endpoints.

use std::collections::BTreeSet;

use aws::resources::InterfaceEndpoint;
use testing::{Law, World};

use crate::given;

const OUTSIDE: &str = r#"
[{
    "vpc": endpoint["VpcId"],
    "service": endpoint["ServiceName"],
    "subnets": sorted(endpoint["SubnetIds"]),
    "security_groups": sorted(group["GroupId"] for group in endpoint["Groups"]),
    "private_dns": endpoint["PrivateDnsEnabled"],
    "tags": tags_of(endpoint),
} for endpoint in owned("describe_vpc_endpoints", "VpcEndpoints") if endpoint["State"] == "available"]
"#;

#[tokio::test(flavor = "multi_thread")]
async fn it_holds() {
    let law = Law::new(
        "secrets",
        |scope| {
            let (vpc, other) = (given::vpc(scope, "main"), given::vpc(scope, "other"));
            let subnets = [("a", 0, "us-west-1a"), ("b", 1, "us-west-1b"), ("c", 2, "us-west-1b")];
            let subnets = subnets.map(|(name, third, zone)| given::subnet_in(scope, name, vpc, third, zone)).to_vec();
            let groups = ["main", "other"].map(|name| given::security_group(scope, name, vpc)).to_vec();
            (vpc, other, (subnets, groups))
        },
        |(vpc, other, (subnets, groups)), variant| InterfaceEndpoint {
            vpc: variant.fix("vpc", vpc, other),
            service: variant
                .fix("service", "com.amazonaws.us-west-1.secretsmanager", "com.amazonaws.us-west-1.logs")
                .into(),
            // One of two subnets goes, and another comes.
            subnets: BTreeSet::from([subnets[0].clone(), variant.change(subnets[1].clone(), subnets[2].clone())]),
            security_groups: BTreeSet::from([variant.change(groups[0].clone(), groups[1].clone())]),
            private_dns: variant.change(true, false),
        },
        OUTSIDE,
    );
    let world = World::new().await;
    law.holds(&world).await;
    world.needed_all_declared_by::<InterfaceEndpoint>();
}
