//! Everything that was made goes, and nothing else.

use std::fs;

use end_to_end::{Bench, DEV, World, assert_same, files_below};
use sandbox::front::Moment;
use serde_json::{Value, json};

/// What somebody else keeps in the same account, some of it called as ours is.
const FOREIGN: &str = "
dev = member(); ec2 = dev.ec2
vpc = ec2.create_vpc(CidrBlock='10.99.0.0/16')['Vpc']['VpcId']
subnet = ec2.create_subnet(VpcId=vpc, CidrBlock='10.99.1.0/24')['Subnet']['SubnetId']
ec2.create_tags(Resources=[vpc, subnet], Tags=[{'Key': 'Name', 'Value': 'headless-cms-dev-main'}])
ec2.create_tags(Resources=[subnet], Tags=[{'Key': FLEET, 'Value': 'another'}, {'Key': KEY, 'Value': 'a/subnet/b'}])
ec2.allocate_address(Domain='vpc')
gateway = ec2.create_internet_gateway()['InternetGateway']['InternetGatewayId']
ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
table = ec2.create_route_table(VpcId=vpc)['RouteTable']['RouteTableId']
ec2.create_route(RouteTableId=table, DestinationCidrBlock='0.0.0.0/0', GatewayId=gateway)
ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
ec2.create_security_group(GroupName='web', Description='web', VpcId=vpc)
dev.iam.create_role(RoleName='orgstrap-of-others', AssumeRolePolicyDocument='{}')
dev.iam.create_user(UserName='somebody')
dev.logs.create_log_group(logGroupName='/orgstrap-not/headless-cms-dev')
";

#[test]
fn what_was_made_goes_and_nothing_else() {
    let world = World::onboarded();
    let onboarded = world.canonical();
    world.boto3("before = {kind: [json.dumps(i) for i in items] for kind, items in member().objects().items()}");
    world.boto3(FOREIGN);
    // Those that were not there before.
    let foreign = "{kind: [i for i in items if json.dumps(i) not in before[kind]] \
                   for kind, items in member().objects().items()}";
    let theirs = world.boto3(foreign);
    world.orgstrap(&["plan", DEV]).exits(0);

    let refused = world.orgstrap(&["offboard", DEV]).exits(1);
    assert!(refused.stderr.contains("--yes"), "{}", refused.stderr);
    world.orgstrap(&["plan", DEV]).exits(0);
    assert_same(&world.boto3(foreign), &theirs, "refused");

    world.orgstrap(&["offboard", DEV, "--yes"]).exits(0);
    assert_same(&world.boto3(foreign), &theirs, "offboarded");
    assert_eq!(world.boto3("[t for _, _, t in tagged(member().objects()) if t.get(FLEET) == 'verb']"), json!([]));
    // The role by which it is entered is not ours, and the account stays open.
    let left = "{kind: len(items) for kind, items in member().objects().items() if items}";
    let expected = json!({
        "addresses": 1, "internet-gateways": 1, "log-groups": 1, "roles": 2, "route-tables": 2,
        "security-groups": 2, "subnets": 1, "users": 1, "vpcs": 1,
    });
    assert_eq!(world.boto3(left), expected);
    assert_eq!(world.boto3("accounts()['headless-cms-dev']['Status']"), json!("ACTIVE"));

    let again = world.orgstrap(&["offboard", DEV, "--yes"]).exits(0);
    assert!(again.stderr.contains("Nothing to do"), "{}", again.stderr);
    world.orgstrap(&["offboard", DEV]).exits(0);

    world.onboard();
    assert_eq!(world.boto3("len(accounts())"), json!(2), "the account was found again, not made again");
    let ours = "now = member().objects()\n\
                canonical({kind: [i for i in items if i not in theirs[kind]] for kind, items in now.items()})";
    world.boto3(&format!("theirs = json.loads({:?})", theirs.to_string()));
    assert_same(&world.boto3(ours), &onboarded, "onboarded again");
}

