//! SIGKILL at random moments: the next run goes on, and the end is the same world.

use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use end_to_end::{DEV, World, assert_same, orgstrap_in, run};
use serde_json::Value;

const KILLS: usize = 12;

#[test]
fn a_run_killed_a_dozen_times_ends_in_the_same_world() {
    let undisturbed = World::new();
    undisturbed.onboard();

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
    assert_same(&world.canonical(), meant, "after the last run");
    let keys = "keys = [tags[KEY] for _, _, tags in tagged(member().objects())]; len(keys) - len(set(keys))";
    assert_eq!(world.boto3(keys), 0, "an object is there twice");
    let names = "pages = root('organizations').get_paginator('list_accounts').paginate()\n\
                 [a['Name'] for page in pages for a in page['Accounts']].count('headless-cms-dev')";
    assert_eq!(world.boto3(names), 1, "the account is not there once");
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

/// Numbers that a seed repeats (splitmix64).
struct Random(u64);

impl Random {
    fn seeded() -> Self {
        let now = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().subsec_nanos().into();
        let seed = std::env::var("SEED").map_or_else(|_| now(), |seed| seed.parse().unwrap());
        #[expect(clippy::print_stdout, reason = "a failed test shows it, so that it can be repeated")]
        {
            println!("SEED={seed}");
        }
        Self(seed)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}
