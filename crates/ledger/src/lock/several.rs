//! Several locks at once: all of them or none.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::{FutureExt, StreamExt, stream};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{Claim, Holder, Lock};
use crate::{Error, Ledger, Result};

/// How many are tried at once.
const AT_ONCE: usize = 16;

/// Locks that were taken together. The loss of one is the loss of all.
#[derive(Debug, Default)]
#[must_use = "locks that are dropped are released"]
pub struct Locks {
    locks: Vec<Lock>,
    lost: CancellationToken,
}

impl Locks {
    /// Cancelled when any of them is lost: then nothing more may be begun.
    pub fn lost(&self) -> CancellationToken {
        self.lost.clone()
    }

    /// Which is lost and why, if one is.
    pub fn why_lost(&self) -> Option<Error> {
        self.locks.iter().find_map(Lock::why_lost)
    }

    /// Each of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Lock> {
        self.locks.iter()
    }

    /// Gives all of them back.
    ///
    /// # Errors
    /// The first that failed; the others are given back nevertheless.
    pub async fn release(self) -> Result<()> {
        let released = self.locks.into_iter().map(Lock::release);
        futures_util::future::join_all(released).await.into_iter().fold(Ok(()), Result::and)
    }
}

impl Ledger {
    /// Takes several locks, all or none. `wait` is for all together.
    ///
    /// They are first tried at once: thousands one after the other would take minutes in S3. If one is held, and there is
    /// time to wait, all are given back and taken one after the other in the order of their names. So of two runs that
    /// want the same ones neither waits for the other with a lock that the other wants.
    ///
    /// # Errors
    /// Those of [`Ledger::lock`]. What was taken is then given back.
    pub async fn lock_all(
        &self,
        names: impl IntoIterator<Item = impl Into<String>>,
        claim: &Claim,
        wait: Option<Duration>,
        on_wait: &(dyn Fn(&Holder) + Sync),
    ) -> Result<Locks> {
        let names: BTreeSet<String> = names.into_iter().map(Into::into).collect();
        let until = wait.map(|wait| Instant::now() + wait);
        match self.take_all(&names, claim, None, AT_ONCE, &|_| ()).await {
            Err(Error::Held { .. }) if until.is_some() => self.take_all(&names, claim, until, 1, on_wait).await,
            result => result,
        }
    }

    async fn take_all(
        &self,
        names: &BTreeSet<String>,
        claim: &Claim,
        until: Option<Instant>,
        at_once: usize,
        on_wait: &(dyn Fn(&Holder) + Sync),
    ) -> Result<Locks> {
        let lost = CancellationToken::new();
        let mut locks = Locks { locks: Vec::new(), lost: lost.clone() };
        let is_refused = AtomicBool::new(false);
        let mut takes: Vec<BoxFuture<'_, Option<Result<Lock>>>> = Vec::with_capacity(names.len());
        for name in names {
            let (is_refused, lost) = (&is_refused, lost.clone());
            let take = async move {
                // After a refusal no more are begun; those under way are finished, or nobody could give them back.
                if is_refused.load(Ordering::Relaxed) {
                    return None;
                }
                let result = self.take(name, claim, until, on_wait, lost).await;
                is_refused.fetch_or(result.is_err(), Ordering::Relaxed);
                Some(result)
            };
            takes.push(take.boxed());
        }
        let mut takes = stream::iter(takes).buffered(at_once);
        let mut refusal = None;
        while let Some(taken) = takes.next().await {
            match taken {
                Some(Ok(lock)) => locks.locks.push(lock),
                Some(Err(error)) => refusal = refusal.or(Some(error)),
                None => {}
            }
        }
        // One of the first may have been lost while the last was waited for.
        match refusal.or_else(|| locks.why_lost()) {
            Some(error) => {
                // What cannot be given back expires, and the first error is the one to tell.
                let _ = locks.release().await;
                Err(error)
            }
            None => Ok(locks),
        }
    }
}