#[test]
fn closing_is_asked_for() {
    let world = World::onboarded();
    world.orgstrap(&["offboard", DEV, "--close", "--yes"]).exits(0);
    assert_eq!(world.boto3("accounts()['headless-cms-dev']['Status']"), json!("SUSPENDED"));
    let refused = world.orgstrap(&["onboard", DEV]).exits(1);
    let said = refused.stdout + &refused.stderr;
    assert!(said.contains("SUSPENDED"), "{said}");
}

/// The account's state, and the names of the units from it upwards, with whose they are.
const PLACE: &str = "
org = root('organizations')
def place(id):
    parent = org.list_parents(ChildId=id)['Parents'][0]
    if parent['Type'] == 'ROOT':
        return []
    unit = org.describe_organizational_unit(OrganizationalUnitId=parent['Id'])['OrganizationalUnit']
    tags = {tag['Key']: tag['Value'] for tag in org.list_tags_for_resource(ResourceId=unit['Id'])['Tags']}
    return [[unit['Name'], tags.get(KEY)], *place(unit['Id'])]
account = accounts()['headless-cms-dev']
[account['Status'], place(account['Id'])]
";
const SUSPENDED: &str = "management/organizational-unit/Suspended";

#[test]
fn a_closed_account_is_with_what_is_closed_and_disturbs_nobody() {
    let bench = Bench::new("");
    bench.world.edit("accounts/headless-cms-dev.toml", "Workloads/Dev", "Workloads/Cms");
    bench.orgstrap(&["apply", "--all"]).exits(0);
    let said = bench.orgstrap(&["offboard", DEV, "--close", "--yes"]).exits(0);
    assert!(said.stdout.contains("moved to the unit Suspended, and closed"), "{}", said.stdout);
    assert!(said.stderr.contains("is closed: AWS Support reopens it within 90 days"), "{}", said.stderr);
    assert_eq!(bench.world.boto3(PLACE), json!(["SUSPENDED", [["Suspended", SUSPENDED]]]));

    let again = bench.orgstrap(&["offboard", DEV, "--close", "--yes"]).exits(0).stderr;
    assert!(again.contains("Nothing to do"), "{again}");
    for command in [&["plan", "storefront-dev"][..], &["plan", "--all"], &["apply", "--all"], &["audit"]] {
        bench.orgstrap(command).exits(0);
    }
    // The unit that the account was in is no longer needed, and goes at once.
    fs::remove_file(bench.world.folder().join("accounts/headless-cms-dev.toml")).unwrap();
    bench.orgstrap(&["apply", "--all", "--yes"]).exits(0);
    let units = "root_id = org.list_roots()['Roots'][0]['Id']\n\
                 units = lambda id: [u for u in org.list_organizational_units_for_parent(ParentId=id)['OrganizationalUnits']]\n\
                 sorted(n['Name'] for u in units(root_id) for n in [u, *units(u['Id'])])";
    assert_eq!(bench.world.boto3(units), json!(["Dev", "Infrastructure", "Suspended", "Workloads"]));
    bench.orgstrap(&["plan", "--all"]).exits(0);
}

/// An account that holds nothing of ours.
const EMPTY: &str = "
org = root('organizations')
org.create_organization(FeatureSet='ALL')
org.create_account(AccountName='headless-cms-dev', Email='aws+headless-cms-dev@verb.example')
None
";

/// Killed before or after each of its changes, a closure goes on.
#[test]
fn a_closure_that_was_cut_short_goes_on() {
    let mut bench = Bench::new("");
    for moment in [Moment::Before, Moment::After] {
        let mut changes = 0;
        loop {
            bench.world.boto3(EMPTY);
            let was_killed = bench.killed(&["offboard", DEV, "--close", "--yes"], changes + 1, moment);
            if was_killed {
                changes += 1;
                bench.orgstrap(&["offboard", DEV, "--close", "--yes"]).exits(0);
            }
            let place = bench.world.boto3(PLACE);
            assert_eq!(place, json!(["SUSPENDED", [["Suspended", SUSPENDED]]]), "{moment:?} {changes}");
            bench.reset("");
            if !was_killed {
                break;
            }
        }
        assert!(changes >= 3, "the unit, the move and the closure are changes, not {changes}");
    }
}

