//! Taking a lock. Why it is safe is said in the module above.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::keeper::{Keeper, Lease};
use super::record::{Phase, Record, path};
use super::{Claim, Holder, HolderState, Lock};
use crate::store::Created;
use crate::{Error, Ledger, Result};

/// What came of one attempt.
enum Attempt {
    Taken(Box<Keeper>),
    Held(Box<Holder>),
    /// Somebody was faster, or it is not clear who holds it: look again.
    Again,
}

impl Ledger {
    /// Takes a lock, by the name of an account or `shared`. If somebody else has it, waits for as long as `wait` says, if
    /// it does; `on_wait` is told once of each holder that is waited for.
    ///
    /// # Errors
    /// [`Error::Held`] if somebody else has it; [`Error::Corrupt`] if its record cannot be read; [`Error::Store`].
    pub async fn lock(
        &self,
        name: &str,
        claim: &Claim,
        wait: Option<Duration>,
        on_wait: &(dyn Fn(&Holder) + Sync),
    ) -> Result<Lock> {
        let until = wait.map(|wait| Instant::now() + wait);
        self.take(name, claim, until, on_wait, CancellationToken::new()).await
    }

    pub(super) async fn take(
        &self,
        name: &str,
        claim: &Claim,
        until: Option<Instant>,
        on_wait: &(dyn Fn(&Holder) + Sync),
        lost: CancellationToken,
    ) -> Result<Lock> {
        let mut delays = self.delays();
        let mut told = None;
        loop {
            // A lost race means that somebody got on, so it is looked at again nearly at once.
            let mut delay = self.timing.tick() / 50;
            match self.attempt(name, claim).await? {
                Attempt::Taken(keeper) => return Ok(keeper.start(lost)),
                Attempt::Held(holder)
                    if self.stop.is_cancelled() || until.is_none_or(|until| until <= Instant::now()) =>
                {
                    return Err(Error::Held { holder });
                }
                Attempt::Held(holder) => {
                    if told.as_ref() != Some(&holder.run) {
                        on_wait(&holder);
                        told = Some(holder.run);
                        delays = self.delays();
                    }
                    delay = delays.next().unwrap_or(self.timing.heartbeat);
                }
                Attempt::Again => {}
            }
            let left = until.map_or(delay, |until| until.saturating_duration_since(Instant::now()));
            tokio::select! {
                () = sleep(delay.min(left)) => {}
                // What is not held by then is taken all the same: whoever asked sees by himself that he was stopped.
                () = self.stop.cancelled() => {}
            }
        }
    }

    /// From a fifth of a second to five seconds, with the default timing.
    fn delays(&self) -> impl Iterator<Item = Duration> + Send + use<> {
        ExponentialBuilder::default()
            .with_min_delay(self.timing.tick() / 5)
            .with_max_delay(self.timing.heartbeat / 3)
            .without_max_times()
            .with_jitter()
            .build()
    }

    async fn attempt(&self, name: &str, claim: &Claim) -> Result<Attempt> {
        let next = match self.next_generation(name).await? {
            Ok(next) => next,
            Err(attempt) => return Ok(attempt),
        };
        let lease = Lease::begin(self);
        let record = Record::new(self, name, claim);
        let path = path(name, next);
        let tag = match self.store.create(&path, &record).await {
            Ok(Created::New(tag)) => tag,
            Ok(Created::Taken) => match self.store.get::<Record>(&path).await? {
                Some(found) if found.nonce == record.nonce => None,
                _ => return Ok(Attempt::Again),
            },
            Err(error) => {
                // It may have been written nevertheless.
                let found = self.store.get::<Record>(&path).await;
                if found.is_ok_and(|found| found.is_some_and(|found| found.nonce == record.nonce)) {
                    self.withdraw(name, next, record).await;
                }
                return Err(error);
            }
        };
        let keeper = Keeper::new(self.clone(), next, record.clone(), lease, tag);
        match self.generations(name).await {
            Ok(all) if all.last().map(|(highest, _)| *highest) == Some(next) && !keeper.is_overdue() => {
                Ok(Attempt::Taken(Box::new(keeper)))
            }
            Ok(_) => {
                self.withdraw(name, next, record).await;
                Ok(Attempt::Again)
            }
            Err(error) => {
                self.withdraw(name, next, record).await;
                Err(error)
            }
        }
    }

    /// The number to create, if the lock is free.
    async fn next_generation(&self, name: &str) -> Result<Result<u64, Attempt>> {
        let Some(newest) = self.newest(name).await? else { return Ok(Ok(1)) };
        let next = newest.generation + 1;
        let record = &newest.record;
        if record.state != Phase::Held || record.process.is_gone(&self.process, self.store.is_folder()) {
            return Ok(Ok(next));
        }
        let held = |record: &Record| Attempt::Held(Box::new(record.holder(HolderState::Held)));
        if self.now() < record.expires {
            return Ok(Err(held(record)));
        }
        // First the time, then the record again: a renewal in between must be seen.
        let store_now = self.store.now().await?;
        match self.newest(name).await? {
            Some(again) if again.generation == newest.generation && again.record.state == Phase::Held => {
                let is_free = again.has_expired(self.now(), store_now);
                Ok(if is_free { Ok(next) } else { Err(held(&again.record)) })
            }
            _ => Ok(Err(Attempt::Again)),
        }
    }

    /// Gives up a number that was created. Below the highest it may go; the highest must stay. A failure does no harm:
    /// the record expires.
    async fn withdraw(&self, name: &str, generation: u64, record: Record) {
        let path = path(name, generation);
        let released = Record { state: Phase::Released, ..record };
        let Ok(all) = self.generations(name).await else {
            let _ = self.store.put(&path, &released).await;
            return;
        };
        let is_highest = all.last().is_none_or(|(highest, _)| *highest <= generation);
        let _ =
            if is_highest { self.store.put(&path, &released).await.map(drop) } else { self.store.delete(&path).await };
    }
}
