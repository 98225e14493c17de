//! The files as they are written, before anything but their shape is checked.
//!
//! Every key is optional here, because a key that is wrong is dropped after it was reported, so that one mistake does not
//! hide the next. `#[schemars(required)]` says which keys a file needs. The doc comments are the descriptions that
//! editors show: they are written for the user of the files.

mod project;

use std::collections::BTreeMap;

pub(crate) use project::*;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use crate::model::{PullBy, Scan};
use crate::network::{Nat, Zones};
use crate::words;

/// `orgstrap.toml`: one fleet.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "orgstrap.toml")]
pub(crate) struct FleetFile {
    /// What the fleet is called and where it lives.
    #[schemars(required)]
    pub(crate) fleet: Option<FleetSection>,
    /// What holds for all accounts of the organization, and where.
    pub(crate) organization: Option<OrganizationSection>,
    /// How orgstrap enters the accounts.
    pub(crate) access: Option<AccessSection>,
    /// Where locks, the journal of runs and replaced policies are kept.
    pub(crate) ledger: Option<LedgerSection>,
    /// Which controls are on in every account; an account's own file wins.
    #[expect(dead_code, reason = "merged under each account's file as a layer; this is its schema")]
    pub(crate) hardening: Option<HardeningSection>,
    /// What each account may cost in a month; an account's own file wins.
    #[expect(dead_code, reason = "merged under each account's file as a layer; this is its schema")]
    pub(crate) budget: Option<BudgetSection>,
    /// Whom AWS writes to about each account; an account's own file wins.
    #[expect(dead_code, reason = "merged under each account's file as a layer; this is its schema")]
    pub(crate) contacts: Option<ContactsSection>,
    /// What every project account gets unless its own file says otherwise.
    #[expect(dead_code, reason = "defaults are merged as a layer; this is their schema")]
    pub(crate) defaults: Option<DefaultsSection>,
}

/// What the fleet is called and where it lives.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FleetSection {
    /// The fleet's name: lower-case letters, digits and hyphens, at most 32 characters. Every object is tagged with it.
    #[schemars(required, regex(pattern = words::FLEET_NAME))]
    pub(crate) name: Option<String>,
    /// The region of every account that does not name its own.
    #[schemars(required, regex(pattern = words::REGION))]
    pub(crate) region: Option<String>,
    /// The account that keeps what the others share; `accounts/` needs a file of this name.
    #[schemars(required, regex(pattern = words::ACCOUNT_NAME))]
    pub(crate) common: Option<String>,
    /// The e-mail address of accounts that do not give their own; `{account}` stands for the account's name.
    #[schemars(regex(pattern = r"\{account\}"))]
    pub(crate) email: Option<String>,
}

/// What holds for all accounts of the organization, and where.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OrganizationSection {
    /// Services that may work in every account, such as `access-analyzer.amazonaws.com`, beside what orgstrap needs.
    pub(crate) trusted_access: Option<Vec<String>>,
    /// The account that administers a service for all, by the service.
    #[schemars(extend("propertyNames" = json!({ "pattern": words::SERVICE_PRINCIPAL })))]
    pub(crate) delegated_administrators: Option<BTreeMap<String, String>>,
    /// Where each policy of policies/scp is attached: `/` for all accounts, units by path, accounts by name.
    #[schemars(extend("propertyNames" = json!({ "pattern": words::PART_NAME })))]
    pub(crate) scp: Option<BTreeMap<String, Vec<String>>>,
}

/// How orgstrap enters the accounts.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccessSection {
    /// The role by which an account is entered until it has its own, `orgstrap-deployer` and `orgstrap-auditor`. Accounts
    /// that AWS Organizations creates get it under this name.
    #[schemars(regex(pattern = words::ROLE_NAME))]
    pub(crate) role: Option<String>,
    /// Who in the management account may enter the accounts: roles and users of it, `*` for any part of a name. Everybody
    /// there whose own permissions say so, if not given.
    #[schemars(inner(regex(pattern = words::PRINCIPAL)))]
    pub(crate) principals: Option<Vec<String>>,
    /// Whether a second factor is asked for.
    pub(crate) mfa: Option<bool>,
    /// The external id that the roles' trust policies ask for.
    #[schemars(regex(pattern = words::EXTERNAL_ID))]
    pub(crate) external_id: Option<String>,
    /// The source identity that sessions carry: whoever runs orgstrap if not given, and none of its own with `none`.
    #[schemars(regex(pattern = words::SOURCE_IDENTITY))]
    pub(crate) source_identity: Option<String>,
    /// Tags that sessions carry, beside the fleet's and the command's name.
    pub(crate) session_tags: Option<BTreeMap<String, String>>,
    /// How long a session lasts; roles that are assumed from roles last an hour at most.
    #[schemars(range(min = 15, max = 60))]
    pub(crate) session_minutes: Option<u8>,
    /// The GitHub repository whose workflows run orgstrap on this fleet.
    pub(crate) github: Option<GithubSection>,
}

