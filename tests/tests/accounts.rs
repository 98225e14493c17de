//! Accounts that exist already: found, adopted, or an error that says what to do.

use std::fs;
use std::process::Stdio;
use std::time::{Duration, Instant};

use end_to_end::{Bench, DEV, World};
use sandbox::front::Outcome;
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
    let resources = plan["accounts"][0]["resources"].as_array().unwrap();
    let resource = resources.iter().find(|one| one["key"] == "management/account/headless-cms-dev").unwrap();
    assert_eq!((&resource["action"], &resource["id"]), (&json!("update"), &json!(id)), "it is not made: {resource}");
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
    assert!(said.contains("correct the id"), "{said}");
    assert_eq!(members(&world).as_array().unwrap().len(), 1, "one was created after all");
}

#[test]
fn an_address_that_has_another_name_is_renamed_when_that_was_seen() {
    let world = small();
    let id = account(&world, "old-cms", "aws+headless-cms-dev@verb.example");
    let plan = world.orgstrap(&["plan", DEV, "--format", "json"]).exits(2).json();
    let resources = plan["accounts"][0]["resources"].as_array().unwrap();
    let resource = resources.iter().find(|one| one["key"] == "management/account/headless-cms-dev").unwrap();
    assert_eq!((&resource["action"], &resource["id"]), (&json!("update"), &json!(id)));
    let name = resource["diffs"].as_array().unwrap().iter().find(|diff| diff["field"] == "name").unwrap();
    assert_eq!((&name["actual"], &name["desired"]), (&json!("old-cms"), &json!(DEV)));
    world.onboard();
    assert_eq!(members(&world), json!([id]));
    assert_eq!(world.boto3("'old-cms' in accounts(), 'headless-cms-dev' in accounts()"), json!([false, true]));
    world.orgstrap(&["plan", DEV]).exits(0);
}

#[test]
fn a_closed_account_is_left_out_and_breaks_nothing() {
    let world = small();
    world.orgstrap(&["apply", "--all", "--yes"]).exits(0);
    let id = world.boto3("accounts()['storefront-dev']['Id']");
    world.boto3(&format!("root('organizations').close_account(AccountId={id})"));
    for arguments in [&["plan", "--all"][..], &["plan"], &["audit"], &["apply", "--all", "--yes"]] {
        let said = world.orgstrap(arguments).exits(0).stderr;
        let line = format!("left out: storefront-dev ({}) is SUSPENDED: ", id.as_str().unwrap());
        assert!(said.contains(&line), "{arguments:?}: {said}");
    }
    let plan = world.orgstrap(&["plan", "--all", "--format", "json"]).exits(0).json();
    let left_out = plan["left_out"].as_array().unwrap();
    let one = left_out.iter().map(|one| [&one["name"], &one["id"], &one["state"]]).collect::<Vec<_>>();
    assert_eq!(one, [[&json!("storefront-dev"), &id, &json!("SUSPENDED")]]);
    let failed = world.orgstrap(&["plan", "storefront-dev"]).exits(1).stderr;
    assert!(failed.contains("account storefront-dev") && failed.contains("is SUSPENDED"), "{failed}");
    assert!(failed.contains("AWS Support reopens"), "{failed}");
    let said = world.orgstrap(&["offboard", "storefront-dev", "--yes"]).exits(0).stderr;
    assert!(said.contains("storefront-dev is closed"), "{said}");

    let listed = world.orgstrap(&["accounts", "--format", "json"]).exits(0).json();
    let rows = listed["accounts"].as_array().unwrap();
    let row = |name: &str| rows.iter().find(|row| row["name"] == name).unwrap();
    assert_eq!((&row("storefront-dev")["state"], &row("storefront-dev")["id"]), (&json!("SUSPENDED"), &id));
    assert_eq!((&row(DEV)["state"], &row(DEV)["unit"]), (&json!("ACTIVE"), &json!("Workloads/Dev")));
    assert_eq!((&row(DEV)["last_run"]["command"], &row(DEV)["last_run"]["end"]), (&json!("apply"), &json!("done")));
    assert_eq!(row(DEV)["last_audit"]["command"], "audit");
    assert_eq!(row("storefront-dev")["last_audit"], Value::Null, "it was left out of the audit");
    let others: Vec<_> = rows.iter().filter(|row| row["of"] != "fleet").map(|row| &row["of"]).collect();
    assert_eq!(others, ["management"]);
    let text = world.orgstrap(&["accounts"]).exits(0).stdout;
    assert!(text.contains("SUSPENDED") && text.contains("the management account"), "{text}");
}

