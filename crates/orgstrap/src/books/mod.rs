//! What a run that changes something keeps in the ledger: its locks while it works, its journal, the notes on creations
//! that it begins, and the policy documents that it replaces.

mod place;

use std::collections::BTreeMap;
use std::env;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use engine::{Action, CreationLog, Creations, Earlier, Event, Key, Outcome, Plan, Report, Stage};
use futures_util::future::{BoxFuture, FutureExt, join_all};
use jiff::Timestamp;
use ledger::{Begin, Claim, Inventory, Journal, Ledger, Locks, Replaced, Settled, Step};
use tokio_util::sync::CancellationToken;

use crate::cli::Global;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::policy_fields;
use crate::render::Ui;

pub(crate) use place::{of_reader, of_run, prove};

/// The lock of the documents that belong to no single account: the organization, and what the common account shares.
pub(crate) const SHARED: &str = "shared";

/// The books of one run.
pub(crate) struct Books {
    ledger: Ledger,
    claim: Claim,
    wait: Option<Duration>,
    locks: Mutex<Vec<Locks>>,
    journal: Arc<Journal>,
    creations: Creations,
    noted: Arc<Noted>,
}

impl Books {
    /// Opens them before anything is changed: proves that the ledger can be written, takes the accounts' locks, and writes
    /// down that the run begins. `stop` is cancelled should a lock be lost.
    pub(crate) async fn open(
        ledger: Ledger,
        command: &str,
        accounts: &[String],
        global: &Global,
        ui: &Ui,
        stop: &CancellationToken,
    ) -> Result<Self, Failure> {
        ledger.check().await?;
        let ledger = ledger.with_stop(stop.clone());
        let claim = Claim { owner: person(), command: command.to_owned(), run: ledger.run_id() };
        let wait = global.lock_wait.map(Duration::from_secs).filter(|wait| !wait.is_zero());
        let locks = ledger.lock_all(accounts.to_vec(), &claim, wait, &|holder| ui.waits_for(holder)).await?;
        stop_when_lost(&locks, ui, stop);
        let begin = Begin {
            id: claim.run.clone(),
            command: command.to_owned(),
            accounts: accounts.to_vec(),
            owner: claim.owner.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        };
        let opened = async { Ok::<_, ledger::Error>((ledger.creations().await?, ledger.begin(begin).await?)) };
        let (earlier, journal) = match opened.await {
            Ok((earlier, journal)) => (earlier, Arc::new(journal)),
            Err(error) => {
                // What cannot be given back expires, and the first error is the one to tell.
                let _ = locks.release().await;
                return Err(error.into());
            }
        };
        let noted = Arc::new(Noted { ledger: ledger.clone(), run: claim.run.clone(), keys: Mutex::default() });
        // A key of another version's form is nobody's here.
        let earlier = earlier
            .into_iter()
            .filter_map(|(key, ledger::Creation { at, text })| Some(Earlier { key: key.parse().ok()?, at, text }));
        let creations = Creations::logged(Arc::clone(&noted) as _, earlier);
        Ok(Self { ledger, claim, wait, locks: Mutex::new(vec![locks]), journal, creations, noted })
    }

    /// The run's id.
    pub(crate) fn run(&self) -> &str {
        &self.claim.run
    }

    /// The creations that were begun lately, here and in earlier runs.
    pub(crate) fn creations(&self) -> Creations {
        self.creations.clone()
    }

    /// The journal, to write events into.
    pub(crate) fn journal(&self) -> Arc<Journal> {
        Arc::clone(&self.journal)
    }

    /// What is about to be done: locks what it shares with other accounts' runs, and keeps the documents that it replaces.
    pub(crate) async fn planned(
        &self,
        plan: &Plan,
        common: &str,
        ui: &Ui,
        stop: &CancellationToken,
    ) -> Result<(), Failure> {
        let is_shared = |key: &Key| (key.scope == aws::MANAGEMENT && key.kind != "account") || key.scope == common;
        if plan.changes().any(|step| is_shared(&step.key)) {
            self.lock_shared(ui, stop).await?;
        }
        let steps: Vec<Step> = plan.changes().map(step).collect();
        self.journal.plan(&steps).await?;
        self.keep(plan.changes()).await
    }

    /// The policies that are about to be exchanged: locks what is shared, and keeps the documents.
    pub(crate) async fn rotating(
        &self,
        steps: &[&engine::Step],
        ui: &Ui,
        stop: &CancellationToken,
    ) -> Result<(), Failure> {
        self.lock_shared(ui, stop).await?;
        self.journal.plan(&steps.iter().map(|one| step(one)).collect::<Vec<_>>()).await?;
        self.keep(steps.iter().copied()).await
    }

