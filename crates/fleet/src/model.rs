//! A fleet that has passed every check.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::database::Database;
use crate::documents::Documents;
use crate::hardening::{Budget, Contact, ContactType, Hardening};
use crate::network::Network;
use crate::service::{LoadBalancing, Service};
use crate::written::Written;

/// Everything that one `orgstrap.toml`, its `accounts/` and its `policies/` describe.
#[derive(Clone, Debug)]
pub struct Fleet {
    /// The fleet's name, which every object is tagged with.
    pub name: String,
    /// The region of every account that does not name its own.
    pub region: String,
    /// The name of the common account; it is in `accounts` as well.
    pub common: String,
    /// How the accounts are entered.
    pub access: Access,
    /// What holds for all accounts, and where.
    pub organization: Organization,
    /// Where the ledger is kept.
    pub ledger: Ledger,
    /// Every account but the management account, by name.
    pub accounts: BTreeMap<String, Account>,
    /// The policy documents.
    pub documents: Documents,
    /// The folder of `orgstrap.toml`, which relative paths are seen from.
    pub root: PathBuf,
    /// Where the accounts' values are written.
    pub written: Written,
}

impl Fleet {
    /// The accounts that projects run in: all but the common one.
    pub fn projects(&self) -> impl Iterator<Item = &Account> {
        self.accounts.values().filter(|account| account.name != self.common)
    }

    /// The images that services are made of, by the repository's name.
    pub fn images(&self) -> BTreeSet<&str> {
        self.projects().flat_map(|account| account.services.values()).map(|service| service.image.as_str()).collect()
    }

    /// The path of every unit that an account is in, and of those above it.
    pub fn units(&self) -> BTreeSet<String> {
        self.accounts.values().filter_map(|account| account.ou.as_deref()).flat_map(paths_of).collect()
    }
}

/// A unit's path, and those of the units above it, from the root down: `Workloads` and `Workloads/Dev`.
pub fn paths_of(unit: &str) -> impl Iterator<Item = String> {
    let ends = unit.match_indices('/').map(|(at, _)| at).chain([unit.len()]);
    ends.map(|end| unit[..end].to_owned())
}

/// What holds for all accounts, and where.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Organization {
    /// The principals of services with trusted access, beside those that orgstrap needs itself.
    pub trusted_access: BTreeSet<String>,
    /// The account that administers a service, by the service's principal.
    pub delegated_administrators: BTreeMap<String, String>,
    /// Where each service control policy is attached, by the policy's name.
    pub control_policies: BTreeMap<String, BTreeSet<ControlPolicyTarget>>,
}

/// Where a service control policy is attached.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ControlPolicyTarget {
    /// The root: all accounts.
    Root,
    /// A unit, by its path.
    Unit(String),
    /// An account, by its name.
    Account(String),
}

impl ControlPolicyTarget {
    /// As it is written: `/`, a path or a name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Root => "/",
            Self::Unit(name) | Self::Account(name) => name,
        }
    }
}

/// How orgstrap enters the accounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// The role by which an account is entered until it has its own.
    pub role: String,
    /// Who in the management account may enter: `role/...` and `user/...`, perhaps with wildcards. None is everybody
    /// there whose own permissions say so.
    pub principals: Vec<String>,
    /// Whether a second factor is asked for.
    pub mfa: bool,
    /// The external id that the roles' trust policies ask for.
    pub external_id: Option<String>,
    /// The source identity that sessions carry.
    pub source_identity: SourceIdentity,
    /// Tags that sessions carry, beside the fleet's and the command's name.
    pub session_tags: BTreeMap<String, String>,
    /// How long a session lasts, 15 to 60 minutes.
    pub session_minutes: u8,
    /// Whose workflows run orgstrap.
    pub github: Option<Github>,
}

/// The source identity that sessions carry. Once it is set, it cannot be changed by entering another role (IAM user
/// guide, "Monitor and control actions taken with assumed roles").
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SourceIdentity {
    /// Whoever runs orgstrap.
    Person,
    /// What the caller's own session has, if anything.
    Inherited,
    /// This one.
    Given(String),
}

/// Workflows of a GitHub repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Github {
    /// `owner/name`.
    pub repository: String,
    /// Which workflows of it.
    pub workflows: Workflows,
}

/// What a workflow has to run for, so that its token is accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Workflows {
    /// A branch.
    Branch(String),
    /// An environment, which GitHub can protect by reviewers.
    Environment(String),
}

/// Where the ledger is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ledger {
    /// The address as it was written.
    pub url: String,
    /// What the address means.
    pub location: LedgerLocation,
}

