//! What a project's account is made of: zone, load balancer, services, database, pipelines.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use crate::database::Engine;
use crate::words;

/// A DNS zone in the account.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DnsSection {
    /// The zone's domain, delegated from a zone of the common account.
    #[schemars(required, regex(pattern = words::DOMAIN))]
    pub(crate) domain: Option<String>,
    /// Whether the certificate is for all names one label below the domain as well.
    pub(crate) wildcard: Option<bool>,
    /// Whether CAA records let only Amazon issue certificates for the domain and what is below it.
    pub(crate) caa: Option<bool>,
    /// The domain of the zone above, if it is not the common account's `domain`: a zone that the common account has.
    #[schemars(regex(pattern = words::DOMAIN))]
    pub(crate) parent: Option<String>,
}

/// The load balancer before an account's services.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LoadBalancerSection {
    /// Whether it cannot be deleted before this is switched off.
    pub(crate) deletion_protection: Option<bool>,
    /// How many days access logs are kept.
    #[schemars(range(min = 1, max = 3650))]
    pub(crate) log_days: Option<i32>,
    /// After how many seconds without traffic a connection is closed.
    #[schemars(range(min = 1, max = 4000))]
    pub(crate) idle_timeout: Option<i32>,
}

/// A service: a container behind the account's load balancer.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ServiceSection {
    /// The image's repository, without registry and tag. It is kept in the common account.
    #[schemars(required, regex(pattern = words::REPOSITORY))]
    pub(crate) image: Option<String>,
    /// The image's tag.
    #[schemars(regex(pattern = words::IMAGE_TAG))]
    pub(crate) tag: Option<String>,
    /// The port that the container listens on.
    #[schemars(required, range(min = 1, max = 65535))]
    pub(crate) port: Option<u16>,
    /// The hosts that are sent to this service: the account's domain, names below it, or `*.` and the domain.
    #[schemars(inner(regex(pattern = words::HOST)))]
    pub(crate) hosts: Option<Vec<String>>,
    /// The paths that are sent to this service. A service without hosts and paths gets everything else; one may be so.
    pub(crate) paths: Option<Vec<String>>,
    /// CPU units, 1024 to a processor.
    #[schemars(extend("enum" = words::FARGATE_SIZES.map(|size| size.0)))]
    pub(crate) cpu: Option<u32>,
    /// Memory in MiB; Fargate takes certain pairs of cpu and memory only.
    pub(crate) memory: Option<u32>,
    /// The processor that the image is built for: `x86_64` or `arm64`.
    #[schemars(regex(pattern = words::ARCHITECTURE))]
    pub(crate) architecture: Option<String>,
    /// Disk of a task in GiB; 20 if it is not given.
    #[schemars(range(min = 21, max = 200))]
    pub(crate) storage: Option<i32>,
    /// How many containers run; with `scale`, how many there are at first.
    #[schemars(range(min = 0, max = 5000))]
    pub(crate) count: Option<u32>,
    /// How the number of containers follows the load.
    pub(crate) scale: Option<ScaleSection>,
    /// The path that answers 200 to 399 while a container is well.
    #[schemars(regex(pattern = "^/"))]
    pub(crate) health: Option<String>,
    /// For how many seconds after its start a task may fail health checks.
    #[schemars(range(min = 0, max = 2_147_483_647))]
    pub(crate) grace: Option<i32>,
    /// How many seconds a container has to stop by itself.
    #[schemars(range(min = 2, max = 120))]
    pub(crate) stop_timeout: Option<i32>,
    /// Whether the container's root file system is read-only.
    pub(crate) read_only: Option<bool>,
    /// The user that the container runs as, `USER` or `USER:GROUP`, names or numbers.
    #[schemars(regex(pattern = words::CONTAINER_USER))]
    pub(crate) user: Option<String>,
    /// Whether that user may be root.
    pub(crate) allow_root: Option<bool>,
    /// Whether commands can be executed in its containers (ECS Exec), which needs `read_only = false`.
    pub(crate) exec: Option<bool>,
    /// Environment variables. Values are in this file for everybody to read: what is sensitive is a secret.
    pub(crate) environment: Option<BTreeMap<String, String>>,
    /// Which environment variable holds which secret: one of the account's by its name, or one of the common account's,
    /// `shared:NAME`, which is read where it is.
    pub(crate) secrets: Option<BTreeMap<String, String>>,
    /// What its tasks may do in AWS: names of documents in policies/.
    pub(crate) policies: Option<Vec<String>>,
    /// How many days its logs are kept.
    #[schemars(extend("enum" = words::LOG_RETENTION_DAYS))]
    pub(crate) log_days: Option<i32>,
    /// Whether it reaches the account's database; it does if there is one.
    pub(crate) database: Option<bool>,
}

/// How the number of a service's containers follows the load: `cpu`, `requests` or both.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScaleSection {
    /// At least so many containers run.
    #[schemars(required, range(min = 1, max = 5000))]
    pub(crate) min: Option<i32>,
    /// At most so many containers run.
    #[schemars(required, range(min = 1, max = 5000))]
    pub(crate) max: Option<i32>,
    /// The load of processors that is aimed at, in percent.
    #[schemars(range(min = 10, max = 90))]
    pub(crate) cpu: Option<i32>,
    /// The requests that are aimed at, for each container and minute.
    #[schemars(range(min = 1, max = 2_147_483_647))]
    pub(crate) requests: Option<i32>,
}

/// A database in the private subnets.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DatabaseSection {
    /// The database's engine.
    #[schemars(required)]
    pub(crate) engine: Option<Engine>,
    /// The engine's version, such as `17` or `17.2` of `postgres`, `8.4` of `mysql`.
    #[schemars(regex(pattern = words::ENGINE_VERSION))]
    pub(crate) version: Option<String>,
    /// The instance class, such as `db.t4g.micro`.
    #[schemars(regex(pattern = words::INSTANCE_CLASS))]
    pub(crate) size: Option<String>,
    /// Storage in GiB.
    #[schemars(range(min = 20, max = 65536))]
    pub(crate) storage: Option<u32>,
    /// Storage in GiB up to which RDS may add to it when it fills up; it adds nothing if this is not given.
    #[schemars(range(min = 22, max = 65536))]
    pub(crate) most_storage: Option<i32>,
    /// Whether a second zone has a copy that takes over.
    pub(crate) multi_az: Option<bool>,
    /// How many days automated backups are kept.
    #[schemars(range(min = 1, max = 35))]
    pub(crate) backup_days: Option<i32>,
    /// Whether it cannot be deleted before this is switched off.
    pub(crate) deletion_protection: Option<bool>,
    /// The name of the database in the engine; the account's name if it is not given, with `_` for hyphens.
    #[schemars(regex(pattern = words::DATABASE_NAME))]
    pub(crate) name: Option<String>,
    /// The name of the master user.
    #[schemars(regex(pattern = words::DATABASE_USER))]
    pub(crate) user: Option<String>,
    /// Parameters of the engine, all as text: `{ max_connections = "200" }`.
    #[schemars(extend("propertyNames" = json!({ "pattern": words::DATABASE_PARAMETER })))]
    pub(crate) parameters: Option<BTreeMap<String, String>>,
}

/// What builds a service's image and deploys it.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PipelineSection {
    /// The GitHub repository, `owner/name`.
    #[schemars(required, regex(pattern = words::GITHUB_REPOSITORY))]
    pub(crate) repository: Option<String>,
    /// Git tags that start a run; `*` stands for anything.
    #[schemars(required, length(min = 1, max = 8))]
    pub(crate) tags: Option<Vec<String>>,
}