    /// One object that is about to be changed without a plan; one that accounts share is locked with what else they share.
    pub(crate) async fn changing(
        &self,
        change: Step,
        is_shared: bool,
        ui: &Ui,
        stop: &CancellationToken,
    ) -> Result<(), Failure> {
        if is_shared {
            self.lock_shared(ui, stop).await?;
        }
        Ok(self.journal.plan(&[change]).await?)
    }

    /// Writes into the journal how that object ended.
    pub(crate) fn changed(&self, key: &Key, outcome: &Outcome) {
        write_down(&self.journal, Timestamp::now(), key, outcome);
    }

    /// What one run replaced.
    pub(crate) async fn replaced_by(&self, run: &str) -> Result<Vec<Replaced>, Failure> {
        Ok(self.ledger.replaced_by(run).await?)
    }

    /// The last lock that anybody takes, so that nobody waits for it who has what another waits for.
    async fn lock_shared(&self, ui: &Ui, stop: &CancellationToken) -> Result<(), Failure> {
        let shared = self.ledger.lock_all([SHARED], &self.claim, self.wait, &|holder| ui.waits_for(holder)).await?;
        stop_when_lost(&shared, ui, stop);
        self.locks.lock().unwrap_or_else(PoisonError::into_inner).push(shared);
        Ok(())
    }

    /// Keeps the documents that steps replace.
    async fn keep(&self, steps: impl Iterator<Item = &engine::Step>) -> Result<(), Failure> {
        let kept = steps.flat_map(|step| replaced(step, self.run()));
        for result in join_all(kept.map(async |replaced| self.ledger.keep(&replaced).await)).await {
            result?;
        }
        Ok(())
    }

    /// What is about to be deleted, and the policies that are changed with it: locks what is shared, if some of it is, and
    /// keeps the documents.
    pub(crate) async fn offboarding<'s>(
        &self,
        deleted: impl Iterator<Item = &'s engine::Step>,
        changed: &[&engine::Step],
        is_shared: bool,
        ui: &Ui,
        stop: &CancellationToken,
    ) -> Result<(), Failure> {
        if is_shared {
            self.lock_shared(ui, stop).await?;
        }
        let delete =
            |step: &engine::Step| Step { key: step.key.to_string(), action: "delete".into(), fields: Vec::new() };
        let revoked = changed.iter().map(|one| step(one));
        self.journal.plan(&deleted.map(delete).chain(revoked).collect::<Vec<_>>()).await?;
        self.keep(changed.iter().copied()).await
    }

    /// Writes what an account held, or what became of it. Gives the address.
    pub(crate) async fn write_inventory(&self, inventory: &Inventory) -> Result<String, Failure> {
        Ok(self.ledger.write_inventory(inventory).await?)
    }

    /// Writes how the run ended, and gives the locks back. What cannot be written is said, and changes nothing.
    pub(crate) async fn close(self, exit: Exit, reports: &[Report], ui: &Ui) {
        if exit == Exit::Done {
            self.noted.settle().await;
        }
        let mut counts = BTreeMap::new();
        for (_, outcome) in reports.iter().flat_map(|report| &report.outcomes) {
            *counts.entry(word(outcome).to_owned()).or_default() += 1;
        }
        let mut failed = Vec::new();
        // Walks are over, and with them all who wrote into it.
        if let Ok(journal) = Arc::try_unwrap(self.journal) {
            failed.extend(journal.end(exit.word(), counts).await.err());
        }
        let locks = self.locks.into_inner().unwrap_or_else(PoisonError::into_inner);
        for locks in locks.into_iter().rev() {
            failed.extend(locks.release().await.err());
        }
        for error in failed {
            ui.warn(&format!("{error}; {}", error.hint()));
        }
    }
}

