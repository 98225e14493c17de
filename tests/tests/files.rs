//! Mistakes in the files: all at once, each with its place.

use std::fs;

use end_to_end::{DEV, World};

fn with_mistakes() -> World {
    let world = World::whole();
    world.edit("accounts/headless-cms-dev.toml", "zones = 2", "zone = 2");
    world.edit("accounts/headless-cms-dev.toml", r#"GITHUB_TOKEN = "github""#, r#"GITHUB_TOKEN = "gihub""#);
    world.edit("accounts/storefront-dev.toml", "10.21.0.0/16", "10.20.0.0/16");
    world.edit("orgstrap.toml", r#"email = "aws+{account}@verb.example""#, r#"email = "nobody""#);
    world
}

#[test]
fn all_mistakes_at_once_with_their_places() {
    let world = with_mistakes();
    for command in [&["plan"][..], &["onboard", DEV], &["audit"], &["offboard", DEV, "--yes"]] {
        let failed = world.orgstrap(command).exits(1);
        assert_eq!(failed.stdout, "");
        let places = [
            ("accounts/headless-cms-dev.toml:8", "zone"),
            ("accounts/headless-cms-dev.toml:22", "gihub"),
            ("accounts/storefront-dev.toml:6", "10.20.0.0/16"),
            ("orgstrap.toml:7", "nobody"),
        ];
        for (place, what) in places {
            assert!(failed.stderr.contains(place), "{place} is not in {}", failed.stderr);
            assert!(failed.stderr.contains(what), "{what} is not in {}", failed.stderr);
        }
        assert!(failed.stderr.contains("nothing was done"), "{}", failed.stderr);
    }
    assert_eq!(world.boto3("root('organizations').list_roots.__name__"), "list_roots");
}

#[test]
fn mistakes_as_json() {
    let world = with_mistakes();
    let failed = world.orgstrap(&["plan", "--format", "json"]).exits(1).json();
    let mistakes = failed["error"]["mistakes"].as_array().unwrap();
    assert!(mistakes.len() >= 4, "{failed}");
    for mistake in mistakes {
        assert!(mistake["file"].is_string() && mistake["line"].is_u64(), "{mistake}");
    }
}

#[test]
fn no_fleet_at_all() {
    let world = World::new();
    fs::remove_file(world.folder().join("orgstrap.toml")).unwrap();
    let failed = world.orgstrap(&["plan"]).exits(1).stderr;
    assert!(failed.contains("orgstrap.toml") && failed.contains("orgstrap init"), "{failed}");
}

/// An unknown variable in a policy is found before anything is planned.
#[test]
fn a_policy_with_an_unknown_variable() {
    let world = World::new();
    world.edit("policies/flow-logs.json", "${orgstrap:account_name}", "${orgstrap:acount_name}");
    let failed = world.orgstrap(&["onboard", DEV]).exits(1).stderr;
    for text in ["flow-logs.json", "acount_name", "account_name"] {
        assert!(failed.contains(text), "{text} is not in {failed}");
    }
    assert_eq!(world.boto3("try: made = len(accounts())\nexcept Exception: made = 0\nmade"), 0);
}
