//! The ledger at the command line: locks, runs, the history of policies, and what it takes before anything is changed.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use end_to_end::{Bench, DEV, World};
use sandbox::front::Moment;
use serde_json::Value;

fn last_run(bench: &Bench) -> String {
    let runs = bench.orgstrap(&["runs", "--format", "json"]).exits(0).json();
    runs["runs"][0]["start"]["id"].as_str().unwrap().to_owned()
}

#[test]
fn runs_are_listed_and_shown() {
    let bench = Bench::new("");
    assert_eq!(bench.orgstrap(&["runs"]).exits(0).stdout, "no run has changed anything yet\n");
    bench.onboard();
    let id = last_run(&bench);
    let listed = bench.orgstrap(&["runs"]).exits(0).stdout;
    assert!(listed.contains(&id) && listed.contains("36 created, 7 updated"), "{listed}");
    // The end of an id is enough.
    let shown = bench.orgstrap(&["runs", "show", &id[id.len() - 6..]]).exits(0).stdout;
    assert!(shown.contains(&format!("✓ create {DEV}/vpc/main: created")), "{shown}");
    let details = bench.orgstrap(&["runs", "show", &id, "--format", "json"]).exits(0).json();
    let steps = details["run"]["plan"].as_array().unwrap();
    assert_eq!(steps.len(), 44);
    // What the new account has already, such as what AWS sets in each, takes no change.
    assert_eq!(details["run"]["settled"].as_array().unwrap().len(), 43);
    assert!(
        shown.contains("ecr-account-settings/main: as desired already") && !shown.contains("not settled"),
        "{shown}"
    );
    let unknown = bench.orgstrap(&["runs", "show", "19990101"]).exits(1).stderr;
    assert!(unknown.contains("no run is called 19990101"), "{unknown}");
}

#[test]
fn a_killed_run_shows_how_far_it_came() {
    let bench = Bench::new("");
    assert!(bench.killed(&["onboard", DEV], 20, Moment::After));
    let shown = bench.orgstrap(&["runs", "show", &last_run(&bench)]).exits(0).stdout;
    assert!(shown.contains("interrupted"), "{shown}");
    assert!(shown.contains(&format!("create {DEV}/nat-gateway/a: not settled")), "{shown}");
}

#[test]
fn what_failed_is_in_the_journal_with_its_code() {
    let bench = Bench::new("");
    // An account whose addresses are used up.
    bench.world.boto3(
        "root('organizations').create_organization(FeatureSet='ALL')\n\
         address = 'aws+headless-cms-dev@verb.example'\n\
         root('organizations').create_account(AccountName='headless-cms-dev', Email=address)\n\
         [member().ec2.allocate_address(Domain='vpc') for _ in range(5)]",
    );
    bench.orgstrap(&["onboard", DEV]).exits(3);
    let shown = bench.orgstrap(&["runs", "show", &last_run(&bench)]).exits(0).stdout;
    assert!(shown.contains("✗ create headless-cms-dev/elastic-ip/nat-a: failed"), "{shown}");
    assert!(shown.contains("AddressLimitExceeded"), "{shown}");
    assert!(shown.contains("headless-cms-dev/nat-gateway/a: skipped"), "{shown}");
    assert!(shown.contains("headless-cms-dev/route-table/private-a: skipped"), "{shown}");
    // It made nothing for certain, so the next run has nothing to wait for.
    let notes = fs::read_dir(bench.world.folder().join(".orgstrap/creations")).unwrap();
    let notes: Vec<_> = notes.map(|note| note.unwrap().file_name().into_string().unwrap()).collect();
    assert!(notes.iter().any(|note| note.contains("vpc")), "{notes:?}");
    assert!(!notes.iter().any(|note| note.contains("elastic-ip")), "{notes:?}");
}

#[test]
fn a_replaced_policy_document_is_kept() {
    let bench = Bench::onboarded("");
    bench.world.boto3(
        "document = {'Version': '2012-10-17', 'Statement': [{'Effect': 'Allow', 'Action': 'logs:*', 'Resource': '*'}]}\n\
         role = [r['RoleName'] for r in member().iam.list_roles()['Roles'] if 'flow-logs' in r['RoleName']][0]\n\
         name = member().iam.list_role_policies(RoleName=role)['PolicyNames'][0]\n\
         member().iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(document))",
    );
    bench.orgstrap(&["apply", DEV]).exits(0);
    let details = bench.orgstrap(&["runs", "show", &last_run(&bench), "--format", "json"]).exits(0).json();
    let replaced = details["replaced"].as_array().unwrap();
    assert_eq!(replaced.len(), 1, "{replaced:#?}");
    assert_eq!(replaced[0]["key"], "headless-cms-dev/role/flow-logs");
    assert_eq!(replaced[0]["document"]["Statement"][0]["Action"], "logs:*");
    assert!(replaced[0]["next"]["Statement"][0]["Action"].as_array().is_some_and(|actions| actions.len() > 1));
}

/// Nothing may have been changed, nor even looked at.
fn nothing_happened(bench: &Bench) {
    let calls = bench.calls().only(|recorded| recorded.call.service != "s3");
    assert_eq!(calls.count(), 0, "{calls}");
}

