//! When a lock passes to another without having been released.

use std::time::Duration;

use ledger::{HolderState, Timing};

use crate::bench::{Bench, holder, soon, take};

const MINUTE: Duration = Duration::from_mins(1);
const ALMOST: Duration = Duration::from_secs(59);
const SECOND: Duration = Duration::from_secs(1);

/// A holder that never renews, as if it were gone.
fn gone() -> Timing {
    Timing { heartbeat: Duration::from_hours(1), ..Timing::default() }
}

#[tokio::test]
async fn a_holder_on_another_host_is_replaced_after_its_expiry_and_not_before() {
    for bench in Bench::all() {
        let lock = take(&bench.host("one").with_timing(gone()), "ada").await.unwrap();
        bench.time.pass(ALMOST);
        assert_eq!(holder(take(&bench.host("two"), "bob").await), "ada");
        assert_eq!(bench.here().locks().await.unwrap()[0].state, HolderState::Held);
        bench.time.pass(SECOND);
        assert_eq!(bench.here().locks().await.unwrap()[0].state, HolderState::Expired);
        let taken = take(&bench.host("two"), "bob").await.unwrap();
        assert_eq!(taken.generation(), 2);
        drop(lock);
    }
}

#[tokio::test]
async fn a_renewed_lock_stays() {
    for bench in Bench::all() {
        let lock = take(&bench.host("one").with_timing(gone()), "ada").await.unwrap();
        for _ in 0..5 {
            bench.time.pass(45 * SECOND);
            lock.confirm().await.unwrap();
        }
        assert_eq!(holder(take(&bench.host("two"), "bob").await), "ada");
        lock.release().await.unwrap();
    }
}

#[tokio::test]
async fn the_background_renews_by_itself() {
    let bench = Bench::memory();
    let lock = take(&bench.host("one"), "ada").await.unwrap();
    for _ in 0..10 {
        bench.time.pass(20 * SECOND);
        let renewed = bench.time.now();
        soon(async {
            while bench.here().locks().await.unwrap()[0].heartbeat < renewed {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        })
        .await;
    }
    lock.release().await.unwrap();
}

#[tokio::test]
async fn a_takers_clock_that_is_ahead_takes_nothing_early() {
    for bench in Bench::all() {
        let _lock = take(&bench.host("one").with_timing(gone()), "ada").await.unwrap();
        let ahead = bench.host_with_clock("two", 3600);
        assert_eq!(holder(take(&ahead, "bob").await), "ada");
        bench.time.pass(ALMOST);
        assert_eq!(holder(take(&ahead, "bob").await), "ada");
        bench.time.pass(SECOND);
        take(&ahead, "bob").await.unwrap().release().await.unwrap();
    }
}

#[tokio::test]
async fn a_holders_clock_that_is_behind_loses_it_nothing() {
    for bench in Bench::all() {
        let behind = bench.host_with_clock("one", -3600).with_timing(gone());
        let lock = take(&behind, "ada").await.unwrap();
        bench.time.pass(45 * SECOND);
        assert_eq!(holder(take(&bench.host("two"), "bob").await), "ada");
        lock.confirm().await.unwrap();
        bench.time.pass(45 * SECOND);
        assert_eq!(holder(take(&bench.host("two"), "bob").await), "ada");
        lock.release().await.unwrap();
    }
}

#[tokio::test]
async fn a_holders_clock_that_is_ahead_delays_others_only() {
    let bench = Bench::memory();
    let ahead = bench.host_with_clock("one", 120).with_timing(gone());
    let _lock = take(&ahead, "ada").await.unwrap();
    bench.time.pass(2 * MINUTE);
    assert_eq!(holder(take(&bench.host("two"), "bob").await), "ada");
    bench.time.pass(MINUTE);
    take(&bench.host("two"), "bob").await.unwrap().release().await.unwrap();
}
