//! The law of flow logs.

use aws::resources::FlowLog;
use testing::{Law, World};

use crate::given;

const OUTSIDE: &str = r#"
[{
    "vpc": log["ResourceId"],
    "traffic": log["TrafficType"],
    "log_group": log["LogGroupName"],
    "role": log["DeliverLogsPermissionArn"],
    "tags": tags_of(log),
} for log in owned("describe_flow_logs", "FlowLogs")]
"#;

#[tokio::test]
async fn it_holds() {
    let law = Law::new(
        "main",
        |scope| {
            let networks = (given::vpc(scope, "main"), given::vpc(scope, "other"));
            let groups = (given::group(scope, "flow-logs"), given::group(scope, "other"));
            let roles = ["flow-logs", "other"].map(|name| given::role(scope, name, "vpc-flow-logs.amazonaws.com"));
            (networks, groups, (roles[0], roles[1]))
        },
        |((vpc, other_vpc), (group, other_group), (role, other_role)), variant| FlowLog {
            vpc: variant.fix("vpc", vpc, other_vpc),
            traffic: variant.fix("traffic", "ALL", "REJECT").into(),
            log_group: variant.fix("log_group", group, other_group),
            role: variant.fix("role", role, other_role),
        },
        OUTSIDE,
    );
    let world = World::new().await;
    law.holds(&world).await;
    world.needed_all_declared_by::<FlowLog>();
}
