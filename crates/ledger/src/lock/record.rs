//! What is written about a lock, and what is told of it.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use object_store::path::Path;
use serde::{Deserialize, Serialize};

use crate::store::Listed;
use crate::{Ledger, Process, Result, name};

/// Digits of a generation. Ten thousand million locks of one account will do.
const DIGITS: usize = 10;

/// Who wants a lock, and for what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Who: a name that colleagues know.
    pub owner: String,
    /// The command, such as `onboard`.
    pub command: String,
    /// The run's id.
    pub run: String,
}

/// Who holds a lock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Holder {
    /// What is locked.
    pub lock: String,
    /// Who.
    pub owner: String,
    /// The command.
    pub command: String,
    /// The run's id.
    pub run: String,
    /// The process.
    pub process: Process,
    /// When it was taken.
    pub since: Timestamp,
    /// When it was renewed.
    pub heartbeat: Timestamp,
    /// When others may take it.
    pub expires: Timestamp,
    /// Whether the holder lives.
    pub state: HolderState,
}

/// Whether a holder lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum HolderState {
    /// Renewed in time.
    Held,
    /// Not renewed in time: the next taker gets it.
    Expired,
    /// Its process ran on this host and is gone: the next taker gets it.
    Dead,
}

impl fmt::Display for Holder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { owner, command, run, process: Process { host, pid, .. }, since, .. } = self;
        let since = since.strftime("%Y-%m-%dT%H:%M:%SZ");
        write!(formatter, "held by {owner} on {host} (process {pid}) since {since} for {command}, run {run}")
    }
}

/// A generation's record.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Record {
    pub(super) lock: String,
    pub(super) state: Phase,
    pub(super) owner: String,
    pub(super) command: String,
    pub(super) run: String,
    #[serde(flatten)]
    pub(super) process: Process,
    pub(super) since: Timestamp,
    pub(super) heartbeat: Timestamp,
    pub(super) expires: Timestamp,
    /// Tells the owner his own record from another's.
    pub(super) nonce: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Phase {
    Held,
    Released,
    /// By the record's owner, who never held it.
    Broken,
}

impl Record {
    pub(super) fn new(ledger: &Ledger, lock: &str, claim: &Claim) -> Self {
        let now = ledger.now();
        let Claim { owner, command, run } = claim.clone();
        Self {
            lock: lock.to_owned(),
            state: Phase::Held,
            owner,
            command,
            run,
            process: ledger.process.clone(),
            since: now,
            heartbeat: now,
            expires: now + ledger.timing.ttl,
            nonce: name::nonce(),
        }
    }

    pub(super) fn holder(&self, state: HolderState) -> Holder {
        Holder {
            lock: self.lock.clone(),
            owner: self.owner.clone(),
            command: self.command.clone(),
            run: self.run.clone(),
            process: self.process.clone(),
            since: self.since,
            heartbeat: self.heartbeat,
            expires: self.expires,
            state,
        }
    }

    /// By the owner's own settings, which may be another version's.
    fn ttl(&self) -> Duration {
        self.expires.duration_since(self.heartbeat).try_into().unwrap_or_default()
    }
}

/// The highest generation of a lock.
#[derive(Clone, Debug)]
pub(super) struct Newest {
    pub(super) generation: u64,
    pub(super) record: Record,
    /// When it was written, by the store's clock.
    pub(super) modified: Timestamp,
}

impl Newest {
    /// Whether others may take it, given the present time by one's own clock and by the store's.
    pub(super) fn has_expired(&self, now: Timestamp, store_now: Timestamp) -> bool {
        self.record.expires <= now
            && store_now.duration_since(self.modified) >= self.record.ttl().try_into().unwrap_or_default()
    }
}

pub(super) fn folder(lock: &str) -> String {
    format!("locks/{}", name::encode(lock))
}

pub(super) fn path(lock: &str, generation: u64) -> Path {
    Path::from(format!("{}/{generation:0DIGITS$}.json", folder(lock)))
}

/// The generation of an object, or nothing if it is somebody's own file.
pub(super) fn generation(listed: &Listed) -> Option<u64> {
    let digits = listed.file().strip_suffix(".json")?;
    let is_number = digits.len() == DIGITS && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().ok()).flatten()
}

impl Ledger {
    /// All generations that are there, in their order.
    pub(super) async fn generations(&self, lock: &str) -> Result<Vec<(u64, Listed)>> {
        let all = self.store.list(&folder(lock)).await?;
        Ok(all.into_iter().filter_map(|listed| Some((generation(&listed)?, listed))).collect())
    }

    /// The highest generation, or nothing if the lock was never taken.
    pub(super) async fn newest(&self, lock: &str) -> Result<Option<Newest>> {
        loop {
            let Some((generation, listed)) = self.generations(lock).await?.pop() else { return Ok(None) };
            // The highest is never deleted; if it is gone, somebody did so by hand, or it is no longer the highest.
            if let Some(newest) = self.read_newest(lock, generation, &listed).await? {
                return Ok(Some(newest));
            }
        }
    }

    async fn read_newest(&self, lock: &str, generation: u64, listed: &Listed) -> Result<Option<Newest>> {
        let Some(record) = self.store.get::<Record>(&listed.path).await? else { return Ok(None) };
        if record.lock != lock {
            return Err(self.store.corrupt(&listed.path, &format!("it is a record of the lock {}", record.lock)));
        }
        Ok(Some(Newest { generation, record, modified: listed.modified }))
    }
}