#[test]
fn an_account_that_cannot_be_closed_yet_waits_where_closed_ones_are() {
    let bench = Bench::onboarded("");
    let closed = |times: &str| {
        format!(
            "import time, urllib.request\n\
             remember = {{'op': 'put', 'key': 'closed accounts 123456789012', 'value': {times}}}\n\
             urllib.request.urlopen('{}/orgstrap/memory', json.dumps(remember).encode()).read()\nNone",
            bench.world.endpoint
        )
    };
    bench.world.boto3(&closed("[int(time.time())] * 250"));
    let refused = bench.orgstrap(&["offboard", DEV, "--close", "--yes"]).exits(3).stderr;
    for part in ["CLOSE_ACCOUNT_QUOTA_EXCEEDED", "run again when the first", "is not closed yet", "that alone"] {
        assert!(refused.contains(part), "{part}: {refused}");
    }
    assert_eq!(bench.world.boto3(PLACE), json!(["ACTIVE", [["Suspended", SUSPENDED]]]));
    assert_eq!(bench.world.boto3("[t for _, _, t in tagged(member().objects()) if t.get(FLEET) == 'verb']"), json!([]));

    let again = bench.orgstrap(&["offboard", DEV, "--close", "--yes"]).exits(1).stderr;
    assert!(again.contains("is not closed yet"), "{again}");
    bench.world.boto3(&closed("[int(time.time()) - 31 * 24 * 60 * 60] * 250"));
    bench.orgstrap(&["offboard", DEV, "--close", "--yes"]).exits(0);
    assert_eq!(bench.world.boto3(PLACE), json!(["SUSPENDED", [["Suspended", SUSPENDED]]]));
}

/// What the ledger's folder has of inventories.
fn inventories(bench: &Bench) -> Vec<Value> {
    let folder = bench.world.folder().join(".orgstrap/inventories").join(DEV);
    if !folder.exists() {
        return Vec::new();
    }
    let mut files = files_below(&folder);
    files.sort();
    files.iter().map(|file| serde_json::from_slice(&fs::read(file).unwrap()).unwrap()).collect()
}

