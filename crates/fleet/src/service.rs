//! What an account runs behind its load balancer.

use std::collections::BTreeMap;

/// The environment variables that a service gets which reaches the account's database.
pub const DATABASE_VARIABLES: [&str; 8] = [
    "DATABASE_CLIENT",
    "DATABASE_HOST",
    "DATABASE_NAME",
    "DATABASE_PASSWORD",
    "DATABASE_PORT",
    "DATABASE_SECRET",
    "DATABASE_SSL",
    "DATABASE_USERNAME",
];

/// A container behind the account's load balancer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// The image's repository in the common account.
    pub image: String,
    /// The image's tag.
    pub tag: String,
    /// The port that the container listens on.
    pub port: u16,
    /// The hosts that are sent here: names, or `*.` and a domain. With neither hosts nor paths it is the load balancer's
    /// default target.
    pub hosts: Vec<String>,
    /// The paths that are sent here, of its hosts if it has any.
    pub paths: Vec<String>,
    /// CPU units, 1024 to a processor.
    pub cpu: u32,
    /// Memory in MiB.
    pub memory: u32,
    /// The processor that the image is built for.
    pub architecture: Architecture,
    /// Disk of a task in GiB, 21 to 200; none is Fargate's 20.
    pub storage: Option<i32>,
    /// How many containers run; with a scale, how many there are at first.
    pub count: u32,
    /// How the count follows the load.
    pub scale: Option<Scale>,
    /// The path of the health check.
    pub health: String,
    /// For how many seconds after its start a task may fail health checks.
    pub grace: i32,
    /// How many seconds a container has between `SIGTERM` and `SIGKILL`, 2 to 120.
    pub stop_timeout: i32,
    /// Whether the container's root file system is read-only.
    pub read_only: bool,
    /// The user that the container runs as: `USER` or `USER:GROUP`, names or numbers.
    pub user: String,
    /// Whether commands can be executed in its containers (ECS Exec).
    pub exec: bool,
    /// Environment variables, by name.
    pub environment: BTreeMap<String, String>,
    /// Environment variable to secret.
    pub secrets: BTreeMap<String, SecretRef>,
    /// The documents that its tasks' role has, by name.
    pub policies: Vec<String>,
    /// How many days its logs are kept: one of the periods that AWS takes.
    pub log_days: i32,
    /// Whether it reaches the account's database.
    pub database: bool,
}

/// How many containers run under which load.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scale {
    /// At least so many, 1 or more.
    pub min: i32,
    /// At most so many.
    pub max: i32,
    /// The processors' load that is aimed at, in percent, 10 to 90.
    pub cpu: Option<i32>,
    /// The requests that are aimed at, for each task and minute.
    pub requests: Option<i32>,
}

/// The processor that an image is built for (ECS API `RuntimePlatform`, `cpuArchitecture`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Architecture {
    /// Intel's and AMD's, written `x86_64`.
    #[default]
    X86_64,
    /// AWS Graviton, written `arm64`.
    Arm64,
}

/// A secret that a service reads.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SecretRef {
    /// One of the account's, by its name.
    Own(String),
    /// One of the common account's, read where it is.
    Shared(String),
}

/// The load balancer before an account's services.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoadBalancing {
    /// Whether it cannot be deleted before this is switched off.
    pub deletion_protection: bool,
    /// How many days access logs are kept.
    pub log_days: i32,
    /// After how many seconds without traffic a connection is closed, 1 to 4000.
    pub idle_timeout: i32,
}
