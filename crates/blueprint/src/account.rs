//! One account: how it is entered, and what is in it.

use std::sync::Arc;

use aws::resources::{
    AccountReady, ManagedPolicy, RepositoryPolicy, SecretPolicy, watch_all_but, watch_common, watch_service,
};
use aws::{Account, Sessions};
use engine::{Graph, Handle, Scope, ScopeId};
use fleet::{Fleet, RenderError};

use crate::account_ids::AccountIds;
use crate::common::{self, Shared};
use crate::edges::Edge;
use crate::network::Place;
use crate::organization::Above;
use crate::parts::Parts;
use crate::secrets::Secrets;
use crate::service_roles::Roles;
use crate::{
    access, baseline, database, dns, endpoints, load_balancer, network, secrets, security_groups, service_roles,
    services,
};

/// What an account is in.
pub(crate) struct Around<'a> {
    pub(crate) fleet: &'a Fleet,
    pub(crate) account: &'a fleet::Account,
    pub(crate) organization: &'a Above<'a>,
    pub(crate) sessions: &'a Arc<Sessions>,
    pub(crate) parts: &'a Parts<'a>,
}

/// The common account, or only what it shares if it is not worked on as a whole.
pub(crate) fn add_common(
    graph: &mut Graph<Account>,
    around: &Around<'_>,
    edges: &[Edge],
) -> Result<Shared, RenderError> {
    let Around { fleet, account, organization, parts, .. } = *around;
    let (mut scope, member, boundary) = enter(graph, around);
    if organization.members.contains_key(account.name.as_str()) && !parts.grants_only {
        whole(&mut scope, around, member, boundary)?;
        watch_common(&mut scope);
    } else {
        // Who may do what in the common account is everybody's; the rest of it is not looked at.
        scope.watch::<RepositoryPolicy>();
        scope.watch::<SecretPolicy>();
    }
    let is_project = |project: &&&fleet::Account| project.name != fleet.common;
    let projects: Vec<&fleet::Account> = parts.accounts.iter().filter(is_project).copied().collect();
    let shared = common::Around {
        fleet,
        account,
        member,
        projects: if parts.grants_only { &[] } else { &projects },
        ids: AccountIds { worked_on: &organization.members, others: &parts.others },
        edges,
        paths: &organization.paths,
        values: &parts.values,
        rewrites: &parts.rewrites,
    };
    common::add(&mut scope, &shared)
}

/// A project account.
pub(crate) fn add_project(graph: &mut Graph<Account>, around: &Around<'_>, shared: &Shared) -> Result<(), RenderError> {
    let Around { fleet, account, parts, .. } = *around;
    let (mut scope, member, boundary) = enter(graph, around);
    let place = whole(&mut scope, around, member, boundary)?;
    let own = (&parts.values, &parts.rewrites);
    let secrets = secrets::of_project(&mut scope, fleet, account, member, shared, own)?;
    let roles = service_roles::Around {
        fleet,
        account,
        bounded: (member, boundary),
        shared,
        secrets: &secrets,
        rewrites: &parts.rewrites,
    };
    let roles = service_roles::add(&mut scope, &roles)?;
    if parts.grants_only {
        return Ok(());
    }
    watch_service(&mut scope);
    let id = scope.id();
    let built = Built { member, place, secrets, roles };
    add_services(graph, id, around, shared, &built)
}

/// What is there of a project before its services.
struct Built {
    member: Handle<AccountReady>,
    place: Option<Place>,
    secrets: Secrets,
    roles: Roles,
}

/// The names of a project, its database and its services.
fn add_services(
    graph: &mut Graph<Account>,
    id: ScopeId,
    around: &Around<'_>,
    shared: &Shared,
    built: &Built,
) -> Result<(), RenderError> {
    let Around { fleet, account, parts, .. } = *around;
    let names = dns::add(graph, id, fleet, account, (shared.scope, &shared.above));
    let Some(place) = &built.place else { return Ok(()) };
    let mut scope = graph.enter(id);
    if account.services.is_empty() && account.database.is_none() {
        return Ok(());
    }
    let groups = security_groups::add(&mut scope, account, place.vpc);
    let database = database::add(&mut scope, fleet, account, built.member, (place, &groups, &parts.rewrites))?;
    let Some(names) = names.filter(|_| !account.services.is_empty()) else { return Ok(()) };
    let endpoints = endpoints::add(&mut scope, account, place, &groups);
    let balancing = load_balancer::add(&mut scope, fleet, account, built.member, (place, &groups, &names))?;
    let services = services::Around {
        fleet,
        account,
        member: built.member,
        place,
        groups: &groups,
        balancing: &balancing,
        database,
        endpoints: &endpoints,
        roles: &built.roles,
        secrets: &built.secrets,
        shared,
        rewrites: &parts.rewrites,
    };
    services::add(&mut scope, &services)
}

/// The account's scope, and its own roles.
fn enter<'g>(
    graph: &'g mut Graph<Account>,
    around: &Around<'_>,
) -> (Scope<'g, Account>, Handle<AccountReady>, Handle<ManagedPolicy>) {
    let Around { fleet, account, organization, sessions, parts } = *around;
    let member = organization.ready[account.name.as_str()];
    let (entrance, name, region) = (Arc::clone(sessions), account.name.clone(), account.region.clone());
    let connect = move |member| {
        let (sessions, name, region) = (Arc::clone(&entrance), name.clone(), region.clone());
        Box::pin(async move { Ok(sessions.enter(&name, &member, &region).await?.map(Arc::new)) })
            as engine::Connect<Account>
    };
    let (name, tags) = (fleet.name.clone(), account.tags.clone());
    let mut scope = graph.scope(&account.name, move |key| aws::ownership(&name, key, &tags), member, connect);
    let boundary =
        access::add(&mut scope, fleet, account, organization.organization, member, (sessions, &parts.rewrites));
    (scope, member, boundary)
}

/// What every account has that is worked on as a whole.
fn whole(
    scope: &mut Scope<'_, Account>,
    around: &Around<'_>,
    member: Handle<AccountReady>,
    boundary: Handle<ManagedPolicy>,
) -> Result<Option<Place>, RenderError> {
    let Around { fleet, account, parts, .. } = *around;
    if parts.grants_only {
        return Ok(None);
    }
    watch_all_but(baseline::left_alone(account), scope);
    baseline::add(scope, account);
    network::add(scope, fleet, account, member, boundary)
}
