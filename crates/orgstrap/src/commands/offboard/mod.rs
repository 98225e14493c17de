//! `orgstrap offboard`: remove everything that was made for a project.

mod closing_inventory;
mod closure;
mod revocation;

use std::collections::BTreeMap;

use aws::Losses;
use aws::resources::{Bucket, DbInstance, LoadBalancer};
use blueprint::Parts;
use clap::Args;
use engine::{Plan, Report, Resource, Step};

use self::closing_inventory::ClosingInventory;
use self::revocation::Revocation;
use super::change::{declined, how_far, succeeded};
use crate::approval::{Answer, Stakes, ask};
use crate::cli::Global;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::{self, Ui};
use crate::selection;
use crate::workspace::Workspace;

pub(crate) use closing_inventory::Ended;

/// Delete everything that was made in an account, in order, and nothing else
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The account's name
    account: String,
    /// Close the account too: it is moved to the unit Suspended, AWS suspends it at once and deletes it after 90 days
    #[arg(long)]
    close: bool,
}

pub(crate) async fn run(arguments: &Arguments, global: &Global, ui: &Ui) -> Result<Exit, Failure> {
    let workspace = Workspace::open("offboard", global, ui).await?;
    let mut reports = Vec::new();
    let result = work(arguments, &workspace, global, ui, &mut reports).await;
    let result = workspace.unless_interrupted(result, ui);
    workspace.close(ui, result.as_ref().map_or(Exit::Error, |exit| *exit), &reports).await;
    result
}

/// What is about to be done.
pub(crate) struct Offboarding<'p> {
    /// The account's name.
    pub(crate) account: &'p str,
    /// Its twelve digits, if it exists.
    pub(crate) id: Option<String>,
    /// The name of the common account.
    pub(crate) common: &'p str,
    /// How far deletions may go.
    pub(crate) losses: Losses,
    /// What is deleted.
    pub(crate) deleted: Vec<&'p Step>,
    /// The policies of the common account that it is taken out of.
    pub(crate) revoked: Vec<&'p Step>,
    /// The account itself, if it is closed.
    pub(crate) closed: Option<&'p Step>,
    /// What is kept: the key of the database, without which nobody reads the last snapshot, and buckets.
    pub(crate) kept: Vec<&'p Step>,
}

impl Offboarding<'_> {
    fn is_nothing(&self) -> bool {
        self.deleted.is_empty() && self.revoked.is_empty() && self.closed.is_none()
    }

    /// Whether something is changed that accounts share.
    fn is_shared(&self) -> bool {
        let is_elsewhere = |step: &&Step| step.key.scope != self.account;
        !self.revoked.is_empty() || self.closed.is_some() || self.deleted.iter().any(is_elsewhere)
    }

    fn is_deleted(&self, step: &Step) -> bool {
        self.deleted.iter().any(|deleted| deleted.key == step.key)
    }

    /// Refuses to begin what would fail halfway.
    fn check(&self) -> Result<(), Failure> {
        let protected: Vec<_> = self.deleted.iter().filter(|step| is_protected(step)).collect();
        if protected.is_empty() || self.losses.protected {
            return Ok(());
        }
        let keys: Vec<_> = protected.iter().map(|step| step.key.to_string()).collect();
        Err(Failure::new(
            format!("nothing was deleted, for this is protected against deletion: {}", keys.join(", ")),
            "look whether it is needed any more; --unprotect switches the protection off and deletes it",
        ))
    }

    /// What is about to happen, as a question.
    fn question(&self) -> String {
        let deleted = (!self.deleted.is_empty()).then(|| format!("delete {} objects", self.deleted.len()));
        let policies = self.revoked.len();
        let revoked = (policies > 0).then(|| format!("take the account out of {policies} policies"));
        let closed = self.closed.map(|_| "close the account".to_owned());
        let all: Vec<_> = [deleted, revoked, closed].into_iter().flatten().collect();
        let mut question = all.join(", then ");
        if let Some(first) = question.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        question + "?"
    }
}

/// Whether AWS refuses to delete it as it is: load balancers and databases have a field for that.
pub(crate) fn is_protected(step: &Step) -> bool {
    step.found::<LoadBalancer>().is_some_and(|found| found.actual.deletion_protected)
        || step.found::<DbInstance>().is_some_and(|found| found.actual.deletion_protected)
}