/// What a ledger's address means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LedgerLocation {
    /// A local folder; a relative one is already seen from the fleet's root.
    Folder(PathBuf),
    /// A prefix, perhaps empty, in an S3 bucket.
    Bucket {
        /// The bucket's name.
        bucket: String,
        /// The prefix, without a slash at either end.
        prefix: String,
    },
}

/// One account.
#[derive(Clone, Debug, PartialEq)]
pub struct Account {
    /// The account's name, which is its file's name.
    pub name: String,
    /// The id of an account to adopt instead of creating one.
    pub id: Option<String>,
    /// Whether the account of that id is invited into the organization if it is not in it.
    pub invite: bool,
    /// What the account is called in the organization; none if it keeps the name that it has.
    pub display_name: Option<String>,
    /// The e-mail address of the account's root user.
    pub email: String,
    /// The organizational unit, from the root down, separated by slashes.
    pub ou: Option<String>,
    /// The account's region.
    pub region: String,
    /// Tags of the account and of everything in it.
    pub tags: BTreeMap<String, String>,
    /// Which controls are off.
    pub hardening: Hardening,
    /// What it may cost in a month.
    pub budget: Option<Budget>,
    /// Whom AWS writes to beside the owner.
    pub contacts: BTreeMap<ContactType, Contact>,
    /// The network.
    pub network: Option<Network>,
    /// The DNS zone.
    pub dns: Option<Dns>,
    /// The load balancer before the services; means something only where there are any.
    pub load_balancer: LoadBalancing,
    /// The services by name.
    pub services: BTreeMap<String, Service>,
    /// The database.
    pub database: Option<Database>,
    /// The secrets by name.
    pub secrets: BTreeMap<String, Secret>,
    /// The pipelines by the name of the service they deploy.
    pub pipelines: BTreeMap<String, Pipeline>,
    /// How images are kept; means something in the common account only.
    pub registry: Registry,
}

/// How the common account keeps images.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registry {
    /// How many images with a tag a registry keeps.
    pub keep: u32,
    /// After how many days an image without a tag goes.
    pub untagged_days: u32,
    /// Patterns of tags that may be moved.
    pub mutable_tags: BTreeSet<String>,
    /// What looks for vulnerabilities.
    pub scan: Scan,
    /// Other regions that have a copy of every image.
    pub replicas: BTreeSet<String>,
    /// Whom a registry's policy names.
    pub pull: PullBy,
}

impl Default for Registry {
    fn default() -> Self {
        Self {
            keep: 100,
            untagged_days: 14,
            mutable_tags: BTreeSet::new(),
            scan: Scan::default(),
            replicas: BTreeSet::new(),
            pull: PullBy::default(),
        }
    }
}

/// What looks for vulnerabilities in images.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Scan {
    /// ECR itself, when an image is pushed.
    #[default]
    Basic,
    /// Amazon Inspector, all the time, for a price.
    Enhanced,
}

/// Whom the policy of a registry names as those who may pull.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum PullBy {
    /// Each account whose services use the image.
    #[default]
    Accounts,
    /// The organizational units that these accounts are in, with all other accounts of them.
    Units,
}

/// A DNS zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dns {
    /// The zone's domain, without a dot at the end.
    pub domain: String,
    /// Whether the certificate is for all names one label below the domain as well.
    pub wildcard: bool,
    /// Whether CAA records let only Amazon issue certificates.
    pub caa: bool,
    /// The domain of the zone of the common account that delegates this one, where it is not the common account's `dns`:
    /// it is found by its name.
    pub parent: Option<String>,
}

/// A secret.
#[derive(Clone, Debug, PartialEq)]
pub struct Secret {
    /// Where its value comes from.
    pub from: SecretSource,
    /// Other regions that have a copy of it.
    pub replicas: BTreeSet<String>,
}

/// Where a secret's value comes from. Nothing here is sensitive: values are only read when they are written to AWS.
#[derive(Clone, Debug, PartialEq)]
pub enum SecretSource {
    /// The value itself, which was declared not sensitive by being in the file.
    Value(serde_json::Value),
    /// An environment variable of the person who runs orgstrap.
    Env(String),
    /// A file, already seen from the fleet's root.
    File(PathBuf),
    /// Asked for at the terminal.
    Prompt,
    /// A secret of the common account.
    Shared(String),
    /// Made up once, with so many characters.
    Random(u16),
}

/// What builds a service's image and deploys it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pipeline {
    /// The GitHub repository, `owner/name`.
    pub repository: String,
    /// Patterns of the Git tags that start a run.
    pub tags: Vec<String>,
}
