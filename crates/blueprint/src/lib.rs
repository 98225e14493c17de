//! The pure function from a fleet to a graph of nodes, one file per concern. It makes no call: what exists is for the
//! walk to find out.

mod access;
mod account;
mod baseline;
mod control_policies;
mod network;
mod organization;

use std::sync::Arc;

use aws::resources::{Member, MemberAccount};
use aws::{Account, Sessions};
use engine::{Events, Graph, Id, Resource, Result, Run};
use fleet::{Fleet, RenderError};

/// The graph of some of a fleet's accounts, and of what they need in the management account.
///
/// # Errors
/// When a policy document of the fleet uses a variable that does not exist.
pub fn graph(
    fleet: &Fleet,
    accounts: &[&fleet::Account],
    sessions: &Arc<Sessions>,
) -> Result<Graph<Account>, RenderError> {
    let mut graph = Graph::default();
    let (organization, members) = organization::add(&mut graph, fleet, accounts, sessions)?;
    for (account, member) in accounts.iter().zip(members) {
        account::add(&mut graph, fleet, account, organization, member, sessions)?;
    }
    Ok(graph)
}

/// One account, if it exists: how it is entered.
///
/// # Errors
/// When the organization cannot be read.
pub async fn member(fleet: &Fleet, account: &fleet::Account, sessions: &Arc<Sessions>) -> Result<Option<Member>> {
    let mut graph = Graph::default();
    organization::add_member(&mut graph, fleet, account, sessions);
    let plan = graph.plan(&Run::new(Events::ignored())).await;
    if let Some((_, error)) = plan.failures().next() {
        return Err(error.clone());
    }
    let found = plan.steps().find(|step| step.key.kind == MemberAccount::KIND).and_then(|step| step.id.clone());
    Ok(found.map(|id| Member { id: Id::new(id), young: false }))
}

/// The sections of an account's file that are read and checked, and that nothing is built from yet.
pub fn not_built_yet(account: &fleet::Account) -> Vec<&'static str> {
    let sections = [
        ("dns", account.dns.is_some()),
        ("service", !account.services.is_empty()),
        ("database", account.database.is_some()),
        ("secret", !account.secrets.is_empty()),
        ("pipeline", !account.pipelines.is_empty()),
    ];
    sections.into_iter().filter(|(_, declared)| *declared).map(|(section, _)| section).collect()
}
