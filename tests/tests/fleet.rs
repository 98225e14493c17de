//! A whole fleet at once, from an empty organization.

use std::fs;
use std::time::Duration;

use end_to_end::{Bench, World};
use serde_json::json;

const PROJECTS: usize = 12;

/// Leaves the common account alone in the fleet, and adds so many projects, each with a network of its own.
fn with_projects(world: &World, units: &[&str]) {
    let accounts = world.folder().join("accounts");
    for file in ["headless-cms-dev.toml", "storefront-dev.toml"] {
        fs::remove_file(accounts.join(file)).unwrap();
    }
    for number in 0..PROJECTS {
        let (unit, cidr) = (units[number % units.len()], format!("10.{}.0.0/16", 20 + number));
        let text = format!("ou = \"{unit}\"\ntags = {{ team = \"team-{number}\" }}\n\n[network]\ncidr = \"{cidr}\"\n");
        fs::write(accounts.join(format!("project-{number:02}.toml")), text).unwrap();
    }
}

#[test]
fn twelve_projects_and_the_common_account_from_nothing() {
    let bench = Bench::new("organizations.CreateAccount:pending=2s");
    with_projects(&bench.world, &["Workloads/Dev", "Workloads/Prod", "Sandbox"]);
    bench.orgstrap(&["apply", "--all"]).exits(0);
    // Accounts are made several at a time, since each takes two seconds, and never more than AWS takes (Organizations user
    // guide, "Quotas for AWS Organizations": five), which would have been refused.
    let made = bench.calls().named("CreateAccount");
    assert_eq!(made.count(), PROJECTS + 1, "{made}");
    let spans: Vec<_> = made.iter().map(|recorded| (recorded.at, recorded.at + recorded.took)).collect();
    let several = spans.windows(2).any(|two| two[1].0 < two[0].1 + Duration::from_secs(2));
    assert!(several, "one after the other: {made}");
    assert!(made.iter().all(|recorded| recorded.outcome.to_string() == "done"), "{made}");
    bench.set_weather("");
    let plan = bench.orgstrap(&["plan", "--all", "--format", "json"]).exits(0).json();
    assert_eq!(plan["summary"]["drifted"], 0);
    assert_eq!(plan["summary"]["missing"], 0);
    assert_eq!(plan["accounts"].as_array().unwrap().len(), PROJECTS + 2);

    // As boto3 sees it: where each account is, whose it is, and its network behind its own roles.
    let seen = bench.world.boto3(
        "org = root('organizations')\n\
         def path(child):\n    \
             parent = org.list_parents(ChildId=child)['Parents'][0]\n    \
             if parent['Type'] == 'ROOT':\n        return ''\n    \
             unit = org.describe_organizational_unit(OrganizationalUnitId=parent['Id'])['OrganizationalUnit']\n    \
             return '/'.join(filter(None, [path(parent['Id']), unit['Name']]))\n\
         found = {}\n\
         for name, account in accounts().items():\n    \
             if name.startswith('project-'):\n        \
                 there = Member(account['Id'])\n        \
                 tags = {t['Key']: t['Value'] for t in org.list_tags_for_resource(ResourceId=account['Id'])['Tags']}\n        \
                 vpcs = [v['CidrBlock'] for v in there.ec2.describe_vpcs()['Vpcs']]\n        \
                 roles = [r['RoleName'] for r in there.iam.list_roles()['Roles'] if r['RoleName'].startswith('orgstrap-')]\n        \
                 found[name] = [path(account['Id']), tags['team'], tags[KEY], vpcs, sorted(roles)]\n\
         found",
    );
    assert_eq!(seen.as_object().unwrap().len(), PROJECTS);
    let roles = ["orgstrap-auditor", "orgstrap-deployer", "orgstrap-flow-logs"];
    for (number, unit) in (0..PROJECTS).zip(["Workloads/Dev", "Workloads/Prod", "Sandbox"].iter().cycle()) {
        let name = format!("project-{number:02}");
        let (key, cidr) = (format!("management/account/{name}"), format!("10.{}.0.0/16", 20 + number));
        assert_eq!(seen[&name], json!([unit, format!("team-{number}"), key, [cidr], roles]), "{name}");
    }
}

/// The fleet's workflows may run orgstrap.
fn with_workflows(world: &World) {
    let github = "[access.github]\nrepository = \"verb/fleet\"\nenvironment = \"production\"\n\n[ledger]";
    world.edit("orgstrap.toml", "[ledger]", github);
}

#[test]
fn workflows_run_orgstrap_without_keys() {
    let world = World::new();
    with_workflows(&world);
    world.onboard();
    let seen = world.boto3(
        "iam = root('iam')\n\
         role = iam.get_role(RoleName='orgstrap-ci')['Role']\n\
         statement = role['AssumeRolePolicyDocument']['Statement']\n\
         statement = statement[0] if isinstance(statement, list) else statement\n\
         provider = iam.get_open_id_connect_provider(OpenIDConnectProviderArn=statement['Principal']['Federated'])\n\
         [statement['Action'], statement['Condition'], provider['ClientIDList'], role['PermissionsBoundary']['PermissionsBoundaryArn']]",
    );
    let host = "token.actions.githubusercontent.com";
    let tokens = json!({"StringEquals": {
        format!("{host}:aud"): "sts.amazonaws.com", format!("{host}:sub"): "repo:verb/fleet:environment:production",
    }});
    let boundary = "arn:aws:iam::123456789012:policy/orgstrap-boundary";
    assert_eq!(seen, json!(["sts:AssumeRoleWithWebIdentity", tokens, ["sts.amazonaws.com"], boundary]));
    world.orgstrap(&["plan"]).exits(0);
}

/// By their role alone they make what is left of the fleet and mend what is there, so that nothing it takes is forgotten.
#[test]
fn workflows_may_do_all_that_a_fleet_takes() {
    let bench = Bench::new("");
    with_workflows(&bench.world);
    bench.onboard();
    let keys = bench.world.boto3(&format!(
        "sts = boto3.client('sts', endpoint_url='{}', region_name=HOME_REGION)\n\
         keys = sts.assume_role_with_web_identity(RoleArn='arn:aws:iam::123456789012:role/orgstrap-ci',\n    \
             RoleSessionName='workflow', WebIdentityToken='token')['Credentials']\n\
         [keys['AccessKeyId'], keys['SecretAccessKey'], keys['SessionToken']]",
        bench.front().endpoint()
    ));
    let as_workflow = |arguments: &[&str]| {
        let mut command = bench.command(arguments);
        let names = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"];
        command.envs(names.iter().zip(keys.as_array().unwrap()).map(|(name, key)| (name, key.as_str().unwrap())));
        end_to_end::run(command)
    };
    // Two accounts are to be made, and one is tagged otherwise than the list of tags says.
    bench.world.edit("accounts/headless-cms-dev.toml", "team = \"cms\"", "team = \"shop\"");
    let since = bench.calls().count();
    as_workflow(&["apply", "--all", "--yes"]).exits(0);
    as_workflow(&["plan", "--all"]).exits(0);
    let calls = bench.calls().to("organizations").only(|recorded| recorded.number > since);
    assert_eq!(calls.clone().named("CreateAccount").count(), 2, "{calls}");
    assert!(calls.clone().named("ListTagsForResource").count() > 0, "the tags of nothing were asked for: {calls}");
    let refused = calls.only(|recorded| recorded.outcome.to_string().contains("AccessDenied"));
    assert_eq!(refused.count(), 0, "{refused}");
}
