//! One account: how it is entered, and what is in it.

use std::sync::Arc;

use aws::resources::{AccountReady, Organization, watch_all_but};
use aws::{Account, Sessions};
use engine::{Graph, Handle};
use fleet::{Fleet, RenderError};

use crate::{access, baseline, network};

/// Adds the account's scope and all that the account's file asks for.
pub(crate) fn add(
    graph: &mut Graph<Account>,
    fleet: &Fleet,
    account: &fleet::Account,
    organization: Handle<Organization>,
    member: Handle<AccountReady>,
    sessions: &Arc<Sessions>,
) -> Result<(), RenderError> {
    let (entrance, name, region) = (Arc::clone(sessions), account.name.clone(), account.region.clone());
    let connect = move |member| {
        let (sessions, name, region) = (Arc::clone(&entrance), name.clone(), region.clone());
        Box::pin(async move { Ok(sessions.enter(&name, &member, &region).await?.map(Arc::new)) })
            as engine::Connect<Account>
    };
    let (name, tags) = (fleet.name.clone(), account.tags.clone());
    let mut scope = graph.scope(&account.name, move |key| aws::ownership(&name, key, &tags), member, connect);
    let boundary = access::add(&mut scope, fleet, account, organization, member, sessions);
    watch_all_but(baseline::left_alone(account), &mut scope);
    baseline::add(&mut scope, account);
    network::add(&mut scope, fleet, account, member, boundary)
}
