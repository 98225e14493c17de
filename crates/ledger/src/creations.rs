//! Notes on creations that were begun. Some of AWS's create calls take no idempotency token, and what they made may not
//! be visible at once; a run that finds such a note must look twice before it creates.
//!
//! Key and time are in the object's name, so one list tells all. `,` is the only separator that no part of it has.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;
use object_store::path::Path;
use serde::Serialize;

#[cfg(doc)]
use crate::Error;
use crate::store::Listed;
use crate::{Ledger, Result, name};

const FOLDER: &str = "creations";

/// Whatever was created is visible long before. Notes that are older are deleted.
const OLD: Duration = Duration::from_hours(1);

/// For whoever looks at it by hand; the name has all of it.
#[derive(Serialize)]
struct Note<'a> {
    key: &'a str,
    at: Timestamp,
    run: &'a str,
}

impl Ledger {
    /// Notes that an object is about to be created. Durable once this returns.
    ///
    /// # Errors
    /// [`Error::Store`]: then do not create it.
    pub async fn creation_begun(&self, key: &str, at: Timestamp, run: &str) -> Result<()> {
        let file = format!("{},{},{}.json", name::time(at), name::encode(run), name::encode(key));
        self.store.create_once(&Path::from(format!("{FOLDER}/{file}")), &Note { key, at, run }).await
    }

    /// Removes the notes on these keys: what was created has been seen, or was refused.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn creations_done(&self, keys: impl IntoIterator<Item = impl Into<String>>) -> Result<()> {
        let keys: BTreeSet<String> = keys.into_iter().map(Into::into).collect();
        if keys.is_empty() {
            return Ok(());
        }
        let all = self.store.list(FOLDER).await?;
        let done = all.into_iter().filter(|note| parse(note).is_some_and(|(noted, _)| keys.contains(&noted)));
        self.store.delete_all(done.map(|note| note.path).collect()).await
    }

    /// When the creation of each key was begun, if it is not known to be done; the last time, if there were several.
    /// Notes older than an hour are deleted and not told.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn creations(&self) -> Result<BTreeMap<String, Timestamp>> {
        let (mut creations, mut old) = (BTreeMap::new(), Vec::new());
        for note in self.store.list(FOLDER).await? {
            let Some((key, at)) = parse(&note) else { continue };
            if self.now().duration_since(at) > OLD.try_into().unwrap_or_default() {
                old.push(note.path);
            } else {
                // In the order of their names, so the last one stays.
                creations.insert(key, at);
            }
        }
        // It is no harm if they stay; whoever may only read gets his answer all the same.
        let _ = self.store.delete_all(old).await;
        Ok(creations)
    }
}

/// The key and the time of a note; nothing if it is somebody's own file.
fn parse(listed: &Listed) -> Option<(String, Timestamp)> {
    let mut parts = listed.file().strip_suffix(".json")?.splitn(3, ',');
    let (at, _run, key) = (parts.next()?, parts.next()?, parts.next()?);
    Some((name::decode(key)?, name::parse_time(at)?))
}
