//! The pure function from a fleet to a graph of nodes, one file per concern. It makes no call: what exists is for the
//! walk to find out.

mod access;
mod account;
mod baseline;
mod control_policies;
mod network;
mod organization;

use std::sync::Arc;

use aws::resources::Member;
use aws::{Account, Sessions, State};
use engine::{Class, Error, Graph, Id, Result};
use fleet::{Fleet, RenderError};

/// The graph of some of a fleet's accounts, and of what they need in the management account. Of those that are `invited`
/// there is the invitation alone.
///
/// # Errors
/// When a policy document of the fleet uses a variable that does not exist.
pub fn graph(
    fleet: &Fleet,
    accounts: &[&fleet::Account],
    invited: &[&fleet::Account],
    sessions: &Arc<Sessions>,
) -> Result<Graph<Account>, RenderError> {
    let mut graph = Graph::default();
    let (organization, members) = organization::add(&mut graph, fleet, accounts, invited, sessions)?;
    for (account, member) in accounts.iter().zip(members) {
        account::add(&mut graph, fleet, account, organization, member, sessions)?;
    }
    Ok(graph)
}

/// One account, if it exists: how it is entered.
///
/// # Errors
/// When the organization cannot be read, or the account cannot be worked on.
pub async fn member(account: &fleet::Account, sessions: &Arc<Sessions>) -> Result<Option<Member>> {
    let roll = sessions.roll().await?;
    let Some(found) = roll.find(account.id.as_deref(), &account.email) else { return Ok(None) };
    if found.state != State::Active {
        let message = format!("account {} ({}) is {}", account.name, found.id, found.state);
        return Err(Error::new(Class::Invalid, message).hint(found.state.remedy()));
    }
    Ok(Some(Member { id: Id::new(found.id.as_str()), young: found.is_young() }))
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
