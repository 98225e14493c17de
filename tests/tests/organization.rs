//! The organization above the accounts: its units, its policies, and who may work in all of it.

use std::fs;

use end_to_end::World;
use serde_json::{Value, json};

/// Python that reads the units with their tags' keys, and the policies with their actions and targets.
const LOOK: &str = "
org = root('organizations')
top = org.list_roots()['Roots'][0]['Id']
def pages(operation, answer, **arguments):
    return [item for page in org.get_paginator(operation).paginate(**arguments) for item in page[answer]]
def below(parent, path=''):
    units = pages('list_organizational_units_for_parent', 'OrganizationalUnits', ParentId=parent)
    for unit in sorted(units, key=lambda unit: unit['Name']):
        yield path + unit['Name'], unit['Id']
        yield from below(unit['Id'], path + unit['Name'] + '/')
def key(id):
    return {tag['Key']: tag['Value'] for tag in org.list_tags_for_resource(ResourceId=id)['Tags']}.get(KEY)
units = dict(below(top))
def policies():
    for policy in pages('list_policies', 'Policies', Filter='SERVICE_CONTROL_POLICY'):
        if not policy['AwsManaged']:
            content = json.loads(org.describe_policy(PolicyId=policy['Id'])['Policy']['Content'])
            targets = pages('list_targets_for_policy', 'Targets', PolicyId=policy['Id'])
            yield policy['Name'], content['Statement'][0]['Action'], sorted(it['Name'] for it in targets)
";

fn units(world: &World) -> Value {
    world.boto3(&format!("{LOOK}\nlist(units)"))
}

fn policies(world: &World) -> Value {
    world.boto3(&format!("{LOOK}\nsorted(policies())"))
}

/// A fleet of three accounts without networks, with two policies and an account that administers a service.
fn world() -> World {
    let world = World::new();
    let write = |file: &str, text: &str| fs::write(world.folder().join(file), text).unwrap();
    write("accounts/verb-common.toml", "ou = \"Infrastructure\"\n");
    write("accounts/headless-cms-dev.toml", "ou = \"Workloads/Dev\"\n");
    write("accounts/storefront-dev.toml", "ou = \"Workloads/Test\"\n");
    write("policies/scp/deny-keys.json", &denying("iam:CreateAccessKey"));
    let more = "deny-leave = [\"/\"]\n\
                deny-keys = [\"Workloads/Dev\", \"storefront-dev\"]\n\n\
                [organization.delegated_administrators]\n\
                \"access-analyzer.amazonaws.com\" = \"verb-common\"\n\n\
                [organization]\ntrusted_access = [\"ram.amazonaws.com\"]\n";
    world.edit("orgstrap.toml", "deny-leave = [\"/\"]\n", more);
    world
}

fn denying(action: &str) -> String {
    let statement = json!({"Effect": "Deny", "Action": action, "Resource": "*"});
    json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
}

#[test]
fn it_is_made_changed_and_reduced() {
    let world = world();
    world.orgstrap(&["apply", "--all"]).exits(0);
    assert_eq!(units(&world), json!(["Infrastructure", "Workloads", "Workloads/Dev", "Workloads/Test"]));
    let tagged = world.boto3(&format!("{LOOK}\nkey(units['Workloads/Dev'])"));
    assert_eq!(tagged, "management/organizational-unit/Workloads/Dev");
    let keys = json!(["orgstrap-deny-keys", "iam:CreateAccessKey", ["Dev", "storefront-dev"]]);
    let leave = json!(["orgstrap-deny-leave", "organizations:LeaveOrganization", ["Root"]]);
    assert_eq!(policies(&world), json!([keys, leave]));
    let trusted = world.boto3(&format!(
        "{LOOK}\n[sorted(it['ServicePrincipal'] for it in pages('list_aws_service_access_for_organization', 'EnabledServicePrincipals')),\n \
         [it['Name'] for it in pages('list_delegated_administrators', 'DelegatedAdministrators')]]"
    ));
    let services = ["access-analyzer.amazonaws.com", "account.amazonaws.com", "ram.amazonaws.com"];
    assert_eq!(trusted, json!([services, ["verb-common"]]));
    world.orgstrap(&["plan", "--all"]).exits(0);

    a_policy_moves_and_changes(&world);
    a_unit_goes_when_it_is_empty(&world);
}

