//! Plans that are saved to be applied later: what would be done, and what was seen and wanted when they were made.

mod file;
mod fingerprint;
mod moved;

use std::path::{Path, PathBuf};

use engine::{Action, Diff, Plan, Step};
use fleet::Fleet;
use jiff::{Timestamp, Unit};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::cli::{Accounts, Global};
use crate::failure::Failure;
use crate::selection::Selection;
use crate::workspace::Workspace;

pub(crate) use file::{check_target, named};
pub(crate) use moved::{Cause, Move, Moved, Side};

/// The version of the file. More fields may be added to it.
const VERSION: u64 = 1;

/// A plan as it is saved.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct SavedPlan {
    version: u64,
    fleet: String,
    /// The version of the program that made it.
    orgstrap: String,
    made: Timestamp,
    /// The id of the management account.
    management: String,
    sandbox: bool,
    selection: Asked,
    /// What the fleet's files came to, in short.
    files: String,
    steps: Vec<SavedStep>,
    /// Where it was read.
    #[serde(skip)]
    path: PathBuf,
}

/// The accounts that it is of.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Asked {
    accounts: Vec<String>,
    /// Whether it is of the whole fleet, those accounts too that come later.
    all: bool,
}

/// What it says of one object.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct SavedStep {
    key: String,
    action: Action,
    id: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    diffs: Vec<Diff>,
    /// What is wanted, by field; the differences of what is to be created say all of it.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    desired: Map<String, Value>,
}

impl SavedPlan {
    /// A plan in which everything was looked at, to be saved.
    pub(crate) fn new(
        plan: &Plan,
        workspace: &Workspace,
        selection: &Selection<'_>,
        all: bool,
        global: &Global,
    ) -> Self {
        let now = Timestamp::now();
        let accounts = selection.accounts.iter().chain(&selection.invited);
        Self {
            version: VERSION,
            fleet: workspace.fleet.name.clone(),
            orgstrap: env!("CARGO_PKG_VERSION").to_owned(),
            made: now.round(Unit::Second).unwrap_or(now),
            management: management(workspace),
            sandbox: global.sandbox,
            selection: Asked { accounts: accounts.map(|account| account.name.clone()).collect(), all },
            files: fingerprint::of_files(&workspace.fleet),
            steps: steps(plan),
            path: PathBuf::new(),
        }
    }

    /// The accounts to plan again.
    pub(crate) fn accounts(&self) -> Accounts {
        let Asked { accounts, all } = &self.selection;
        Accounts { names: if *all { Vec::new() } else { accounts.clone() }, all: *all }
    }

    /// Refuses what can be refused before anything is read: another fleet, another world, accounts that are gone.
    pub(crate) fn check_place(&self, fleet: &Fleet, global: &Global) -> Result<(), Failure> {
        let path = self.path.display();
        if self.fleet != fleet.name {
            let message = format!("{path} is a plan of fleet {}, and this is fleet {}", self.fleet, fleet.name);
            return Err(Failure::new(message, "name that fleet's orgstrap.toml with --config"));
        }
        match (self.sandbox, global.sandbox) {
            (true, false) => Err(Failure::new(
                format!("{path} is a plan of the sandbox, and this is not the sandbox"),
                format!("apply it with --sandbox, or make a new plan without: {}", self.again()),
            )),
            (false, true) => Err(Failure::new(
                format!("{path} is not a plan of the sandbox, and this is the sandbox"),
                format!("apply it without --sandbox, or make a new plan: {} --sandbox", self.again()),
            )),
            _ => self.check_accounts(fleet),
        }
    }

    fn check_accounts(&self, fleet: &Fleet) -> Result<(), Failure> {
        // Of the whole fleet it is compared object by object.
        let gone = self.selection.accounts.iter().find(|name| !fleet.accounts.contains_key(*name));
        match gone.filter(|_| !self.selection.all) {
            None => Ok(()),
            Some(name) => Err(Failure::new(
                format!("the fleet's files changed: {} is of {name}, which has no file any more", self.path.display()),
                format!("write accounts/{name}.toml, or make a new plan without it"),
            )),
        }
    }

    /// Refuses to go on unless a plan that was made just now is the same.
    pub(crate) fn check(&self, plan: &Plan, workspace: &Workspace) -> Result<(), Failure> {
        let management = management(workspace);
        if self.management != management {
            return Err(Failure::new(
                format!(
                    "{} is a plan of the management account {}, and the credentials are of {management}",
                    self.path.display(),
                    self.management,
                ),
                "use that account's credentials: --profile names a profile of the AWS configuration",
            ));
        }
        let same_files = self.files == fingerprint::of_files(&workspace.fleet);
        let now = steps(plan);
        let moves = moved::moves(&self.steps, &now, same_files);
        if moves.is_empty() {
            return Ok(());
        }
        let version = (self.orgstrap != env!("CARGO_PKG_VERSION")).then(|| self.orgstrap.clone());
        Err(Failure::Moved(Box::new(Moved {
            path: self.path.clone(),
            made: self.made,
            version,
            moves,
            is_done: moved::is_done(&self.steps, &now),
            again: self.again(),
        })))
    }

    /// The command that makes it anew.
    fn again(&self) -> String {
        let accounts = if self.selection.all { "--all".to_owned() } else { self.selection.accounts.join(" ") };
        format!("orgstrap plan {accounts} --out {}", self.path.display())
    }
}

/// Tells which account's credentials are used. Whoever could read everything has asked.
fn management(workspace: &Workspace) -> String {
    workspace.sessions.account_of(aws::MANAGEMENT).unwrap_or_default()
}

fn steps(plan: &Plan) -> Vec<SavedStep> {
    plan.steps().filter_map(SavedStep::of).collect()
}

impl SavedStep {
    fn of(step: &Step) -> Option<Self> {
        let action = step.action?;
        let desired = if action == Action::Create { Map::new() } else { step.desired.clone() };
        Some(Self { key: step.key.to_string(), action, id: step.id.clone(), diffs: step.diffs.clone(), desired })
    }
}

/// Whether a path is a plan's for `apply`, and not an account's name.
fn is_path(text: &str) -> bool {
    // Names of accounts have neither.
    text.contains(['.', '/', std::path::MAIN_SEPARATOR])
}

/// Whether `apply` would take a path for an account's name.
fn is_account(path: &Path, fleet: &Fleet) -> bool {
    path.to_str().is_some_and(|name| !is_path(name) && fleet.accounts.contains_key(name))
}
