//! `--format json`: one document on stdout, lines of JSON on stderr.

use end_to_end::{DEV, Run, World};
use serde_json::{Value, json};

/// The document, after a look at everything that every one of them has.
fn checked(run: &Run, command: &str) -> Value {
    let document = run.json();
    assert_eq!(
        [&document["version"], &document["command"], &document["fleet"]],
        [&json!(1), &json!(command), &json!("verb")]
    );
    for line in run.stderr.lines() {
        assert!(serde_json::from_str::<Value>(line).is_ok(), "{command} says what is no JSON: {line}");
    }
    document
}

/// The fields of plans and audits (DESIGN, section 9).
fn check_plan(document: &Value) {
    for count in ["in_sync", "drifted", "missing", "unmanaged", "errors"] {
        assert!(document["summary"][count].is_u64(), "{count} in {}", document["summary"]);
    }
    let accounts = document["accounts"].as_array().unwrap();
    assert_eq!(accounts.iter().map(|account| &account["name"]).collect::<Vec<_>>(), ["management", DEV]);
    for account in accounts {
        assert!(account["calls"].is_u64() && account["status"].is_string(), "{account}");
        for resource in account["resources"].as_array().unwrap() {
            let status = resource["status"].as_str().unwrap();
            let action = resource["action"].as_str().unwrap();
            assert!(["in-sync", "drifted", "missing", "unmanaged"].contains(&status), "{resource}");
            assert!(["keep", "create", "update", "replace", "delete"].contains(&action), "{resource}");
            assert!(resource["key"].as_str().unwrap().starts_with(account["name"].as_str().unwrap()), "{resource}");
            for diff in resource["diffs"].as_array().unwrap() {
                for field in ["field", "actual", "desired"] {
                    assert!(diff.get(field).is_some(), "{resource}");
                }
            }
        }
    }
}

#[test]
fn the_documents_of_a_life() {
    let world = World::new();
    let run = |command: &str, code| {
        let mut arguments = vec![command, DEV, "--format", "json"];
        arguments.extend((command == "offboard").then_some("--yes"));
        checked(&world.orgstrap(&arguments).exits(code), command)
    };
    let plan = run("plan", 2);
    check_plan(&plan);
    let all = plan["summary"]["missing"].as_u64().unwrap();
    assert_eq!(plan["summary"], json!({"in_sync": 0, "drifted": 0, "missing": all, "unmanaged": 0, "errors": 0}));
    assert_eq!([&plan["accounts"][1]["id"], &plan["accounts"][1]["status"]], [&Value::Null, &json!("missing")]);

    let onboarded = run("onboard", 0);
    check_plan(&onboarded);
    let outcomes = onboarded["outcomes"].as_array().unwrap();
    let changes = outcomes.iter().filter(|node| node["outcome"] == "created" || node["outcome"] == "updated");
    // ECR's setting is as it should be in a new account.
    assert_eq!(u64::try_from(changes.count()).unwrap(), all - 1);

    for command in ["plan", "audit", "apply"] {
        let document = run(command, 0);
        check_plan(&document);
        assert_eq!(document["summary"]["in_sync"], all, "{command}");
        let id = world.boto3("accounts()['headless-cms-dev']['Id']");
        assert_eq!([&document["accounts"][1]["id"], &document["accounts"][1]["status"]], [&id, &json!("in-sync")]);
    }

    let offboarded = run("offboard", 0);
    assert_eq!(offboarded["account"], DEV);
    let keys = offboarded["resources"].as_array().unwrap();
    assert!(keys.iter().all(|resource| resource["key"].is_string() && resource["action"] == "delete"), "{offboarded}");
    let deleted = offboarded["outcomes"].as_array().unwrap().iter().filter(|node| node["outcome"] == "deleted");
    assert_eq!(deleted.count(), keys.len());
}

#[test]
fn a_failure_is_a_document_too() {
    let world = World::new();
    let failed = world.orgstrap(&["plan", "nobody", "--format", "json"]).exits(1).json();
    assert!(failed["error"]["message"].as_str().unwrap().contains("nobody"), "{failed}");
    assert!(failed["error"]["hint"].is_string(), "{failed}");
}

/// Progress and advice are no data.
#[test]
fn stdout_holds_data_only() {
    let world = World::new();
    let run = world.onboard();
    assert!(run.stdout.starts_with("management 123456789012\n"), "{}", run.stdout);
    assert!(run.stdout.ends_with(" to create, 0 in sync.\n"), "{}", run.stdout);
    for progress in ["created", "Next", "Everything is as desired"] {
        assert!(!run.stdout.contains(progress), "{}", run.stdout);
        assert!(run.stderr.contains(progress), "{}", run.stderr);
    }
    assert!(!run.stdout.contains('\u{1b}') && !run.stderr.contains('\u{1b}'), "colours where no one looks");
    assert!(world.orgstrap(&["plan", "--color", "always"]).exits(0).stdout.contains('\u{1b}'));
}
