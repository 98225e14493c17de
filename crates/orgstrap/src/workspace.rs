//! What a command works on: the fleet, and the way to AWS or to the sandbox.

use std::collections::BTreeMap;
use std::env;
use std::future::{Future, pending};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use aws::resources::{Member, SecretValues};
use aws::{Entry, Options, Sessions, Way};
use blueprint::Parts;
use engine::{Course, Event, Events, Graph, Plan, Report};
use fleet::{Fleet, Source, SourceIdentity};
use ledger::{Ledger, Run};
use sandbox::Sandbox;
use secrecy::SecretString;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::books::{self, Books};
use crate::cli::Global;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::{Ui, progress};
use crate::seen::Seen;
use crate::selection::{self, Selection};
use crate::walks::Walks;

/// Commands that change nothing in an account, and hand on its credentials only for reading.
const LOOKING: [&str; 9] = ["plan", "audit", "can", "edges", "registry", "exec", "credentials", "console", "doctor"];

/// A fleet and the way to it.
pub(crate) struct Workspace {
    pub(crate) fleet: Fleet,
    pub(crate) sessions: Arc<Sessions>,
    pub(crate) cancel: CancellationToken,
    /// The values of secrets that this run writes.
    pub(crate) values: SecretValues,
    /// What the time of the walks went to, so far.
    pub(crate) walks: Walks,
    /// What its walks have told.
    pub(crate) seen: Seen,
    sandbox: Option<Sandbox>,
    /// Of a run that changes something.
    books: OnceLock<Books>,
}

impl Workspace {
    /// Reads the fleet, and only when it is sound starts what is needed to reach AWS.
    pub(crate) async fn open(command: &str, global: &Global, ui: &Ui) -> Result<Self, Failure> {
        let fleet = read_fleet(global)?;
        let sandbox = if global.sandbox { Some(attach(global, ui).await?) } else { None };
        let sessions = sessions(command, &fleet, global, sandbox.as_ref().map(Sandbox::endpoint)).await;
        Ok(Self {
            fleet,
            sessions,
            cancel: cancelled_by_operator(command, ui.clone()),
            values: SecretValues::default(),
            walks: Walks::default(),
            seen: Seen::default(),
            sandbox,
            books: OnceLock::new(),
        })
    }

    /// Whether this is a rehearsal whose world ends with the command.
    pub(crate) fn is_throwaway(&self) -> bool {
        self.sandbox.as_ref().is_some_and(|sandbox| !sandbox.kept())
    }

    /// Whether nothing real is at stake.
    pub(crate) fn is_rehearsal(&self) -> bool {
        self.sandbox.is_some()
    }

    /// The ledger alone, to look into. Reaches no account, and starts no sandbox.
    pub(crate) async fn ledger(global: &Global) -> Result<Ledger, Failure> {
        let fleet = read_fleet(global)?;
        books::of_reader(&fleet, global, async || sessions("ledger", &fleet, global, None).await).await
    }

    /// Proves that a run could keep its books, and says where. Nothing is made.
    pub(crate) async fn prove_ledger(&self, global: &Global) -> Result<String, Failure> {
        books::prove(&self.fleet, global, self.sandbox.as_ref(), &self.sessions).await
    }

    /// Opens the books of a run that is about to change something in these accounts, before it looks at them.
    pub(crate) async fn open_books(
        &self,
        command: &str,
        accounts: &[String],
        global: &Global,
        ui: &Ui,
    ) -> Result<&Books, Failure> {
        let ledger = books::of_run(&self.fleet, global, self.sandbox.as_ref(), &self.sessions)?;
        let opened = Books::open(ledger, command, accounts, global, ui, &self.cancel).await?;
        Ok(self.books.get_or_init(|| opened))
    }

    /// The last runs that the ledger knows of, the newest first.
    pub(crate) async fn past_runs(&self, global: &Global, limit: usize) -> Result<Vec<Run>, Failure> {
        let ledger = books::of_reader(&self.fleet, global, async || Arc::clone(&self.sessions)).await?;
        Ok(ledger.runs(limit).await?)
    }