#[test]
fn a_ledger_that_cannot_be_written_is_an_error_before_anything_is_changed() {
    let bench = Bench::new("");
    let ledger = bench.world.folder().join(".orgstrap");
    fs::write(&ledger, "not a folder").unwrap();
    let refused = bench.orgstrap(&["onboard", DEV]).exits(1).stderr;
    assert!(refused.contains("hint: a file is where a folder should be"), "{refused}");
    nothing_happened(&bench);
    fs::remove_file(&ledger).unwrap();

    fs::create_dir(&ledger).unwrap();
    fs::set_permissions(&ledger, fs::Permissions::from_mode(0o555)).unwrap();
    // A superuser may write anywhere.
    if fs::write(ledger.join("probe"), "").is_err() {
        let refused = bench.orgstrap(&["onboard", DEV]).exits(1).stderr;
        assert!(refused.contains("hint: make the folder one that you may write to"), "{refused}");
        nothing_happened(&bench);
    }
    fs::set_permissions(&ledger, fs::Permissions::from_mode(0o755)).unwrap();

    let refused = bench.orgstrap(&["onboard", DEV, "--ledger", "s3://verb-nowhere/team"]).exits(1).stderr;
    assert!(refused.contains("NoSuchBucket") && refused.contains("aws s3 mb s3://verb-nowhere"), "{refused}");
    nothing_happened(&bench);
}

#[test]
fn a_team_keeps_its_ledger_in_s3() {
    let bench = Bench::new("");
    bench.world.boto3(
        "root('s3').create_bucket(Bucket='verb-ledger', CreateBucketConfiguration={'LocationConstraint': HOME_REGION})",
    );
    let ledger = ["--ledger", "s3://verb-ledger/team"];
    let run = |arguments: &[&str]| bench.orgstrap(&[arguments, &ledger].concat());
    assert!(bench.killed(&["onboard", DEV, ledger[0], ledger[1]], 10, Moment::Before));
    assert_eq!(run(&["lock", "list", "--format", "json"]).exits(0).json()["locks"][0]["state"], "dead");
    run(&["onboard", DEV]).exits(0);
    run(&["plan", DEV]).exits(0);
    let runs = run(&["runs", "--format", "json"]).exits(0).json();
    assert_eq!(runs["runs"].as_array().unwrap().len(), 2);
    let keys = bench.world.boto3("[o['Key'] for o in root('s3').list_objects_v2(Bucket='verb-ledger')['Contents']]");
    assert!(keys.as_array().unwrap().iter().all(|key| key.as_str().unwrap().starts_with("team/")), "{keys}");
    assert!(!bench.world.folder().join(".orgstrap").exists(), "a folder was made all the same");
}

#[test]
fn a_lock_is_broken_by_name_and_only_when_that_is_meant() {
    let bench = Bench::new("");
    assert!(bench.killed(&["onboard", DEV], 5, Moment::Before));
    let asked = bench.orgstrap(&["lock", "break", DEV]).exits(1).stderr;
    assert!(asked.contains("--yes"), "{asked}");
    let broken = bench.orgstrap(&["lock", "break", DEV, "--yes"]).exits(0).stdout;
    assert!(broken.contains("headless-cms-dev is free; it was held by"), "{broken}");
    let locks = bench.orgstrap(&["lock", "list"]).exits(0).stdout;
    assert!(!locks.contains(DEV), "{locks}");
    let again = bench.orgstrap(&["lock", "break", DEV, "--yes"]).exits(0).stdout;
    assert_eq!(again, "nobody holds headless-cms-dev\n");
}

#[test]
fn a_lock_whose_record_cannot_be_read_is_broken_only_when_that_is_meant() {
    let bench = Bench::new("");
    let lock = bench.world.folder().join(".orgstrap/locks").join(DEV);
    fs::create_dir_all(&lock).unwrap();
    fs::write(lock.join("0000000003.json"), "{").unwrap();
    let refused = bench.orgstrap(&["onboard", DEV]).exits(1).stderr;
    assert!(refused.contains(&format!("orgstrap lock break {DEV}")), "{refused}");
    let asked = bench.orgstrap(&["lock", "break", DEV]).exits(1).stderr;
    assert!(asked.contains("--yes"), "{asked}");
    // The record of another account is no reason to go without asking, or to refuse.
    let other = bench.orgstrap(&["lock", "break", "storefront-dev"]).exits(0).stdout;
    assert_eq!(other, "nobody holds storefront-dev\n");
    bench.orgstrap(&["lock", "break", DEV, "--yes"]).exits(0);
    assert!(lock.join("0000000004.json").exists());
    assert_eq!(bench.orgstrap(&["lock", "list"]).exits(0).stdout, "no account is locked\n");
}

#[test]
fn looking_into_a_ledger_makes_none() {
    let bench = Bench::new("");
    for arguments in [["lock", "list"], ["runs", "--verbose"]] {
        bench.orgstrap(&arguments).exits(0);
    }
    bench.orgstrap(&["lock", "break", DEV]).exits(0);
    assert!(!bench.world.folder().join(".orgstrap").exists());
}

#[test]
fn a_rehearsal_has_books_of_its_own_that_are_emptied_with_it() {
    let world = World::new();
    world.onboard();
    assert!(!world.folder().join(".orgstrap").exists(), "a rehearsal is in the books of the real thing");
    let runs = |world: &World| world.orgstrap(&["runs", "--format", "json"]).exits(0).json()["runs"].clone();
    assert_eq!(runs(&world).as_array().map(Vec::len), Some(1));
    end_to_end::run(end_to_end::orgstrap_in(world.folder(), ["sandbox", "reset"])).exits(0);
    assert_eq!(runs(&world), Value::Array(Vec::new()));
}