/// What is denied stays denied: the new attachment comes before the old one goes.
fn a_policy_moves_and_changes(world: &World) {
    fs::write(world.folder().join("policies/scp/deny-keys.json"), denying("iam:*AccessKey")).unwrap();
    world.edit("orgstrap.toml", "deny-keys = [\"Workloads/Dev\",", "deny-keys = [\"Workloads\",");
    let plan = world.orgstrap(&["plan", "--all", "--format", "json"]).exits(2).json().to_string();
    assert!(plan.contains("management/policy-attachment/deny-keys:Workloads/Dev"), "{plan}");
    // It takes something away, and nobody is there to ask.
    world.orgstrap(&["apply", "--all"]).exits(1);
    let applied = world.orgstrap(&["apply", "--all", "--yes", "--sandbox-calls"]).exits(0).stderr;
    let keys = json!(["orgstrap-deny-keys", "iam:*AccessKey", ["Workloads", "storefront-dev"]]);
    assert_eq!(policies(world)[0], keys);
    let at = |operation: &str| {
        let found: Vec<_> = applied.match_indices(operation).map(|(at, _)| at).collect();
        assert_eq!(found.len(), 1, "{operation} in {applied}");
        found[0]
    };
    assert!(at("organizations.AttachPolicy") < at("organizations.DetachPolicy"), "{applied}");
    world.orgstrap(&["plan", "--all"]).exits(0);
}

fn a_unit_goes_when_it_is_empty(world: &World) {
    world.boto3(&format!(
        "{LOOK}\n\
         made = org.create_account(AccountName='stranger', Email='stranger@verb.example')['CreateAccountStatus']['AccountId']\n\
         org.move_account(AccountId=made, SourceParentId=top, DestinationParentId=units['Workloads/Test'])['ResponseMetadata']['HTTPStatusCode']"
    ));
    world.edit("accounts/storefront-dev.toml", "Workloads/Test", "Workloads/Dev");
    world.orgstrap(&["apply", "--all"]).exits(1);
    let failed = world.orgstrap(&["apply", "--all", "--yes"]);
    let said = failed.stdout + &failed.stderr;
    assert!(said.contains("the unit Test") && said.contains("the account stranger"), "{said}");
    assert_eq!(units(world), json!(["Infrastructure", "Workloads", "Workloads/Dev", "Workloads/Test"]));

    world.boto3(&format!(
        "{LOOK}\n\
         made = accounts()['stranger']['Id']\n\
         org.move_account(AccountId=made, SourceParentId=units['Workloads/Test'], DestinationParentId=top)['ResponseMetadata']['HTTPStatusCode']"
    ));
    world.orgstrap(&["apply", "--all", "--yes"]).exits(0);
    assert_eq!(units(world), json!(["Infrastructure", "Workloads", "Workloads/Dev"]));
    world.orgstrap(&["plan", "--all"]).exits(0);
}

#[test]
fn one_account_brings_what_it_needs_and_takes_nothing_from_others() {
    let world = world();
    world.orgstrap(&["apply", "headless-cms-dev"]).exits(0);
    assert_eq!(units(&world), json!(["Workloads", "Workloads/Dev"]));
    let keys = |targets: &[&str]| json!(["orgstrap-deny-keys", "iam:CreateAccessKey", targets]);
    assert_eq!(policies(&world)[0], keys(&["Dev"]));

    world.orgstrap(&["apply", "verb-common"]).exits(0);
    assert_eq!(units(&world), json!(["Infrastructure", "Workloads", "Workloads/Dev"]));
    world.orgstrap(&["apply", "storefront-dev"]).exits(0);
    assert_eq!(policies(&world)[0], keys(&["Dev", "storefront-dev"]));
    for account in ["headless-cms-dev", "verb-common", "storefront-dev"] {
        world.orgstrap(&["plan", account]).exits(0);
    }
    world.orgstrap(&["plan", "--all"]).exits(0);
}