/// The workflows that may take on the role `orgstrap-ci` of the management account.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GithubSection {
    /// The repository of the fleet's files, `owner/name`.
    #[schemars(required, regex(pattern = words::GITHUB_REPOSITORY))]
    pub(crate) repository: Option<String>,
    /// The branch whose workflows are meant; either this or `environment`.
    pub(crate) branch: Option<String>,
    /// The environment whose jobs are meant.
    pub(crate) environment: Option<String>,
}

/// Where locks, the journal of runs and replaced policies are kept.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LedgerSection {
    /// `file://FOLDER`, seen from the folder of orgstrap.toml, or `s3://BUCKET/PREFIX`.
    #[schemars(regex(pattern = words::LEDGER_URL))]
    pub(crate) url: Option<String>,
}

/// What every project account gets unless its own file says otherwise.
#[expect(dead_code, reason = "defaults are merged as a layer; this is their schema")]
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DefaultsSection {
    /// Tags of every project account.
    pub(crate) tags: Option<BTreeMap<String, String>>,
    /// For the network of each account that has one.
    pub(crate) network: Option<NetworkSection>,
    /// For the DNS zone of each account that has one.
    pub(crate) dns: Option<DnsSection>,
    /// For the load balancer of each account.
    pub(crate) load_balancer: Option<LoadBalancerSection>,
    /// For each service of each account.
    pub(crate) service: Option<ServiceSection>,
    /// For the database of each account that has one.
    pub(crate) database: Option<DatabaseSection>,
    /// For each pipeline of each account.
    pub(crate) pipeline: Option<PipelineSection>,
}

/// `accounts/NAME.toml`: one account. The file's name is the account's name.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "accounts/NAME.toml")]
pub(crate) struct AccountFile {
    /// The id of an account that exists already and is to be adopted instead of created.
    #[schemars(regex(pattern = words::ACCOUNT_ID))]
    pub(crate) id: Option<String>,
    /// Whether an account with an `id` is invited into the organization if it is not in it.
    pub(crate) invite: Option<bool>,
    /// The account's name in the organization, if it is not to be the file's name. An account that is adopted by `id` keeps
    /// its own unless this is given.
    #[schemars(length(min = 1, max = 50))]
    pub(crate) name: Option<String>,
    /// The e-mail address of the account's root user; the fleet's pattern if not given.
    pub(crate) email: Option<String>,
    /// The organizational unit, from the root down, such as `Workloads/Dev`; the root itself if not given.
    #[schemars(regex(pattern = words::OU_PATH))]
    pub(crate) ou: Option<String>,
    /// The region of the account; the fleet's if not given.
    #[schemars(regex(pattern = words::REGION))]
    pub(crate) region: Option<String>,
    /// Tags of the account and of everything in it.
    pub(crate) tags: Option<BTreeMap<String, String>>,
    /// Which controls are on in the account.
    pub(crate) hardening: Option<HardeningSection>,
    /// What the account may cost in a month.
    pub(crate) budget: Option<BudgetSection>,
    /// Whom AWS writes to about the account.
    pub(crate) contacts: Option<ContactsSection>,
    /// The account's network.
    pub(crate) network: Option<NetworkSection>,
    /// The account's DNS zone.
    pub(crate) dns: Option<DnsSection>,
    /// The load balancer before the account's services.
    pub(crate) load_balancer: Option<LoadBalancerSection>,
    /// The account's services, by name.
    #[schemars(extend("propertyNames" = json!({ "pattern": words::PART_NAME })))]
    pub(crate) service: Option<BTreeMap<String, ServiceSection>>,
    /// The account's database.
    pub(crate) database: Option<DatabaseSection>,
    /// The account's secrets, by name.
    #[schemars(extend("propertyNames" = json!({ "pattern": words::PART_NAME })))]
    pub(crate) secret: Option<BTreeMap<String, SecretSection>>,
    /// What builds and deploys a service, by the service's name.
    pub(crate) pipeline: Option<BTreeMap<String, PipelineSection>>,
    /// How images are kept; of the common account only.
    pub(crate) registry: Option<RegistrySection>,
}