    /// Writes down that accounts were audited. Nothing hangs on it: a ledger that cannot be written is a warning.
    pub(crate) async fn note_audit(
        &self,
        accounts: &[String],
        exit: Exit,
        counts: BTreeMap<String, u64>,
        global: &Global,
        ui: &Ui,
    ) {
        let noted = async {
            let ledger = books::of_run(&self.fleet, global, self.sandbox.as_ref(), &self.sessions)?;
            books::audited(&ledger, accounts, exit, counts).await
        };
        if let Err(failure) = noted.await {
            ui.warn(&format!("the ledger does not know of this audit: {}", failure.message()));
        }
    }

    /// The id of the run, if it keeps books.
    pub(crate) fn run(&self) -> Option<&str> {
        self.books.get().map(Books::run)
    }

    /// The graph of the accounts that are worked on.
    pub(crate) fn graph(&self, selection: &Selection<'_>) -> Result<Graph<aws::Account>, Failure> {
        self.graph_of(&selection.parts())
    }

    /// The graph of a part of the fleet.
    pub(crate) fn graph_of(&self, parts: &Parts<'_>) -> Result<Graph<aws::Account>, Failure> {
        let parts = Parts { values: self.values.clone(), ..parts.clone() };
        Ok(blueprint::graph(&self.fleet, &parts, &self.sessions)?)
    }

    /// One of the fleet's accounts, entered as this command enters accounts; what is missing is said in the error.
    pub(crate) async fn enter(&self, name: &str) -> Result<aws::Account, Failure> {
        let (account, member) = self.existing(name).await?;
        let entered = self.sessions.enter(&account.name, &member, &account.region).await?;
        entered.ok_or_else(|| missing(name))
    }

    /// One of the fleet's accounts that exists; if it does not, that is the error.
    pub(crate) async fn existing(&self, name: &str) -> Result<(&fleet::Account, Member), Failure> {
        let account = selection::account(&self.fleet, name)?;
        let member = blueprint::member(account, &self.sessions).await?;
        Ok((account, member.ok_or_else(|| missing(name))?))
    }

    /// The value that a secret of the common account has now.
    pub(crate) async fn read_shared_secret(&self, name: &str) -> Result<SecretString, String> {
        let unread = |why: String| format!("the shared secret {name} cannot be read: {why}");
        let common = self.enter(&self.fleet.common).await.map_err(|failure| unread(failure.message()))?;
        common.read_secret(name).await.map_err(|error| unread(error.to_string()))
    }

    /// Finds what exists, and shows its progress.
    pub(crate) async fn plan(&self, ui: &Ui, title: &str, graph: &Graph<aws::Account>) -> Plan {
        self.walk(ui, title, None, |run| async move { graph.plan(&run).await }).await
    }

    /// Runs one walk over so many nodes, if that is known, shows its progress, and notes what its time went to.
    pub(crate) async fn walk<T: AsRef<Course>, F: Future<Output = T>>(
        &self,
        ui: &Ui,
        title: &str,
        nodes: Option<usize>,
        walk: impl FnOnce(engine::Run) -> F,
    ) -> T {
        let (events, receiver) = Events::channel();
        let journal = self.books.get().map(Books::journal);
        let seen = self.seen.clone();
        let note = move |event: &Event| {
            seen.note(event);
            if let Some(journal) = &journal {
                books::note(journal, event);
            }
        };
        let watcher = tokio::spawn(progress::watch(ui.clone(), title.to_owned(), nodes, receiver, note));
        let creations = self.books.get().map(Books::creations).unwrap_or_default();
        let run = engine::Run { cancel: self.cancel.clone(), creations, ..engine::Run::new(events) };
        let result = walk(run).await;
        // The channel is closed now, so the watcher ends by itself.
        let _ = watcher.await;
        self.walks.add(title, result.as_ref().clone());
        result
    }

    /// A failure that Ctrl-C brought about, such as a lock that is not waited for any longer, ends as an interruption.
    pub(crate) fn unless_interrupted(&self, result: Result<Exit, Failure>, ui: &Ui) -> Result<Exit, Failure> {
        match result {
            Err(failure) if self.cancel.is_cancelled() => {
                ui.failure(&failure);
                Ok(Exit::Interrupted)
            }
            result => result,
        }
    }

    /// Ends the run: closes its books, shows what the sandbox was asked, if that is wanted, and stops what was started for
    /// this command alone.
    pub(crate) async fn close(mut self, ui: &Ui, exit: Exit, reports: &[Report]) {
        if let Some(books) = self.books.take() {
            books.close(exit, reports, ui).await;
        }
        if let Some(sandbox) = self.sandbox {
            if ui.wants_sandbox_calls() {
                ui.say(&format!("\n{}", sandbox.calls()));
            }
            sandbox.close().await;
        }
    }
}

