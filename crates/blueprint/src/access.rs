//! How an account is entered once it has roles of its own: one that builds, one that looks, the boundary of both, and that of
//! every role that is made in it.

mod documents;
mod trust;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use aws::resources::{AccountReady, ManagedPolicy, Member, OidcProvider, Organization, Role};
use aws::{AUDITOR, Account, BOUNDARY, DEPLOYER, DEPLOYER_POLICIES, PolicyDocument, Sessions, WORKLOAD_BOUNDARY};
use engine::{Handle, Id, Key, Resource, Scope};
use fleet::Fleet;

use documents::{Place, Sort};
use trust::Trust;

use crate::rewrites::Rewrites;

/// GitHub's provider of tokens (GitHub documentation, "Configuring `OpenID` Connect in Amazon Web Services").
const GITHUB: &str = "token.actions.githubusercontent.com";
/// Whom the tokens are for.
const AUDIENCE: &str = "sts.amazonaws.com";

/// The node of the role of the fleet's own workflows.
const WORKFLOWS: &str = "ci";

/// The name of the one policy of a role.
const POLICY: &str = "permissions";

/// Adds the roles and the boundaries, through which everything that follows is reached. Gives the boundary of the roles that
/// follow.
pub(crate) fn add(
    scope: &mut Scope<'_, Account>,
    fleet: &Fleet,
    account: &fleet::Account,
    organization: Handle<Organization>,
    member: Handle<AccountReady>,
    (sessions, rewrites): (&Arc<Sessions>, &Rewrites),
) -> Handle<ManagedPolicy> {
    let (region, workload) = (account.region.clone(), PolicyDocument::from(documents::workload(fleet, account)));
    let sort = if account.name == fleet.common { Sort::Common } else { Sort::Project };
    let of_fleet = fleet.name.clone();
    let place = move |member: &Member| Place {
        fleet: of_fleet.clone(),
        account: member.id.to_string(),
        region: region.clone(),
        sort,
    };
    let here = place.clone();
    let boundary = scope
        .add(BOUNDARY, member, move |member| ManagedPolicy { document: documents::boundary(&here(&member)).into() });
    let workload = rewrites.document(&Key::new(scope.name(), ManagedPolicy::KIND, WORKLOAD_BOUNDARY), workload);
    let workload = scope.add(WORKLOAD_BOUNDARY, member, move |_| ManagedPolicy { document: workload.clone() });
    let policies = if sort == Sort::Project { &DEPLOYER_POLICIES[..] } else { &[] };
    let of_services: Vec<Handle<ManagedPolicy>> = policies
        .iter()
        .enumerate()
        .map(|(at, name)| {
            let here = place.clone();
            scope.add(*name, member, move |member| ManagedPolicy {
                document: documents::deployer_of_services(&here(&member), at).into(),
            })
        })
        .collect();
    let mut role = |name: &str, attached: Vec<Handle<ManagedPolicy>>, permissions: fn(&Place) -> PolicyDocument| {
        let (access, sessions, place) = (fleet.access.clone(), Arc::clone(sessions), place.clone());
        let inputs = (organization, member, boundary, attached);
        scope.add(name, inputs, move |(organization, member, boundary, attached): (_, _, _, Vec<Id<_>>)| {
            // The organization is read by a session of the management account, so that its id is known.
            let management = sessions.account_of(aws::MANAGEMENT).unwrap_or_default();
            let trust = Trust { access: &access, management: &management, organization: &organization.to_string() };
            let policies = BTreeMap::from([(POLICY.to_owned(), permissions(&place(&member)))]);
            let attached = attached.iter().map(ToString::to_string).collect();
            Role { trust: trust.document().into(), policies, attached, boundary: Some(boundary) }
        })
    };
    let deployer = role(DEPLOYER, of_services, |place| documents::deployer(place).into());
    let auditor = role(AUDITOR, Vec::new(), |place| documents::auditor(place).into());
    enter_by(scope, deployer, auditor, sessions);
    workload
}

/// From here on the account is entered by its own roles.
fn enter_by(scope: &mut Scope<'_, Account>, deployer: Handle<Role>, auditor: Handle<Role>, sessions: &Arc<Sessions>) {
    let sessions = Arc::clone(sessions);
    scope.renew("own-role", (deployer, auditor), move |earlier, (deployer, auditor): (Id<Role>, Id<Role>)| {
        let sessions = Arc::clone(&sessions);
        Box::pin(async move {
            match earlier {
                Some(earlier) => sessions.renew(earlier, &deployer, &auditor).await.map(Some),
                None => Ok(None),
            }
        }) as engine::Connect<Account>
    });
}

/// Adds, if the fleet asks for it, the role by which workflows of its repository run orgstrap without keys.
pub(crate) fn add_workflows(
    management: &mut Scope<'_, Account>,
    fleet: &Fleet,
    organization: Handle<Organization>,
    sessions: &Arc<Sessions>,
) {
    let Some(github) = fleet.access.github.clone() else { return };
    let (here, of_fleet, region) = (Arc::clone(sessions), fleet.name.clone(), fleet.region.clone());
    let place = move || Place {
        fleet: of_fleet.clone(),
        account: here.account_of(aws::MANAGEMENT).unwrap_or_default(),
        region: region.clone(),
        sort: Sort::Management,
    };
    let provider = management.add(GITHUB, organization, |_| OidcProvider { audience: Some(AUDIENCE.to_owned()) });
    let (there, bootstrap, ledger) = (place.clone(), fleet.access.role.clone(), fleet.ledger.location.clone());
    let permissions = move |organization: &Id<Organization>| -> PolicyDocument {
        documents::workflows(&there(), &organization.to_string(), &bootstrap, &ledger).into()
    };
    let bounded = permissions.clone();
    let boundary =
        management.add(BOUNDARY, organization, move |organization| ManagedPolicy { document: bounded(&organization) });
    management.add(WORKFLOWS, (organization, provider, boundary), move |(organization, provider, boundary)| Role {
        trust: trust::workflows_trust(&provider.to_string(), GITHUB, AUDIENCE, &github).into(),
        policies: BTreeMap::from([(POLICY.to_owned(), permissions(&organization))]),
        attached: BTreeSet::new(),
        boundary: Some(boundary),
    });
}
