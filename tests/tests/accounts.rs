//! Accounts that exist already: found, adopted, or an error that says what to do.

use std::fs;
use std::process::Stdio;
use std::time::{Duration, Instant};

use end_to_end::{Bench, DEV, World};
use sandbox::front::Calls;
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
    let found = plan["accounts"][0]["resources"].as_array().unwrap();
    let found = found.iter().find(|resource| resource["key"] == "management/account/headless-cms-dev").unwrap();
    assert_eq!([&found["action"], &found["id"]], ["update", id.as_str()], "it is there, in another unit");
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
fn an_account_that_is_called_otherwise_is_renamed_and_moved() {
    let bench = Bench::new("");
    let id = account(&bench.world, "old-cms", "aws+headless-cms-dev@verb.example");
    let plan = bench.orgstrap(&["plan", DEV]).exits(2).stdout;
    assert!(plan.contains("name: old-cms → headless-cms-dev"), "{plan}");
    bench.onboard();
    assert_eq!(members(&bench.world), json!([id]));
    let seen = "account = accounts()['headless-cms-dev']\n\
                org = root('organizations')\n\
                unit = org.list_parents(ChildId=account['Id'])['Parents'][0]['Id']\n\
                unit = org.describe_organizational_unit(OrganizationalUnitId=unit)['OrganizationalUnit']['Name']\n\
                tags = {t['Key']: t['Value'] for t in org.list_tags_for_resource(ResourceId=account['Id'])['Tags']}\n\
                [account['Id'], unit, tags[KEY], tags['team']]";
    assert_eq!(bench.world.boto3(seen), json!([id, "Dev", "management/account/headless-cms-dev", "cms"]));
    // By another hand, again.
    bench.world.edit("accounts/headless-cms-dev.toml", "Workloads/Dev", "Workloads/Prod");
    bench.orgstrap(&["apply", DEV]).exits(0);
    assert_eq!(bench.world.boto3(seen)[1], "Prod");
    bench.orgstrap(&["plan", DEV]).exits(0);
}

#[test]
fn a_closed_account_is_left_out_and_breaks_nothing() {
    let bench = Bench::new("");
    bench.orgstrap(&["apply", "--all"]).exits(0);
    bench.world.boto3("root('organizations').close_account(AccountId=accounts()['storefront-dev']['Id'])");
    for command in [&["plan", "--all"][..], &["plan"], &["apply", "--all"], &["audit"]] {
        let run = bench.orgstrap(command).exits(0);
        assert!(
            run.stderr.contains("storefront-dev") && run.stderr.contains("SUSPENDED"),
            "{command:?}: {}",
            run.stderr
        );
    }
    let plan = bench.orgstrap(&["plan", "--all", "--format", "json"]).exits(0).json();
    assert_eq!(plan["left_out"][0]["name"], "storefront-dev");
    assert_eq!(plan["left_out"][0]["state"], "SUSPENDED");
    let named = bench.orgstrap(&["plan", "storefront-dev"]).exits(1).stderr;
    assert!(named.contains("is SUSPENDED") && named.contains("AWS Support reopens"), "{named}");
}

/// What the refusal of a closed account says to do is done: another address.
#[test]
fn a_closed_account_has_a_successor_with_another_address() {
    let bench = Bench::new("");
    let with_policy = format!("deny-leave = [\"/\", \"{DEV}\"]");
    bench.world.edit("orgstrap.toml", "deny-leave = [\"/\"]", &with_policy);
    bench.onboard();
    bench.orgstrap(&["offboard", DEV, "--close", "--yes"]).exits(0);
    let refused = bench.orgstrap(&["onboard", DEV]).exits(1).stderr;
    assert!(refused.contains("SUSPENDED") && refused.contains("a new account needs another `email`"), "{refused}");

    let address = "email = \"aws+headless-cms-2@verb.example\"\nou = \"Workloads/Dev\"";
    bench.world.edit("accounts/headless-cms-dev.toml", "ou = \"Workloads/Dev\"", address);
    bench.onboard();
    bench.orgstrap(&["plan", DEV]).exits(0);
    let seen = bench.world.boto3(
        "org = root('organizations')\n\
         two = [a for a in org.list_accounts()['Accounts'] if a['Name'] == 'headless-cms-dev']\n\
         policy = next(p['Id'] for p in org.list_policies(Filter='SERVICE_CONTROL_POLICY')['Policies'] if p['Name'] == 'orgstrap-deny-leave')\n\
         targets = lambda: [t['TargetId'] for t in org.list_targets_for_policy(PolicyId=policy)['Targets']]\n\
         [sorted([a['Email'], a['Status'], a['Id'] in targets()] for a in two)]",
    );
    let (old, new) = ("aws+headless-cms-dev@verb.example", "aws+headless-cms-2@verb.example");
    assert_eq!(seen, json!([[[new, "ACTIVE", true], [old, "SUSPENDED", true]]]));

    // What is no longer wanted goes from the one that is there, and is shown once.
    bench.world.edit("orgstrap.toml", &with_policy, "deny-leave = [\"/\"]");
    let plan = bench.orgstrap(&["plan", DEV, "--format", "json"]).exits(2).json();
    assert_eq!(plan["summary"]["unmanaged"], 1, "{plan}");
    bench.orgstrap(&["apply", DEV, "--yes"]).exits(0);
    let left = bench.world.boto3("sorted(a['Status'] for a in two if a['Id'] in targets())");
    assert_eq!(left, json!(["SUSPENDED"]));
    bench.orgstrap(&["plan", DEV]).exits(0);
}

