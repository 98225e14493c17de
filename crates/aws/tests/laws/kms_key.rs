//! The law of keys.

use aws::resources::KmsKey;
use engine::{Action, Resource};
use sandbox::front::Weather;
use serde_json::json;
use testing::{Law, Variant, World, step};

const OUTSIDE: &str = r#"
def described(id):
    key = kms.describe_key(KeyId=id)["KeyMetadata"]
    names = [a["AliasName"] for a in every(kms, "list_aliases", "Aliases") if a.get("TargetKeyId") == id]
    return {"alias": names[0] if names else None, "enabled": key["Enabled"],
            "rotation": kms.get_key_rotation_status(KeyId=id)["KeyRotationEnabled"],
            "tags": {t["TagKey"]: t["TagValue"] for t in kms.list_resource_tags(KeyId=id)["Tags"]}}
ids = [k["KeyId"] for k in every(kms, "list_keys", "Keys")]
alive = [id for id in ids if kms.describe_key(KeyId=id)["KeyMetadata"]["KeyState"] != "PendingDeletion"]
[key for key in map(described, alive) if key["tags"].get(KEY) == tags[KEY]]
"#;

fn law() -> Law<(), KmsKey> {
    let desired = |(), variant: Variant| KmsKey {
        alias: variant.change(Some("alias/orgstrap-main".into()), None),
        enabled: variant.change(true, false),
        rotation: variant.change(true, false),
    };
    // Two lists, and three calls for each key: nothing tells more at once.
    Law::new("main", |_| (), desired, OUTSIDE).reads_per_object(3).comes_back()
}

#[tokio::test(flavor = "multi_thread")]
async fn it_holds() {
    let (world, law) = (World::new().await, law());
    law.holds(&world).await;

    let first_call = "kms.create_key(Tags=[{'TagKey': k, 'TagValue': v} for k, v in tags.items()])";
    law.finishes_half_made(&world, first_call, &["alias", "rotation"]).await;
    world.needed_all_declared_by::<KmsKey>();
}

/// What was encrypted with it can be read again.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_to_be_deleted_is_kept_when_it_is_wanted_again() {
    let (world, law) = (World::new().await, law());
    world.set_weather(Weather::default());
    let graph = law.graph(&world, Variant::First);
    let plan = world.settle(&graph).await;
    let id = step(&plan, &law.key()).id.clone();
    world.delete(&graph, &plan, |step| step.key.kind == KmsKey::KIND).await;
    let states = "sorted(kms.describe_key(KeyId=k['KeyId'])['KeyMetadata']['KeyState'] for k in every(kms, 'list_keys', 'Keys'))";
    assert_eq!(world.boto3(states), json!(["PendingDeletion"]));

    world.planned(&graph, &law.key(), Action::Create).await;
    let plan = world.settle(&graph).await;
    assert_eq!(step(&plan, &law.key()).id, id);
    assert_eq!(world.boto3(states), json!(["Enabled"]));
}
