//! Two runs on one account: one works, the other waits, or says who is at work.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};

use end_to_end::{Bench, DEV, Run, World, assert_whole};
use rustix::process::{Pid, Signal, kill_process};
use sandbox::front::Moment;
use serde_json::json;

fn started(mut command: Command) -> Child {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn ended(child: Child) -> Run {
    child.wait_with_output().unwrap().into()
}

/// What a run that nobody disturbs comes to.
fn meant() -> serde_json::Value {
    World::onboarded().canonical()
}

#[test]
fn of_two_that_do_not_wait_one_works_and_one_names_it() {
    let meant = meant();
    let bench = Bench::new("");
    let both = [(); 2].map(|()| started(bench.command(&["onboard", DEV])));
    let mut runs = both.map(ended);
    runs.sort_by_key(|run| run.code);
    let [worked, refused] = &runs;
    assert_eq!([worked.code, refused.code], [Some(0), Some(1)], "{worked:#?}\n{refused:#?}");
    assert!(refused.stderr.contains(&format!("{DEV} is locked: held by ")), "{}", refused.stderr);
    assert!(refused.stderr.contains(" for onboard, run "), "{}", refused.stderr);
    assert!(refused.stderr.contains(&format!("orgstrap lock break {DEV}")), "{}", refused.stderr);
    assert_whole(&bench.world, &meant, "after both");
    assert_eq!(bench.calls().to("ec2").named("CreateVpc").count(), 1);
}

#[test]
fn one_that_waits_finds_the_work_done() {
    let meant = meant();
    let bench = Bench::new("");
    let both = [(); 2].map(|()| started(bench.command(&["onboard", DEV, "--lock-wait", "120"])));
    let runs = both.map(|child| ended(child).exits(0));
    assert_eq!(runs.iter().filter(|run| run.stderr.contains("Nothing to do.")).count(), 1, "{runs:#?}");
    assert_eq!(runs.iter().filter(|run| run.stderr.contains("waiting: ")).count(), 1, "{runs:#?}");
    assert_whole(&bench.world, &meant, "after both");
    bench.orgstrap(&["plan", DEV]).exits(0);
}

#[test]
fn one_that_waits_stops_at_once_when_it_is_told_to() {
    let bench = Bench::new("");
    let first = started(bench.command(&["onboard", DEV]));
    let locked = || bench.orgstrap(&["lock", "list", "--format", "json"]).json()["locks"].to_string().contains(DEV);
    while !locked() {}
    kill_process(Pid::from_child(&first), Signal::STOP).unwrap();
    for signal in [Signal::INT, Signal::TERM] {
        let mut second = started(bench.command(&["onboard", DEV, "--lock-wait", "600"]));
        let mut said = BufReader::new(second.stderr.take().unwrap());
        let mut line = String::new();
        said.read_line(&mut line).unwrap();
        assert!(line.starts_with("waiting: "), "{line}");
        kill_process(Pid::from_child(&second), signal).unwrap();
        let mut rest = String::new();
        said.read_to_string(&mut rest).unwrap();
        assert_eq!(ended(second).code, Some(130), "{rest}");
        assert!(rest.contains("is locked: held by"), "{rest}");
    }
    kill_process(Pid::from_child(&first), Signal::CONT).unwrap();
    ended(first).exits(0);
}

#[test]
fn the_lock_of_a_killed_run_is_taken_over_at_once() {
    let meant = meant();
    let bench = Bench::new("");
    assert!(bench.killed(&["onboard", DEV], 7, Moment::After));
    let locks = bench.orgstrap(&["lock", "list", "--format", "json"]).exits(0).json();
    assert_eq!(locks["locks"][0]["lock"], DEV);
    assert_eq!(locks["locks"][0]["state"], "dead");
    bench.onboard();
    assert_whole(&bench.world, &meant, "after the second run");
    let runs = bench.orgstrap(&["runs", "--format", "json"]).exits(0).json();
    let states: Vec<_> = runs["runs"].as_array().unwrap().iter().map(|run| run["state"].clone()).collect();
    assert_eq!(states, [json!("ended"), json!("interrupted")]);
    let locks = bench.orgstrap(&["lock", "list"]).exits(0).stdout;
    assert!(!locks.contains(DEV), "{locks}");
}

#[test]
fn one_that_waits_goes_on_where_a_killed_one_stopped() {
    let meant = meant();
    let bench = Bench::new("");
    let (killed, waited) = std::thread::scope(|scope| {
        let first = scope.spawn(|| bench.killed(&["onboard", DEV], 25, Moment::Before));
        let locked = || bench.orgstrap(&["lock", "list", "--format", "json"]).json()["locks"].to_string().contains(DEV);
        while !locked() {
            assert!(!first.is_finished(), "the first run came to its end before it was seen");
        }
        let second = bench.orgstrap(&["onboard", DEV, "--lock-wait", "120"]);
        (first.join().unwrap(), second)
    });
    assert!(killed, "the first run came to its end");
    waited.exits(0);
    assert_whole(&bench.world, &meant, "after both");
    bench.orgstrap(&["plan", DEV]).exits(0);
}