#[test]
fn an_account_is_invited_and_left_out_until_it_accepts() {
    let bench = Bench::new("");
    let world = &bench.world;
    shrink(world);
    let file = "id = \"222222222222\"\ninvite = true\nou = \"Workloads/Dev\"\n";
    fs::write(world.folder().join("accounts/storefront-dev.toml"), file).unwrap();
    let plan = bench.orgstrap(&["plan", "--all", "--format", "json"]).exits(2).json();
    assert!(plan.to_string().contains("management/invitation/storefront-dev"), "{plan}");
    let said = bench.orgstrap(&["apply", "--all", "--yes"]).exits(0).stderr;
    let handshake = said.split("--handshake-id ").nth(1).unwrap_or_else(|| panic!("{said}"));
    let handshake = handshake.split(';').next().unwrap().to_owned();
    assert!(said.contains("invited: storefront-dev (222222222222)"), "{said}");

    let plan = bench.orgstrap(&["plan", "--all", "--format", "json"]).exits(0).json();
    assert_eq!(plan["left_out"][0]["state"], "INVITED");
    assert!(plan["left_out"][0]["remedy"].as_str().unwrap().contains(&handshake), "{plan}");
    bench.orgstrap(&["apply", "--all", "--yes"]).exits(0);
    let sent = bench.calls().named("InviteAccountToOrganization").count();
    assert_eq!(sent, 1, "it was invited twice");
    let failed = bench.orgstrap(&["plan", "storefront-dev"]).exits(1).stderr;
    assert!(failed.contains("is INVITED") && failed.contains(&handshake), "{failed}");

    let front = bench.front().endpoint();
    world.boto3(&format!(
        "keys = root('sts').assume_role(RoleArn='arn:aws:iam::222222222222:role/x', RoleSessionName='x')['Credentials']\n\
         session = boto3.Session(keys['AccessKeyId'], keys['SecretAccessKey'], keys['SessionToken'], HOME_REGION)\n\
         session.client('organizations', endpoint_url='{front}').accept_handshake(HandshakeId='{handshake}')['Handshake']['State']"
    ));
    // It is a member now, without a role to enter it by.
    let failed = bench.orgstrap(&["plan", "--all", "--format", "json"]).exits(1).json();
    assert_eq!(failed["left_out"], json!([]));
    assert!(failed.to_string().contains("222222222222"), "{failed}");
    let rows = bench.orgstrap(&["accounts", "--format", "json"]).exits(0).json();
    let row = rows["accounts"].as_array().unwrap().iter().find(|row| row["name"] == "storefront-dev").unwrap().clone();
    assert_eq!((&row["state"], &row["id"]), (&json!("ACTIVE"), &json!("222222222222")));
}

#[test]
fn a_request_that_was_noted_is_waited_for_by_the_next_run() {
    let bench = Bench::new("organizations.CreateAccount:pending=12s");
    shrink(&bench.world);
    let mut command = bench.command(&["onboard", DEV, "--yes"]);
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let notes = bench.world.folder().join(".orgstrap/creations");
    let noted = || {
        let names = fs::read_dir(&notes).into_iter().flatten().flatten().map(|file| file.file_name());
        names.into_iter().any(|name| name.to_string_lossy().contains(",car-"))
    };
    let began = Instant::now();
    while !noted() {
        assert!(began.elapsed() < Duration::from_secs(120), "the request was never noted");
        std::thread::sleep(Duration::from_millis(20));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    bench.onboard();
    assert_eq!(bench.calls().named("CreateAccount").count(), 1, "{}", bench.calls());
    assert_eq!(members(&bench.world).as_array().unwrap().len(), 1);
    assert!(!noted(), "a note is left");
}

#[test]
fn organizations_is_called_at_its_own_pace_while_others_work_on() {
    let bench = Bench::new("organizations:throttle>1/s");
    shrink(&bench.world);
    for number in 1..=4 {
        let file = bench.world.folder().join(format!("accounts/project-{number}.toml"));
        fs::write(file, "ou = \"Workloads/Dev\"\n").unwrap();
    }
    let run = bench.orgstrap(&["apply", "--all", "--yes"]).exits(0);
    assert!(!run.stderr.contains("TooManyRequests"), "{}", run.stderr);
    assert_eq!(members(&bench.world).as_array().unwrap().len(), 7);

    let all = bench.calls().to("organizations");
    let ends: Vec<(Duration, Duration)> = all.iter().map(|call| (call.at, call.at + call.took)).collect();
    let at_once = |at: Duration| ends.iter().filter(|(from, to)| *from <= at && at < *to).count();
    let most = ends.iter().map(|(from, _)| at_once(*from)).max();
    assert!(most <= Some(2), "{most:?} at once: {all}");
    let throttled = all.iter().filter(|call| matches!(call.outcome, Outcome::Disturbed("throttled"))).count();
    assert!(throttled > 0, "it was never throttled");
    assert!(throttled * 3 < ends.len(), "{throttled} of {} were throttled", ends.len());
    // From the first account on until the last, others are worked on.
    let made: Vec<_> = all.clone().named("CreateAccount").iter().map(|call| call.at).collect();
    let (first, last) = (made.iter().min().unwrap(), made.iter().max().unwrap());
    let inside = bench.calls().only(|call| call.call.service != "sts" && call.call.account != "123456789012");
    assert!(inside.only(|call| call.at > *first && call.at < *last).count() > 10, "nobody worked meanwhile: {all}");
}

/// Accounts without networks: what is in them is of no interest here.
fn small() -> World {
    let world = World::new();
    shrink(&world);
    world
}

fn shrink(world: &World) {
    for (name, unit) in [("verb-common", "Infrastructure"), (DEV, "Workloads/Dev"), ("storefront-dev", "Workloads/Dev")]
    {
        fs::write(world.folder().join(format!("accounts/{name}.toml")), format!("ou = \"{unit}\"\n")).unwrap();
    }
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
