//! Seeing all locks, and breaking one.

use std::collections::BTreeMap;

use super::record::{Newest, Phase, Record, generation, path};
use super::{Claim, Holder, HolderState};
use crate::store::Created;
use crate::{Error, Ledger, Result};

/// What breaking a lock came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Broken {
    /// It was this one's.
    Holder(Box<Holder>),
    /// It was nobody's. Nothing was changed.
    Nobody,
    /// Whose it was could not be read.
    Unreadable,
}

impl Ledger {
    /// All locks that somebody holds, by name, with those whose holder is gone.
    ///
    /// # Errors
    /// [`Error::Corrupt`] if a record cannot be read; [`Error::Store`].
    pub async fn locks(&self) -> Result<Vec<Holder>> {
        let mut newest = BTreeMap::new();
        for listed in self.store.list("locks").await? {
            // In the order of their names, so the highest generation comes last.
            if let (Some(folder), Some(_)) = (listed.path.parts().nth(1), generation(&listed)) {
                newest.insert(folder.as_ref().to_owned(), listed);
            }
        }
        let (paths, times): (Vec<_>, Vec<_>) =
            newest.into_values().map(|listed| (listed.path, listed.modified)).unzip();
        let reads = paths.iter().map(|path| self.store.get::<Record>(path));
        let mut holders = Vec::new();
        for (record, modified) in futures_util::future::try_join_all(reads).await?.into_iter().zip(times) {
            let Some(record) = record.filter(|record| record.state == Phase::Held) else { continue };
            holders.push(self.holder(&Newest { generation: 0, record, modified }));
        }
        Ok(holders)
    }

    /// Who holds a lock, if somebody does, be it one who is gone.
    ///
    /// # Errors
    /// [`Error::Corrupt`] if its record cannot be read; [`Error::Store`].
    pub async fn holder_of(&self, lock: &str) -> Result<Option<Holder>> {
        let newest = self.newest(lock).await?;
        Ok(newest.filter(|newest| newest.record.state == Phase::Held).map(|newest| self.holder(&newest)))
    }

    /// Takes a lock away from whoever holds it. A holder that lives notices at its next heartbeat and stops; until then
    /// two runs may act at once, so this is for what is certainly dead.
    ///
    /// # Errors
    /// [`Error::Held`] by another one if the lock has passed on meanwhile; [`Error::Store`].
    pub async fn break_lock(&self, lock: &str, by: &str) -> Result<Broken> {
        let (number, broken) = match self.newest(lock).await {
            Ok(Some(newest)) if newest.record.state == Phase::Held => {
                (newest.generation, Broken::Holder(Box::new(self.holder(&newest))))
            }
            Ok(_) => return Ok(Broken::Nobody),
            Err(Error::Corrupt { .. }) => {
                let all = self.generations(lock).await?;
                (all.last().map_or(0, |(highest, _)| *highest), Broken::Unreadable)
            }
            Err(error) => return Err(error),
        };
        let run = if let Broken::Holder(holder) = &broken { holder.run.clone() } else { String::new() };
        let claim = Claim { owner: by.to_owned(), command: "lock break".to_owned(), run };
        let record = Record { state: Phase::Broken, ..Record::new(self, lock, &claim) };
        let path = path(lock, number + 1);
        let created = self.store.create(&path, &record).await?;
        let all = self.generations(lock).await?;
        let is_highest = all.last().is_none_or(|(highest, _)| *highest == number + 1);
        match created {
            Created::New(_) if is_highest => return Ok(broken),
            // Slow, as a taker may be: the number was tidied long ago.
            Created::New(_) => self.store.delete(&path).await?,
            Created::Taken => {}
        }
        match self.newest(lock).await? {
            Some(newest) if newest.record.state == Phase::Held => {
                Err(Error::Held { holder: Box::new(self.holder(&newest)) })
            }
            // Broken by somebody else, or by our own call whose answer was lost, or given back.
            _ => Ok(broken),
        }
    }

    /// For showing only: a lister need not be allowed to write, so nobody asks the store what time it is.
    fn holder(&self, newest: &Newest) -> Holder {
        let now = self.now();
        let state = if newest.record.process.is_gone(&self.process, self.store.is_folder()) {
            HolderState::Dead
        } else if newest.has_expired(now, now) {
            HolderState::Expired
        } else {
            HolderState::Held
        };
        newest.record.holder(state)
    }
}
