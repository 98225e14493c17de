//! The law of parameter groups of databases.

use std::collections::BTreeMap;

use aws::resources::DbParameterGroup;
use engine::Class;
use testing::{Law, Variant, World};

const OUTSIDE: &str = r#"
def parameters(group):
    found = every(rds, "describe_db_parameters", "Parameters", DBParameterGroupName=group, Source="user")
    static = {"max_connections"}
    for one in found:
        assert one["ApplyMethod"] == ("pending-reboot" if one["ParameterName"] in static else "immediate"), one
    return {one["ParameterName"]: one["ParameterValue"] for one in found}

[{
    "family": group["DBParameterGroupFamily"],
    "parameters": parameters(group["DBParameterGroupName"]),
    "tags": {tag["Key"]: tag["Value"] for tag in rds.list_tags_for_resource(ResourceName=group["DBParameterGroupArn"])["TagList"]},
} for group in rds.describe_db_parameter_groups()["DBParameterGroups"] if group["DBParameterGroupName"] == f"orgstrap-{name}"]
"#;

fn parameters<const N: usize>(all: [(&str, &str); N]) -> BTreeMap<String, String> {
    all.map(|(name, value)| (name.into(), value.into())).into()
}

#[tokio::test(flavor = "multi_thread")]
async fn it_holds() {
    let desired = |(), variant: Variant| DbParameterGroup {
        family: variant.fix("family", "postgres17", "postgres16").into(),
        // One is changed, one is given back, and one is set.
        parameters: variant.change(
            parameters([("max_connections", "100"), ("rds.force_ssl", "0")]),
            parameters([("max_connections", "200"), ("work_mem", "8192")]),
        ),
    };
    let law = Law::new("main", |_| (), desired, OUTSIDE).untagged().named().reads_per_object(1);
    let world = World::new().await;
    law.holds(&world).await;
    let first_call = "
rds.create_db_parameter_group(DBParameterGroupName=f'orgstrap-{name}', DBParameterGroupFamily='postgres17',
    Description='half', Tags=tag_list(tags))['DBParameterGroup']['DBParameterGroupName']
";
    law.finishes_half_made(&world, first_call, &["parameters"]).await;
    world.needed_all_declared_by::<DbParameterGroup>();
}

/// RDS does not count it as the user's, and it is what is wanted all the same.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_family_has_by_itself_may_be_wanted() {
    let world = World::new().await;
    let graph = world.graph(|scope| {
        scope.add("main", (), |()| DbParameterGroup {
            family: "postgres17".into(),
            parameters: parameters([("rds.force_ssl", "1")]),
        });
    });
    world.settle(&graph).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_family_does_not_have_is_told() {
    let world = World::new().await;
    let graph = world.graph(|scope| {
        scope.add("main", (), |()| DbParameterGroup {
            family: "postgres17".into(),
            parameters: parameters([("wrok_mem", "8192")]),
        });
    });
    let plan = world.plan(&graph).await;
    let error = world.failure(&graph, &plan).await;
    assert_eq!(error.class, Class::Invalid, "{error}");
    assert!(error.message.contains("orgstrap-main has no parameter wrok_mem"), "{error}");
}
