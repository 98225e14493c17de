//! The organization and the accounts in it, all in the management account.

use std::sync::Arc;

use aws::resources::{MemberAccount, Organization};
use aws::{Account, MANAGEMENT, Sessions};
use engine::{Graph, Handle};
use fleet::Fleet;

/// Adds the organization and the accounts; gives handles for it and for each account, in their order.
pub(crate) fn add(
    graph: &mut Graph<Account>,
    fleet: &Fleet,
    accounts: &[&fleet::Account],
    sessions: &Arc<Sessions>,
) -> (Handle<Organization>, Vec<Handle<MemberAccount>>) {
    let sessions = Arc::clone(sessions);
    let connect = move |()| {
        let sessions = Arc::clone(&sessions);
        Box::pin(async move { Ok(Some(Arc::new(sessions.home().await?))) }) as engine::Connect<Account>
    };
    // Accounts of one organization carry tags of their own.
    let owners = accounts.iter().map(|account| (account.name.clone(), account.tags.clone()));
    let owners: std::collections::BTreeMap<_, _> = owners.collect();
    let name = fleet.name.clone();
    let tags = move |key: &engine::Key| {
        let own = owners.get(&key.name).cloned().unwrap_or_default();
        aws::ownership(&name, key, &own)
    };
    let mut management = graph.scope(MANAGEMENT, tags, (), connect);
    let organization = management.add("main", (), |()| Organization::default());
    let members = accounts.iter().map(|account| {
        let (name, email, adopt) = (account.name.clone(), account.email.clone(), account.id.clone());
        let role = fleet.access.role.clone();
        management.add(account.name.as_str(), organization, move |organization| MemberAccount {
            organization,
            name: name.clone(),
            email: email.clone(),
            adopt: adopt.clone(),
            role: role.clone(),
        })
    });
    let members = members.collect();
    (organization, members)
}
