//! The law of namespaces of Cloud Map.

use aws::resources::HttpNamespace;
use testing::{Law, World};

const OUTSIDE: &str = r#"
[{"tags": tags_of(servicediscovery.list_tags_for_resource(ResourceARN=namespace["Arn"]))}
 for namespace in every(servicediscovery, "list_namespaces", "Namespaces")
 if namespace["Type"] == "HTTP" and namespace["Name"] == name]
"#;

#[tokio::test(flavor = "multi_thread")]
async fn it_holds() {
    let world = World::new().await;
    let law = Law::new("main", |_| (), |(), _| HttpNamespace {}, OUTSIDE).reads_per_object(1);
    law.holds(&world).await;
    world.needed_all_declared_by::<HttpNamespace>();
}
