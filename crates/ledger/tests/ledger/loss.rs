//! How a holder learns that the lock is no longer its own, and that it harms nobody afterwards.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use ledger::{Broken, Error, Timing};

use crate::bench::{Bench, claim, holder, soon, take};

#[tokio::test]
async fn a_broken_lock_is_lost_and_its_holder_writes_nothing_more() {
    for bench in Bench::all() {
        let lock = take(&bench.host("one"), "ada").await.unwrap();
        let Broken::Holder(broken) = bench.host("two").break_lock("dev", "bob").await.unwrap() else {
            panic!("ada holds it")
        };
        assert_eq!(broken.owner, "ada");
        let next = take(&bench.host("two"), "bob").await.unwrap();
        assert_eq!(next.generation(), 3);
        let before = bench.read("locks/dev/0000000003.json").await;

        bench.time.pass(Duration::from_secs(16));
        soon(lock.lost().cancelled()).await;
        let why = lock.why_lost().unwrap().to_string();
        assert!(why.contains("bob on two"), "{why}");
        assert!(matches!(lock.confirm().await, Err(Error::Lost { .. })));
        assert!(matches!(lock.release().await, Err(Error::Lost { .. })));

        let after = bench.read("locks/dev/0000000003.json").await;
        assert!(after.contains("\"owner\": \"bob\""), "{after}");
        assert_eq!(holder(take(&bench.host("three"), "eve").await), "bob", "{before}");
        next.release().await.unwrap();
    }
}

#[tokio::test]
async fn breaking_what_nobody_has_changes_nothing() {
    for bench in Bench::all() {
        assert_eq!(bench.here().break_lock("dev", "bob").await.unwrap(), Broken::Nobody);
        take(&bench.host("one"), "ada").await.unwrap().release().await.unwrap();
        assert_eq!(bench.here().break_lock("dev", "bob").await.unwrap(), Broken::Nobody);
        assert_eq!(bench.names("locks/dev").await.len(), 1);
    }
}

#[tokio::test]
async fn a_paused_owner_that_wakes_up_after_the_expiry_has_lost_it() {
    for bench in Bench::all() {
        let asleep = Timing { heartbeat: Duration::from_hours(1), ..Timing::default() };
        let lock = take(&bench.host("one").with_timing(asleep), "ada").await.unwrap();
        bench.time.pass(Duration::from_mins(2));
        let next = take(&bench.host("two"), "bob").await.unwrap();
        assert!(matches!(lock.confirm().await, Err(Error::Lost { .. })));
        assert!(lock.lost().is_cancelled());
        assert!(matches!(lock.release().await, Err(Error::Lost { .. })));
        next.confirm().await.unwrap();
        next.release().await.unwrap();
    }
}

/// A suspended machine's timers stand still, so whatever is under way goes on as if no time had passed.
#[tokio::test]
async fn a_renewal_that_a_pause_made_too_late_does_not_count() {
    // The first two calls tidy. Then: before the list, after it, before the write, after it.
    for (pause, before, seconds) in (2..6).flat_map(|pause| [(pause, 0, 70), (pause, 45, 20)]) {
        let bench = Bench::memory();
        let asleep = Timing { heartbeat: Duration::from_hours(1), ..Timing::default() };
        let lock = take(&bench.host("one").with_timing(asleep), "ada").await.unwrap();
        bench.time.pass(Duration::from_secs(before));
        let pauses = AtomicU32::new(0);
        bench.store.with_pauses(move || {
            let is_now = pauses.fetch_add(1, Ordering::SeqCst) == pause;
            (0, Duration::from_secs(if is_now { seconds } else { 0 }))
        });
        assert!(matches!(lock.confirm().await, Err(Error::Lost { .. })), "pause {pause} of {seconds} s");
        assert!(lock.lost().is_cancelled());
    }
}

#[tokio::test]
async fn a_holder_gives_up_before_others_may_take_over() {
    let bench = Bench::memory();
    let lock = take(&bench.host("one"), "ada").await.unwrap();
    bench.time.pass(Duration::from_secs(30));
    lock.confirm().await.unwrap();
    bench.store.fails.store(true, Ordering::SeqCst);
    bench.time.pass(Duration::from_secs(49));
    let error = lock.confirm().await.unwrap_err();
    assert!(matches!(error, Error::Store { .. }), "{error}");
    assert!(!lock.lost().is_cancelled());
    bench.time.pass(Duration::from_secs(1));
    soon(lock.lost().cancelled()).await;
    let why = lock.why_lost().unwrap().to_string();
    assert!(why.contains("could not be renewed in time: cannot write memory:"), "{why}");
    assert!(why.contains("the network is down"), "{why}");
    bench.store.fails.store(false, Ordering::SeqCst);
    assert_eq!(holder(take(&bench.host("two"), "bob").await), "ada", "ten seconds are left");
}

#[tokio::test]
async fn a_failed_renewal_is_tried_again() {
    let bench = Bench::memory();
    let lock = take(&bench.host("one"), "ada").await.unwrap();
    bench.store.fails.store(true, Ordering::SeqCst);
    bench.time.pass(Duration::from_secs(40));
    assert!(lock.confirm().await.is_err());
    bench.store.fails.store(false, Ordering::SeqCst);
    soon(async {
        while bench.here().locks().await.unwrap()[0].heartbeat < bench.time.now() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    })
    .await;
    lock.release().await.unwrap();
}

#[tokio::test]
async fn the_loss_of_one_of_several_is_told_by_all() {
    let bench = Bench::memory();
    let locks = bench.host("one").lock_all(["a", "b"], &claim("ada"), None, &|_| ()).await.unwrap();
    bench.host("two").break_lock("b", "bob").await.unwrap();
    bench.time.pass(Duration::from_secs(16));
    soon(locks.lost().cancelled()).await;
    assert!(matches!(locks.why_lost(), Some(Error::Lost { lock, .. }) if lock == "b"));
    assert!(matches!(locks.release().await, Err(Error::Lost { .. })));
    let left: Vec<_> = bench.here().locks().await.unwrap();
    assert_eq!(left, [], "a was given back");
}

#[tokio::test]
async fn a_record_that_somebody_else_wrote_is_a_loss() {
    for bench in Bench::all() {
        let lock = take(&bench.host("one"), "ada").await.unwrap();
        let stranger = bench.read("locks/dev/0000000001.json").await.replace("ada", "eve!");
        bench.write("locks/dev/0000000001.json", Box::leak(stranger.into_boxed_str())).await;
        assert!(matches!(lock.confirm().await, Err(Error::Lost { .. })));
        assert!(bench.read("locks/dev/0000000001.json").await.contains("eve!"));
    }
}

#[tokio::test]
async fn a_lock_that_took_too_long_to_write_is_not_believed() {
    for bench in Bench::all() {
        let turns = AtomicU32::new(0);
        bench.store.with_pauses(move || {
            // Two for the first list, then the write begins.
            let is_write = turns.fetch_add(1, Ordering::SeqCst) == 2;
            (0, Duration::from_secs(if is_write { 55 } else { 0 }))
        });
        let lock = take(&bench.host("one"), "ada").await.unwrap();
        assert_eq!(lock.generation(), 2);
        lock.release().await.unwrap();
    }
}