/// AWS keeps a closed account for 90 days, and with it the unit that it is in.
#[test]
fn a_unit_that_holds_only_a_closed_account_breaks_nothing() {
    let bench = Bench::new("");
    bench.world.edit("accounts/headless-cms-dev.toml", "Workloads/Dev", "Workloads/Cms");
    bench.orgstrap(&["apply", "--all"]).exits(0);
    bench.orgstrap(&["offboard", DEV, "--yes"]).exits(0);
    // By somebody else, where it is.
    bench.world.boto3("root('organizations').close_account(AccountId=accounts()['headless-cms-dev']['Id'])");
    fs::remove_file(bench.world.folder().join("accounts/headless-cms-dev.toml")).unwrap();
    for command in [&["plan", "--all"][..], &["apply", "--all", "--yes"], &["plan"]] {
        let said = bench.orgstrap(command).exits(0).stderr;
        assert!(said.contains("Workloads/Cms") && said.contains("stays until AWS removes"), "{command:?}: {said}");
    }

    // Somebody moves it away, as AWS will in the end.
    bench.world.boto3(
        "org = root('organizations')\n\
         id = accounts()['headless-cms-dev']['Id']\n\
         unit = org.list_parents(ChildId=id)['Parents'][0]['Id']\n\
         top = org.list_roots()['Roots'][0]['Id']\n\
         org.move_account(AccountId=id, SourceParentId=unit, DestinationParentId=top)['ResponseMetadata']['HTTPStatusCode']",
    );
    let plan = bench.orgstrap(&["plan", "--all", "--format", "json"]).exits(2).json();
    assert_eq!(plan["summary"]["unmanaged"], 1, "{plan}");
    bench.orgstrap(&["apply", "--all", "--yes"]).exits(0);
    bench.orgstrap(&["plan", "--all"]).exits(0);
    let units = "[u['Name'] for p in [org.list_organizational_units_for_parent(ParentId=top)['OrganizationalUnits']] for w in p \
                 if w['Name'] == 'Workloads' for u in \
                 org.list_organizational_units_for_parent(ParentId=w['Id'])['OrganizationalUnits']]";
    assert_eq!(bench.world.boto3(units), json!(["Dev"]));
}

#[test]
fn an_account_comes_by_invitation() {
    let bench = Bench::new("");
    bench.orgstrap(&["onboard", "storefront-dev"]).exits(0);
    let stranger = "210987654321";
    let invited = format!("id = \"{stranger}\"\ninvite = true");
    bench.world.edit("accounts/headless-cms-dev.toml", "# id = \"123456789012\"", &invited);
    let said = bench.orgstrap(&["apply", "--all"]);
    assert!(matches!(said.code, Some(0 | 3)), "{said:?}");
    assert!(said.stderr.contains("aws organizations accept-handshake --handshake-id h-"), "{}", said.stderr);
    // The others are done, and it is not invited twice.
    let again = bench.orgstrap(&["plan", "--all"]).exits(0).stderr;
    assert!(again.contains("headless-cms-dev") && again.contains("INVITED"), "{again}");
    let invitations = bench.calls().named("InviteAccountToOrganization").count();
    assert_eq!(invitations, 1);
    let named = bench.orgstrap(&["onboard", DEV]).exits(1).stderr;
    assert!(named.contains("accept-handshake"), "{named}");

    // A person accepts, and makes the role that the error names.
    bench.world.boto3(&format!(
        "stranger = root('sts').assume_role(RoleArn='arn:aws:iam::{stranger}:role/person', RoleSessionName='test')['Credentials']\n\
         stranger = boto3.Session(stranger['AccessKeyId'], stranger['SecretAccessKey'], stranger['SessionToken'], HOME_REGION)\n\
         org = stranger.client('organizations', endpoint_url='{}')\n\
         handshake = org.list_handshakes_for_account()['Handshakes'][0]['Id']\n\
         org.accept_handshake(HandshakeId=handshake)['Handshake']['State']",
        bench.front().endpoint()
    ));
    let refused = bench.orgstrap(&["onboard", DEV]).exits(1);
    let said = refused.stdout + &refused.stderr;
    let trust = said.split("--assume-role-policy-document '").nth(1).and_then(|rest| rest.split('\'').next());
    let trust = trust.unwrap_or_else(|| panic!("no role to make in {said}"));
    bench.world.boto3(&format!(
        "iam = stranger.client('iam')\n\
         iam.create_role(RoleName='OrganizationAccountAccessRole', AssumeRolePolicyDocument={trust:?})\n\
         iam.attach_role_policy(RoleName='OrganizationAccountAccessRole', PolicyArn='arn:aws:iam::aws:policy/AdministratorAccess')"
    ));
    bench.onboard();
    bench.orgstrap(&["plan", "--all"]).exits(0);
}

