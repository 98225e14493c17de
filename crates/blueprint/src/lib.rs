//! The pure function from a fleet to a graph of nodes, one file per concern. It makes no call: what exists is for the
//! walk to find out.

mod access;
mod account;
mod account_ids;
mod baseline;
mod common;
mod control_policies;
mod database;
mod dns;
mod edges;
mod endpoints;
mod grants;
mod keys;
mod load_balancer;
mod network;
mod organization;
mod parts;
mod rewrites;
mod rollouts;
mod secrets;
mod security_groups;
mod service_roles;
mod services;
mod task;
mod templates;

use std::sync::Arc;

use aws::resources::Member;
use aws::{Account, Sessions, State};
use engine::{Class, Error, Graph, Id, Result};
use fleet::{Fleet, RenderError, SecretSource};

use common::Shared;

pub use database::database_key;
pub use dns::delegation_key;
pub use edges::{Access, Edge, edges};
pub use organization::SUSPENDED;
pub use parts::Parts;
pub use rewrites::{Rewrite, Rewrites};
pub use secrets::{public_text, secret_key};

/// The graph of a part of a fleet, and of what it needs in the management account and in the common one. The common account
/// comes before the accounts that use it.
///
/// # Errors
/// When a policy document of the fleet uses a variable that does not exist.
pub fn graph(fleet: &Fleet, parts: &Parts<'_>, sessions: &Arc<Sessions>) -> Result<Graph<Account>, RenderError> {
    let mut graph = Graph::default();
    let organization = organization::add(&mut graph, fleet, parts, sessions)?;
    let edges = edges(fleet);
    let is_common = |account: &&&fleet::Account| account.name == fleet.common;
    let common = parts.accounts.iter().find(is_common).copied();
    let common = common.or_else(|| fleet.accounts.get(&fleet.common).filter(|_| parts.shared));
    let mut shared = Shared::default();
    if let Some(common) = common {
        let around = account::Around { fleet, account: common, organization: &organization, sessions, parts };
        shared = account::add_common(&mut graph, &around, &edges)?;
    }
    for project in parts.accounts.iter().filter(|account| !is_common(account)) {
        let around = account::Around { fleet, account: project, organization: &organization, sessions, parts };
        account::add_project(&mut graph, &around, &shared)?;
    }
    Ok(graph)
}

/// Whether an account uses what the common account shares.
#[must_use]
pub fn uses_common(account: &fleet::Account) -> bool {
    let copies = account.secrets.values().any(|secret| matches!(secret.from, SecretSource::Shared(_)));
    copies || !account.services.is_empty() || account.dns.is_some()
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
    let sections = [("pipeline", !account.pipelines.is_empty())];
    sections.into_iter().filter(|(_, declared)| *declared).map(|(section, _)| section).collect()
}
