//! The law of namespaces of Cloud Map with private DNS.

use aws::resources::{HostedZone, PrivateDnsNamespace, Vpc};
use engine::Handle;
use testing::{Law, World};

use crate::given;

const OUTSIDE: &str = r#"
def shown(namespace):
    zone = route53.get_hosted_zone(Id=namespace["Properties"]["DnsProperties"]["HostedZoneId"])
    assert zone["HostedZone"]["Config"]["PrivateZone"] and zone["HostedZone"]["Name"] == name + "."
    tags = servicediscovery.list_tags_for_resource(ResourceARN=namespace["Arn"])
    return {"vpc": zone["VPCs"][0]["VPCId"], "tags": tags_of(tags)}

[shown(namespace) for namespace in every(servicediscovery, "list_namespaces", "Namespaces")
 if namespace["Type"] == "DNS_PRIVATE" and namespace["Name"] == name]
"#;

#[tokio::test(flavor = "multi_thread")]
async fn it_holds() {
    let world = World::new().await;
    let law = Law::<(Handle<Vpc>, Handle<Vpc>), _>::new(
        "dev.internal",
        |scope| (given::vpc(scope, "main"), given::vpc(scope, "other")),
        |(vpc, other), variant| PrivateDnsNamespace { vpc: variant.fix("vpc", vpc, other) },
        OUTSIDE,
    );
    // Its tags and its network are in no list.
    law.reads_per_object(2).holds(&world).await;
    world.needed_all_declared_by::<PrivateDnsNamespace>();
}

/// Its zone is Cloud Map's, and not one of those that are published.
#[tokio::test(flavor = "multi_thread")]
async fn its_zone_is_nobody_elses() {
    let world = World::new().await;
    let namespace = |scope: &mut engine::Scope<'_, aws::Account>| {
        let vpc = given::vpc(scope, "main");
        scope.add("dev.internal", vpc, |vpc| PrivateDnsNamespace { vpc });
    };
    world.settle(&world.graph(namespace)).await;
    let both = world.graph(|scope| {
        scope.watch::<HostedZone>();
        namespace(scope);
        given::zone(scope, "dev.internal");
    });
    world.settle(&both).await;
    let zones = "sorted(zone['Config']['PrivateZone'] for zone in route53.list_hosted_zones()['HostedZones'])";
    assert_eq!(world.boto3(zones), serde_json::json!([false, true]));
}
