//! `orgstrap secret`: gives a secret another value. That is what no other command does to a value that is in force: they
//! write a secret's first one, and what the fleet's files say themselves.

use std::time::Duration;

use aws::Account;
use aws::resources::{public_version, random_version};
use backon::{ExponentialBuilder, Retryable};
use clap::{Args, Subcommand};
use engine::{Class, Key, Outcome, Report};
use fleet::{Fleet, SecretRef, SecretSource};
use ledger::Step;
use rand::Rng;
use secrecy::SecretString;

use super::change::declined;
use crate::approval::{Answer, Stakes, ask};
use crate::cli::Global;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::{self, Ui};
use crate::secret_sources::{self, Times};
use crate::selection;
use crate::workspace::Workspace;

/// How long to go on while somebody else moves the labels of the same secret: seconds, as a rule.
const PATIENCE: Duration = Duration::from_mins(1);

/// Give a secret another value
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Give one of an account's secrets another value: from its source in the account's file, unless told otherwise
    Set {
        /// The account's name
        account: String,
        /// The secret's name, as in the account's file
        name: String,
        /// Ask for the value, hidden, twice
        #[arg(long, conflicts_with = "stdin")]
        prompt: bool,
        /// Read the value from standard input, without the end of line
        #[arg(long)]
        stdin: bool,
    },
}

/// What is known afterwards, for whoever prints it. Of the value, nothing.
pub(crate) struct Set<'a> {
    pub(crate) key: &'a Key,
    /// Whether it was changed; otherwise it was as it should be.
    pub(crate) is_changed: bool,
    /// Whether there was another value before.
    pub(crate) had_value: bool,
    /// The accounts that have a copy of it, which is as before.
    pub(crate) copies: Vec<&'a str>,
    /// The services that get it when their tasks start, with their accounts.
    pub(crate) services: Vec<(&'a str, &'a str)>,
}

/// Where the value is to come from.
enum From<'a> {
    Source(&'a SecretSource),
    Prompt,
    Stdin,
}

pub(crate) async fn run(arguments: &Arguments, global: &Global, ui: &Ui) -> Result<Exit, Failure> {
    let workspace = Workspace::open("secret", global, ui).await?;
    let mut reports = Vec::new();
    let result = set(&arguments.action, &workspace, global, ui, &mut reports).await;
    let result = workspace.unless_interrupted(result, ui);
    workspace.close(ui, result.as_ref().map_or(Exit::Error, |exit| *exit), &reports).await;
    result
}

async fn set(
    action: &Action,
    workspace: &Workspace,
    global: &Global,
    ui: &Ui,
    reports: &mut Vec<Report>,
) -> Result<Exit, Failure> {
    let (fleet, Action::Set { account, name, .. }) = (&workspace.fleet, action);
    let from = source(fleet, action)?;
    let key = &blueprint::secret_key(account, name);
    let books = workspace.open_books("secret set", std::slice::from_ref(account), global, ui).await?;
    let there = workspace.enter(account).await?;
    let (version, standing) = (version(key, &from), standing(&there, key).await?);
    let mut set = Set {
        key,
        is_changed: false,
        had_value: standing.version.is_some(),
        copies: copies(fleet, key),
        services: services(fleet, key),
    };
    if standing.version.as_ref() == Some(&version) {
        render::secret_set(ui, workspace, &set);
        render::stats(ui, workspace);
        return Ok(Exit::Done);
    }
    if standing.is_foreign() {
        ui.warn(&format!("the value that {} has was written by somebody else", secret_sources::called(key)));
        match ask("Put another in its place?", Stakes::Loss, global)? {
            Answer::Yes => {}
            answer => return Ok(declined(ui, answer)),
        }
    }
    let value = value(workspace, key, &from, ui)?;
    let step = Step { key: key.to_string(), action: "update".to_owned(), fields: vec!["value".to_owned()] };
    books.changing(step, *account == fleet.common, ui, &workspace.cancel).await?;
    let exchanged = exchange(&there, key, &value, &version, workspace).await;
    let outcome = match &exchanged {
        Ok(()) => Outcome::Updated,
        Err(error) => Outcome::Failed { error: error.clone() },
    };
    books.changed(key, &outcome);
    reports.push(Report { outcomes: vec![(key.clone(), outcome)], ..Report::default() });
    exchanged.map_err(|error| {
        let hint = error.hint.as_deref().unwrap_or("run the same command again");
        let hint = format!("the value before is in force, or the new one, and none between; {hint}");
        Failure::new(format!("{}: {error}", secret_sources::called(key)), hint)
    })?;
    set.is_changed = true;
    render::secret_set(ui, workspace, &set);
    render::stats(ui, workspace);
    Ok(Exit::Done)
}

