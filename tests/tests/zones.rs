//! Zones by name and by number, and more of them later.

use end_to_end::{DEV, World, assert_same};
use serde_json::json;

const FILE: &str = "accounts/headless-cms-dev.toml";
const ZONES: &str = "{tags_of(s)[KEY].split('/')[-1]: s['AvailabilityZone'] for s in member().objects()['subnets']}";

#[test]
fn zones_by_name() {
    let world = World::new();
    world.edit(FILE, "zones = 2", r#"zones = ["us-west-1b", "us-west-1a"]"#);
    world.onboard();
    let (a, b) = ("us-west-1a", "us-west-1b");
    assert_eq!(world.boto3(ZONES), json!({"public-a": b, "private-a": b, "public-b": a, "private-b": a}));
    // The subnets that exist decide where counted zones are.
    world.edit(FILE, r#"zones = ["us-west-1b", "us-west-1a"]"#, "zones = 2");
    world.orgstrap(&["plan", DEV]).exits(0);
}

#[test]
fn zones_that_the_account_does_not_have() {
    let world = World::new();
    world.edit(FILE, "zones = 2", "zones = 3");
    let failed = world.orgstrap(&["onboard", DEV]);
    assert!(matches!(failed.code, Some(1 | 3)), "{failed:?}");
    assert!(failed.stderr.contains("3 zones are wanted and this account has 2"), "{}", failed.stderr);
    assert!(failed.stderr.contains("lower network.zones"), "{}", failed.stderr);
    world.edit(FILE, "zones = 3", r#"zones = ["us-west-1a", "us-west-1f"]"#);
    let failed = world.orgstrap(&["plan", DEV]).exits(1);
    assert!(format!("{}{}", failed.stdout, failed.stderr).contains("us-west-1f"), "{failed:?}");
    // The way out works from where it stopped.
    world.edit(FILE, r#"zones = ["us-west-1a", "us-west-1f"]"#, "zones = 2");
    world.onboard();
    world.orgstrap(&["plan", DEV]).exits(0);
}

#[test]
fn a_third_zone_replaces_nothing() {
    let world = World::new();
    world.edit("orgstrap.toml", "us-west-1", "us-west-2");
    world.onboard();
    world.boto3("dev = member(region='us-west-2'); before = dev.objects()");

    world.edit(FILE, "zones = 2", "zones = 3");
    let plan = world.orgstrap(&["plan", DEV, "--format", "json"]).exits(2).json();
    assert_eq!([&plan["summary"]["missing"], &plan["summary"]["drifted"]], [5, 1], "{}", plan["summary"]);
    world.orgstrap(&["apply", DEV]).exits(0);
    world.orgstrap(&["plan", DEV]).exits(0);
    let ids = "ids = lambda o: {id: tags[KEY] for _, id, tags in tagged(o)}; after = dev.objects()\n\
               [[i for i in ids(before) if i not in ids(after)], \
               sorted(k.split('/', 1)[1] for i, k in ids(after).items() if i not in ids(before))]";
    let added = ["route-table/private-c", "subnet/private-c", "subnet/public-c"];
    assert_eq!(world.boto3(ids), json!([[], added]));
    let zones = "len({s['AvailabilityZone'] for s in after['subnets']})";
    assert_eq!(world.boto3(zones), json!(3));
}

#[test]
fn a_zone_less_removes_what_was_in_it() {
    let world = World::new();
    world.edit("orgstrap.toml", "us-west-1", "us-west-2");
    world.onboard();
    let two = world.boto3("dev = member(region='us-west-2'); dev.objects()");
    world.edit(FILE, "zones = 2", "zones = 3");
    world.orgstrap(&["apply", DEV]).exits(0);
    world.edit(FILE, "zones = 3", "zones = 2");
    world.orgstrap(&["apply", DEV, "--yes"]).exits(0);
    world.orgstrap(&["plan", DEV]).exits(0);
    assert_same(&world.boto3("dev.objects()"), &two, "back to two zones");
}
