//! The law of networks.

use aws::resources::Vpc;
use testing::{Law, World};

const OUTSIDE: &str = r#"
def read(vpc, name):
    attribute = name[0].lower() + name[1:]
    return ec2.describe_vpc_attribute(VpcId=vpc["VpcId"], Attribute=attribute)[name]["Value"]

[{
    "cidr": vpc["CidrBlock"],
    "dns_hostnames": read(vpc, "EnableDnsHostnames"),
    "dns_support": read(vpc, "EnableDnsSupport"),
    "tags": tags_of(vpc),
} for vpc in owned("describe_vpcs", "Vpcs")]
"#;

const FIRST_CALL: &str = "ec2.create_vpc(CidrBlock='10.20.0.0/16', TagSpecifications=tagged('vpc'))['Vpc']['VpcId']";

fn law() -> Law<(), Vpc> {
    let law = Law::new(
        "main",
        |_| (),
        |(), variant| Vpc {
            cidr: variant.fix("cidr", "10.20.0.0/16", "10.30.0.0/16").parse().ok(),
            dns_hostnames: variant.change(true, false),
            dns_support: variant.change(true, false),
        },
        OUTSIDE,
    );
    // The DNS attributes are not in the list.
    law.reads_per_object(2)
}

#[tokio::test]
async fn it_holds() {
    let (world, law) = (World::new().await, law());
    law.holds(&world).await;
    law.finishes_half_made(&world, FIRST_CALL, &["dns_hostnames"]).await;
    law.refuses_twins(&world, FIRST_CALL).await;
    world.needed_all_declared_by::<Vpc>();
}
