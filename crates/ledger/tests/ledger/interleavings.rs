//! Several hosts take, renew, release, abandon and break one lock, with clocks that differ, calls that take long and
//! are interrupted anywhere. Never do two hold it at once.
//!
//! What is checked is what a holder may rely on: from when the lock was given to it, or confirmed, until `ttl - margin`
//! after it asked. A broken lock's holder is excepted from the moment of the break.

use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use ledger::{Ledger, Lock};

use crate::bench::{Bench, take};
use crate::simulated::{Simulated, Time};

const LEASE: Duration = Duration::from_secs(50);

/// Numbers that look random, and are the same again for the same seed.
#[derive(Clone)]
struct Dice(Arc<AtomicU64>);

impl Dice {
    fn new(seed: u64) -> Self {
        Self(Arc::new(AtomicU64::new(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)))
    }

    /// Below `sides` (xorshift64*).
    fn roll(&self, sides: u64) -> u64 {
        let mut state = self.0.load(Ordering::SeqCst);
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        self.0.store(state, Ordering::SeqCst);
        (state.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % sides
    }
}

/// Who may act until when.
struct Watch {
    time: Time,
    store: Arc<Simulated>,
    acting: Mutex<Vec<(u64, String, Timestamp)>>,
    taken: AtomicU64,
}

impl Watch {
    fn may_act(&self, generation: u64, owner: &str, asked: Timestamp) {
        let (now, until) = (self.time.now(), asked + LEASE);
        let mut acting = self.acting.lock().unwrap();
        let is_broken = |number: u64| self.store.is_break("dev", number + 1);
        acting.retain(|(number, _, until)| *number != generation && *until > now && !is_broken(*number));
        if until > now && !is_broken(generation) {
            assert!(acting.is_empty(), "{owner} has generation {generation}, and so have {acting:?}");
            acting.push((generation, owner.to_owned(), until));
        }
    }

    fn stops(&self, owner: &str) {
        self.acting.lock().unwrap().retain(|(_, acting, _)| acting != owner);
    }
}

async fn live(ledger: Ledger, owner: String, dice: Dice, watch: Rc<Watch>) {
    let mut held: Option<Lock> = None;
    for _ in 0..30 {
        let asked = watch.time.now();
        match (held.take(), dice.roll(10)) {
            (None, 0) => {
                let _ = ledger.break_lock("dev", &owner).await;
            }
            (None, _) => {
                if let Ok(lock) = take(&ledger, &owner).await {
                    watch.taken.fetch_add(1, Ordering::SeqCst);
                    watch.may_act(lock.generation(), &owner, asked);
                    held = Some(lock);
                }
            }
            (Some(lock), 0..5) => {
                if lock.confirm().await.is_ok() {
                    watch.may_act(lock.generation(), &owner, asked);
                    held = Some(lock);
                } else {
                    watch.stops(&owner);
                }
            }
            (Some(lock), 5..8) => {
                watch.stops(&owner);
                let _ = lock.release().await;
            }
            // Hangs, as far as others can tell, and wakes up now and then.
            (Some(lock), 8) => std::mem::forget(lock),
            (Some(lock), _) => held = Some(lock),
        }
        if dice.roll(4) == 0 {
            watch.time.pass(Duration::from_secs(dice.roll(70)));
        }
        tokio::task::yield_now().await;
    }
    watch.stops(&owner);
    std::mem::forget(held);
}

/// The number of times that the lock was taken.
fn play(seed: u64) -> u64 {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let bench = Bench::memory();
    let dice = Dice::new(seed);
    let pauses = dice.clone();
    bench.store.with_pauses(move || {
        let seconds = if pauses.roll(40) == 0 { pauses.roll(80) } else { 0 };
        (usize::try_from(pauses.roll(4)).unwrap(), Duration::from_secs(seconds))
    });
    let watch = Rc::new(Watch {
        time: bench.time.clone(),
        store: Arc::clone(&bench.store),
        acting: Mutex::default(),
        taken: AtomicU64::new(0),
    });
    let hosts = (0..4).map(|host| {
        let off = i64::try_from(dice.roll(7200)).unwrap() - 3600;
        // Half of the fleets have a common clock, or nobody would ever expire for a clock that is behind.
        let ledger = bench.host_with_clock(&format!("host-{host}"), if seed.is_multiple_of(2) { off } else { 0 });
        live(ledger, format!("owner-{host}"), dice.clone(), Rc::clone(&watch))
    });
    runtime.block_on(futures_util::future::join_all(hosts));
    watch.taken.load(Ordering::SeqCst)
}

#[test]
fn two_never_hold_it_at_once() {
    let mut taken = 0;
    for seed in 0..250 {
        let played = std::panic::catch_unwind(|| play(seed));
        taken += played.unwrap_or_else(|_| panic!("with seed {seed}"));
    }
    assert!(taken > 1500, "only {taken} locks were taken: this proves little");
}
