//! The organization and the accounts in it, all in the management account.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use aws::resources::{
    AccountInvitation, AccountReady, DelegatedAdministrator, Member, MemberAccount, Organization, OrganizationPath,
    OrganizationRoot, OrganizationalUnit, Service, TrustedAccess, watch_organization,
};
use aws::{Account, MANAGEMENT, Sessions};
use engine::{Graph, Handle, Id, Inputs, Key, Resource, Scope};
use fleet::{Fleet, PullBy, RenderError, paths_of};

use crate::parts::Parts;
use crate::{access, baseline, control_policies};

/// By this the management account changes what member accounts are called and whom AWS writes to (Account Management
/// reference guide, "Enabling trusted access for AWS Account Management").
const ACCOUNT_MANAGEMENT: &str = "account.amazonaws.com";

/// The unit that accounts are moved into before they are closed, so that those of the fleet hold nothing that is closed (AWS
/// whitepaper "Organizing Your AWS Environment Using Multiple Accounts", "Suspended OU").
pub const SUSPENDED: &str = "Suspended";

/// What others of the management account are built on.
pub(crate) struct Places<'f> {
    pub(crate) organization: Handle<Organization>,
    pub(crate) root: Handle<OrganizationRoot>,
    /// By path.
    pub(crate) units: BTreeMap<String, Handle<OrganizationalUnit>>,
    /// By name.
    pub(crate) members: BTreeMap<&'f str, Handle<MemberAccount>>,
}

/// What the accounts are in, and how each is reached.
pub(crate) struct Above<'f> {
    pub(crate) organization: Handle<Organization>,
    /// The accounts that are worked on, by name.
    pub(crate) members: BTreeMap<&'f str, Handle<MemberAccount>>,
    /// Each account that is entered, once it can be.
    pub(crate) ready: BTreeMap<&'f str, Handle<AccountReady>>,
    /// Where units are, by path, if documents name units.
    pub(crate) paths: BTreeMap<String, Handle<OrganizationPath>>,
}

/// Adds the organization, with what the accounts need in it. Those that are invited come later. Units and policies that only
/// other accounts of the fleet need are neither made nor taken for unwanted.
pub(crate) fn add<'f>(
    graph: &mut Graph<Account>,
    fleet: &'f Fleet,
    parts: &Parts<'f>,
    sessions: &Arc<Sessions>,
) -> Result<Above<'f>, RenderError> {
    let (accounts, invited) = (&parts.accounts, &parts.invited);
    let mut management = management(graph, fleet, accounts.iter().chain(invited), sessions);
    watch_organization(&mut management);
    let organization = management.add("main", (), |()| Organization::default());
    let root = management.add("main", organization, |organization| OrganizationRoot { organization });
    for account in invited {
        let Some(id) = account.id.clone() else { continue };
        management.add(account.name.as_str(), organization, move |organization| AccountInvitation {
            organization,
            account: Id::new(id.as_str()),
        });
    }
    let trusted = trusted_access(&mut management, fleet, organization);
    let units = units(&mut management, fleet, parts, root);
    let paths = unit_paths(&mut management, fleet, (organization, root), &units);
    let mut members = BTreeMap::new();
    let mut ready = BTreeMap::new();
    for account in accounts {
        let place = Place {
            organization,
            root: account.id.is_none().then_some(root),
            unit: account.ou.as_ref().and_then(|path| units.get(path).copied()),
            trusted: trusted.get(ACCOUNT_MANAGEMENT).copied(),
        };
        let place = match units.get(SUSPENDED) {
            Some(unit) if parts.closing => Place { unit: Some(*unit), trusted: None, ..place },
            _ => place,
        };
        let name = account.display_name.clone().filter(|_| !parts.closing);
        let member = member(&mut management, fleet, account, name, place);
        members.insert(account.name.as_str(), member);
        let answering = readiness(&mut management, account, member, |member| member, sessions);
        ready.insert(account.name.as_str(), answering);
    }
    if let (true, Some(common), Some(member)) =
        (parts.shared, fleet.accounts.get(&fleet.common), parts.others.get(&fleet.common).cloned())
    {
        let answering = readiness(&mut management, common, (), move |()| member.clone(), sessions);
        ready.insert(common.name.as_str(), answering);
    }
    let administrators = fleet.organization.delegated_administrators.iter();
    for (service, account) in administrators {
        if let (Some(trusted), Some(account)) = (trusted.get(service.as_str()), members.get(account.as_str())) {
            let desired = |(service, account): (_, aws::resources::Member)| DelegatedAdministrator {
                service,
                account: account.id,
            };
            management.add(service.as_str(), (*trusted, *account), desired);
        }
    }
    let places = Places { organization, root, units, members };
    control_policies::add(&mut management, fleet, &places)?;
    access::add_workflows(&mut management, fleet, organization, sessions);
    Ok(Above { organization, members: places.members, ready, paths })
}

/// Where the units of projects are, for registries whose policies name units.
fn unit_paths(
    management: &mut Scope<'_, Account>,
    fleet: &Fleet,
    (organization, root): (Handle<Organization>, Handle<OrganizationRoot>),
    units: &BTreeMap<String, Handle<OrganizationalUnit>>,
) -> BTreeMap<String, Handle<OrganizationPath>> {
    let by_unit = fleet.accounts.get(&fleet.common).is_some_and(|common| common.registry.pull == PullBy::Units);
    if !by_unit {
        return BTreeMap::new();
    }
    let wanted: BTreeSet<&str> = fleet.projects().map(|account| account.ou.as_deref().unwrap_or_default()).collect();
    let paths = wanted.into_iter().map(|path| {
        let (name, path) = (if path.is_empty() { "/" } else { path }, path.to_owned());
        let inputs = (organization, root, units.get(&path).copied());
        let called = path.clone();
        let handle = management.add(name, inputs, move |(organization, root, unit)| OrganizationPath {
            organization,
            root,
            unit,
            path: called.clone(),
        });
        (path, handle)
    });
    paths.collect()
}

