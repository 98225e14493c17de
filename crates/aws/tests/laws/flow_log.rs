//! The law of flow logs.

use std::collections::{BTreeMap, BTreeSet};

use aws::resources::{FlowLog, LogGroup, Role};
use aws::{Account, PolicyDocument};
use engine::{Handle, Scope};
use serde_json::json;
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

fn group(scope: &mut Scope<'_, Account>, name: &str) -> Handle<LogGroup> {
    scope.add(name, (), |()| LogGroup { retention_days: Some(30) })
}

fn role(scope: &mut Scope<'_, Account>, name: &str) -> Handle<Role> {
    let service = json!({"Service": "vpc-flow-logs.amazonaws.com"});
    let statement = json!({"Effect": "Allow", "Principal": service, "Action": "sts:AssumeRole"});
    let trust: PolicyDocument = json!({"Version": "2012-10-17", "Statement": [statement]}).into();
    scope.add(name, (), move |()| Role {
        trust: trust.clone(),
        policies: BTreeMap::new(),
        attached: BTreeSet::new(),
        boundary: None,
    })
}

#[tokio::test]
async fn it_holds() {
    let law = Law::new(
        "main",
        |scope| {
            let networks = (given::vpc(scope, "main"), given::vpc(scope, "other"));
            let groups = (group(scope, "flow-logs"), group(scope, "other"));
            (networks, groups, (role(scope, "flow-logs"), role(scope, "other")))
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
