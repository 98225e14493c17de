//! The law of the attachments of internet gateways to networks.

use aws::resources::{InternetGateway, InternetGatewayAttachment};
use testing::{Law, World};

use crate::given;

const OUTSIDE: &str = r#"
[{
    "gateway": gateway["InternetGatewayId"],
    "vpc": attachment["VpcId"],
} for gateway in every(ec2, "describe_internet_gateways", "InternetGateways")
    for attachment in gateway["Attachments"]]
"#;

#[tokio::test]
async fn it_holds() {
    let law = Law::new(
        "main",
        |scope| {
            let gateway = scope.add("main", (), |()| InternetGateway {});
            (gateway, given::vpc(scope, "main"), given::vpc(scope, "other"))
        },
        |(gateway, vpc, other), variant| InternetGatewayAttachment { gateway, vpc: variant.fix("vpc", vpc, other) },
        OUTSIDE,
    );
    let world = World::new().await;
    law.known_by(&["gateway"]).holds(&world).await;
    world.needed_all_declared_by::<InternetGatewayAttachment>();
}
