//! The background task of a lock that is ours: renews it, notices its loss, releases it.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::Lock;
use super::record::{Phase, Record, path};
use crate::{Error, Ledger, Result};

/// From when on a lock's time counts: from before the write began, by two clocks. The system's clock may be set, and
/// the monotonic one stands still while a machine is suspended, so whichever says more counts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lease {
    since: Timestamp,
    instant: Instant,
}

impl Lease {
    pub(super) fn begin(ledger: &Ledger) -> Self {
        Self { since: ledger.now(), instant: Instant::now() }
    }

    fn age(self, ledger: &Ledger) -> Duration {
        let by_system: Duration = ledger.now().duration_since(self.since).try_into().unwrap_or_default();
        by_system.max(self.instant.elapsed())
    }
}

pub(super) struct Keeper {
    ledger: Ledger,
    generation: u64,
    record: Record,
    lease: Lease,
    /// The entity tag of our last write, if it is known.
    tag: Option<String>,
    /// Why the last renewal failed, if it did.
    failure: Option<String>,
    lost: CancellationToken,
    why: Arc<OnceLock<String>>,
}

impl Keeper {
    pub(super) fn new(ledger: Ledger, generation: u64, record: Record, lease: Lease, tag: Option<String>) -> Self {
        let (lost, why) = (CancellationToken::new(), Arc::new(OnceLock::new()));
        Self { ledger, generation, record, lease, tag, failure: None, lost, why }
    }

    /// Whether the owner may no longer act.
    pub(super) fn is_overdue(&self) -> bool {
        self.lease.age(&self.ledger) >= self.ledger.timing.lease()
    }

    pub(super) fn start(mut self, lost: CancellationToken) -> Lock {
        self.lost = lost.clone();
        let (orders, received) = mpsc::channel(1);
        let (name, generation, why) = (self.record.lock.clone(), self.generation, Arc::clone(&self.why));
        let keeper = tokio::spawn(self.keep(received));
        Lock { name, generation, lost, why, orders, keeper }
    }

    async fn keep(mut self, mut orders: mpsc::Receiver<oneshot::Sender<Result<()>>>) -> Result<()> {
        self.tidy().await;
        loop {
            tokio::select! {
                biased;
                order = orders.recv() => match order {
                    Some(answer) => {
                        // Whoever asked may have gone.
                        let _ = answer.send(self.renew().await);
                    }
                    None => return self.release().await,
                },
                () = sleep(self.ledger.timing.tick()) => {
                    self.lose_if_overdue();
                    let is_due = self.lease.age(&self.ledger) >= self.ledger.timing.heartbeat;
                    if is_due && self.why.get().is_none() {
                        // A failure is remembered, and tried again with the next tick.
                        let _ = self.renew().await;
                    }
                }
            }
            if let Some(error) = self.loss() {
                return Err(error);
            }
        }
    }

    /// Renews, unless time runs out meanwhile.
    async fn renew(&mut self) -> Result<()> {
        let (ledger, lease) = (self.ledger.clone(), self.lease);
        let overdue = async {
            while lease.age(&ledger) < ledger.timing.lease() {
                sleep(ledger.timing.tick()).await;
            }
        };
        let renewed = tokio::select! {
            biased;
            () = overdue => Ok(()),
            renewed = self.renew_once() => renewed,
        };
        if let Err(error) = &renewed {
            self.failure = Some(error.to_string());
        }
        self.lose_if_overdue();
        self.loss().map_or(renewed, Err)
    }

    async fn renew_once(&mut self) -> Result<()> {
        let all = self.ledger.generations(&self.record.lock).await?;
        let highest = all.last().map(|(generation, _)| *generation);
        if highest.is_some_and(|highest| highest > self.generation) {
            let why = self.successor().await;
            self.lose(why);
            return Ok(());
        }
        let Some((_, listed)) = all.last().filter(|(generation, _)| *generation == self.generation) else {
            self.lose("its record was deleted".to_owned());
            return Ok(());
        };
        if let (Some(ours), Some(found)) = (&self.tag, &listed.tag)
            && ours != found
        {
            self.lose("somebody else wrote its record".to_owned());
            return Ok(());
        }
        let lease = Lease::begin(&self.ledger);
        self.record.heartbeat = lease.since;
        self.record.expires = lease.since + self.ledger.timing.ttl;
        // Until it is known what came of the write, the tag is not.
        self.tag = None;
        self.tag = self.ledger.store.put(&path(&self.record.lock, self.generation), &self.record).await?;
        // It has to come through before the time runs out: after that, somebody may have taken over in between, and it went
        // to a number that nobody looks at. The timer alone does not see that, for it stands still in a suspended machine.
        if !self.is_overdue() {
            (self.lease, self.failure) = (lease, None);
        }
        Ok(())
    }

    /// Who has the lock now.
    async fn successor(&self) -> String {
        match self.ledger.newest(&self.record.lock).await {
            Ok(Some(newest)) if newest.record.state == Phase::Broken => {
                let Record { owner, process, since, .. } = newest.record;
                let since = since.strftime("%Y-%m-%dT%H:%M:%SZ");
                format!("{owner} on {} broke it at {since}", process.host)
            }
            Ok(Some(newest)) => {
                let Record { owner, process, run, .. } = newest.record;
                format!("it was taken over by {owner} on {} for run {run}", process.host)
            }
            _ => "somebody else took it over".to_owned(),
        }
    }

    async fn release(mut self) -> Result<()> {
        self.lose_if_overdue();
        if let Some(error) = self.loss() {
            return Err(error);
        }
        self.record.state = Phase::Released;
        self.record.heartbeat = self.ledger.now();
        self.ledger.store.put(&path(&self.record.lock, self.generation), &self.record).await.map(drop)
    }

    /// Deletes the generations before the last. What is left lying is tidied by the next holder.
    async fn tidy(&self) {
        let Ok(all) = self.ledger.generations(&self.record.lock).await else { return };
        let old = all.into_iter().filter(|(generation, _)| generation + 1 < self.generation);
        let _ = self.ledger.store.delete_all(old.map(|(_, listed)| listed.path).collect()).await;
    }

    fn lose_if_overdue(&self) {
        if self.is_overdue() && self.why.get().is_none() {
            let failure = self.failure.as_ref().map(|failure| format!(": {failure}")).unwrap_or_default();
            self.lose(format!("it could not be renewed in time{failure}"));
        }
    }

    fn lose(&self, why: String) {
        // The first reason stands.
        let _ = self.why.set(why);
        self.lost.cancel();
    }

    fn loss(&self) -> Option<Error> {
        self.why.get().map(|why| Error::Lost { lock: self.record.lock.clone(), why: why.clone() })
    }
}
