//! The law of services of Cloud Map.

use aws::resources::{DiscoveryService, PrivateDnsNamespace};
use engine::Handle;
use testing::{Law, World};

use crate::given;

const OUTSIDE: &str = r#"
def shown(service):
    full = servicediscovery.get_service(Id=service["Id"])["Service"]
    [record] = full["DnsConfig"]["DnsRecords"]
    assert (full["Name"], record["Type"], full["DnsConfig"]["RoutingPolicy"]) == (name, "A", "MULTIVALUE")
    return {"namespace": namespaces[full["NamespaceId"]], "ttl": record["TTL"], "tags": service["Tags"]}

namespaces = {one["Id"]: one["Arn"] for one in every(servicediscovery, "list_namespaces", "Namespaces")}
services = every(servicediscovery, "list_services", "Services")
for service in services:
    service["Tags"] = tags_of(servicediscovery.list_tags_for_resource(ResourceARN=service["Arn"]))
[shown(service) for service in services if service["Tags"].get(KEY) == key]
"#;

#[tokio::test(flavor = "multi_thread")]
async fn it_holds() {
    let world = World::new().await;
    let law = Law::<(Handle<PrivateDnsNamespace>, Handle<PrivateDnsNamespace>), _>::new(
        "web",
        |scope| {
            let vpcs = ["main", "other"].map(|name| given::vpc(scope, name));
            let namespace = |vpc| PrivateDnsNamespace { vpc };
            (scope.add("dev.internal", vpcs[0], namespace), scope.add("other.internal", vpcs[1], namespace))
        },
        |(namespace, other), variant| DiscoveryService {
            namespace: variant.fix("namespace", namespace, other),
            ttl: variant.change(10, 15),
        },
        OUTSIDE,
    );
    // Each of the two namespaces is asked, and its tags are in no list.
    law.reads_per_object(2).holds(&world).await;
    world.needed_all_declared_by::<DiscoveryService>();
}
