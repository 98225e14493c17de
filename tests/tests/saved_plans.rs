//! A plan that is saved and applied later: exactly that, or nothing.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use end_to_end::{Bench, DEV, Run, World, assert_same, assert_whole};
use sandbox::front::Moment;
use serde_json::{Value, json};

const FILE: &str = "accounts/headless-cms-dev.toml";
const PLAN: &str = "plan.json";
const HELPERS: &str = "dev = member(); ec2, iam, id_of = dev.ec2, dev.iam, dev.id_of";

/// A world with the account in it, and a saved plan that has one thing to do: a tag that was changed.
fn drifted() -> World {
    let world = World::onboarded();
    world.boto3(HELPERS);
    world.boto3("ec2.create_tags(Resources=[id_of('subnet/public-a')], Tags=[{'Key': 'team', 'Value': 'shop'}])");
    world.orgstrap(&["plan", DEV, "--out", PLAN]).exits(2);
    world
}

/// Applies the plan, which has to be refused without any change. Gives what was said in JSON and to people.
#[track_caller]
fn refused(world: &World) -> (Value, Run) {
    let before = world.objects();
    let said = world.orgstrap(&["apply", PLAN, "--format", "json"]).exits(1).json();
    let human = world.orgstrap(&["apply", PLAN]).exits(1);
    assert_same(&world.objects(), &before, "after a plan that was refused");
    assert_eq!([&said["version"], &said["command"]], [&json!(1), &json!("apply")]);
    assert!(human.stderr.contains("nothing was changed"), "{}", human.stderr);
    for moved in said["moved"].as_array().unwrap() {
        let node = moved["key"].as_str().unwrap().split_once('/').unwrap().1;
        assert!(human.stdout.contains(node), "{node} is not named:\n{}", human.stdout);
    }
    (said, human)
}

/// What moved, as `cause key field`.
fn moved(said: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let moves = said["moved"].as_array().unwrap().iter();
    moves.map(|moved| [&moved["cause"], &moved["key"], &moved["field"]].map(text).join(" ")).collect()
}

fn edit_plan(world: &World, edit: impl FnOnce(&mut Value)) {
    let path = world.folder().join(PLAN);
    let mut plan = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    edit(&mut plan);
    fs::write(path, plan.to_string()).unwrap();
}