#[test]
fn what_an_account_held_is_written_down() {
    let bench = Bench::onboarded("");
    let id = bench.world.boto3("accounts()['headless-cms-dev']['Id']");
    let vpc = bench.world.boto3("member().id_of('vpc/main')");
    bench.orgstrap(&["offboard", DEV]).exits(1);
    assert_eq!(inventories(&bench), Vec::<Value>::new(), "nothing was approved");

    // Its first change has no effect any more: the inventory is there before it.
    assert!(bench.killed(&["offboard", DEV, "--close", "--yes"], 1, Moment::Before));
    let [begun] = &inventories(&bench)[..] else { panic!("one for each run") };
    assert_eq!((&begun["account"], &begun["id"], &begun["end"]), (&json!(DEV), &id, &Value::Null));
    let of = |inventory: &Value, key: &str| -> Value {
        let objects = inventory["objects"].as_array().unwrap();
        objects.iter().find(|object| object["key"] == key).unwrap_or_else(|| panic!("{key} is not there")).clone()
    };
    let network = of(begun, "headless-cms-dev/vpc/main");
    assert_eq!(
        [&network["id"], &network["kind"], &network["action"], &network["state"]["cidr"], &network["outcome"]],
        [&vpc, &json!("vpc"), &json!("delete"), &json!("10.20.0.0/16"), &Value::Null]
    );
    assert_eq!(network["tags"]["orgstrap:key"], "headless-cms-dev/vpc/main");

    let run = bench.orgstrap(&["offboard", DEV, "--close", "--yes", "--format", "json"]).exits(0).json();
    let all = inventories(&bench);
    let ended = all.last().unwrap();
    assert_eq!((all.len(), &ended["run"], &ended["end"]["exit"]), (2, &run["run"], &json!("done")));
    let place = run["inventory"].as_str().unwrap();
    assert!(place.starts_with("file:///") && place.contains(".orgstrap/inventories/headless-cms-dev/"), "{place}");
    let network = of(ended, "headless-cms-dev/vpc/main");
    assert_eq!(network["outcome"], "deleted");
    assert!(network["settled"].as_str().unwrap() > ended["at"].as_str().unwrap(), "{network}");
    assert_eq!(of(ended, "management/account/headless-cms-dev")["outcome"], "closed");
    assert_eq!(of(ended, "headless-cms-dev/password-policy/main")["outcome"], "stays");
    let deleted = |object: &&Value| object["action"] == "delete";
    let objects = ended["objects"].as_array().unwrap();
    assert!(objects.iter().filter(deleted).all(|object| object["outcome"] == "deleted"), "{ended}");
    assert_eq!(objects.iter().filter(deleted).count() + 1, run["resources"].as_array().unwrap().len());

    let id = run["run"].as_str().unwrap();
    let shown = bench.orgstrap(&["runs", "show", id]).exits(0).stdout;
    assert!(shown.contains(place), "{shown}");
    // What is done is planned in one list, whatever it is.
    assert!(shown.contains("✓ delete management/account/headless-cms-dev: deleted"), "{shown}");
}

/// A load balancer that carries our tags, and that somebody has protected.
const PROTECTED: &str = "
dev = member()
client = dev.session.client('elbv2')
subnets = [dev.id_of('subnet/public-a'), dev.id_of('subnet/public-b')]
key = 'headless-cms-dev/load-balancer/extra'
tags = [{'Key': FLEET, 'Value': 'verb'}, {'Key': KEY, 'Value': key}]
made = client.create_load_balancer(Name='orgstrap-extra', Subnets=subnets, Scheme='internet-facing', Tags=tags)
arn = made['LoadBalancers'][0]['LoadBalancerArn']
protect = lambda on: client.modify_load_balancer_attributes(
    LoadBalancerArn=arn, Attributes=[{'Key': 'deletion_protection.enabled', 'Value': on}])
protect('true')
None
";

#[test]
fn what_is_protected_is_told_before_anything_is_deleted() {
    let bench = Bench::onboarded("");
    bench.world.boto3(PROTECTED);
    let before = bench.world.objects();
    bench.count_changes();
    let refused = bench.orgstrap(&["offboard", DEV, "--yes"]).exits(1);
    assert!(refused.stdout.contains("protected against deletion: only with --unprotect"), "{}", refused.stdout);
    for part in ["nothing was deleted", "headless-cms-dev/load-balancer/extra", "--unprotect"] {
        assert!(refused.stderr.contains(part), "{part}: {}", refused.stderr);
    }
    assert_eq!(bench.count_changes(), 0, "nothing is changed");
    assert_same(&bench.world.objects(), &before, "refused");
    assert_eq!(inventories(&bench), Vec::<Value>::new());

    bench.world.boto3("protect('false')\nNone");
    bench.orgstrap(&["offboard", DEV, "--yes"]).exits(0);
    assert_eq!(bench.world.boto3("len(client.describe_load_balancers()['LoadBalancers'])"), json!(0));
}

#[test]
fn an_account_that_was_never_there_holds_nothing() {
    let world = World::new();
    world.orgstrap(&["offboard", DEV, "--yes"]).exits(0);
    assert_eq!(world.boto3("root('sts').get_caller_identity()['Account']"), json!("123456789012"));
}