/// Where the value comes from, if this secret takes one from there.
fn source<'a>(fleet: &'a Fleet, action: &Action) -> Result<From<'a>, Failure> {
    let Action::Set { account, name, prompt, stdin } = action;
    let secrets = &selection::account(fleet, account)?.secrets;
    let Some(secret) = secrets.get(name) else {
        let names: Vec<_> = secrets.keys().map(String::as_str).collect();
        let known = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        return Err(Failure::new(
            format!("account {account} has no secret {name}"),
            format!("its file has {known}; write [secret.{name}] into accounts/{account}.toml"),
        ));
    };
    match &secret.from {
        SecretSource::Shared(of) => Err(Failure::new(
            format!("secret {name} of {account} is a copy of the shared secret {of}"),
            format!(
                "`orgstrap secret set {} {of}` changes that one, `orgstrap apply {account}` copies it",
                fleet.common
            ),
        )),
        // The next apply would put the file's back.
        SecretSource::Value(_) if *prompt || *stdin => Err(Failure::new(
            format!("the value of secret {name} of {account} is in the account's file"),
            format!("write another into accounts/{account}.toml, and run `orgstrap secret set {account} {name}`"),
        )),
        SecretSource::Prompt if !*stdin => Ok(From::Prompt),
        _ if *prompt => Ok(From::Prompt),
        _ if *stdin => Ok(From::Stdin),
        from => Ok(From::Source(from)),
    }
}

/// The id of the version that is going to be in force.
fn version(key: &Key, from: &From<'_>) -> String {
    if let From::Source(SecretSource::Value(value)) = from {
        return public_version(key, &blueprint::public_text(value));
    }
    let mut chance = [0; 20];
    rand::rng().fill_bytes(&mut chance);
    random_version(chance)
}

async fn standing(there: &Account, key: &Key) -> Result<aws::resources::SecretStanding, Failure> {
    let (secret, apply) = (secret_sources::called(key), format!("`orgstrap apply {}`", key.scope));
    match there.secret_standing(key).await? {
        None => Err(Failure::new(format!("{secret} does not exist yet"), format!("{apply} makes it, with a value"))),
        Some(standing) if standing.is_deleted => {
            Err(Failure::new(format!("{secret} is to be deleted"), format!("{apply} brings it back, with its value")))
        }
        Some(standing) => Ok(standing),
    }
}

/// The value, checked. In a rehearsal one that its source lacks is made up, as `apply` does it.
fn value(workspace: &Workspace, key: &Key, from: &From<'_>, ui: &Ui) -> Result<SecretString, Failure> {
    let (read, source) = match from {
        From::Source(from) => (secret_sources::value(key, from), *from),
        From::Prompt => (secret_sources::ask(key, Times::Twice), &SecretSource::Prompt),
        From::Stdin => (secret_sources::standard_input(), &SecretSource::Prompt),
    };
    match (read.and_then(|value| secret_sources::checked(source, value)), from) {
        (Ok(value), _) => Ok(value),
        (Err(what), From::Source(_)) if workspace.is_rehearsal() => Ok(secret_sources::stand_in(key, &what, ui)),
        (Err(what), _) => Err(Failure::new(
            format!("nothing was changed, because {} has no other value: {what}", secret_sources::called(key)),
            "give it as the account's file says, or with --prompt or --stdin",
        )),
    }
}

/// Exchanges the value, again while somebody else is at the same secret. The same version is the same exchange.
async fn exchange(
    there: &Account,
    key: &Key,
    value: &SecretString,
    version: &str,
    workspace: &Workspace,
) -> engine::Result<()> {
    let delays = ExponentialBuilder::default()
        .with_min_delay(Duration::from_millis(500))
        .with_max_delay(Duration::from_secs(5))
        .with_total_delay(Some(PATIENCE))
        .without_max_times()
        .with_jitter();
    let once = || async { Box::pin(there.exchange_secret(&key.name, value, version)).await };
    once.retry(delays).when(|error| error.class == Class::NotYet && !workspace.cancel.is_cancelled()).await
}

/// The accounts with a copy of a secret of the common account.
fn copies<'f>(fleet: &'f Fleet, key: &Key) -> Vec<&'f str> {
    if key.scope != fleet.common {
        return Vec::new();
    }
    let is_copy = |secret: &fleet::Secret| matches!(&secret.from, SecretSource::Shared(of) if *of == key.name);
    let with_copy = fleet.projects().filter(|account| account.secrets.values().any(is_copy));
    with_copy.map(|account| account.name.as_str()).collect()
}

/// The services that read the secret where it is.
fn services<'f>(fleet: &'f Fleet, key: &Key) -> Vec<(&'f str, &'f str)> {
    let all = fleet.projects().flat_map(|account| account.services.iter().map(move |service| (account, service)));
    let reading = all.filter(|(account, (_, service))| {
        service.secrets.values().any(|secret| match secret {
            SecretRef::Own(name) => account.name == key.scope && *name == key.name,
            SecretRef::Shared(name) => fleet.common == key.scope && *name == key.name,
        })
    });
    reading.map(|(account, (service, _))| (account.name.as_str(), service.as_str())).collect()
}
