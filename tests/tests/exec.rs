//! A program with an account's credentials.

use end_to_end::{DEV, World};
use serde_json::{Value, json};

const IDENTITY: &str = "import boto3, json; i = boto3.client('sts').get_caller_identity(); \
                        print(json.dumps([i['Account'], boto3.session.Session().region_name]))";

#[test]
fn a_program_works_in_the_account() {
    let world = World::onboarded();
    let run = world.orgstrap(&["exec", DEV, "--", world.python(), "-c", IDENTITY]).exits(0);
    let id = world.boto3("accounts()['headless-cms-dev']['Id']");
    assert_eq!(run.json(), json!([id, "us-west-1"]));
}

#[test]
fn its_end_is_ours() {
    let world = World::onboarded();
    for (script, code) in [("exit 0", 0), ("exit 2", 2), ("exit 77", 77), ("kill -TERM $$", 143)] {
        world.orgstrap(&["exec", DEV, "--", "sh", "-c", script]).exits(code);
    }
    let missing = world.orgstrap(&["exec", DEV, "--", "no-such-program"]).exits(1).stderr;
    assert!(missing.contains("cannot run no-such-program"), "{missing}");
    // Arguments that look like ours are the program's.
    let echoed = world.orgstrap(&["exec", DEV, "--", "echo", "--format", "json"]).exits(0);
    assert_eq!(echoed.stdout, "--format json\n");
}

#[test]
fn an_account_that_does_not_exist_yet() {
    let world = World::new();
    let failed = world.orgstrap(&["exec", DEV, "--", "true"]).exits(1).stderr;
    assert!(failed.contains("does not exist yet"), "{failed}");
    assert!(failed.contains("orgstrap onboard headless-cms-dev"), "{failed}");
    let failed = world.orgstrap(&["exec", DEV, "--format", "json", "--", "true"]).exits(1).json();
    assert!(failed["error"]["hint"].as_str().is_some_and(|hint| hint.contains("onboard")), "{failed}");
    assert_eq!(failed["version"], Value::from(1));
}
