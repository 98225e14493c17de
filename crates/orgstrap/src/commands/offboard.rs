//! `orgstrap offboard`: remove everything that was made for a project.

use std::collections::BTreeMap;

use aws::Roll;
use blueprint::Parts;
use clap::Args;
use engine::{Action, Graph, Plan, Report, Step};

use super::change::{declined, how_far, succeeded};
use crate::approval::{Answer, Stakes, ask};
use crate::cli::Global;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::grants::is_policy_of_object;
use crate::render::{self, Ui};
use crate::selection;
use crate::workspace::Workspace;

/// Delete everything that was made in an account, in order, and nothing else
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The account's name
    account: String,
    /// Close the account too: AWS suspends it at once and deletes it after 90 days
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
    // An account that was closed before cannot be entered any more, and nothing is left to do in it.
    let is_closed = selection::find(&roll, account).is_some_and(|found| found.state.is_closed());
    let worked_on = if is_closed { Vec::new() } else { vec![account] };
    let graph = workspace.graph_of(&Parts { accounts: worked_on, ..Parts::default() })?;
    let plan = &workspace.plan(ui, "Reading", &graph).await;
    let revocation = Revocation::of(account, &roll, workspace, ui).await?;

    let doomed = |step: &Step| match step.key.kind.as_str() {
        "account" => arguments.close,
        _ => step.key.scope == account.name,
    };
    let steps: Vec<&Step> = plan.steps().filter(|step| step.is_deletable() && doomed(step)).collect();
    let revoked: Vec<&Step> = revocation.iter().flat_map(Revocation::steps).collect();
    render::doomed(ui, &arguments.account, &steps);
    render::revocation(ui, &workspace.fleet.common, &revoked);
    let plans = || std::iter::once(plan).chain(revocation.as_ref().map(|revocation| &revocation.plan));
    let exit = if plans().any(Plan::is_cancelled) {
        Exit::Interrupted
    } else if let Some(unread) = plans().find(|plan| !plan.is_complete()) {
        render::unread(ui, unread);
        Exit::Error
    } else if steps.is_empty() && revoked.is_empty() {
        Exit::Done
    } else {
        match ask(&question(&steps, &revoked), Stakes::Loss, global)? {
            Answer::Yes => {
                books.deleting(&steps).await?;
                if !revoked.is_empty() {
                    books.rotating(&revoked, ui, &workspace.cancel).await?;
                }
                let graph = &graph;
                let delete = |run| async move { graph.delete(plan, doomed, &run).await };
                if !steps.is_empty() {
                    reports.push(workspace.walk(ui, "Deleting", Some(steps.len()), delete).await);
                }
                // Nothing of the account needs it any more.
                if let Some(revocation) = revocation.as_ref().filter(|_| succeeded(reports)) {
                    revocation.run(workspace, ui, reports).await;
                }
                if succeeded(reports) { Exit::Done } else { how_far(reports) }
            }
            answer => declined(ui, answer),
        }
    };
    render::offboarded(ui, workspace, &arguments.account, (&steps, &revoked), reports, exit);
    render::stats(ui, workspace);
    Ok(exit)
}

/// What is about to happen, as a question.
fn question(steps: &[&Step], revoked: &[&Step]) -> String {
    let deleted = format!("Delete {} objects", steps.len());
    match (steps.len(), revoked.len()) {
        (_, 0) => format!("{deleted}?"),
        (0, policies) => format!("Take the account out of {policies} policies?"),
        (_, policies) => format!("{deleted}, and take the account out of {policies} policies?"),
    }
}

/// What takes an account out of the documents of the common account: they are computed whole, as if it did not exist.
struct Revocation {
    graph: Graph<aws::Account>,
    plan: Plan,
}

impl Revocation {
    /// None if there is no common account that could have let it in.
    async fn of(
        account: &fleet::Account,
        roll: &Roll,
        workspace: &Workspace,
        ui: &Ui,
    ) -> Result<Option<Self>, Failure> {
        let others = selection::existing(&workspace.fleet, roll).filter(|(other, _)| **other != *account.name);
        let others: BTreeMap<_, _> = others.map(|(name, member)| (name.to_owned(), member)).collect();
        if !others.contains_key(&workspace.fleet.common) {
            return Ok(None);
        }
        let parts = Parts { others, shared: true, grants_only: true, ..Parts::default() };
        let graph = workspace.graph_of(&parts)?;
        let plan = workspace.plan(ui, "Reading grants", &graph).await;
        Ok(Some(Self { graph, plan }))
    }

    /// The policies that are to be changed or removed.
    fn steps(&self) -> impl Iterator<Item = &Step> {
        self.plan.changes().filter(|step| is_grant(step))
    }

    async fn run(&self, workspace: &Workspace, ui: &Ui, reports: &mut Vec<Report>) {
        let (graph, plan) = (&self.graph, &self.plan);
        let changed = |step: &Step| is_grant(step) && step.action == Some(Action::Update);
        let removed = |step: &Step| is_grant(step) && step.action == Some(Action::Delete);
        if plan.changes().any(changed) {
            let change = |run| async move { graph.converge_only(plan, changed, &run).await };
            reports.push(workspace.walk(ui, "Revoking", Some(self.steps().count()), change).await);
        }
        if succeeded(reports) && plan.changes().any(removed) {
            let remove = |run| async move { graph.delete(plan, removed, &run).await };
            reports.push(workspace.walk(ui, "Revoking", None, remove).await);
        }
    }
}

/// Whether a step takes a grant away. What is missing is made by whoever needs it.
fn is_grant(step: &Step) -> bool {
    is_policy_of_object(&step.key) && matches!(step.action, Some(Action::Update | Action::Delete))
}
