//! Accounts that exist already: found, adopted, or an error that says what to do.

use end_to_end::{DEV, World};
use serde_json::{Value, json};

/// Makes an account in an organization, as somebody would have by hand; gives its id.
fn account(world: &World, name: &str, email: &str) -> String {
    world.boto3("organizations = root('organizations'); organizations.create_organization(FeatureSet='ALL')");
    let made = world.boto3(&format!(
        "organizations.create_account(AccountName='{name}', Email='{email}')['CreateAccountStatus']['AccountId']"
    ));
    made.as_str().unwrap().to_owned()
}

/// The ids of the accounts, without the one that manages them.
fn members(world: &World) -> Value {
    world.boto3("[a['Id'] for a in accounts().values() if a['Id'] != '123456789012']")
}

fn vpcs(world: &World, id: &str) -> Value {
    world.boto3(&format!("[v['CidrBlock'] for v in Member('{id}').objects()['vpcs']]"))
}

#[test]
fn an_account_with_the_name_and_the_address_is_found() {
    let world = World::new();
    let id = account(&world, DEV, "aws+headless-cms-dev@verb.example");
    let plan = world.orgstrap(&["plan", DEV, "--format", "json"]).exits(2).json();
    assert_eq!(plan["accounts"][0]["status"], "in-sync");
    world.onboard();
    assert_eq!(members(&world), json!([id]));
    assert_eq!(vpcs(&world, &id), json!(["10.20.0.0/16"]));
    world.orgstrap(&["plan"]).exits(0);
}

#[test]
fn an_account_is_adopted_by_its_id() {
    let world = World::new();
    let id = account(&world, "old-cms", "somebody@verb.example");
    world.edit("accounts/headless-cms-dev.toml", "# id = \"123456789012\"", &format!("id = \"{id}\""));
    world.onboard();
    assert_eq!(members(&world), json!([id]));
    assert_eq!(vpcs(&world, &id), json!(["10.20.0.0/16"]));
    world.orgstrap(&["plan"]).exits(0);
    world.orgstrap(&["offboard", DEV, "--yes"]).exits(0);
    assert_eq!(vpcs(&world, &id), json!([]));
}

#[test]
fn an_id_that_is_not_in_the_organization_is_an_error() {
    let world = World::new();
    account(&world, "old-cms", "somebody@verb.example");
    world.edit("accounts/headless-cms-dev.toml", "# id = \"123456789012\"", "id = \"210987654321\"");
    let failed = world.orgstrap(&["onboard", DEV]).exits(1);
    let said = failed.stdout + &failed.stderr;
    assert!(said.contains("210987654321 of headless-cms-dev is not in this organization"), "{said}");
    assert!(said.contains("correct its id"), "{said}");
    assert_eq!(members(&world).as_array().unwrap().len(), 1, "one was created after all");
}

#[test]
fn an_address_that_has_another_name_is_an_error() {
    let world = World::new();
    let id = account(&world, "old-cms", "aws+headless-cms-dev@verb.example");
    for command in ["plan", "onboard"] {
        let failed = world.orgstrap(&[command, DEV]).exits(1);
        let said = failed.stdout + &failed.stderr;
        assert!(said.contains("is called old-cms"), "{said}");
        assert!(said.contains(&format!("id = \"{id}\"")), "{said}");
    }
    assert_eq!(members(&world), json!([id]));
}

#[test]
fn an_account_is_named() {
    let world = World::new();
    for command in [&["plan", "headless"][..], &["onboard", "headless"], &["exec", "headless", "--", "true"]] {
        let failed = world.orgstrap(command).exits(1).stderr;
        assert!(failed.contains("no account headless in fleet verb"), "{failed}");
        assert!(failed.contains("headless-cms-dev, storefront-dev, verb-common"), "{failed}");
    }
}
