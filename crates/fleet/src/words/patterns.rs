//! What may be written, as patterns for editors and as lists.

/// An account's name: Organizations takes 1 to 50 characters (API `CreateAccount`, `AccountName`); ours is also a file's
/// name and part of other names.
pub(crate) const ACCOUNT_NAME: &str = "^[a-z0-9]([a-z0-9-]{0,48}[a-z0-9])?$";
/// A fleet's name: short, because it is part of role session names, which end at 64 characters.
pub(crate) const FLEET_NAME: &str = "^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$";
/// A service's, secret's or pipeline's name.
pub(crate) const PART_NAME: &str = "^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$";
/// A region of the `aws` partition.
pub(crate) const REGION: &str =
    "^[a-z]{2}-(north|south|east|west|central|northeast|northwest|southeast|southwest)-[1-9]$";
/// Organizations API `CreateAccount`: twelve digits.
pub(crate) const ACCOUNT_ID: &str = "^[0-9]{12}$";
/// Organizations API `CreateOrganizationalUnit`, `Name`: 1 to 128 characters; five levels below the root. The path is in
/// tags, which take these characters (Organizations API reference, `Tag`).
pub(crate) const OU_PATH: &str = r"^[\p{L}\p{N} _.:=+@-]{1,128}(/[\p{L}\p{N} _.:=+@-]{1,128}){0,4}$";
/// Organizations API `EnableAWSServiceAccess`, `ServicePrincipal`: "typically in the form of a URL".
pub(crate) const SERVICE_PRINCIPAL: &str = r"^[a-z0-9]([a-z0-9.-]{0,110}[a-z0-9])?\.amazonaws\.com$";
/// Account Management API `PutAlternateContact`, `PhoneNumber`.
pub(crate) const PHONE: &str = r"^[ 0-9()+-]{1,25}$";
/// IAM API `CreateRole`, `RoleName`.
pub(crate) const ROLE_NAME: &str = r"^[A-Za-z0-9_+=,.@-]{1,64}$";
/// A role or user by its path and name (IAM user guide, "IAM identifiers"), with `*` for any part.
pub(crate) const PRINCIPAL: &str = r"^(role|user)/[A-Za-z0-9_+=,.@/*-]{1,512}$";
/// STS API `AssumeRole`, `ExternalId`.
pub(crate) const EXTERNAL_ID: &str = r"^[A-Za-z0-9_+=,.@:/-]{2,1224}$";
/// STS API `AssumeRole`, `SourceIdentity`.
pub(crate) const SOURCE_IDENTITY: &str = r"^[A-Za-z0-9_+=,.@-]{2,64}$";
/// A folder or a bucket.
pub(crate) const LEDGER_URL: &str = r"^(file://.+|s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/.*)?)$";
/// An IPv4 network.
pub(crate) const CIDR: &str = r"^[0-9]{1,3}(\.[0-9]{1,3}){3}/(1[6-9]|2[0-5])$";
/// Lower-case labels of letters, digits and hyphens (RFC 1123).
pub(crate) const DOMAIN: &str = r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$";
/// A domain, or all names one label below it.
pub(crate) const HOST: &str = r"^(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$";
/// ECR API `CreateRepository`, `repositoryName`.
pub(crate) const REPOSITORY: &str = "^([a-z0-9]+([._-][a-z0-9]+)*/)*[a-z0-9]+([._-][a-z0-9]+)*$";
/// The tag grammar of the OCI distribution specification.
pub(crate) const IMAGE_TAG: &str = "^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$";
/// A major version, perhaps with minor ones.
pub(crate) const ENGINE_VERSION: &str = r"^[0-9]{1,3}(\.[0-9]{1,3}){0,2}$";
/// RDS User Guide, "DB instance classes": `db.FAMILY.SIZE`.
pub(crate) const INSTANCE_CLASS: &str = r"^db\.[a-z][a-z0-9-]*\.[a-z0-9]+$";
/// RDS API `CreateDBInstance`, `DBName`; lower-case, because `PostgreSQL` folds names that are not quoted.
pub(crate) const DATABASE_NAME: &str = "^[a-z][a-z0-9_]{0,63}$";
/// RDS API `CreateDBInstance`, `MasterUsername`.
pub(crate) const DATABASE_USER: &str = "^[a-z][a-z0-9_]{0,15}$";
/// A parameter of an engine: extensions of `PostgreSQL` put a dot into theirs.
pub(crate) const DATABASE_PARAMETER: &str = "^[A-Za-z][A-Za-z0-9_.]{0,254}$";
/// ECS API `RuntimePlatform`, `cpuArchitecture`, in small letters.
pub(crate) const ARCHITECTURE: &str = "^(x86_64|arm64)$";
/// ECS API `ContainerDefinition`, `user`: `user`, `user:group`, names or numbers.
pub(crate) const CONTAINER_USER: &str = "^[A-Za-z0-9_][A-Za-z0-9_.-]{0,31}(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,31})?$";
/// Where a secret comes from.
pub(crate) const SECRET_FROM: &str = "^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+|prompt|shared:.+|random:[0-9]+)$";
/// GitHub's rule for owners (letters, digits, single hyphens) and repositories.
pub(crate) const GITHUB_REPOSITORY: &str = "^[A-Za-z0-9](-?[A-Za-z0-9])*/[A-Za-z0-9._-]{1,100}$";
/// API `PutRetentionPolicy` of `CloudWatch` Logs, `retentionInDays`.
pub(crate) const LOG_RETENTION_DAYS: [i32; 22] =
    [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];
/// Fargate's pairs: CPU units; least and most memory and its steps in MiB. A quarter of a processor takes 512,
/// 1024 and 2048. (ECS Developer Guide, "Task CPU and memory" of "Fargate task definition parameters".)
pub(crate) const FARGATE_SIZES: [(u32, u32, u32, u32); 7] = [
    (256, 512, 2048, 512),
    (512, 1024, 4096, 1024),
    (1024, 2048, 8192, 1024),
    (2048, 4096, 16384, 1024),
    (4096, 8192, 30720, 1024),
    (8192, 16384, 61440, 4096),
    (16384, 32768, 122_880, 8192),
];
