//! The organization and the accounts in it, all in the management account.

use std::collections::BTreeSet;
use std::sync::Arc;

use aws::resources::{AccountInvitation, AccountReady, MemberAccount, Organization, Service};
use aws::{Account, MANAGEMENT, Sessions};
use engine::{Graph, Handle, Id, Scope};
use fleet::Fleet;

/// Adds the organization and the accounts; gives a handle for each account that is worked on, in
/// their order, which stands for the account once it can be. Those that are `invited` come later.
pub(crate) fn add(
    graph: &mut Graph<Account>,
    fleet: &Fleet,
    accounts: &[&fleet::Account],
    invited: &[&fleet::Account],
    sessions: &Arc<Sessions>,
) -> Vec<Handle<AccountReady>> {
    let home = Arc::clone(sessions);
    let connect = move |()| {
        let sessions = Arc::clone(&home);
        Box::pin(async move { Ok(Some(Arc::new(sessions.home().await?))) }) as engine::Connect<Account>
    };
    // Accounts of one organization carry tags of their own.
    let owners = accounts.iter().chain(invited).map(|account| (account.name.clone(), account.tags.clone()));
    let owners: std::collections::BTreeMap<_, _> = owners.collect();
    let name = fleet.name.clone();
    let tags = move |key: &engine::Key| {
        let own = owners.get(&key.name).cloned().unwrap_or_default();
        aws::ownership(&name, key, &own)
    };
    let mut management = graph.scope(MANAGEMENT, tags, (), connect);
    let organization = management.add("main", (), |()| Organization::default());
    for account in invited {
        let Some(id) = account.id.clone() else { continue };
        management.add(account.name.as_str(), organization, move |organization| AccountInvitation {
            organization,
            account: Id::new(id.as_str()),
        });
    }
    let members = accounts.iter().map(|account| {
        let member = add_member(&mut management, fleet, account, organization);
        add_readiness(&mut management, account, member, sessions)
    });
    members.collect()
}

fn add_member(
    management: &mut Scope<'_, Account>,
    fleet: &Fleet,
    account: &fleet::Account,
    organization: Handle<Organization>,
) -> Handle<MemberAccount> {
    let (name, email, adopt) = (account.display_name.clone(), account.email.clone(), account.id.clone());
    let role = fleet.access.role.clone();
    management.add(account.name.as_str(), organization, move |organization| MemberAccount {
        organization,
        name: name.clone(),
        email: email.clone(),
        unit: None,
        adopt: adopt.clone(),
        role: role.clone(),
    })
}

/// Everything in the account comes after it: what a new account refuses is waited for here, once.
fn add_readiness(
    management: &mut Scope<'_, Account>,
    account: &fleet::Account,
    member: Handle<MemberAccount>,
    sessions: &Arc<Sessions>,
) -> Handle<AccountReady> {
    let (sessions, scope, region) = (Arc::clone(sessions), account.name.clone(), account.region.clone());
    let services: BTreeSet<_> = match account.network {
        Some(_) => [Service::Ec2, Service::Iam, Service::Logs].into(),
        None => BTreeSet::new(),
    };
    management.add(account.name.as_str(), member, move |member| AccountReady {
        member,
        sessions: Arc::clone(&sessions),
        scope: scope.clone(),
        region: region.clone(),
        services: services.clone(),
    })
}
