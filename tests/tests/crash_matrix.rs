//! The law of the crash: killed just before or just after the effect of any change, the same command run again comes to
//! the same world.
//!
//! The whole matrix is `cargo test --workspace --test end-to-end -- --ignored the_whole_crash_matrix`; what runs always is
//! a sample of it that `SEED` repeats.

use std::time::Instant;

use end_to_end::{Bench, DEV, Random, assert_whole};
use sandbox::front::Moment;
use serde_json::Value;

const SAMPLE: usize = 6;

/// What a run that nothing disturbs comes to, and how many changes that takes.
struct Undisturbed {
    world: Value,
    changes: usize,
}

impl Undisturbed {
    fn on(bench: &Bench) -> Self {
        bench.count_changes();
        bench.onboard();
        let changes = bench.count_changes();
        Self { world: bench.world.canonical(), changes }
    }
}

/// One point of the matrix, from nothing.
fn holds(bench: &Bench, undisturbed: &Undisturbed, change: usize, moment: Moment) {
    bench.reset();
    let when = format!("killed {moment:?} change {change} of {}", undisturbed.changes);
    assert!(bench.killed(&["onboard", DEV], change, moment), "not {when}: it came to its end");
    bench.onboard();
    assert_whole(&bench.world, &undisturbed.world, &when);
}

#[test]
fn a_sample_of_the_crash_matrix() {
    let bench = Bench::new("");
    let undisturbed = Undisturbed::on(&bench);
    let mut random = Random::seeded();
    for _ in 0..SAMPLE {
        let change = 1 + usize::try_from(random.below(undisturbed.changes as u64)).unwrap();
        let moment = if random.below(2) == 0 { Moment::Before } else { Moment::After };
        holds(&bench, &undisturbed, change, moment);
    }
}

#[test]
#[ignore = "takes some minutes: every change, both sides"]
fn the_whole_crash_matrix() {
    let bench = Bench::new("");
    let undisturbed = Undisturbed::on(&bench);
    let began = Instant::now();
    for change in 1..=undisturbed.changes {
        for moment in [Moment::Before, Moment::After] {
            holds(&bench, &undisturbed, change, moment);
        }
    }
    #[expect(clippy::print_stdout, reason = "the figure is what it is run for")]
    {
        println!("{} points in {:.0?}", undisturbed.changes * 2, began.elapsed());
    }
}
