//! The journal of runs: what each meant to do and what came of it. It only grows, and holds no values and no secrets.

mod read;
mod writer;

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use object_store::path::Path;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::store::Created;
use crate::{Error, Ledger, Process, Result};
use writer::{Unwritten, Writer};

/// What a run is, as its command knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Begin {
    /// Its id, from [`Ledger::run_id`].
    pub id: String,
    /// The command, such as `onboard`.
    pub command: String,
    /// The names of the accounts it is about.
    pub accounts: Vec<String>,
    /// Who: a name that colleagues know.
    pub owner: String,
    /// The version of the program.
    pub version: String,
}

/// How a run began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Start {
    /// Its id.
    pub id: String,
    /// The command.
    pub command: String,
    /// The names of the accounts it is about.
    pub accounts: Vec<String>,
    /// Who.
    pub owner: String,
    /// The process.
    #[serde(flatten)]
    pub process: Process,
    /// The version of the program.
    pub version: String,
    /// When.
    pub started: Timestamp,
}

/// What is planned for one node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// The node's key.
    pub key: String,
    /// What is to be done, such as `update`.
    pub action: String,
    /// The names of the fields that change. Never their values.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
}

/// How one node ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settled {
    /// When.
    pub at: Timestamp,
    /// The node's key.
    pub key: String,
    /// One word, such as `created`.
    pub outcome: String,
    /// The object's id in AWS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What failed, with AWS's code and request id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// When.
    pub ended: Timestamp,
    /// One word, such as `done` or `partly`.
    pub exit: String,
    /// How many nodes ended in which way.
    pub counts: BTreeMap<String, u64>,
}

/// Whether a run goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunState {
    /// It wrote its end.
    Ended,
    /// It wrote no end, and its process lives on this host, or it holds a lock.
    Running,
    /// It wrote no end, and neither is so. A run on another host that holds no lock shows as this, too: nobody can tell.
    Interrupted,
}

/// A run in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Run {
    /// How it began.
    pub start: Start,
    /// How it ended, if it did.
    pub end: Option<End>,
    /// Whether it goes on.
    pub state: RunState,
}

/// All that is known of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RunDetails {
    /// As in the list.
    pub run: Run,
    /// What it meant to do, if it came to that.
    pub plan: Option<Vec<Step>>,
    /// How nodes ended, in the order of that.
    pub settled: Vec<Settled>,
}

/// The journal of a run that goes on. Dropped without [`Journal::end`], it writes what it has, and the run counts as
/// interrupted.
pub struct Journal {
    ledger: Ledger,
    id: String,
    entries: mpsc::UnboundedSender<Settled>,
    writer: JoinHandle<Result<(), Unwritten>>,
}

impl Ledger {
    /// Writes down that a run begins.
    ///
    /// # Errors
    /// [`Error::Taken`] if there is a run of this id; [`Error::Store`].
    pub async fn begin(&self, begin: Begin) -> Result<Journal> {
        let Begin { id, command, accounts, owner, version } = begin;
        let (process, started) = (self.process.clone(), self.now());
        let start = Start { id: id.clone(), command, accounts, owner, process, version, started };
        let path = object(&id, "start");
        if self.store.create(&path, &start).await? == Created::Taken
            && self.store.get::<Start>(&path).await?.as_ref() != Some(&start)
        {
            return Err(Error::Taken { place: self.store.place(&path) });
        }
        let (entries, received) = mpsc::unbounded_channel();
        let writer = tokio::spawn(Writer::new(self.store.clone(), id.clone()).write(received));
        Ok(Journal { ledger: self.clone(), id, entries, writer })
    }
}

impl Journal {
    /// The run's id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Writes down what is meant to be done, before it is.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn plan(&self, steps: &[Step]) -> Result<()> {
        self.ledger.store.put(&object(&self.id, "plan"), &steps).await.map(drop)
    }

    /// Notes how a node ended. It is written in the background, within a second or so; what cannot be written is tried
    /// again, and [`Journal::end`] tells.
    pub fn settled(&self, settled: Settled) {
        // The writer ends only after this sender is gone. Should it have panicked, the end tells.
        let _ = self.entries.send(settled);
    }

    /// Writes what is left, and how the run ended.
    ///
    /// # Errors
    /// [`Error::Journal`] if entries could not be written, [`Error::Store`] if only the end could not.
    pub async fn end(self, exit: &str, counts: BTreeMap<String, u64>) -> Result<()> {
        let Self { ledger, id, entries, writer } = self;
        drop(entries);
        let written = writer.await;
        let end = End { ended: ledger.now(), exit: exit.to_owned(), counts };
        let ended = ledger.store.put(&object(&id, "end"), &end).await;
        match written {
            Ok(Ok(())) => ended.map(drop),
            Ok(Err(Unwritten { entries, error })) => Err(Error::Journal { run: id, entries, because: Box::new(error) }),
            Err(panic) => {
                let place = ledger.store.place(&Path::from(format!("runs/{id}")));
                Err(Error::Store { action: "write", place, cause: crate::Cause::Other, said: panic.to_string() })
            }
        }
    }
}

impl fmt::Debug for Journal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Journal").field("id", &self.id).finish_non_exhaustive()
    }
}

fn folder(run: &str) -> String {
    format!("runs/{}", crate::name::encode(run))
}

fn object(run: &str, what: &str) -> Path {
    Path::from(format!("{}/{what}.json", folder(run)))
}
