//! The law of the crash: killed just before or just after the effect of any change, the same command run again comes to
//! the same world.
//!
//! The whole matrix is `cargo test --workspace --test end-to-end -- --ignored the_whole_crash_matrix`; what runs always is
//! a sample of it that `SEED` repeats.

use std::time::Instant;

use end_to_end::{Bench, DEV, Random, assert_same, assert_whole};
use sandbox::front::Moment;
use serde_json::Value;

const SAMPLE: usize = 6;

/// By how many changes runs differ: what is still in use, or not known everywhere yet, is tried again now and then.
const VARIES: usize = 4;

/// What a run that nothing disturbs comes to, and how many changes that takes.
struct Undisturbed {
    world: Value,
    common: Value,
    changes: usize,
}

impl Undisturbed {
    fn on(bench: &Bench) -> Self {
        bench.count_changes();
        bench.onboard();
        let changes = bench.count_changes();
        Self { world: bench.world.canonical(), common: bench.world.canonical_common(), changes }
    }
}

/// One point of the matrix, from nothing.
fn holds(bench: &mut Bench, undisturbed: &Undisturbed, change: usize, moment: Moment, weather: &str) {
    bench.reset(weather);
    let when = format!("killed {moment:?} change {change} of {} in weather `{weather}`", undisturbed.changes);
    if !bench.killed(&["onboard", DEV], change, moment) {
        assert!(change + VARIES > undisturbed.changes, "not {when}: it came to its end");
    }
    let run = bench.orgstrap(&["onboard", DEV]);
    assert_eq!(run.code, Some(0), "{when}\n{}\n{}", run.stderr, bench.calls());
    assert_whole(&bench.world, &undisturbed.world, &when);
    assert_same(&bench.world.canonical_common(), &undisturbed.common, &when);
}

/// What was done just before the kill is not seen at once by the run after it.
fn stale(random: &mut Random) -> String {
    format!("stale=5/4s, seed={}", random.below(1_000_000))
}

#[test]
fn a_sample_of_the_crash_matrix() {
    let mut bench = Bench::whole("");
    let undisturbed = Undisturbed::on(&bench);
    let mut random = Random::seeded();
    for point in 0..SAMPLE {
        let change = 1 + usize::try_from(random.below(undisturbed.changes as u64)).unwrap();
        let moment = if random.below(2) == 0 { Moment::Before } else { Moment::After };
        let weather = if point % 2 == 0 { String::new() } else { stale(&mut random) };
        holds(&mut bench, &undisturbed, change, moment, &weather);
    }
}

#[test]
#[ignore = "takes some minutes: every change, both sides"]
fn the_whole_crash_matrix() {
    whole(|_| String::new());
}

#[test]
#[ignore = "takes some minutes: every change, both sides, with stale reads"]
fn the_whole_crash_matrix_with_stale_reads() {
    whole(stale);
}

#[expect(clippy::print_stdout, reason = "how far it is, and the figure that it is run for")]
fn whole(weather: fn(&mut Random) -> String) {
    let mut bench = Bench::whole("");
    let undisturbed = Undisturbed::on(&bench);
    let (began, mut random) = (Instant::now(), Random::seeded());
    for change in 1..=undisturbed.changes {
        for moment in [Moment::Before, Moment::After] {
            holds(&mut bench, &undisturbed, change, moment, &weather(&mut random));
            println!("{moment:?} change {change} of {}: {:.0?}", undisturbed.changes, began.elapsed());
        }
    }
    println!("{} points in {:.0?}", undisturbed.changes * 2, began.elapsed());
}
