//! The law of public addresses.

use aws::resources::ElasticIp;
use testing::{Law, World};

const OUTSIDE: &str = r#"[{"tags": tags_of(address)} for address in owned("describe_addresses", "Addresses")]"#;

fn law() -> Law<(), ElasticIp> {
    Law::new("nat-a", |_| (), |(), _| ElasticIp {}, OUTSIDE)
}

#[tokio::test]
async fn it_holds() {
    let (world, law) = (World::new().await, law());
    law.holds(&world).await;

    let create = "ec2.allocate_address(Domain='vpc', TagSpecifications=tagged('elastic-ip'))['AllocationId']";
    law.refuses_twins(&world, create).await;
    world.needed_all_declared_by::<ElasticIp>();
}