/// The management account's scope.
fn management<'g, 'a>(
    graph: &'g mut Graph<Account>,
    fleet: &Fleet,
    accounts: impl Iterator<Item = &'a &'a fleet::Account>,
    sessions: &Arc<Sessions>,
) -> Scope<'g, Account> {
    let sessions = Arc::clone(sessions);
    let connect = move |()| {
        let sessions = Arc::clone(&sessions);
        Box::pin(async move { Ok(Some(Arc::new(sessions.home().await?))) }) as engine::Connect<Account>
    };
    // Accounts of one organization carry tags of their own.
    let owners = accounts.map(|account| (account.name.clone(), account.tags.clone()));
    let owners: BTreeMap<_, _> = owners.collect();
    let name = fleet.name.clone();
    let tags = move |key: &Key| {
        let own = owners.get(&key.name).filter(|_| key.kind == MemberAccount::KIND);
        aws::ownership(&name, key, &own.cloned().unwrap_or_default())
    };
    graph.scope(MANAGEMENT, tags, (), connect)
}

/// What is trusted because orgstrap needs it, because the fleet says so, or because an account administers it.
fn trusted_access<'f>(
    management: &mut Scope<'_, Account>,
    fleet: &'f Fleet,
    organization: Handle<Organization>,
) -> BTreeMap<&'f str, Handle<TrustedAccess>> {
    let wanted = fleet.organization.trusted_access.iter().chain(fleet.organization.delegated_administrators.keys());
    let services: BTreeSet<&str> = wanted.map(String::as_str).chain([ACCOUNT_MANAGEMENT]).collect();
    let trusted = services.into_iter().map(|service| {
        let principal = service.to_owned();
        let trusted = management
            .add(service, organization, move |organization| TrustedAccess { organization, service: principal.clone() });
        (service, trusted)
    });
    trusted.collect()
}

/// The units that the accounts are in, and those above them, and the one of what is closed if one of them will be.
fn units(
    management: &mut Scope<'_, Account>,
    fleet: &Fleet,
    parts: &Parts<'_>,
    root: Handle<OrganizationRoot>,
) -> BTreeMap<String, Handle<OrganizationalUnit>> {
    for path in fleet.units() {
        management.spare::<OrganizationalUnit>(path);
    }
    // What is in it stays for 90 days, and the next account to be closed wants it again.
    management.spare::<OrganizationalUnit>(SUSPENDED);
    let named = parts.accounts.iter().filter_map(|account| account.ou.as_deref()).flat_map(paths_of);
    let paths: BTreeSet<_> = named.chain(parts.closing.then(|| SUSPENDED.to_owned())).collect();
    let mut units: BTreeMap<String, Handle<OrganizationalUnit>> = BTreeMap::new();
    // A path comes after those that it begins with.
    for path in paths {
        let (above, name) = path.rsplit_once('/').unwrap_or(("", &path));
        let (above, name) = (units.get(above).copied(), name.to_owned());
        let desired = move |parent| OrganizationalUnit { parent, name: name.clone() };
        let unit = match above {
            Some(above) => management.add(path.as_str(), above, desired),
            None => management.add(path.as_str(), root, desired),
        };
        units.insert(path, unit);
    }
    units
}

/// Where an account goes, and what comes before it.
#[derive(Clone, Copy)]
struct Place {
    organization: Handle<Organization>,
    /// Where it is without a unit; none for one that is adopted, which stays where it is.
    root: Option<Handle<OrganizationRoot>>,
    unit: Option<Handle<OrganizationalUnit>>,
    /// What its name is changed by.
    trusted: Option<Handle<TrustedAccess>>,
}

fn member(
    management: &mut Scope<'_, Account>,
    fleet: &Fleet,
    account: &fleet::Account,
    name: Option<String>,
    place: Place,
) -> Handle<MemberAccount> {
    let (email, adopt) = (account.email.clone(), account.id.clone());
    let role = fleet.access.role.clone();
    let Place { organization, root, unit, trusted } = place;
    management.add(account.name.as_str(), (organization, unit, root, trusted), move |(organization, unit, root, _)| {
        MemberAccount {
            organization,
            name: name.clone(),
            email: email.clone(),
            unit: unit.or(root),
            adopt: adopt.clone(),
            role: role.clone(),
        }
    })
}

/// Everything in the account comes after it: what a new account refuses is waited for here, once.
fn readiness<I: Inputs>(
    management: &mut Scope<'_, Account>,
    account: &fleet::Account,
    inputs: I,
    member: impl Fn(I::Values) -> Member + Send + Sync + 'static,
    sessions: &Arc<Sessions>,
) -> Handle<AccountReady> {
    let (sessions, scope, region) = (Arc::clone(sessions), account.name.clone(), account.region.clone());
    // Every account has roles.
    let of_network = account.network.iter().flat_map(|_| [Service::Ec2, Service::Logs]);
    let services: BTreeSet<_> = baseline::services(account).chain(of_network).chain([Service::Iam]).collect();
    management.add(account.name.as_str(), inputs, move |values| AccountReady {
        member: member(values),
        sessions: Arc::clone(&sessions),
        scope: scope.clone(),
        region: region.clone(),
        services: services.clone(),
    })
}
