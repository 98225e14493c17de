//! The law of log groups.

use aws::resources::{KmsKey, LogGroup};
use engine::{Handle, Id};
use testing::{Law, Variant, World};

const OUTSIDE: &str = r#"
[{
    "retention_days": group.get("retentionInDays"),
    "key": group.get("kmsKeyId"),
    "tags": logs.list_tags_for_resource(resourceArn=group["logGroupArn"])["tags"],
} for group in every(logs, "describe_log_groups", "logGroups") if group["logGroupName"] == f"/orgstrap/{scope}/{name}"]
"#;

fn law() -> Law<Handle<KmsKey>, LogGroup> {
    let desired = |key: Id<KmsKey>, variant: Variant| LogGroup {
        retention_days: variant.change(Some(30), None),
        key: variant.change(Some(key), None),
    };
    Law::new("flow-logs", |scope| scope.add("main", (), |()| KmsKey::named("main")), desired, OUTSIDE).untagged()
}

#[tokio::test]
async fn it_holds() {
    let (world, law) = (World::new().await, law());
    law.holds(&world).await;

    let first_call = "logs.create_log_group(logGroupName=f'/orgstrap/{scope}/{name}', tags=tags)";
    law.finishes_half_made(&world, first_call, &["key", "retention_days"]).await;
    world.needed_all_declared_by::<LogGroup>();
}
