//! What the common account keeps for all others: a registry for each image that a service names, the secrets that they
//! share, and the keys of both. Who may do what with them comes from the files of all accounts.

use std::collections::{BTreeMap, BTreeSet};

use aws::Account;
use aws::resources::{
    ContainerImage, EcrRepository, KmsKey, Lifecycle, Member, OrganizationPath, RegistryPolicy, RegistryReplication,
    RegistryScanning, RepositoryPolicy, Secret, SecretPolicy, SecretValues, SharedSecret,
};
use engine::{Handle, Id, Key, Resource, Scope, ScopeId};
use fleet::{Fleet, PullBy, RenderError, Scan};

use crate::account_ids::AccountIds;
use crate::dns;
use crate::edges::{Access, Edge, by_role};
use crate::grants::Readers;
use crate::keys;
use crate::rewrites::Rewrites;
use crate::secrets;
use crate::templates::{Templates, of_statements};

/// The node of the key that images are encrypted with.
const REGISTRY_KEY: &str = "registry";

/// The document that a fleet may have for its registry as a whole.
const REGISTRY_POLICY: &str = "registry";

/// What projects use of the common account.
#[derive(Default)]
pub(crate) struct Shared {
    /// By image and tag: those of the projects that are worked on.
    pub(crate) images: BTreeMap<(String, String), Handle<ContainerImage>>,
    /// By image.
    pub(crate) repositories: BTreeMap<String, Handle<EcrRepository>>,
    /// By name.
    pub(crate) secrets: BTreeMap<String, SharedHandles>,
    /// The key of the secrets.
    pub(crate) key: Option<Handle<KmsKey>>,
    /// Where these are.
    pub(crate) scope: Option<ScopeId>,
    /// The zones that projects are delegated from.
    pub(crate) above: Vec<dns::Above>,
}

/// A secret of the common account.
#[derive(Clone, Copy)]
pub(crate) struct SharedHandles {
    /// Itself.
    pub(crate) secret: Handle<Secret>,
    /// The version that it has now.
    pub(crate) version: Handle<SharedSecret>,
}

/// What is to be known for the documents.
pub(crate) struct Around<'a> {
    pub(crate) fleet: &'a Fleet,
    pub(crate) account: &'a fleet::Account,
    pub(crate) member: Handle<aws::resources::AccountReady>,
    pub(crate) ids: AccountIds<'a>,
    /// The accounts whose services and names are worked on.
    pub(crate) projects: &'a [&'a fleet::Account],
    pub(crate) edges: &'a [Edge],
    pub(crate) paths: &'a BTreeMap<String, Handle<OrganizationPath>>,
    pub(crate) values: &'a SecretValues,
    pub(crate) rewrites: &'a Rewrites,
}

/// Adds everything that is shared.
pub(crate) fn add(scope: &mut Scope<'_, Account>, around: &Around<'_>) -> Result<Shared, RenderError> {
    let templates = Templates::new(around.fleet, around.account);
    templates.check(&["key", "key-read", "registry-pull", "registry-pull-units", "registry-push", "secret-read"])?;
    let repositories = registries(scope, around, &templates)?;
    let (secrets, key) = shared_secrets(scope, around, &templates);
    let images = images(scope, around.projects, &repositories);
    let above = dns::add_above(scope, around.fleet, around.projects);
    Ok(Shared { images, repositories, secrets, key, scope: Some(scope.id()), above })
}

/// What the tags of the projects' services stand for.
fn images(
    scope: &mut Scope<'_, Account>,
    projects: &[&fleet::Account],
    repositories: &BTreeMap<String, Handle<EcrRepository>>,
) -> BTreeMap<(String, String), Handle<ContainerImage>> {
    let services = projects.iter().flat_map(|project| project.services.values());
    let tags: BTreeSet<_> = services.map(|service| (service.image.clone(), service.tag.clone())).collect();
    let images = tags.into_iter().filter_map(|(image, tag)| {
        let repository = *repositories.get(&image)?;
        let wanted = tag.clone();
        let handle = scope.add(format!("{image}:{tag}"), repository, move |repository| ContainerImage {
            repository,
            tag: wanted.clone(),
        });
        Some(((image, tag), handle))
    });
    images.collect()
}

