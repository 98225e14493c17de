//! The law of log groups.

use aws::resources::LogGroup;
use testing::{Law, World};

const OUTSIDE: &str = r#"
[{
    "retention_days": group.get("retentionInDays"),
    "tags": logs.list_tags_for_resource(resourceArn=group["logGroupArn"])["tags"],
} for group in every(logs, "describe_log_groups", "logGroups") if group["logGroupName"] == f"/orgstrap/{scope}/{name}"]
"#;

fn law() -> Law<(), LogGroup> {
    let desired = |(), variant: testing::Variant| LogGroup { retention_days: variant.change(Some(30), None) };
    Law::new("flow-logs", |_| (), desired, OUTSIDE).untagged()
}

#[tokio::test]
async fn it_holds() {
    let (world, law) = (World::new().await, law());
    law.holds(&world).await;

    let first_call = "logs.create_log_group(logGroupName=f'/orgstrap/{scope}/{name}', tags=tags)";
    law.finishes_half_made(&world, first_call, &["retention_days"]).await;
    world.needed_all_declared_by::<LogGroup>();
}
