//! What cannot be changed in place is deleted and made anew, and what is no longer wanted is deleted.

use std::fs;

use end_to_end::{DEV, World, assert_same};
use serde_json::json;

const FILE: &str = "accounts/headless-cms-dev.toml";

#[test]
fn another_address_range_is_another_network() {
    let meant = World::new();
    meant.edit(FILE, "10.20.0.0/16", "10.30.0.0/16");
    meant.onboard();

    let world = World::onboarded();
    world.edit(FILE, "10.20.0.0/16", "10.30.0.0/16");
    let plan = world.orgstrap(&["plan", DEV]).exits(2).stdout;
    assert!(plan.contains("± vpc/main"), "{plan}");
    let before = world.objects();
    world.orgstrap(&["apply", DEV]).exits(1);
    assert_same(&world.objects(), &before, "refused");
    world.orgstrap(&["apply", DEV, "--yes"]).exits(0);
    world.orgstrap(&["plan", DEV]).exits(0);
    assert_same(&world.canonical(), &meant.canonical(), "with other addresses");
}

#[test]
fn a_flow_log_that_records_too_little_is_made_anew() {
    let world = World::onboarded();
    let meant = world.canonical();
    world.boto3(
        "dev = member(); old = dev.objects()['flow-logs'][0]\n\
         dev.ec2.delete_flow_logs(FlowLogIds=[old['FlowLogId']])\n\
         dev.ec2.create_flow_logs(ResourceIds=[old['ResourceId']], ResourceType='VPC', TrafficType='REJECT', \
         LogGroupName=old['LogGroupName'], DeliverLogsPermissionArn=old['DeliverLogsPermissionArn'], \
         TagSpecifications=[{'ResourceType': 'vpc-flow-log', 'Tags': old['Tags']}])",
    );
    let plan = world.orgstrap(&["plan", DEV, "--format", "json"]).exits(2).json();
    let resources = plan["accounts"][1]["resources"].as_array().unwrap();
    let changed: Vec<_> = resources.iter().filter(|resource| resource["action"] != "keep").collect();
    assert_eq!(changed.len(), 1, "{changed:?}");
    assert_eq!([&changed[0]["key"], &changed[0]["action"]], ["headless-cms-dev/flow-log/main", "replace"]);
    assert_eq!(changed[0]["diffs"][0]["field"], "traffic");
    world.orgstrap(&["apply", DEV]).exits(1);
    world.orgstrap(&["apply", DEV, "--yes"]).exits(0);
    world.orgstrap(&["plan", DEV]).exits(0);
    assert_same(&world.canonical(), &meant, "made anew");
}

#[test]
fn an_account_without_a_network_has_none() {
    let world = World::onboarded();
    fs::write(world.folder().join(FILE), "tags = { team = \"cms\" }\n").unwrap();
    world.orgstrap(&["plan", DEV]).exits(2);
    world.orgstrap(&["apply", DEV, "--yes"]).exits(0);
    world.orgstrap(&["plan", DEV]).exits(0);
    let left = "{kind: len(items) for kind, items in member().objects().items() if items}";
    assert_eq!(world.boto3(left), json!({"policies": 5, "roles": 3}));
}