/// Writes down that accounts were audited, and what that came to. Nothing is locked.
pub(crate) async fn audited(
    ledger: &Ledger,
    accounts: &[String],
    exit: Exit,
    counts: BTreeMap<String, u64>,
) -> Result<(), Failure> {
    let begin = Begin {
        id: ledger.run_id(),
        command: "audit".to_owned(),
        accounts: accounts.to_vec(),
        owner: person(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    Ok(ledger.begin(begin).await?.end(exit.word(), counts).await?)
}

/// Writes into a journal how a node of a walk ended.
pub(crate) fn note(journal: &Journal, event: &Event) {
    let Stage::Settled { outcome } = &event.stage else { return };
    write_down(journal, event.at, &event.key, outcome);
}

fn write_down(journal: &Journal, at: Timestamp, key: &Key, outcome: &Outcome) {
    if matches!(outcome, Outcome::Planned { .. } | Outcome::Kept) {
        return;
    }
    let error = match outcome {
        Outcome::Failed { error } => Some(error.to_string()),
        Outcome::Skipped { because } => Some(format!("because {because} failed")),
        _ => None,
    };
    journal.settled(Settled { at, key: key.to_string(), outcome: word(outcome).to_owned(), id: None, error });
}

/// Where the run notes the creations that it begins.
#[derive(Debug)]
struct Noted {
    ledger: Ledger,
    run: String,
    keys: Mutex<Vec<Key>>,
}

impl Noted {
    /// Everything was seen to be there: nothing is open.
    async fn settle(&self) {
        let keys = std::mem::take(&mut *self.keys.lock().unwrap_or_else(PoisonError::into_inner));
        // A note that stays is out of date within the minute.
        let _ = self.ledger.creations_done(keys.iter().map(Key::to_string)).await;
    }
}

impl CreationLog for Noted {
    fn begun<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, engine::Result<()>> {
        async move {
            self.keys.lock().unwrap_or_else(PoisonError::into_inner).push(key.clone());
            let noted = self.ledger.creation_begun(&key.to_string(), Timestamp::now(), &self.run).await;
            noted.map_err(|error| unwritten(&error))
        }
        .boxed()
    }

    fn noted<'a>(&'a self, key: &'a Key, text: &'a str) -> BoxFuture<'a, engine::Result<()>> {
        async move {
            let noted = self.ledger.creation_noted(&key.to_string(), Timestamp::now(), &self.run, text).await;
            noted.map_err(|error| unwritten(&error))
        }
        .boxed()
    }

    fn refused<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, ()> {
        async move {
            // A note that stays costs the next run half a minute.
            let _ = self.ledger.creations_done([key.to_string()]).await;
        }
        .boxed()
    }
}

fn unwritten(error: &ledger::Error) -> engine::Error {
    engine::Error::new(engine::Class::Other, error.to_string()).hint(error.hint())
}

/// Stops the run when somebody else may have one of its locks.
fn stop_when_lost(locks: &Locks, ui: &Ui, stop: &CancellationToken) {
    let (lost, stop, ui) = (locks.lost(), stop.clone(), ui.clone());
    tokio::spawn(async move {
        lost.cancelled().await;
        if !stop.is_cancelled() {
            ui.warn("stopping: a lock was lost, calls in flight finish first; `orgstrap lock list` shows who has it");
            stop.cancel();
        }
    });
}

fn step(step: &engine::Step) -> Step {
    let action = step.action.map(|action| serde_json::json!(action)).and_then(|word| word.as_str().map(str::to_owned));
    let fields = step.diffs.iter().map(|diff| diff.field.clone()).collect();
    Step { key: step.key.to_string(), action: action.unwrap_or_default(), fields }
}

/// The documents that a step replaces.
fn replaced(step: &engine::Step, run: &str) -> Vec<Replaced> {
    if !matches!(step.action, Some(Action::Update | Action::Replace)) {
        return Vec::new();
    }
    let at = Timestamp::now();
    let fields = step.diffs.iter().filter_map(|diff| {
        let desired = policy_fields::documents(&diff.field, &diff.desired)?;
        let actual = policy_fields::documents(&diff.field, &diff.actual)?;
        Some((&diff.field, actual, desired))
    });
    let replaced = fields.flat_map(|(field, actual, desired)| {
        actual.into_iter().filter_map(move |(name, document)| {
            let next = desired.iter().find(|(other, _)| *other == name).map(|(_, document)| (*document).clone());
            // The others of the same field stay as they are.
            (next.as_ref() != Some(document)).then(|| Replaced {
                at,
                run: run.to_owned(),
                key: step.key.to_string(),
                object: step.id.clone().unwrap_or_default(),
                account: step.key.scope.clone(),
                field: if name.is_empty() { field.clone() } else { format!("{field}.{name}") },
                document: document.clone(),
                next,
            })
        })
    });
    replaced.collect()
}

/// The word for it in the journal.
pub(crate) fn word(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Planned { .. } => "planned",
        Outcome::Kept => "kept",
        Outcome::Created => "created",
        Outcome::Updated => "updated",
        Outcome::Deleted => "deleted",
        Outcome::Failed { .. } => "failed",
        Outcome::Skipped { .. } => "skipped",
        Outcome::Interrupted => "interrupted",
        Outcome::Cancelled => "cancelled",
    }
}

/// Who runs the command, as colleagues know them: the person, or who started the pipeline.
pub(crate) fn person() -> String {
    let names = ["GITHUB_ACTOR", "GITLAB_USER_LOGIN", "USER", "LOGNAME"];
    let name = names.iter().find_map(|name| env::var(name).ok().filter(|name| !name.is_empty()));
    name.unwrap_or_else(|| "somebody".to_owned())
}
