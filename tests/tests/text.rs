//! What people read.

use end_to_end::{DEV, World};
use insta::assert_snapshot;

/// Compares with a snapshot, without ids.
macro_rules! reads {
    ($name:literal, $text:expr) => {
        insta::with_settings!({
            filters => [(r"\b[a-z]+-[0-9a-f]{17}\b", "[id]"), (r"\b\d{12}\b", "[account]")],
            omit_expression => true,
            prepend_module_to_snapshot => false,
        }, { assert_snapshot!($name, $text) });
    };
}

#[test]
fn plans_and_audits() {
    let world = World::new();
    reads!("plan_of_nothing", world.orgstrap(&["plan", DEV]).exits(2).stdout);
    let world = World::onboarded();
    reads!("audit_in_sync", world.orgstrap(&["audit", DEV]).exits(0).stdout);
    world.boto3(
        "dev = member()\n\
         dev.ec2.delete_route(RouteTableId=dev.id_of('route-table/private-a'), DestinationCidrBlock='0.0.0.0/0')\n\
         dev.ec2.create_tags(Resources=[dev.id_of('subnet/public-a')], Tags=[{'Key': 'team', 'Value': 'shop'}])\n\
         dev.ec2.delete_flow_logs(FlowLogIds=[dev.id_of('flow-log/main')])",
    );
    reads!("plan_with_drift", world.orgstrap(&["plan", DEV]).exits(2).stdout);
    reads!("audit_with_drift", world.orgstrap(&["audit", DEV]).exits(2).stdout);
}

#[test]
fn mistakes() {
    let world = World::new();
    world.edit("accounts/headless-cms-dev.toml", "zones = 2", "zone = 2");
    world.edit("accounts/storefront-dev.toml", "10.21.0.0/16", "10.20.0.0/16");
    reads!("mistakes", world.orgstrap(&["plan", DEV]).exits(1).stderr);
}
