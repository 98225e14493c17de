//! What works without a fleet, a sandbox or a network.

use std::fs;

use end_to_end::{orgstrap_in, run};
use serde_json::Value;
use tempfile::tempdir;

#[test]
fn help_reads_no_file() {
    let folder = tempdir().unwrap();
    fs::write(folder.path().join("orgstrap.toml"), "this is [ no TOML").unwrap();
    let commands = ["init", "onboard", "plan", "apply", "audit", "offboard", "exec", "sandbox", "schema", "man"];
    let help = run(orgstrap_in(folder.path(), ["--help"])).exits(0);
    for command in commands {
        assert!(help.stdout.contains(&format!("\n  {command}")), "{command} is not in {}", help.stdout);
        let of_command = run(orgstrap_in(folder.path(), [command, "--help"])).exits(0);
        assert!(of_command.stdout.contains("Usage: orgstrap"), "{}", of_command.stdout);
    }
    run(orgstrap_in(folder.path(), ["--version"])).exits(0);
    run(orgstrap_in(folder.path(), ["schema"])).exits(0);
    // It would have been seen.
    run(orgstrap_in(folder.path(), ["plan"])).exits(1);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "something was written");
}

/// 2 means "differences".
#[test]
fn usage_errors_exit_with_1() {
    let folder = tempdir().unwrap();
    let wrong: [&[&str]; 6] =
        [&[], &["nonsense"], &["plan", "--nonsense"], &["onboard"], &["plan", "--all", "one"], &["exec", "one"]];
    for arguments in wrong {
        let failed = run(orgstrap_in(folder.path(), arguments)).exits(1);
        assert!(failed.stderr.contains("Usage") && failed.stdout.is_empty(), "{arguments:?}: {failed:?}");
    }
}

#[test]
fn schemas_are_json() {
    let folder = tempdir().unwrap();
    for (arguments, property) in [(&["schema"][..], "fleet"), (&["schema", "account"], "network")] {
        let schema = run(orgstrap_in(folder.path(), arguments)).exits(0).json();
        assert!(schema["$schema"].is_string(), "{arguments:?}");
        assert!(schema["properties"][property].is_object(), "{arguments:?}");
    }
}

#[test]
fn completions_and_manual_pages() {
    let folder = tempdir().unwrap();
    for (shell, mark) in [("bash", "complete -F"), ("zsh", "#compdef orgstrap"), ("fish", "complete -c orgstrap")] {
        let script = run(orgstrap_in(folder.path(), ["completions", shell])).exits(0).stdout;
        assert!(script.contains(mark) && script.contains("onboard"), "{shell}");
    }
    assert!(run(orgstrap_in(folder.path(), ["man"])).exits(0).stdout.contains(".TH orgstrap"));
    run(orgstrap_in(folder.path(), ["man", "--dir", "pages"])).exits(0);
    for page in ["orgstrap.1", "orgstrap-plan.1", "orgstrap-onboard.1"] {
        assert!(folder.path().join("pages").join(page).is_file(), "{page}");
    }
}

#[test]
fn a_fleet_to_start_from() {
    let folder = tempdir().unwrap();
    run(orgstrap_in(folder.path(), ["init", "mine"])).exits(0);
    let mine = folder.path().join("mine");
    // One that ends with the command: nothing is kept running here.
    let plan = run(orgstrap_in(&mine, ["--sandbox", "plan", "--all", "--format", "json"])).exits(2).json();
    assert_eq!(plan["fleet"], Value::from("example"));
    assert!(plan["summary"]["missing"].as_u64().unwrap() > 20, "{}", plan["summary"]);

    fs::write(mine.join("orgstrap.toml"), "# mine\n").unwrap();
    let again = run(orgstrap_in(folder.path(), ["init", "mine"])).exits(1);
    assert!(again.stderr.contains("already there"), "{}", again.stderr);
    assert_eq!(fs::read_to_string(mine.join("orgstrap.toml")).unwrap(), "# mine\n");
}
