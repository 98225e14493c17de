//! Taking, waiting, releasing; two at once.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ledger::{Error, Holder, HolderState, Process};
use tokio_util::sync::CancellationToken;

use crate::bench::{Bench, claim, holder, soon, take};

#[tokio::test]
async fn one_has_it_and_the_next_gets_it_after_the_release() {
    for bench in Bench::all() {
        let lock = take(&bench.host("one"), "ada").await.unwrap();
        assert_eq!((lock.name(), lock.generation()), ("dev", 1));
        assert_eq!(holder(take(&bench.host("two"), "bob").await), "ada");
        lock.confirm().await.unwrap();
        lock.release().await.unwrap();
        let lock = take(&bench.host("two"), "bob").await.unwrap();
        assert_eq!(lock.generation(), 2);
        lock.release().await.unwrap();
    }
}

#[tokio::test]
async fn the_refusal_says_who_and_what_to_do() {
    let bench = Bench::memory();
    let process = Process { host: "build-7".into(), boot: Some("another".into()), pid: 4242, ..Process::current() };
    let _lock = take(&bench.here().with_process(process), "ada").await.unwrap();
    let error = take(&bench.host("two"), "bob").await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "dev is locked: held by ada on build-7 (process 4242) since 2026-11-23T10:00:00Z for onboard, run \
         20261123T100000Z-ada"
    );
    assert!(error.hint().contains("`orgstrap lock break dev`"), "{}", error.hint());
}

