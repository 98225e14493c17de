//! Ctrl-C: calls in flight finish, and the same command goes on from there.

use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;

use end_to_end::{DEV, World, assert_same};
use rustix::process::{Pid, Signal, kill_process};

#[test]
fn an_interrupted_run_says_so_and_can_be_finished() {
    let whole = World::onboarded();

    let world = World::new();
    let mut command = world.command(["onboard", DEV]);
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut said = String::new();
    // The account is there, and its network is not.
    while !said.contains("account/headless-cms-dev created") {
        assert_ne!(stderr.read_line(&mut said).unwrap(), 0, "it ended too early: {said}");
    }
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    stderr.read_to_string(&mut said).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{said}");
    assert!(said.contains("Stopped."), "{said}");
    assert!(said.contains("not begun"), "{said}");

    world.orgstrap(&["plan", DEV]).exits(2);
    world.onboard();
    world.orgstrap(&["plan", DEV]).exits(0);
    assert_same(&world.canonical(), &whole.canonical(), "after the second run");
}
