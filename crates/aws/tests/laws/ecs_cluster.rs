//! The law of clusters of ECS.

use std::collections::{BTreeMap, BTreeSet};

use aws::resources::{EcsCluster, HttpNamespace, Share};
use engine::{Action, Class, Key, Resource};
use testing::{Law, SCOPE, World};

use crate::given;

const OUTSIDE: &str = r#"
def described(arn):
    include = ["CONFIGURATIONS", "SETTINGS", "TAGS"]
    return containers.describe_clusters(clusters=[arn], include=include)["clusters"][0]

def shown(cluster):
    commands = cluster.get("configuration", {}).get("executeCommandConfiguration", {})
    strategy = cluster.get("defaultCapacityProviderStrategy", [])
    return {
        "providers": sorted(cluster.get("capacityProviders", [])),
        "strategy": {one["capacityProvider"]: {"base": one["base"], "weight": one["weight"]} for one in strategy},
        "insights": {one["name"]: one["value"] for one in cluster["settings"]}["containerInsights"],
        "command_log": commands.get("logConfiguration", {}).get("cloudWatchLogGroupName"),
        "namespace": cluster.get("serviceConnectDefaults", {}).get("namespace") or None,
        "tags": {tag["key"]: tag["value"] for tag in cluster["tags"]},
    }

found = [described(arn) for arn in every(containers, "list_clusters", "clusterArns")]
[shown(cluster) for cluster in found if cluster["clusterName"] == name and cluster["status"] == "ACTIVE"]
"#;

#[tokio::test(flavor = "multi_thread")]
async fn it_holds() {
    let law = Law::new(
        "main",
        |scope| {
            let namespace = scope.add("main", (), |()| HttpNamespace {});
            (given::group(scope, "commands"), namespace)
        },
        |(group, namespace), variant| {
            let share = |base, weight| Share { base, weight };
            let spot = BTreeMap::from([("FARGATE".into(), share(1, 1)), ("FARGATE_SPOT".into(), share(0, 3))]);
            EcsCluster {
                providers: variant.change(
                    BTreeSet::from(["FARGATE".into(), "FARGATE_SPOT".into()]),
                    BTreeSet::from(["FARGATE".into()]),
                ),
                strategy: variant.change(spot, BTreeMap::from([("FARGATE".into(), share(0, 1))])),
                insights: variant.change("enhanced", "disabled").into(),
                command_log: variant.change(Some(group), None),
                namespace: variant.change(Some(namespace), None),
            }
        },
        OUTSIDE,
    );
    let world = World::new().await;
    // Clusters are listed and then described.
    law.reads_per_object(1).holds(&world).await;
    world.needed_all_declared_by::<EcsCluster>();
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_somebody_else_is_left_alone() {
    let world = World::new().await;
    world.boto3("containers.create_cluster(clusterName='main')['cluster']['clusterName']");
    let graph = world.graph(|scope| {
        given::cluster(scope, "main");
    });
    let plan = world.planned(&graph, &Key::new(SCOPE, EcsCluster::KIND, "main"), Action::Create).await;
    let error = world.failure(&graph, &plan).await;
    assert_eq!(error.class, Class::Invalid, "{error}");
    assert!(error.message.contains("was made by somebody else"), "{error}");
}