async fn work(
    arguments: &Arguments,
    workspace: &Workspace,
    global: &Global,
    ui: &Ui,
    reports: &mut Vec<Report>,
) -> Result<Exit, Failure> {
    let account = selection::account(&workspace.fleet, &arguments.account)?;
    let books = workspace.open_books("offboard", std::slice::from_ref(&account.name), global, ui).await?;
    let roll = workspace.sessions.roll().await?;
    let enrolled = selection::find(&roll, account);
    // An account that was closed before cannot be entered any more, and nothing is left to do in it.
    let is_closed = enrolled.is_some_and(|found| found.state.is_closed());
    let others = selection::existing(&workspace.fleet, &roll).filter(|(other, _)| **other != *account.name);
    let others: BTreeMap<_, _> = others.map(|(name, member)| (name.to_owned(), member)).collect();
    // Of the common account, the record by which the account's domain is delegated goes too.
    let delegation = blueprint::delegation_key(&workspace.fleet, account).filter(|key| others.contains_key(&key.scope));
    let graph = workspace.graph_of(&Parts {
        accounts: if is_closed { Vec::new() } else { vec![account] },
        others: others.clone(),
        shared: delegation.is_some() && !is_closed,
        closing: arguments.close,
        ..Parts::default()
    })?;
    let plan = &workspace.plan(ui, "Reading", &graph).await;
    let revocation = Revocation::of(&others, workspace, ui).await?;

    let key = blueprint::database_key(account).filter(|_| !global.no_final_snapshot);
    let is_kept =
        |step: &Step| Some(&step.key) == key.as_ref() || (step.key.kind == Bucket::KIND && !global.delete_data);
    let is_elsewhere = |step: &Step| Some(&step.key) == delegation.as_ref();
    let doomed = |step: &Step| (step.key.scope == account.name && !is_kept(step)) || is_elsewhere(step);
    let deletable = || plan.steps().filter(|step| step.is_deletable());
    let offboarding = Offboarding {
        account: &account.name,
        id: enrolled.map(|found| found.id.clone()),
        common: &workspace.fleet.common,
        losses: global.losses(),
        deleted: deletable().filter(|step| doomed(step)).collect(),
        revoked: revocation.iter().flat_map(Revocation::steps).collect(),
        closed: deletable().find(|step| arguments.close && closure::is_account(step)),
        kept: deletable().filter(|step| step.key.scope == account.name && is_kept(step)).collect(),
    };
    render::offboarding(ui, &offboarding);
    let plans = || std::iter::once(plan).chain(revocation.as_ref().map(|revocation| &revocation.plan));
    let mut ended = None;
    let exit = if plans().any(Plan::is_cancelled) {
        Exit::Interrupted
    } else if let Some(unread) = plans().find(|plan| !plan.is_complete()) {
        render::unread(ui, unread);
        Exit::Error
    } else if offboarding.is_nothing() {
        Exit::Done
    } else {
        offboarding.check()?;
        match ask(&offboarding.question(), Stakes::Loss, global)? {
            Answer::Yes => {
                let Offboarding { deleted, revoked, closed, .. } = &offboarding;
                let about = deleted.iter().chain(closed).copied();
                books.offboarding(about, revoked, offboarding.is_shared(), ui, &workspace.cancel).await?;
                let inventory = ClosingInventory::take(&offboarding, plan, books, workspace).await?;
                let graph = &graph;
                let delete = |run| async move { graph.delete(plan, doomed, &run).await };
                if !deleted.is_empty() {
                    reports.push(workspace.walk(ui, "Deleting", Some(deleted.len()), delete).await);
                }
                // Nothing of the account needs it any more.
                if let Some(revocation) = revocation.as_ref().filter(|_| succeeded(reports)) {
                    revocation.run(workspace, ui, reports).await;
                }
                if let Some(account) = closed.filter(|_| succeeded(reports)) {
                    closure::run(account, (graph, plan), workspace, ui, reports).await;
                }
                let exit = if succeeded(reports) { Exit::Done } else { how_far(reports) };
                ended = Some(inventory.complete(exit, books, workspace, ui).await);
                exit
            }
            answer => declined(ui, answer),
        }
    };
    render::offboarded(ui, workspace, &offboarding, reports, ended.as_ref(), exit);
    render::stats(ui, workspace);
    Ok(exit)
}