#[test]
fn what_was_shown_is_done_once() {
    let undisturbed = World::onboarded();

    let world = World::new();
    let shown = world.orgstrap(&["plan", DEV, "--format", "json", "--out", PLAN]).exits(2);
    assert!(shown.stderr.contains(r#"{"saved":"plan.json"}"#), "{}", shown.stderr);
    let shown = shown.json();
    let path = world.folder().join(PLAN);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let saved: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    assert_eq!([&saved["version"], &saved["fleet"], &saved["sandbox"]], [&json!(1), &json!("verb"), &json!(true)]);
    assert_eq!(saved["management"], shown["accounts"][0]["id"]);
    assert_eq!(saved["selection"], json!({"accounts": [DEV], "all": false}));
    let resources = shown["accounts"].as_array().unwrap().iter().flat_map(|a| a["resources"].as_array().unwrap());
    let what = |step: &Value| ["key", "action", "id", "diffs"].map(|field| step[field].clone());
    let steps: Vec<_> = saved["steps"].as_array().unwrap().iter().map(what).collect();
    assert_eq!(steps, resources.map(what).collect::<Vec<_>>());

    let applied = world.orgstrap(&["apply", PLAN]).exits(0);
    assert!(applied.stderr.contains("Everything is as desired"), "{}", applied.stderr);
    assert_whole(&world, &undisturbed.canonical(), "after the saved plan");
    world.orgstrap(&["plan", DEV]).exits(0);

    let (said, human) = refused(&world);
    assert_eq!(said["moved"].as_array().unwrap().len(), steps.len());
    assert!(said["moved"].as_array().unwrap().iter().all(|moved| moved["cause"] == "world"), "{said}");
    assert!(human.stderr.contains("done already"), "{}", human.stderr);
}

#[test]
fn drift_in_between_is_refused_and_named() {
    let world = drifted();
    let meant = fs::read(world.folder().join(PLAN)).unwrap();
    world.boto3("ec2.delete_route(RouteTableId=id_of('route-table/private-a'), DestinationCidrBlock='0.0.0.0/0')");
    let (said, human) = refused(&world);
    assert_eq!(moved(&said), [format!("world {DEV}/route-table/private-a routes")]);
    assert_eq!(said["moved"][0]["now"], json!({}));
    assert!(said["moved"][0]["planned"]["0.0.0.0/0"].as_str().unwrap().starts_with("nat-"), "{said}");
    assert!(human.stderr.contains("the world moved since plan.json was made"), "{}", human.stderr);
    assert!(human.stderr.contains(&format!("orgstrap plan {DEV} --out {PLAN}")), "{}", human.stderr);

    // What was to be mended is otherwise now.
    world.boto3("ec2.create_tags(Resources=[id_of('subnet/public-a')], Tags=[{'Key': 'team', 'Value': 'more'}])");
    let (said, _) = refused(&world);
    assert_eq!(
        moved(&said),
        [format!("world {DEV}/subnet/public-a tags"), format!("world {DEV}/route-table/private-a routes")]
    );
    assert_eq!(
        [&said["moved"][0]["planned"], &said["moved"][0]["now"]],
        [&json!({"team": "shop"}), &json!({"team": "more"})]
    );

    // As it was when the plan was made: it is good again.
    world.boto3(
        "ec2.create_tags(Resources=[id_of('subnet/public-a')], Tags=[{'Key': 'team', 'Value': 'shop'}])\n\
         ec2.create_route(RouteTableId=id_of('route-table/private-a'), DestinationCidrBlock='0.0.0.0/0', \
         NatGatewayId=id_of('nat-gateway/a'))",
    );
    assert_eq!(fs::read(world.folder().join(PLAN)).unwrap(), meant);
    world.orgstrap(&["apply", PLAN]).exits(0);
    world.orgstrap(&["plan", DEV]).exits(0);
}

#[test]
fn another_object_in_its_place_is_refused() {
    let world = drifted();
    world.boto3(
        "old = dev.objects()['flow-logs'][0]\n\
         ec2.delete_flow_logs(FlowLogIds=[old['FlowLogId']])\n\
         ec2.create_flow_logs(ResourceIds=[old['ResourceId']], ResourceType='VPC', TrafficType='ALL', \
         LogGroupName=old['LogGroupName'], DeliverLogsPermissionArn=old['DeliverLogsPermissionArn'], \
         TagSpecifications=[{'ResourceType': 'vpc-flow-log', 'Tags': old['Tags']}])",
    );
    let (said, _) = refused(&world);
    assert_eq!(moved(&said), [format!("world {DEV}/flow-log/main -")]);
    let [planned, now] = ["planned", "now"].map(|side| &said["moved"][0][side]);
    assert_eq!([&planned["action"], &now["action"]], ["keep", "keep"]);
    assert_ne!(planned["id"], now["id"]);
}

#[test]
fn other_files_are_refused_and_said_to_be_the_files() {
    let world = drifted();
    world.edit(FILE, "10.20.0.0/16", "10.30.0.0/16");
    let (said, human) = refused(&world);
    let moved = moved(&said);
    assert!(moved.contains(&format!("files {DEV}/vpc/main cidr")), "{moved:?}");
    assert!(moved.iter().all(|moved| moved.starts_with("files ")), "{moved:?}");
    assert!(human.stderr.contains("the fleet's files changed since plan.json was made"), "{}", human.stderr);
    assert!(!human.stderr.contains("the world moved"), "{}", human.stderr);

    // Both, told apart.
    world.edit(FILE, "10.30.0.0/16", "10.20.0.0/16");
    world.edit("orgstrap.toml", "name = \"verb\"", "name = \"verb\"\n# a comment is no change");
    let file = fs::read_to_string(world.folder().join(FILE)).unwrap();
    world.edit(FILE, "\"cms\"", "\"web\"");
    world.boto3("ec2.modify_vpc_attribute(VpcId=id_of('vpc/main'), EnableDnsHostnames={'Value': False})");
    let (said, _) = refused(&world);
    let both = self::moved(&said);
    assert!(both.contains(&format!("world {DEV}/vpc/main dns_hostnames")), "{both:?}");
    assert!(both.contains(&format!("files {DEV}/vpc/main tags")), "{both:?}");
    assert_eq!(both.iter().filter(|moved| moved.starts_with("world ")).count(), 1, "{both:?}");

    // A comment is no change.
    fs::write(world.folder().join(FILE), file).unwrap();
    world.boto3("ec2.modify_vpc_attribute(VpcId=id_of('vpc/main'), EnableDnsHostnames={'Value': True})");
    world.orgstrap(&["apply", PLAN]).exits(0);
    fs::remove_file(world.folder().join(FILE)).unwrap();
    let gone = world.orgstrap(&["apply", PLAN]).exits(1).stderr;
    assert!(gone.contains("the fleet's files changed") && gone.contains(DEV), "{gone}");
}

#[test]
fn files_that_are_no_plan_of_this() {
    let world = drifted();
    let before = world.objects();
    let good = fs::read(world.folder().join(PLAN)).unwrap();
    let check = |said: &str| {
        let run = world.orgstrap(&["apply", PLAN]).exits(1);
        assert!(run.stderr.contains(said) && run.stderr.contains("hint:"), "{said} is not in {}", run.stderr);
        fs::write(world.folder().join(PLAN), &good).unwrap();
    };
    edit_plan(&world, |plan| plan["steps"][0]["action"] = "delete".into());
    check("plan.json is not as it was saved: it was edited or damaged");
    edit_plan(&world, |plan| plan["fleet"] = "other".into());
    check("edited or damaged");
    edit_plan(&world, |plan| plan["version"] = 2.into());
    check("version 2, and this orgstrap reads version 1");
    fs::write(world.folder().join(PLAN), &good[..good.len() / 2]).unwrap();
    check("not a saved plan: no JSON");
    fs::write(world.folder().join(PLAN), world.orgstrap(&["plan", DEV, "--format", "json"]).exits(2).stdout).unwrap();
    check("not a saved plan: it has no fingerprint");
    fs::remove_file(world.folder().join(PLAN)).unwrap();
    check("cannot read the plan plan.json");

    world.edit("orgstrap.toml", "name = \"verb\"", "name = \"other\"");
    check("a plan of fleet verb, and this is fleet other");
    world.edit("orgstrap.toml", "name = \"other\"", "name = \"verb\"");
    let elsewhere = world.orgstrap_at_endpoint(&["apply", PLAN]).exits(1).stderr;
    assert!(elsewhere.contains("a plan of the sandbox, and this is not the sandbox"), "{elsewhere}");
    world.leave_to_moto();
    world.orgstrap_at_endpoint(&["plan", DEV, "--out", PLAN]).exits(2);
    let elsewhere = world.orgstrap(&["apply", PLAN]).exits(1).stderr;
    assert!(elsewhere.contains("not a plan of the sandbox, and this is the sandbox"), "{elsewhere}");

    for arguments in
        [&["apply", PLAN, DEV][..], &["apply", DEV, PLAN], &["apply", PLAN, PLAN], &["apply", PLAN, "--all"]]
    {
        world.orgstrap(arguments).exits(1);
    }
    assert_same(&world.objects(), &before, "after plans that were refused");
}

#[test]
fn a_file_and_an_account_are_told_apart() {
    let world = World::new();
    let said = world.orgstrap(&["plan", DEV, "--out", DEV]).exits(1).stderr;
    assert!(said.contains("and not a plan"), "{said}");
    let said = world.orgstrap(&["plan", DEV, "--out", "nowhere/plan"]).exits(1).stderr;
    assert!(said.contains("no folder nowhere"), "{said}");
    // Neither a dot nor a slash: a file because it is there.
    world.orgstrap(&["plan", DEV, "--out", "saved"]).exits(2);
    fs::write(world.folder().join(DEV), "of somebody else").unwrap();
    world.orgstrap(&["apply", "saved"]).exits(0);
    world.orgstrap(&["apply", DEV]).exits(0);
}

#[test]
fn an_empty_plan_is_saved_and_does_nothing() {
    let world = World::onboarded();
    let before = world.objects();
    // Those that exist, which is one.
    world.orgstrap(&["plan", "--out", PLAN]).exits(0);
    let applied = world.orgstrap(&["apply", PLAN]).exits(0);
    assert!(applied.stderr.contains("Nothing to do."), "{}", applied.stderr);
    assert_same(&world.objects(), &before, "an empty plan");
    // The whole fleet is the whole fleet of then and of now.
    world.orgstrap(&["plan", "--all", "--out", PLAN]).exits(2);
    fs::write(world.folder().join("accounts/late-dev.toml"), "tags = { team = \"late\" }\n").unwrap();
    let (said, _) = refused(&world);
    assert_eq!(moved(&said)[0], "files management/account/late-dev -");
    fs::remove_file(world.folder().join("accounts/late-dev.toml")).unwrap();
    world.orgstrap(&["apply", PLAN]).exits(0);
    world.orgstrap(&["plan", "--all"]).exits(0);
}

/// It was approved by being saved.
#[test]
fn a_saved_plan_that_deletes_needs_no_yes() {
    let world = World::onboarded();
    world.edit(FILE, "10.20.0.0/16", "10.30.0.0/16");
    world.orgstrap(&["apply", DEV]).exits(1);
    world.orgstrap(&["plan", DEV, "--out", PLAN]).exits(2);
    world.orgstrap(&["apply", PLAN]).exits(0);
    world.orgstrap(&["plan", DEV]).exits(0);
}

#[test]
fn what_could_not_be_read_is_not_saved() {
    let world = World::onboarded();
    world.boto3(HELPERS);
    // Two objects of one key: nobody knows which is meant.
    world.boto3(
        "ec2.create_vpc(CidrBlock='10.9.0.0/16', TagSpecifications=[{'ResourceType': 'vpc', \
         'Tags': [v for v in dev.objects()['vpcs']][0]['Tags']}])",
    );
    let said = world.orgstrap(&["plan", DEV, "--out", PLAN]).exits(1).stderr;
    assert!(said.contains("nothing was saved"), "{said}");
    assert!(!world.folder().join(PLAN).exists());
}

#[test]
fn killed_on_the_way_a_new_plan_goes_on() {
    let meant = World::onboarded().canonical();
    let bench = Bench::new("");
    bench.orgstrap(&["plan", DEV, "--out", PLAN]).exits(2);
    assert!(bench.killed(&["apply", PLAN], 12, Moment::After), "it came to its end");
    let again = bench.orgstrap(&["apply", PLAN]).exits(1);
    assert!(again.stderr.contains("the world moved"), "{}", again.stderr);
    bench.orgstrap(&["plan", DEV, "--out", PLAN]).exits(2);
    bench.orgstrap(&["apply", PLAN]).exits(0);
    assert_whole(&bench.world, &meant, "after the second plan");
}
