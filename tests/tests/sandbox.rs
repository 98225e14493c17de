//! The sandbox that is kept running, and the one that ends with its command.

use end_to_end::{DEV, World, orgstrap_in, run};

#[test]
fn a_sandbox_is_kept_emptied_and_stopped() {
    let world = World::new();
    let sandbox = |action| run(orgstrap_in(world.folder(), ["sandbox", action, "--format", "json"])).exits(0).json();
    assert_eq!(sandbox("status")["endpoint"], world.endpoint.as_str());
    assert_eq!(sandbox("start")["sandbox"]["already"], true, "a second start finds the first");
    world.onboard();
    world.orgstrap(&["plan"]).exits(0);
    sandbox("reset");
    world.orgstrap(&["plan", DEV]).exits(2);
    sandbox("stop");
    assert_eq!(sandbox("status")["running"], false);
    assert_eq!(sandbox("stop")["message"], "no sandbox was running");
    run(orgstrap_in(world.folder(), ["sandbox", "reset"])).exits(1);
}

#[test]
fn without_one_each_command_has_its_own() {
    let world = World::new();
    run(orgstrap_in(world.folder(), ["sandbox", "stop"])).exits(0);
    let onboarded = world.onboard();
    assert!(onboarded.stderr.contains("ends with the command"), "{}", onboarded.stderr);
    world.orgstrap(&["plan", DEV]).exits(2);
    let status = run(orgstrap_in(world.folder(), ["sandbox", "status"])).exits(0);
    assert_eq!(status.stdout, "no sandbox is running\n");
}