#[test]
fn accounts_are_listed_with_what_was_last_done() {
    let bench = Bench::new("");
    account(&bench.world, "old-shop", "old-shop@verb.example");
    bench.onboard();
    bench.orgstrap(&["audit", DEV]).exits(0);
    let listed = bench.orgstrap(&["accounts", "--format", "json"]).exits(0).json();
    let row =
        |name: &str| listed["accounts"].as_array().unwrap().iter().find(|row| row["name"] == name).unwrap().clone();
    let dev = row(DEV);
    assert_eq!(
        [&dev["state"], &dev["unit"], &dev["in_fleet"]],
        [&json!("ACTIVE"), &json!("Workloads/Dev"), &json!(true)]
    );
    assert_eq!([&dev["last_run"]["command"], &dev["last_run"]["exit"]], ["onboard", "done"]);
    assert_eq!([&dev["last_audit"]["command"], &dev["last_audit"]["exit"]], ["audit", "done"]);
    assert_eq!(row("storefront-dev")["state"], "MISSING");
    assert_eq!(row("old-shop")["in_fleet"], false);
    assert_eq!(row("management")["id"], "123456789012");
    let table = bench.orgstrap(&["accounts"]).exits(0);
    assert!(table.stdout.contains("onboard: done"), "{}", table.stdout);
    assert!(table.stderr.contains("not in the fleet: old-shop"), "{}", table.stderr);
}

#[test]
fn a_request_that_was_noted_is_waited_for_by_the_next_run() {
    let bench = Bench::new("organizations.CreateAccount:pending=12s");
    fs::write(bench.world.folder().join(format!("accounts/{DEV}.toml")), "ou = \"Workloads/Dev\"\n").unwrap();
    let mut command = bench.command(&["onboard", DEV, "--yes"]);
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let notes = bench.world.folder().join(".orgstrap/creations");
    let is_noted = || {
        let mut paths = fs::read_dir(&notes).into_iter().flatten().flatten().map(|file| file.path());
        // Under its whole name it is written; the store begins it under another, which a kill may leave and nobody reads.
        paths.any(|path| path.to_string_lossy().contains(",car-") && path.extension().is_some_and(|it| it == "json"))
    };
    let began = Instant::now();
    while !is_noted() {
        assert!(began.elapsed() < Duration::from_mins(2), "the request was never noted");
        std::thread::sleep(Duration::from_millis(20));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    bench.onboard();
    assert_eq!(bench.calls().named("CreateAccount").count(), 1, "{}", bench.calls());
    assert_eq!(members(&bench.world).as_array().unwrap().len(), 1);
    assert!(!is_noted(), "a note is left");
}

/// AWS Organizations answers one call a second.
#[test]
fn a_slow_organization_slows_nothing_else() {
    let bench = Bench::new("organizations:throttle>1/s");
    for number in 1..=4 {
        let file = bench.world.folder().join(format!("accounts/small-{number}.toml"));
        fs::write(file, format!("ou = \"Workloads/Dev\"\n[network]\ncidr = \"10.{}.0.0/16\"\n", 30 + number)).unwrap();
    }
    let said = bench.orgstrap(&["apply", "--all"]).exits(0).stderr;
    assert!(!said.contains("TooManyRequests") && !said.contains("Throttl"), "{said}");
    let calls = bench.calls();
    let organization = calls.clone().to("organizations");
    let throttled = organization.clone().only(|recorded| recorded.outcome.to_string().contains("throttled")).count();
    assert!(throttled < organization.count() / 3, "{throttled} of {} calls came too early", organization.count());
    // Changes one after the other, and of what only reads a few at once.
    assert_eq!(most_at_once(&organization.clone().changes()), 1);
    assert!(most_at_once(&organization) <= 5, "{}", most_at_once(&organization));
    // While accounts are still moved to their units, others are worked on.
    let numbers = |calls: Calls| -> Vec<_> { calls.iter().map(|recorded| recorded.number).collect() };
    let last_move = numbers(organization.named("MoveAccount")).into_iter().max().unwrap();
    let first_network = numbers(calls.to("ec2").named("CreateVpc")).into_iter().min().unwrap();
    assert!(first_network < last_move, "the first network ({first_network}) waits for the last account ({last_move})");
    bench.set_weather("");
    bench.orgstrap(&["plan", "--all"]).exits(0);
}

/// How many calls were under way at a time at most.
fn most_at_once(calls: &Calls) -> usize {
    let spans: Vec<_> = calls.iter().map(|recorded| (recorded.at, recorded.at + recorded.took)).collect();
    let at_once = spans.iter().map(|(at, _)| spans.iter().filter(|(from, to)| from <= at && at < to).count());
    at_once.max().unwrap_or_default()
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
