//! One NAT gateway, one per zone, and back.

use end_to_end::{DEV, World, assert_same};
use serde_json::json;

const FILE: &str = "accounts/headless-cms-dev.toml";

#[test]
fn a_gateway_per_zone_and_back() {
    let world = World::onboarded();
    let single = world.objects();
    world.boto3("single = member().objects()");

    world.edit(FILE, "zones = 2", "zones = 2\nnat = \"per-zone\"");
    let plan = world.orgstrap(&["plan", DEV, "--format", "json"]).exits(2).json();
    let actions = changes(&plan);
    assert_eq!(actions, ["create elastic-ip/nat-b", "create nat-gateway/b", "update route-table/private-b"]);
    world.orgstrap(&["apply", DEV]).exits(0);
    world.boto3(
        "dev = member(); zonal = dev.objects(); routes = lambda: {tags_of(t)[KEY].split('/')[-1]: \
                 [r['NatGatewayId'] for r in t['Routes'] if 'NatGatewayId' in r] for t in \
                 dev.objects()['route-tables'] if tags_of(t)}",
    );
    assert_eq!(world.boto3("routes()['private-b'] == [dev.id_of('nat-gateway/b')]"), json!(true));
    assert_eq!(world.boto3("routes()['private-a'] == [dev.id_of('nat-gateway/a')]"), json!(true));
    let place = "[[n['SubnetId'] == dev.id_of('subnet/public-b'), n['NatGatewayAddresses'][0]['AllocationId'] == \
                 dev.id_of('elastic-ip/nat-b')] for n in zonal['nat-gateways'] if n['NatGatewayId'] == \
                 dev.id_of('nat-gateway/b')]";
    assert_eq!(world.boto3(place), json!([[true, true]]));
    let kept = "ids = lambda o: {id for _, id, _ in tagged(o)}; [len(ids(zonal) - ids(single)), \
                len(ids(single) - ids(zonal))]";
    assert_eq!(world.boto3(kept), json!([2, 0]), "two more and none replaced");

    world.edit(FILE, "per-zone", "single");
    let plan = world.orgstrap(&["plan", DEV, "--format", "json"]).exits(2).json();
    assert_eq!(plan["summary"]["unmanaged"], 2);
    let mut actions = changes(&plan);
    actions.sort();
    assert_eq!(actions, ["delete elastic-ip/nat-b", "delete nat-gateway/b", "update route-table/private-b"]);
    let human = world.orgstrap(&["audit", DEV]).exits(2).stdout;
    assert!(human.contains("elastic-ip/nat-b") && human.contains("2 unmanaged"), "{human}");

    let zonal = world.objects();
    let refused = world.orgstrap(&["apply", DEV]).exits(1);
    assert!(refused.stderr.contains("--yes"), "{}", refused.stderr);
    assert_same(&world.objects(), &zonal, "refused");

    world.orgstrap(&["apply", DEV, "--yes"]).exits(0);
    world.orgstrap(&["plan", DEV]).exits(0);
    assert_same(&world.objects(), &single, "back to one");
}

/// What a plan would do, as `action kind/name`.
fn changes(plan: &serde_json::Value) -> Vec<String> {
    let accounts = plan["accounts"].as_array().unwrap().iter();
    let resources = accounts.flat_map(|account| account["resources"].as_array().unwrap());
    let changes = resources.filter(|resource| resource["action"] != "keep");
    let text = changes.map(|resource| {
        let key = resource["key"].as_str().unwrap().strip_prefix("headless-cms-dev/").unwrap();
        format!("{} {key}", resource["action"].as_str().unwrap())
    });
    text.collect()
}