/// The controls of an account. Each is on unless it is switched off, and why is said there.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HardeningSection {
    /// Nothing in S3 is public.
    pub(crate) s3_public_access: Option<Switch>,
    /// New EBS volumes are encrypted.
    pub(crate) ebs_encryption: Option<Switch>,
    /// New instances give their metadata by version 2 of the metadata service only.
    pub(crate) instance_metadata: Option<Switch>,
    /// Passwords of IAM users are long.
    pub(crate) password_policy: Option<Switch>,
    /// Default VPCs that nothing uses are removed, in all regions.
    pub(crate) default_vpcs: Option<Switch>,
    /// IAM Access Analyzer looks for what is open to others.
    pub(crate) access_analyzer: Option<Switch>,
    /// ECS gives metrics of containers and asks for the permission to tag.
    pub(crate) ecs_settings: Option<Switch>,
    /// ECR scans with AWS's own scanner.
    pub(crate) ecr_settings: Option<Switch>,
}

/// On, or off with a reason.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Switch {
    /// `true`: on, although a lower layer has switched it off.
    On(bool),
    /// Off.
    Off(OffSection),
}

/// A control that is switched off.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OffSection {
    /// Why it is off, for whoever reads the file after you.
    #[schemars(required, length(min = 1), example = "the AMI builder cannot read encrypted snapshots")]
    pub(crate) off: Option<String>,
}

/// What an account may cost in a month, and who is told.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BudgetSection {
    /// US dollars a month.
    #[schemars(required, range(min = 1, max = 1_000_000_000))]
    pub(crate) monthly: Option<u32>,
    /// Who is told when 80 % are spent, and when a forecast says that it will be more than all of it.
    #[schemars(required, length(min = 1, max = 10))]
    pub(crate) emails: Option<Vec<String>>,
}

/// Whom AWS writes to beside the owner of the account.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ContactsSection {
    /// About invoices and payment.
    pub(crate) billing: Option<ContactSection>,
    /// About the services that the account uses.
    pub(crate) operations: Option<ContactSection>,
    /// About abuse and vulnerabilities.
    pub(crate) security: Option<ContactSection>,
}

/// A person or a team.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ContactSection {
    /// Who it is.
    #[schemars(required)]
    pub(crate) name: Option<String>,
    /// What they do.
    #[schemars(required)]
    pub(crate) title: Option<String>,
    /// Where AWS writes to.
    #[schemars(required)]
    pub(crate) email: Option<String>,
    /// Where AWS calls.
    #[schemars(required, regex(pattern = words::PHONE))]
    pub(crate) phone: Option<String>,
}

/// A network: one VPC with a public and a private subnet in every zone.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NetworkSection {
    /// The network's private addresses, /16 to /25. Eight equal blocks are cut from it, half of them public.
    #[schemars(required, regex(pattern = words::CIDR))]
    pub(crate) cidr: Option<String>,
    /// How many zones (2 to 4), or their names.
    pub(crate) zones: Option<Zones>,
    /// One NAT gateway for all zones, one in each, or none: then only AWS is reached from private subnets.
    pub(crate) nat: Option<Nat>,
    /// How many days the network's flow logs are kept.
    #[schemars(extend("enum" = words::LOG_RETENTION_DAYS))]
    pub(crate) flow_log_days: Option<i32>,
}

/// A secret: either `value` or `from`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SecretSection {
    /// A value that is not sensitive, such as image tags: it is in this file for everybody to read.
    pub(crate) value: Option<serde_json::Value>,
    /// Where the value comes from: `env:NAME`, `file:PATH`, `prompt`, `shared:NAME` or `random:LENGTH`.
    #[schemars(regex(pattern = words::SECRET_FROM))]
    pub(crate) from: Option<String>,
    /// Other regions that have a copy of it; of the common account's secrets only.
    pub(crate) replicas: Option<Vec<String>>,
}

/// The registries of the common account: one for each image that a service names.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RegistrySection {
    /// How many images with a tag each registry keeps.
    #[schemars(range(min = 1, max = 10_000))]
    pub(crate) keep: Option<u32>,
    /// After how many days an image without a tag goes.
    #[schemars(range(min = 1, max = 3650))]
    pub(crate) untagged_days: Option<u32>,
    /// Tags that may be moved to another image, such as `latest`; `*` stands for anything. All others stay where they are.
    #[schemars(length(max = 5))]
    pub(crate) mutable_tags: Option<Vec<String>>,
    /// What looks for vulnerabilities: ECR when an image is pushed, or Amazon Inspector all the time.
    pub(crate) scan: Option<Scan>,
    /// Other regions that have a copy of every image.
    #[schemars(length(max = 25))]
    pub(crate) replicas: Option<Vec<String>>,
    /// Whom a registry's policy names: each account, or the organizational units that the accounts are in. Units are for
    /// fleets whose accounts do not fit into a policy: every account of such a unit may pull then, by a role of that name.
    pub(crate) pull: Option<PullBy>,
}
