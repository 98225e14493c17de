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

/// Whatever was created is visible long before. Notes that are older are deleted, unless they have a text.
const OLD: Duration = Duration::from_hours(1);

/// A creation that was begun and is not known to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Creation {
    /// When it was begun; the last time, if there were several.
    pub at: Timestamp,
    /// The last text that was noted on it, such as the id under which it goes on.
    pub text: Option<String>,
}

/// For whoever looks at it by hand; the name has all of it.
#[derive(Serialize)]
struct Note<'a> {
    key: &'a str,
    at: Timestamp,
    run: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
}

impl Ledger {
    /// Notes that an object is about to be created. Durable once this returns.
    ///
    /// # Errors
    /// [`Error::Store`]: then do not create it.
    pub async fn creation_begun(&self, key: &str, at: Timestamp, run: &str) -> Result<()> {
        self.note_creation(Note { key, at, run, text: None }).await
    }

    /// Notes what is to be known of a creation that has begun, for as long as nothing else is known of it. Durable once this
    /// returns.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn creation_noted(&self, key: &str, at: Timestamp, run: &str, text: &str) -> Result<()> {
        self.note_creation(Note { key, at, run, text: Some(text) }).await
    }

    async fn note_creation(&self, note: Note<'_>) -> Result<()> {
        let mut parts = vec![name::time(note.at), name::encode(note.run), name::encode(note.key)];
        parts.extend(note.text.map(name::encode));
        self.store.create_once(&Path::from(format!("{FOLDER}/{}.json", parts.join(","))), &note).await
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

    /// The creations that were begun and are not known to be done, by key. Notes older than an hour are deleted and not told,
    /// but for those with a text.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn creations(&self) -> Result<BTreeMap<String, Creation>> {
        let (mut creations, mut old) = (BTreeMap::<String, Creation>::new(), Vec::new());
        for note in self.store.list(FOLDER).await? {
            let Some((key, Creation { at, text })) = parse(&note) else { continue };
            if text.is_none() && self.now().duration_since(at) > OLD.try_into().unwrap_or_default() {
                old.push(note.path);
                continue;
            }
            // In the order of their names, so the last one stays.
            let creation = creations.entry(key).or_insert(Creation { at, text: None });
            creation.at = at;
            creation.text = text.or(creation.text.take());
        }
        // It is no harm if they stay; whoever may only read gets his answer all the same.
        let _ = self.store.delete_all(old).await;
        Ok(creations)
    }
}

/// The key of a note and what it says; nothing if it is somebody's own file.
fn parse(listed: &Listed) -> Option<(String, Creation)> {
    let mut parts = listed.file().strip_suffix(".json")?.splitn(4, ',');
    let (at, _run, key) = (parts.next()?, parts.next()?, parts.next()?);
    let text = match parts.next() {
        Some(text) => Some(name::decode(text)?),
        None => None,
    };
    Some((name::decode(key)?, Creation { at: name::parse_time(at)?, text }))
}
