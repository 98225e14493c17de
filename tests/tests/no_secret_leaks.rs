//! No value of a secret is in anything that a run writes.

use std::fs;
use std::path::PathBuf;

use end_to_end::{Bench, DEV, files_below, run};

#[test]
fn nothing_that_a_run_writes_has_a_value_in_it() {
    let bench = Bench::whole("");
    let world = &bench.world;
    let (token, key) = ("ghp-4wq8zk1vtx6y2m9c7r5d3n0b", "file-7d2c9a4e6b8f1a3c5e0d9b2f");
    world.edit(
        "accounts/headless-cms-dev.toml",
        "[pipeline",
        "[secret.key]\nfrom = \"file:token.key\"\n\n[secret.made]\nfrom = \"random:40\"\n\n[pipeline",
    );
    fs::write(world.folder().join("token.key"), format!("{key}\n")).unwrap();
    let mut written = Vec::new();
    let mut go = |arguments: &[&str], code: i32| {
        let mut command = bench.command(arguments);
        command.env("GITHUB_TOKEN", token).env("RUST_LOG", "trace").env("RUST_BACKTRACE", "full");
        let ended = run(command).exits(code);
        written.push((arguments.join(" "), (ended.stdout + &ended.stderr).into_bytes()));
    };
    go(&["plan", DEV, "--verbose", "--out", "first.json"], 2);
    go(&["onboard", DEV, "--verbose", "--stats"], 0);
    world.boto3(
        "member().session.client('secretsmanager').delete_secret(SecretId='github', RecoveryWindowInDays=7)\nNone",
    );
    go(&["plan", DEV, "--verbose", "--format", "json", "--out", "second.json"], 2);
    go(&["apply", DEV, "--format", "json"], 0);
    go(&["audit", "--format", "json"], 0);
    go(&["edges", "--format", "json"], 0);
    go(&["runs"], 0);
    go(&["doctor", DEV, "--format", "json"], 0);
    go(&["offboard", DEV, "--yes", "--unprotect", "--delete-data"], 0);
    let made = "s = member().session.client('secretsmanager')\ns.restore_secret(SecretId='made')\ns.get_secret_value(SecretId='made')['SecretString']";
    let made = world.boto3(made);
    // Twice, by their first halves: a part of a value is too much already.
    let values = [token, key, made.as_str().unwrap()];
    assert_eq!(made.as_str().unwrap().len(), 40);
    fs::remove_file(world.folder().join("token.key")).unwrap();
    // What was a file when it was listed may be a socket, or gone.
    let read = |path: PathBuf| Some((path.display().to_string(), fs::read(&path).ok()?));
    written.extend(files_below(world.folder()).into_iter().filter_map(read));
    assert!(written.iter().any(|(name, _)| name.contains(".orgstrap/runs")), "the ledger is looked at");
    for (name, content) in written.iter().filter(|(name, _)| !name.contains("/.sandbox/")) {
        for value in values {
            let half = &value.as_bytes()[..value.len() / 2];
            assert!(!content.windows(half.len()).any(|window| window == half), "a value is in {name}");
        }
    }
}
