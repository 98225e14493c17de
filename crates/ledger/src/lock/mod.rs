//! Locks: at most one run changes an account at a time.
//!
//! A lock is a sequence of generations, `locks/<name>/0000000007.json`. The record with the highest number says who
//! holds it, unless it is marked as released or broken, or has expired. Taking the lock is the conditional creation of
//! the next number. Nothing else is asked of the store: a folder has no conditional overwrite, S3 has (`If-Match`), and
//! one algorithm for both is one proof.
//!
//! What is relied on:
//!
//! - Of two conditional creations of one name at most one succeeds. S3: "Conditional writes", `If-None-Match`. Folder:
//!   link(2) fails with `EEXIST`.
//! - A list shows what was written before it began. S3: strong consistency since 2020. Folder: Linux reads the entries
//!   of a small directory in one go, with the directory locked. Elsewhere an entry that is being replaced may be
//!   missed (readdir(3p)); then the generation before it, which is always kept, leads to a creation that is refused.
//!
//! The rules, and why each race is harmless:
//!
//! 1. *Numbers never repeat.* The highest record is never deleted: release and break write, they do not delete; whoever
//!    tidies deletes only what is two or more below his own number.
//! 2. *An owner writes only the number that he created.* So an owner that was paused, overtaken and woken up rewrites,
//!    or revives, an old number, which nobody looks at and the next taker tidies. He can never write the new holder's
//!    record. (Should somebody have deleted records by hand, so that a number repeats, the entity tag shows it: each
//!    renewal compares the tag with that of its last write.)
//! 3. *Two takers at once* create the same number; the store refuses one of them, which then looks again.
//! 4. *A slow taker* may create a number that was tidied meanwhile. After each creation the taker lists again, and if his
//!    number is not the highest he deletes it and starts over. Others see the higher number all the while.
//! 5. *A taker whose answer was lost*, or whose store's client repeated the call, finds the number taken, by himself: each
//!    record has a nonce.
//! 6. *An owner counts from before his write began*, by the system's clock and by the monotonic one, whichever says
//!    more: for `ttl - margin` after that he may act. Then the lock is lost, for good, whatever still comes of a write in
//!    flight. Others take over `ttl` after the write at the earliest.
//! 7. *Clocks that differ* cannot shorten that: the taker compares the record's time by the store's clock with the present
//!    time by the store's clock, which he learns by writing a probe, *and* waits for the record's own `expires` by his own.
//!    He learns the store's time before he reads the record's, so a renewal between the two is seen.
//!    A renewal after he read it was begun by an owner whose time had run out by rule 6.
//! 8. *An owner on the same host whose process is gone* cannot act: he is replaced at once; see
//!    [`Process`] for what "gone" takes.
//! 9. *Release comes after the last renewal*: one task does both, one after the other.
//!
//! A broken lock is the exception that its name says: the next run may begin at once, and the broken one notices at its
//! next renewal, a heartbeat later. AWS knows no fencing tokens, so calls in flight can never be taken back; that is what
//! the margin is for.

mod keeper;
mod overview;
mod record;
mod several;
mod take;

use std::fmt;
use std::sync::{Arc, OnceLock};

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

#[cfg(doc)]
use crate::Process;
use crate::{Error, Result};

pub use overview::Broken;
pub use record::{Claim, Holder, HolderState};
pub use several::Locks;

/// A lock that is ours, renewed in the background until it is released.
///
/// Dropped without [`Lock::release`], it is released in the background if the runtime still runs. If not, the next run
/// on this host sees that the process is gone, and runs elsewhere wait for the expiry.
#[must_use = "a lock that is dropped is released"]
pub struct Lock {
    name: String,
    generation: u64,
    lost: CancellationToken,
    why: Arc<OnceLock<String>>,
    /// Each asks for a renewal. Closed, it asks for the release.
    orders: mpsc::Sender<oneshot::Sender<Result<()>>>,
    keeper: JoinHandle<Result<()>>,
}

impl Lock {
    /// What is locked.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its number: each holder has a higher one than those before.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// Cancelled when the lock could not be renewed in time, or somebody broke it: then nothing more may be begun.
    pub fn lost(&self) -> CancellationToken {
        self.lost.clone()
    }

    /// Why it is lost, if it is.
    pub fn why_lost(&self) -> Option<Error> {
        self.why.get().map(|why| Error::Lost { lock: self.name.clone(), why: why.clone() })
    }

    /// Renews it now, to be certain before what cannot be taken back.
    ///
    /// # Errors
    /// [`Error::Lost`] if it is lost; [`Error::Store`] if it cannot be told just now.
    pub async fn confirm(&self) -> Result<()> {
        let (answer, answered) = oneshot::channel();
        if self.orders.send(answer).await.is_ok()
            && let Ok(result) = answered.await
        {
            return result;
        }
        Err(self.ended())
    }

    /// Gives it back.
    ///
    /// # Errors
    /// [`Error::Lost`] if it was lost before; [`Error::Store`] if the release cannot be written, and others have to wait
    /// for the expiry.
    pub async fn release(self) -> Result<()> {
        let Self { name, orders, keeper, why, .. } = self;
        drop(orders);
        keeper.await.unwrap_or_else(|_| {
            let why = why.get().cloned().unwrap_or_else(|| "its renewal was stopped".to_owned());
            Err(Error::Lost { lock: name, why })
        })
    }

    fn ended(&self) -> Error {
        self.why_lost()
            .unwrap_or_else(|| Error::Lost { lock: self.name.clone(), why: "its renewal was stopped".to_owned() })
    }
}

impl fmt::Debug for Lock {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = formatter.debug_struct("Lock");
        debug.field("name", &self.name).field("generation", &self.generation).finish_non_exhaustive()
    }
}