/// A registry for each image, with who may pull and push, and what holds for all of them.
fn registries(
    scope: &mut Scope<'_, Account>,
    around: &Around<'_>,
    templates: &Templates,
) -> Result<BTreeMap<String, Handle<EcrRepository>>, RenderError> {
    let (fleet, registry) = (around.fleet, &around.account.registry);
    let enhanced = registry.scan == Scan::Enhanced;
    scope.add("main", (), move |()| RegistryScanning::of_all(enhanced));
    let regions = registry.replicas.clone();
    scope.add("main", (), move |()| RegistryReplication { regions: regions.clone() });
    let policy = fleet.documents.get(REGISTRY_POLICY).is_some();
    if policy {
        templates.check(&[REGISTRY_POLICY])?;
    }
    let whole = templates.clone();
    scope.add("main", around.member, move |member: Member| RegistryPolicy {
        document: policy.then(|| whole.of_account(&member.id.to_string()).document(REGISTRY_POLICY, &[])),
    });

    let images = fleet.images();
    if images.is_empty() {
        return Ok(BTreeMap::new());
    }
    let key = keys::add(scope, REGISTRY_KEY, around.member, templates, around.rewrites);
    let lifecycle = Lifecycle { keep: registry.keep, untagged_days: registry.untagged_days };
    let repositories = images.into_iter().map(|image| {
        let mutable_tags = registry.mutable_tags.clone();
        let repository = scope.add(image, key, move |key| EcrRepository {
            mutable_tags: mutable_tags.clone(),
            scan_on_push: true,
            lifecycle: Some(lifecycle.into()),
            key: Some(key),
        });
        repository_policy(scope, image, repository, around, templates);
        (image.to_owned(), repository)
    });
    Ok(repositories.collect())
}

/// Who may pull an image, and who may push it: never the same statement.
fn repository_policy(
    scope: &mut Scope<'_, Account>,
    image: &str,
    repository: Handle<EcrRepository>,
    around: &Around<'_>,
    templates: &Templates,
) {
    let pulls = by_role(around.edges.iter().filter(|edge| matches!(&edge.access, Access::Pull(of) if of == image)));
    let pushes = by_role(around.edges.iter().filter(|edge| matches!(&edge.access, Access::Push(of) if of == image)));
    let named = around.ids.of(pulls.values().chain(pushes.values()).flatten().copied());
    if named.is_empty() {
        return;
    }
    let by_unit = around.account.registry.pull == PullBy::Units;
    let units: BTreeSet<&str> =
        if by_unit { around.units_of(pulls.values().flatten().copied()) } else { BTreeSet::new() };
    let paths: Vec<_> = units.iter().filter_map(|unit| around.paths.get(*unit).copied()).collect();
    let (pulls, pushes, templates) = (Readers::new(&pulls), Readers::new(&pushes), templates.clone());
    let (key, rewrites) = (Key::new(&around.account.name, RepositoryPolicy::KIND, image), around.rewrites.clone());
    let inputs = (repository, named.handles.clone(), paths);
    scope.add(image, inputs, move |(repository, members, paths): (_, Vec<Member>, Vec<Id<OrganizationPath>>)| {
        let ids = named.ids(&members);
        let mut statements = if by_unit {
            let paths: Vec<_> = paths.iter().map(ToString::to_string).collect();
            pulls.statements_by_unit("registry-pull-units", &templates, &paths)
        } else {
            pulls.statements("registry-pull", &templates, &ids)
        };
        statements.extend(pushes.statements("registry-push", &templates, &ids));
        RepositoryPolicy { repository, document: rewrites.document(&key, of_statements(&statements)) }
    });
}

impl Around<'_> {
    /// The units that accounts which exist are in; the whole organization for those in its root.
    fn units_of<'n>(&self, accounts: impl Iterator<Item = &'n str>) -> BTreeSet<&str> {
        let exists = |name: &&str| self.ids.worked_on.contains_key(name) || self.ids.others.contains_key(*name);
        let units = accounts.filter(exists).filter_map(|name| self.fleet.accounts.get(name));
        units.map(|account| account.ou.as_deref().unwrap_or_default()).collect()
    }
}

/// The secrets of the common account, readable by the services that name them where they are.
fn shared_secrets(
    scope: &mut Scope<'_, Account>,
    around: &Around<'_>,
    templates: &Templates,
) -> (BTreeMap<String, SharedHandles>, Option<Handle<KmsKey>>) {
    if around.account.secrets.is_empty() {
        return (BTreeMap::new(), None);
    }
    let reads = || around.edges.iter().filter(|edge| matches!(edge.access, Access::Read(_)));
    let readers = by_role(reads());
    let named = around.ids.of(readers.values().flatten().copied());
    let key =
        keys::add_for(scope, secrets::KEY, around.member, templates, (&Readers::new(&readers), named), around.rewrites);
    let secrets = around.account.secrets.iter().map(|(name, secret)| {
        let handle = secrets::add(scope, name, secret, key, None, around.values);
        let readers = by_role(reads().filter(|edge| edge.access.object() == name));
        let named = around.ids.of(readers.values().flatten().copied());
        if !named.is_empty() {
            let (readers, templates, rewrites) = (Readers::new(&readers), templates.clone(), around.rewrites.clone());
            let key = Key::new(&around.account.name, SecretPolicy::KIND, name.as_str());
            scope.add(name.as_str(), (handle, named.handles.clone()), move |(secret, members): (_, Vec<Member>)| {
                let document = of_statements(&readers.statements("secret-read", &templates, &named.ids(&members)));
                SecretPolicy { secret, document: rewrites.document(&key, document) }
            });
        }
        let version = scope.add(name.as_str(), handle, |secret| SharedSecret { secret });
        (name.clone(), SharedHandles { secret: handle, version })
    });
    (secrets.collect(), Some(key))
}
