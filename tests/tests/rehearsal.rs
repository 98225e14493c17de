//! Bad weather that a user rehearses with `--sandbox-faults` and `--sandbox-latency`.

use end_to_end::{DEV, World};

#[test]
fn calls_are_shown_and_disturbed_as_asked() {
    let world = World::new();
    let run = world.orgstrap(&[
        "onboard",
        DEV,
        "--sandbox-calls",
        "--sandbox-latency",
        "ec2.CreateVpc=120ms",
        "--sandbox-faults",
        "iam.CreateRole:throttle=50%, pending=1s, seed=3",
    ]);
    let said = run.exits(0).stderr;
    let vpc = said.lines().find(|line| line.contains("ec2.CreateVpc")).unwrap();
    let took: u64 = vpc.split_whitespace().nth(2).unwrap().parse().unwrap();
    assert!(took >= 120, "{vpc}");
    assert!(said.contains("nat-gateway/a waiting"), "nothing was pending: {said}");
    world.orgstrap(&["plan", DEV]).exits(0);
}

#[test]
fn what_cannot_be_understood_is_refused_with_what_to_write() {
    let world = World::new();
    for (flag, value, part) in [
        ("--sandbox-faults", "thunder=5%", "there are throttle=5%"),
        ("--sandbox-faults", "throttle=500%", "write 0% to 100%"),
        ("--sandbox-latency", "ec2=soon", "write 40ms, ec2=60ms"),
    ] {
        let refused = world.orgstrap(&["plan", DEV, flag, value]).exits(1).stderr;
        assert!(refused.contains(part), "{refused}");
    }
    let alone = world.orgstrap_at_endpoint(&["plan", DEV, "--sandbox-faults", "throttle=5%"]).exits(1).stderr;
    assert!(alone.contains("--sandbox"), "{alone}");
}
