//! SIGKILL at random moments: the next run goes on, and the end is the same world.

use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::time::Duration;

use end_to_end::{DEV, Random, World, assert_whole, orgstrap_in, run};
use serde_json::Value;

const KILLS: usize = 12;

#[test]
fn a_run_killed_a_dozen_times_ends_in_the_same_world() {
    let undisturbed = World::onboarded();

    let meant = undisturbed.canonical();

    let mut random = Random::seeded();
    let world = World::new();
    let mut kills = 0;
    while kills < KILLS {
        if killed_after(&world, random.below(3), random.below(30_000)) {
            kills += 1;
        } else {
            // It came to its end before: once more from nothing.
            check(&world, &meant);
            run(orgstrap_in(world.folder(), ["sandbox", "reset"])).exits(0);
            world.boto3("member.cache_clear()");
        }
    }
    check(&world, &meant);
}

/// Runs to the end, and looks at what is there.
fn check(world: &World, meant: &Value) {
    world.onboard();
    assert_whole(world, meant, "after the last run");
    world.orgstrap(&["plan"]).exits(0);
}

/// Runs `onboard` until it has done so many changes, and microseconds more; kills it. Gives whether it was still running.
///
/// Time alone would be a bad measure of how far it has come: the first run waits for moto to load, later ones do not.
fn killed_after(world: &World, changes: u64, microseconds: u64) -> bool {
    let mut command = world.command(["onboard", DEV, "--format", "json"]);
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    let done = ["created", "updated"].map(|outcome| format!(r#""outcome":{{"outcome":"{outcome}""#));
    let is_change = |line: &String| done.iter().any(|done| line.contains(done));
    // Reading comes before the first change; with no change asked for, anything between is hit.
    let mut begun = lines.filter(|line| changes == 0 || is_change(line));
    for _ in 0..changes.max(1) {
        begun.next();
    }
    std::thread::sleep(Duration::from_micros(microseconds));
    child.kill().unwrap();
    // A run that had ended by itself shows its exit code.
    let status = child.wait().unwrap();
    assert!(matches!(status.code(), None | Some(0)), "it failed by itself: {status}");
    status.code().is_none()
}