/// An account that a command needs is not there.
fn missing(account: &str) -> Failure {
    Failure::new(format!("account {account} does not exist yet"), format!("orgstrap onboard {account} creates it"))
}

async fn sessions(command: &str, fleet: &Fleet, global: &Global, sandbox: Option<String>) -> Arc<Sessions> {
    let options = Options {
        fleet: fleet.name.clone(),
        region: fleet.region.clone(),
        profile: global.profile.clone(),
        sandbox,
        entry: entry(command, fleet, way(command, global)),
        parallelism: global.parallelism,
        losses: global.losses(),
    };
    Arc::new(Sessions::new(options).await)
}

/// The fleet of the global options and the environment.
pub(crate) fn read_fleet(global: &Global) -> Result<Fleet, Failure> {
    let env = env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    let source = Source {
        config: global.config.clone(),
        env: env.collect(),
        region: global.region.clone(),
        ledger: global.ledger.clone(),
    };
    Ok(fleet::load(&source)?)
}

async fn attach(global: &Global, ui: &Ui) -> Result<Sandbox, Failure> {
    let home = sandbox::Home::from_env(|name| env::var(name).ok())?;
    let weather = global.weather().map_err(|error| Failure::Other { message: error.to_string(), hint: None })?;
    Ok(sandbox::attach(&home, weather, &|step| ui.sandbox_progress(&step)).await?)
}

/// Accounts are entered under the name of the command and of the person, so that `CloudTrail` tells who it was.
fn entry(command: &str, fleet: &Fleet, way: Way) -> Entry {
    let user = books::person();
    let allowed = |c: &char| c.is_ascii_alphanumeric() || "+=,.@-_".contains(*c);
    let plain = |text: &str| text.chars().filter(allowed).take(64).collect::<String>();
    let mut session_name = plain(&format!("orgstrap-{command}-{user}"));
    session_name.truncate(session_name.trim_end_matches('-').len());
    let access = &fleet.access;
    let source_identity = match &access.source_identity {
        SourceIdentity::Person => Some(plain(&user)).filter(|name| name.len() >= 2),
        SourceIdentity::Inherited => None,
        SourceIdentity::Given(identity) => Some(identity.clone()),
    };
    let ours = [("orgstrap:fleet", fleet.name.as_str()), ("orgstrap:command", command)];
    let session_tags = ours.map(|(key, value)| (key.to_owned(), value.to_owned())).into_iter();
    Entry {
        way,
        bootstrap_role: access.role.clone(),
        session_name,
        external_id: access.external_id.clone(),
        source_identity,
        session_tags: session_tags.chain(access.session_tags.clone()).collect(),
        duration: Duration::from_mins(access.session_minutes.into()),
    }
}

/// What looks enters by the role that looks.
fn way(command: &str, global: &Global) -> Way {
    match global.role {
        Some(role) => role.into(),
        None if LOOKING.contains(&command) => Way::Auditor,
        None => Way::Deployer,
    }
}

/// Cancelled by the first Ctrl-C, so that calls in flight can finish. The second ends the process. Whoever stops a
/// pipeline or a container sends the signal to terminate, which means the same.
fn cancelled_by_operator(command: &str, ui: Ui) -> CancellationToken {
    let cancel = CancellationToken::new();
    let stop = cancel.clone();
    // While another program runs, that signal ends this one, as it would without a handler.
    let mut terminate = (command != "exec").then(|| signal(SignalKind::terminate()).ok()).flatten();
    tokio::spawn(async move {
        if asked_to_stop(terminate.as_mut()).await {
            stop.cancel();
            ui.warn("stopping: calls in flight finish first; press Ctrl-C again to leave at once");
        }
        if asked_to_stop(terminate.as_mut()).await {
            std::process::exit(Exit::Interrupted.code().into());
        }
    });
    cancel
}

async fn asked_to_stop(terminate: Option<&mut Signal>) -> bool {
    let terminated = async {
        match terminate {
            Some(terminate) => terminate.recv().await.is_some(),
            None => pending().await,
        }
    };
    tokio::select! {
        pressed = tokio::signal::ctrl_c() => pressed.is_ok(),
        told = terminated => told,
    }
}
