//! What can go wrong, and the way out of each.

use std::io;

use crate::{Cause, Holder};

/// The result of everything in this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why the ledger could not do it. [`Error::hint`] says what to do about it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The folder or the bucket refused, or could not be reached.
    #[error("cannot {action} {place}: {said}")]
    Store {
        /// What was tried, such as `write`.
        action: &'static str,
        /// The object, with the ledger's address.
        place: String,
        /// What kind of failure it is.
        cause: Cause,
        /// The system's message with its number, or S3's code, message and request id.
        said: String,
    },

    /// Somebody else has the lock.
    #[error("{} is locked: {holder}", holder.lock)]
    Held {
        /// Who.
        holder: Box<Holder>,
    },

    /// The lock was ours and is no longer.
    #[error("the lock of {lock} is lost: {why}")]
    Lost {
        /// Its name.
        lock: String,
        /// What happened.
        why: String,
    },

    /// An object is not what this program writes.
    #[error("{place} cannot be read: {said}")]
    Corrupt {
        /// The object, with the ledger's address.
        place: String,
        /// What is wrong with it, and where.
        said: String,
        /// The lock whose record it is, if it is one.
        lock: Option<String>,
    },

    /// Two different records of one name: the first is kept.
    #[error("{place} exists already, with another content")]
    Taken {
        /// The object, with the ledger's address.
        place: String,
    },

    /// No run has this id.
    #[error("no run is called {id}")]
    UnknownRun {
        /// What was asked for.
        id: String,
    },

    /// More than one run has this beginning or end.
    #[error("{id} may be any of {}", matches.join(", "))]
    AmbiguousRun {
        /// What was asked for.
        id: String,
        /// The ids that fit, newest first.
        matches: Vec<String>,
    },

    /// What a run did could not be written down.
    #[error("{entries} entries of the journal of run {run} are not written: {because}")]
    Journal {
        /// The run.
        run: String,
        /// How many nodes' outcomes are not in the journal.
        entries: usize,
        /// Why.
        because: Box<Self>,
    },
}

impl Error {
    /// What to do about it, in a sentence or two for the person at the terminal.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Store { cause, place, .. } => of_cause(*cause, place),
            Self::Held { holder } => format!(
                "wait until it is done, or, if it is certain that this run is dead, `orgstrap lock break {}`",
                holder.lock
            ),
            Self::Lost { .. } => "nothing more was begun: see with `orgstrap lock list` who has it, then run this \
                 again; it goes on where it stopped"
                .into(),
            Self::Corrupt { lock: Some(lock), .. } => format!(
                "if it is certain that no run has this lock, `orgstrap lock break {lock}`; do not delete the file: \
                 the numbers of a lock must never repeat"
            ),
            Self::Corrupt { place, .. } => {
                format!("the ledger is no source of truth: move {} away and run this again", path(place))
            }
            Self::Taken { .. } => "two runs share an id, or the clock was set back: run this again".into(),
            Self::UnknownRun { .. } => "`orgstrap runs` lists them; the beginning or the end of an id is enough".into(),
            Self::AmbiguousRun { .. } => "give more of the id".into(),
            Self::Journal { because, .. } => {
                format!("what was done in AWS is done, only its record is missing; {}", because.hint())
            }
        }
    }

    /// Makes an error of the store's.
    pub(crate) fn store(action: &'static str, place: String, error: &object_store::Error) -> Self {
        let (cause, said) = crate::cause::explain(error);
        Self::Store { action, place, cause, said }
    }

    /// Makes an error of the system's.
    pub(crate) fn io(action: &'static str, place: String, error: &io::Error) -> Self {
        Self::Store { action, place, cause: crate::cause::of_io(error), said: error.to_string() }
    }
}

/// What somebody types: a path without `file://`, or the address as it is.
pub(crate) fn path(place: &str) -> &str {
    place.strip_prefix("file://").unwrap_or(place)
}

fn of_cause(cause: Cause, place: &str) -> String {
    let is_bucket = place.starts_with("s3://");
    match cause {
        Cause::Full => "the disk is full: make room and run this again".into(),
        Cause::ReadOnly => format!("the disk is read-only: {ELSEWHERE}"),
        Cause::Denied if is_bucket => "allow these credentials s3:ListBucket on the bucket and s3:GetObject, \
             s3:PutObject and s3:DeleteObject on its objects (with a key of one's own also kms:GenerateDataKey and \
             kms:Decrypt)"
            .into(),
        Cause::Denied => format!("make the folder one that you may write to (see `ls -ld`), or {ELSEWHERE}"),
        Cause::NotAFolder => format!("a file is where a folder should be: move it away, or {ELSEWHERE}"),
        Cause::NoBucket => {
            format!("create it (aws s3 mb s3://{}), or correct the url under [ledger]", bucket_name(place))
        }
        Cause::OtherRegion => "name the bucket's region (aws s3api get-bucket-location), or use a bucket of the \
             fleet's region"
            .into(),
        Cause::Credentials => "renew the credentials (aws sts get-caller-identity tells whose they are) and run \
             this again; if S3 speaks of time, set the clock"
            .into(),
        Cause::Unreachable => "check the network and the endpoint, and run this again".into(),
        Cause::Other if is_bucket => "run this again; the code is explained in the S3 API reference, \"Error \
             responses\""
            .into(),
        Cause::Other => format!("the file system must be able to link and rename files; {ELSEWHERE}"),
    }
}

const ELSEWHERE: &str = "name another folder or a bucket with --ledger, or as url under [ledger] in orgstrap.toml";

fn bucket_name(place: &str) -> &str {
    place.strip_prefix("s3://").and_then(|rest| rest.split('/').next()).unwrap_or(place)
}
