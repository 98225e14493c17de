//! Everything that was made goes, and nothing else.

use end_to_end::{DEV, World, assert_same};
use serde_json::json;

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
    let world = World::new();
    world.onboard();
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
    let world = World::new();
    world.onboard();
    world.orgstrap(&["offboard", DEV, "--close", "--yes"]).exits(0);
    assert_eq!(world.boto3("accounts()['headless-cms-dev']['Status']"), json!("SUSPENDED"));
    let refused = world.orgstrap(&["onboard", DEV]).exits(1);
    let said = refused.stdout + &refused.stderr;
    assert!(said.contains("SUSPENDED"), "{said}");
}

#[test]
fn an_account_that_was_never_there_holds_nothing() {
    let world = World::new();
    world.orgstrap(&["offboard", DEV, "--yes"]).exits(0);
    assert_eq!(world.boto3("root('sts').get_caller_identity()['Account']"), json!("123456789012"));
}
