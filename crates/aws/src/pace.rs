//! How fast AWS Organizations is called. It allows few calls a second, for the whole organization, and refuses changes that
//! overlap: so changes take turns, of what only reads a few go at once, and after a throttle all attempts keep a distance,
//! which grows with each more and shrinks while there are none. Nobody else is held up by it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Mutex as Turn, OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep_until};

/// After the first throttle.
const FIRST: Duration = Duration::from_millis(500);
/// Organizations refills some operations with one call in several seconds (Organizations user guide, "Throttle limits").
const LONGEST: Duration = Duration::from_secs(5);
/// What a throttle makes of the distance, and an attempt that is none: a little more than what is allowed is soon found out,
/// and what was found out is not forgotten at once.
const LONGER: f64 = 1.5;
const SHORTER: f64 = 0.98;
/// How many reads go at once: less than the bursts that are allowed (Organizations user guide, "Throttle limits").
const READS: usize = 4;

/// What an attempt does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Does {
    /// It only looks.
    Read,
    /// It may change something.
    Change,
}

/// The distance between attempts, shared by all who make them.
#[derive(Clone, Debug)]
pub(crate) struct Pace {
    /// Who is under way, each kind in the order in which they came.
    changes: Arc<Semaphore>,
    reads: Arc<Semaphore>,
    /// Who is next to begin.
    turn: Arc<Turn<()>>,
    state: Arc<Mutex<State>>,
}

impl Default for Pace {
    fn default() -> Self {
        let of = |permits| Arc::new(Semaphore::new(permits));
        Self { changes: of(1), reads: of(READS), turn: Arc::default(), state: Arc::default() }
    }
}

#[derive(Debug, Default)]
struct State {
    distance: Duration,
    last: Option<Instant>,
}

impl Pace {
    /// Waits until it is the caller's turn, and long enough after the attempt before. The attempt is under way as long as
    /// what this gives is kept.
    pub(crate) async fn turn(&self, does: Does) -> Option<OwnedSemaphorePermit> {
        let under_way = if does == Does::Read { &self.reads } else { &self.changes };
        // Nobody closes them.
        let permit = Arc::clone(under_way).acquire_owned().await.ok();
        let _turn = self.turn.lock().await;
        let next = {
            let state = self.state();
            state.last.map(|last| last + state.distance)
        };
        if let Some(next) = next {
            sleep_until(next).await;
        }
        self.state().last = Some(Instant::now());
        permit
    }

    /// An attempt was answered that there were too many.
    pub(crate) fn throttled(&self) {
        let mut state = self.state();
        state.distance = state.distance.mul_f64(LONGER).clamp(FIRST, LONGEST);
    }

    /// An attempt was answered otherwise.
    pub(crate) fn passed(&self) {
        let mut state = self.state();
        let shorter = state.distance.mul_f64(SHORTER);
        state.distance = if shorter < FIRST / 10 { Duration::ZERO } else { shorter };
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// When each of so many attempts had its turn, in milliseconds; those of `throttled` were too many.
    async fn turns(attempts: usize, throttled: impl Fn(usize) -> bool) -> Vec<u128> {
        let (pace, began, mut turns) = (Pace::default(), Instant::now(), Vec::new());
        for attempt in 0..attempts {
            let turn = pace.turn(Does::Change).await;
            turns.push(began.elapsed().as_millis());
            drop(turn);
            if throttled(attempt) { pace.throttled() } else { pace.passed() }
        }
        turns
    }

    #[tokio::test(start_paused = true)]
    async fn who_is_not_throttled_does_not_wait() {
        assert!(turns(100, |_| false).await.iter().all(|at| *at == 0));
    }

    #[tokio::test(start_paused = true)]
    async fn each_throttle_makes_the_distance_longer_up_to_five_seconds() {
        let turns = turns(9, |_| true).await;
        let distances: Vec<_> = turns.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert!(
            distances.iter().zip([500, 750, 1125, 1687, 2531, 3796, 5000]).all(|(one, meant)| one.abs_diff(meant) < 5),
            "{distances:?}"
        );
        assert!(distances.last().is_some_and(|last| last.abs_diff(5000) < 5), "{distances:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn it_becomes_faster_again() {
        let turns = turns(80, |attempt| attempt < 2).await;
        let (early, late) = (turns[3] - turns[2], turns[79] - turns[78]);
        assert!(early > 700 && late < 200, "{early} ms, then {late} ms");
    }

    #[tokio::test(start_paused = true)]
    async fn of_what_only_reads_a_few_go_at_once_and_beside_a_change() {
        let pace = Pace::default();
        let _change = pace.turn(Does::Change).await;
        let mut reads = Vec::new();
        for _ in 0..READS {
            reads.push(pace.turn(Does::Read).await);
        }
        let more = tokio::time::timeout(LONGEST, pace.turn(Does::Read)).await;
        assert!(more.is_err(), "{READS} are under way");
        reads.pop();
        assert!(tokio::time::timeout(LONGEST, pace.turn(Does::Read)).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn changes_go_one_at_a_time_in_the_order_in_which_they_came() {
        let pace = Pace::default();
        let first = pace.turn(Does::Change).await;
        let order = Arc::new(Mutex::new(Vec::new()));
        let others: Vec<_> = (0..4)
            .map(|number| {
                let (pace, order) = (pace.clone(), Arc::clone(&order));
                tokio::spawn(async move {
                    let _turn = pace.turn(Does::Change).await;
                    order.lock().unwrap_or_else(PoisonError::into_inner).push(number);
                })
            })
            .collect();
        tokio::task::yield_now().await;
        assert!(order.lock().unwrap_or_else(PoisonError::into_inner).is_empty(), "one is still under way");
        drop(first);
        for other in others {
            assert!(other.await.is_ok());
        }
        assert_eq!(*order.lock().unwrap_or_else(PoisonError::into_inner), [0, 1, 2, 3]);
    }
}
