//! `orgstrap accounts`: every account of the fleet and of the organization, and when it was last worked on.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use aws::{Enrolled, Invitation, Roll, Sessions};
use clap::Args;
use fleet::{Account, Fleet};
use jiff::Timestamp;
use ledger::Run;
use serde::Serialize;

use crate::cli::Global;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::{self, Ui};
use crate::selection;
use crate::workspace::Workspace;

/// As many of the last runs are looked at for when an account was last worked on.
const RUNS: usize = 1000;

/// List the accounts of the fleet and of the organization: unit, state, last run, last audit
#[derive(Debug, Args)]
pub(crate) struct Arguments {}

/// One account, in the fleet or in the organization or in both.
#[derive(Debug, Serialize)]
pub(crate) struct Row {
    /// Its name in the fleet, or else in the organization.
    pub(crate) name: String,
    /// None while it does not exist.
    pub(crate) id: Option<String>,
    /// The path of its unit, empty in the root: where it is, or where it is going to be.
    pub(crate) unit: Option<String>,
    /// AWS's word; `MISSING` for one that does not exist yet, `INVITED` for one that has not accepted.
    pub(crate) state: String,
    /// Whether the fleet has a file for it.
    pub(crate) in_fleet: bool,
    /// The last run that was to change something in it.
    pub(crate) last_run: Option<Last>,
    /// The last audit of it.
    pub(crate) last_audit: Option<Last>,
}

/// A run, as far as it matters here.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Last {
    pub(crate) run: String,
    pub(crate) command: String,
    pub(crate) started: Timestamp,
    /// How it ended; none if it did not, or goes on.
    pub(crate) exit: Option<String>,
}

pub(crate) async fn run(_: &Arguments, global: &Global, ui: &Ui) -> Result<Exit, Failure> {
    let workspace = Workspace::open("accounts", global, ui).await?;
    let (fleet, sessions) = (&workspace.fleet, &workspace.sessions);
    let roll = sessions.roll().await?;
    let units = if roll.accounts.is_empty() { HashMap::new() } else { sessions.units().await? };
    let invitations = invitations(fleet, &roll, sessions).await?;
    let runs = workspace.past_runs(global, RUNS).await?;
    let rows = rows(fleet, &roll, &units, &invitations, &runs);
    render::accounts(ui, &rows);
    render::stats(ui, &workspace);
    workspace.close(ui, Exit::Done, &[]).await;
    Ok(Exit::Done)
}

/// Those that matter: a file asks for an invitation, and the account is not there.
async fn invitations(fleet: &Fleet, roll: &Roll, sessions: &Arc<Sessions>) -> Result<Vec<Invitation>, Failure> {
    let is_outside = |account: &&Account| account.invite && selection::find(roll, account).is_none();
    match fleet.accounts.values().find(is_outside) {
        Some(_) if !roll.accounts.is_empty() => Ok(sessions.invitations().await?),
        _ => Ok(Vec::new()),
    }
}

/// The fleet's accounts, and then those that it does not know.
fn rows(
    fleet: &Fleet,
    roll: &Roll,
    units: &HashMap<String, String>,
    invitations: &[Invitation],
    runs: &[Run],
) -> Vec<Row> {
    let mut strangers: BTreeMap<&str, &Enrolled> =
        roll.accounts.iter().map(|account| (&*account.id, account)).collect();
    let last = |name: &str, audit: bool| runs.iter().find(|run| is_of(run, name, audit)).map(last);
    let mut rows: Vec<Row> = Vec::new();
    for account in fleet.accounts.values() {
        let found = selection::find(roll, account);
        if let Some(found) = found {
            strangers.remove(&*found.id);
        }
        let is_invited = invitations.iter().any(|invitation| Some(&invitation.account) == account.id.as_ref());
        let unfound = if is_invited { "INVITED" } else { "MISSING" };
        rows.push(Row {
            name: account.name.clone(),
            id: found.map(|found| found.id.clone()).or_else(|| account.id.clone()),
            unit: found.and_then(|found| units.get(&found.id).cloned()).or_else(|| account.ou.clone()),
            state: found.map_or_else(|| unfound.to_owned(), |found| found.state.to_string()),
            in_fleet: true,
            last_run: last(&account.name, false),
            last_audit: last(&account.name, true),
        });
    }
    rows.extend(strangers.into_values().map(|account| Row {
        name: if account.id == roll.management { aws::MANAGEMENT.to_owned() } else { account.name.clone() },
        id: Some(account.id.clone()),
        unit: units.get(&account.id).cloned(),
        state: account.state.to_string(),
        in_fleet: account.id == roll.management,
        last_run: None,
        last_audit: None,
    }));
    rows
}

fn is_of(run: &Run, account: &str, audit: bool) -> bool {
    (run.start.command == "audit") == audit && run.start.accounts.iter().any(|name| name == account)
}

fn last(run: &Run) -> Last {
    Last {
        run: run.start.id.clone(),
        command: run.start.command.clone(),
        started: run.start.started,
        exit: run.end.as_ref().map(|end| end.exit.clone()),
    }
}
