//! Several locks at once: all of them or none.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{Claim, Holder, Lock};
use crate::{Error, Ledger, Result};

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
    /// Takes several locks, all or none. They are taken one after the other in the order of their names, so of two runs
    /// that want the same ones neither waits for the other with a lock that the other wants. `wait` is for all together.
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
        let mut locks = Locks::default();
        for name in names {
            match self.take(&name, claim, until, on_wait, locks.lost()).await {
                Ok(lock) => locks.locks.push(lock),
                Err(error) => {
                    // What cannot be given back expires, and the first error is the one to tell.
                    let _ = locks.release().await;
                    return Err(error);
                }
            }
        }
        // One of the first may have been lost while the last was waited for.
        match locks.why_lost() {
            Some(error) => {
                let _ = locks.release().await;
                Err(error)
            }
            None => Ok(locks),
        }
    }
}
