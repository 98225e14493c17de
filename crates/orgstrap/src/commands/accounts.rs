//! `orgstrap accounts`: what there is, and when it was last worked on.

use std::collections::{BTreeSet, HashMap};

use aws::Enrolled;
use clap::Args;
use jiff::Timestamp;
use ledger::Run;
use serde::Serialize;

use crate::cli::Global;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::{self, Ui};
use crate::selection;
use crate::workspace::Workspace;

/// List the accounts of the fleet and of the organization: unit, state, last run and last audit
#[derive(Debug, Args)]
pub(crate) struct Arguments {}

/// How many of the last runs are looked through.
const RUNS: usize = 500;

/// One line of the list.
#[derive(Debug, Serialize)]
pub(crate) struct Row {
    /// Its name in the fleet; in the organization, if it is not in the fleet.
    pub(crate) name: String,
    /// Its id, if it exists.
    pub(crate) id: Option<String>,
    /// The path of the unit that it is in, empty in the root.
    pub(crate) unit: Option<String>,
    /// AWS's word for its state; `MISSING` if it does not exist yet.
    pub(crate) state: String,
    /// Whose it is.
    pub(crate) of: Of,
    /// The last run that was to change something in it.
    pub(crate) last_run: Option<Last>,
    /// The last audit of it.
    pub(crate) last_audit: Option<Last>,
}

/// Whose an account is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Of {
    /// It has a file in the fleet.
    Fleet,
    /// It manages the organization.
    Management,
    /// It is in the organization, and has no file.
    Organization,
}

/// A run, in short.
#[derive(Debug, Serialize)]
pub(crate) struct Last {
    /// Its id.
    pub(crate) id: String,
    /// The command.
    pub(crate) command: String,
    /// When it began.
    pub(crate) at: Timestamp,
    /// How it ended, if it did.
    pub(crate) end: Option<String>,
}

impl Last {
    fn of(run: &Run) -> Self {
        let (id, command, at) = (run.start.id.clone(), run.start.command.clone(), run.start.started);
        Self { id, command, at, end: run.end.as_ref().map(|end| end.exit.clone()) }
    }
}

pub(crate) async fn run(_: &Arguments, global: &Global, ui: &Ui) -> Result<Exit, Failure> {
    let workspace = Workspace::open("accounts", global, ui).await?;
    let result = list(&workspace, global).await;
    if let Ok(rows) = &result {
        render::accounts(ui, &workspace.fleet.name, rows);
        render::stats(ui, &workspace);
    }
    let exit = result.map(|_| Exit::Done);
    workspace.close(ui, *exit.as_ref().unwrap_or(&Exit::Error), &[]).await;
    exit
}

async fn list(workspace: &Workspace, global: &Global) -> Result<Vec<Row>, Failure> {
    let roll = workspace.sessions.roll().await?;
    let units = if roll.accounts.is_empty() { HashMap::new() } else { workspace.sessions.units().await? };
    let runs = workspace.reading_ledger(global).await?.runs(RUNS).await?;
    let last = |name: &str, is_audit: bool| {
        let is_meant = |run: &&Run| {
            (run.start.command == "audit") == is_audit && run.start.accounts.iter().any(|account| account == name)
        };
        runs.iter().find(is_meant).map(Last::of)
    };
    let row = |name: &str, found: Option<&Enrolled>, of: Of| Row {
        name: name.to_owned(),
        id: found.map(|found| found.id.clone()),
        unit: found.and_then(|found| units.get(&found.id).cloned()),
        state: found.map_or_else(|| "MISSING".to_owned(), |found| found.state.to_string()),
        of,
        last_run: last(name, false).filter(|_| of == Of::Fleet),
        last_audit: last(name, true).filter(|_| of == Of::Fleet),
    };
    let of_fleet = workspace.fleet.accounts.values().map(|account| (account, selection::find(&roll, account)));
    let of_fleet: Vec<_> = of_fleet.collect();
    let known: BTreeSet<&str> = of_fleet.iter().filter_map(|(_, found)| Some(found.as_ref()?.id.as_str())).collect();
    let others = roll.accounts.iter().filter(|account| !known.contains(account.id.as_str())).map(|account| {
        let of = if account.id == roll.management { Of::Management } else { Of::Organization };
        row(&account.name, Some(account), of)
    });
    let mut rows: Vec<Row> = of_fleet.iter().map(|(account, found)| row(&account.name, *found, Of::Fleet)).collect();
    let mut others: Vec<Row> = others.collect();
    others.sort_by(|one, other| (one.of != Of::Management, &one.name).cmp(&(other.of != Of::Management, &other.name)));
    rows.extend(others);
    Ok(rows)
}