#[tokio::test]
async fn numbers_never_repeat_and_old_ones_are_tidied() {
    for bench in Bench::all() {
        let ledger = bench.here();
        for generation in 1..=20 {
            let lock = take(&ledger, "ada").await.unwrap();
            assert_eq!(lock.generation(), generation);
            lock.release().await.unwrap();
        }
        let left = bench.names("locks/dev").await;
        assert_eq!(left, ["locks/dev/0000000019.json", "locks/dev/0000000020.json"]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_takers_at_once_exactly_one_wins_each_generation() {
    for bench in Bench::all() {
        let (inside, rounds) = (Arc::new(AtomicU32::new(0)), Arc::new(Mutex::new(BTreeSet::new())));
        let takers = (0..16).map(|taker| {
            let (ledger, inside, rounds) =
                (bench.host(&format!("host-{taker}")), Arc::clone(&inside), Arc::clone(&rounds));
            tokio::spawn(async move {
                let owner = format!("taker-{taker}");
                let mut won = 0;
                while rounds.lock().unwrap().len() < 200 {
                    let Ok(lock) = take(&ledger, &owner).await else {
                        // Calls in memory never wait, and would leave no turn to the holder.
                        tokio::task::yield_now().await;
                        continue;
                    };
                    assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0, "two are inside");
                    tokio::task::yield_now().await;
                    assert!(rounds.lock().unwrap().insert(lock.generation()), "a generation was won twice");
                    assert_eq!(inside.fetch_sub(1, Ordering::SeqCst), 1, "two are inside");
                    lock.release().await.unwrap();
                    won += 1;
                }
                won
            })
        });
        let won = futures_util::future::join_all(takers).await.into_iter().map(Result::unwrap).sum::<usize>();
        let rounds = rounds.lock().unwrap();
        assert_eq!(rounds.len(), won);
        assert_eq!(rounds.iter().copied().collect::<Vec<_>>(), (1..=won as u64).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn whoever_waits_is_told_once_of_whom_and_gets_it() {
    for bench in Bench::all() {
        let lock = take(&bench.host("one"), "ada").await.unwrap();
        let told = Mutex::new(Vec::new());
        let (two, bob) = (bench.host("two"), claim("bob"));
        let on_wait = |holder: &ledger::Holder| told.lock().unwrap().push(holder.owner.clone());
        let waiting = two.lock("dev", &bob, Some(Duration::from_secs(20)), &on_wait);
        let release = async {
            while told.lock().unwrap().is_empty() {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
            lock.release().await.unwrap();
        };
        let (lock, ()) = soon(async { tokio::join!(waiting, release) }).await;
        assert_eq!(lock.unwrap().generation(), 2);
        assert_eq!(*told.lock().unwrap(), ["ada"]);
    }
}

#[tokio::test]
async fn waiting_ends() {
    let bench = Bench::memory();
    let _lock = take(&bench.host("one"), "ada").await.unwrap();
    let wait = Some(Duration::from_millis(30));
    assert_eq!(holder(soon(bench.host("two").lock("dev", &claim("bob"), wait, &|_| ())).await), "ada");
}

#[tokio::test]
async fn waiting_ends_when_it_is_no_longer_wanted() {
    let bench = Bench::memory();
    let _lock = take(&bench.host("one"), "ada").await.unwrap();
    let stop = CancellationToken::new();
    let (two, bob) = (bench.host("two").with_stop(stop.clone()), claim("bob"));
    let on_wait = |_: &Holder| stop.cancel();
    let waiting = two.lock("dev", &bob, Some(Duration::from_hours(1)), &on_wait);
    assert_eq!(holder(soon(waiting).await), "ada");
}

#[tokio::test]
async fn a_dropped_lock_is_released() {
    for bench in Bench::all() {
        drop(take(&bench.host("one"), "ada").await.unwrap());
        let wait = Some(Duration::from_secs(20));
        soon(bench.host("two").lock("dev", &claim("bob"), wait, &|_| ())).await.unwrap().release().await.unwrap();
    }
}

#[tokio::test]
async fn an_answer_that_was_lost_is_no_other_owner() {
    for bench in Bench::all() {
        bench.store.repeats.store(true, Ordering::SeqCst);
        let lock = take(&bench.host("one"), "ada").await.unwrap();
        bench.store.repeats.store(false, Ordering::SeqCst);
        lock.confirm().await.unwrap();
        lock.release().await.unwrap();
    }
}

#[tokio::test]
async fn several_locks_are_taken_together_or_not_at_all() {
    for bench in Bench::all() {
        let (one, two) = (bench.host("one"), bench.host("two"));
        let lock = take(&one, "ada").await.unwrap();
        let refused = two.lock_all(["shared", "dev", "a"], &claim("bob"), None, &|_| ()).await.unwrap_err();
        assert!(matches!(refused, Error::Held { holder } if holder.owner == "ada"));
        assert_eq!(one.locks().await.unwrap().len(), 1, "what was taken is given back");
        lock.release().await.unwrap();

        let locks = two.lock_all(["shared", "dev", "a", "dev"], &claim("bob"), None, &|_| ()).await.unwrap();
        assert_eq!(locks.iter().map(ledger::Lock::name).collect::<Vec<_>>(), ["a", "dev", "shared"]);
        let held = one.locks().await.unwrap();
        assert!(held.iter().all(|holder| holder.owner == "bob" && holder.state == HolderState::Held));
        locks.release().await.unwrap();
        assert_eq!(one.locks().await.unwrap(), []);
    }
}

#[tokio::test]
async fn whoever_wants_several_waits_for_the_one_that_is_held() {
    for bench in Bench::all() {
        let lock = take(&bench.host("one"), "ada").await.unwrap();
        let (two, bob) = (bench.host("two"), claim("bob"));
        let told = AtomicU32::new(0);
        let on_wait = |_: &ledger::Holder| {
            told.fetch_add(1, Ordering::SeqCst);
        };
        let waiting = two.lock_all(["a", "dev", "shared"], &bob, Some(Duration::from_secs(20)), &on_wait);
        let release = async {
            while told.load(Ordering::SeqCst) == 0 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            lock.release().await.unwrap();
        };
        let (locks, ()) = soon(async { tokio::join!(waiting, release) }).await;
        assert_eq!(locks.unwrap().iter().count(), 3);
        assert_eq!(told.load(Ordering::SeqCst), 1);
    }
}

/// Commands are spawned, so what they await must be able to move between threads.
#[test]
fn futures_can_be_sent() {
    fn is_send(_: impl Send) {}
    let (bench, ada) = (Bench::memory(), claim("ada"));
    let ledger = bench.here();
    is_send(ledger.lock_all(["a"], &ada, None, &|_| ()));
    is_send(ledger.lock("a", &ada, None, &|_| ()));
    is_send(ledger.locks());
    is_send(ledger.break_lock("a", "ada"));
    is_send(ledger.runs(1));
    is_send(ledger.run("1"));
    is_send(ledger.replaced_by("1"));
    is_send(ledger.creations());
    is_send(ledger.creations_done(["a"]));
    is_send(ledger.check());
}
