//! Who makes a request.

use std::fmt;

/// The principal of a request.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Caller {
    /// Nobody who signed: `*`.
    Anonymous,
    /// An account's root user.
    Root {
        /// The partition, such as `aws`.
        partition: String,
        /// The account's id.
        account: String,
    },
    /// A user.
    User {
        /// The partition.
        partition: String,
        /// The account's id.
        account: String,
        /// Path and name, such as `team/ada`.
        path_and_name: String,
    },
    /// A role, by which some session of it is meant.
    Role {
        /// The partition.
        partition: String,
        /// The account's id.
        account: String,
        /// Path and name.
        path_and_name: String,
    },
    /// A session of a role.
    Session {
        /// The partition.
        partition: String,
        /// The account's id.
        account: String,
        /// The role's name, without its path, as AWS writes it in a session's ARN.
        role: String,
        /// The session's name.
        session: String,
        /// The role's ARN with its path, if it is known: `aws:PrincipalArn`.
        role_arn: Option<String>,
    },
    /// A session of `sts:GetFederationToken`.
    FederatedUser {
        /// The partition.
        partition: String,
        /// The account's id.
        account: String,
        /// The name.
        name: String,
    },
    /// A service, such as `ecs-tasks.amazonaws.com`.
    Service(String),
    /// A token of an identity provider: the provider's ARN or host name.
    Federated(String),
    /// An S3 canonical user.
    CanonicalUser(String),
}

/// Providers that are named by their host (IAM user guide, "AWS JSON policy elements: Principal").
const WEB_PROVIDERS: [&str; 4] =
    ["cognito-identity.amazonaws.com", "www.amazon.com", "graph.facebook.com", "accounts.google.com"];

impl Caller {
    /// Reads a principal: an ARN, an account's id, a service's or a provider's name, or `*`.
    pub fn parse(text: &str) -> Option<Self> {
        if text == "*" {
            return Some(Self::Anonymous);
        }
        if WEB_PROVIDERS.contains(&text) {
            return Some(Self::Federated(text.to_owned()));
        }
        if text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Some(Self::Root { partition: "aws".to_owned(), account: text.to_owned() });
        }
        if text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Some(Self::CanonicalUser(text.to_owned()));
        }
        if text.strip_suffix(".cn").unwrap_or(text).ends_with(".amazonaws.com") && !text.contains([':', '/']) {
            return Some(Self::Service(text.to_owned()));
        }
        let mut parts = text.splitn(6, ':');
        let ("arn", partition, service, "", account, resource) =
            (parts.next()?, parts.next()?, parts.next()?, parts.next()?, parts.next()?, parts.next()?)
        else {
            return None;
        };
        if account.is_empty() {
            return None;
        }
        let (partition, account) = (partition.to_owned(), account.to_owned());
        let (kind, rest) = resource.split_once('/').unwrap_or((resource, ""));
        let named = !rest.is_empty() && !rest.ends_with('/');
        match (service, kind) {
            ("iam", "root") if rest.is_empty() => Some(Self::Root { partition, account }),
            ("iam", "user") if named => Some(Self::User { partition, account, path_and_name: rest.to_owned() }),
            ("iam", "role") if named => Some(Self::Role { partition, account, path_and_name: rest.to_owned() }),
            ("iam", "saml-provider" | "oidc-provider") if named => Some(Self::Federated(text.to_owned())),
            ("sts", "assumed-role") => {
                let (role, session) =
                    rest.split_once('/').filter(|(role, session)| !role.is_empty() && !session.is_empty())?;
                let (role, session) = (role.to_owned(), session.to_owned());
                Some(Self::Session { partition, account, role, session, role_arn: None })
            }
            ("sts", "federated-user") if named => {
                Some(Self::FederatedUser { partition, account, name: rest.to_owned() })
            }
            _ => None,
        }
    }

    /// Says which role a session is of, by the role's ARN with its path.
    #[must_use]
    pub fn of_role(mut self, arn: &str) -> Self {
        if let Self::Session { role_arn, .. } = &mut self {
            *role_arn = Some(arn.to_owned());
        }
        self
    }

    /// The account of an identity of IAM; services, providers and nobody have none.
    pub fn account(&self) -> Option<&str> {
        match self {
            Self::Root { account, .. }
            | Self::User { account, .. }
            | Self::Role { account, .. }
            | Self::Session { account, .. }
            | Self::FederatedUser { account, .. } => Some(account),
            Self::Anonymous | Self::Service(_) | Self::Federated(_) | Self::CanonicalUser(_) => None,
        }
    }

    /// The ARN, or the name of who has none.
    pub fn arn(&self) -> String {
        match self {
            Self::Anonymous => "*".to_owned(),
            Self::Root { partition, account } => format!("arn:{partition}:iam::{account}:root"),
            Self::User { partition, account, path_and_name } => {
                format!("arn:{partition}:iam::{account}:user/{path_and_name}")
            }
            Self::Role { partition, account, path_and_name } => {
                format!("arn:{partition}:iam::{account}:role/{path_and_name}")
            }
            Self::Session { partition, account, role, session, .. } => {
                format!("arn:{partition}:sts::{account}:assumed-role/{role}/{session}")
            }
            Self::FederatedUser { partition, account, name } => {
                format!("arn:{partition}:sts::{account}:federated-user/{name}")
            }
            Self::Service(name) | Self::Federated(name) | Self::CanonicalUser(name) => name.clone(),
        }
    }

    /// `aws:PrincipalArn`: of a session, its role's ARN (IAM user guide, "AWS global condition context keys").
    pub fn principal_arn(&self) -> Option<String> {
        match self {
            Self::Session { role_arn: Some(arn), .. } => Some(arn.clone()),
            Self::Session { partition, account, role, .. } => {
                Some(format!("arn:{partition}:iam::{account}:role/{role}"))
            }
            caller => caller.account().map(|_| caller.arn()),
        }
    }

    /// `aws:PrincipalType`.
    pub(crate) fn principal_type(&self) -> Option<&'static str> {
        match self {
            Self::Root { .. } => Some("Account"),
            Self::User { .. } => Some("User"),
            Self::Role { .. } | Self::Session { .. } => Some("AssumedRole"),
            Self::FederatedUser { .. } => Some("FederatedUser"),
            Self::Anonymous | Self::Service(_) | Self::Federated(_) | Self::CanonicalUser(_) => None,
        }
    }

    /// `aws:username`, which only users have.
    pub(crate) fn user_name(&self) -> Option<&str> {
        match self {
            Self::User { path_and_name, .. } => path_and_name.rsplit('/').next(),
            _ => None,
        }
    }

    /// Whether this is the role of that ARN or a session of it. A session's ARN does not tell the role's path, and
    /// names are unique in an account without it.
    pub(crate) fn is_of_role(&self, arn: &str) -> bool {
        match self {
            Self::Role { .. } => self.arn() == arn,
            Self::Session { role_arn: Some(role_arn), .. } => role_arn == arn,
            Self::Session { partition, account, role, .. } => match Self::parse(arn) {
                Some(Self::Role { partition: other_partition, account: other_account, path_and_name }) => {
                    *partition == other_partition
                        && *account == other_account
                        && path_and_name.rsplit('/').next() == Some(role)
                }
                _ => false,
            },
            _ => false,
        }
    }

    /// Whether it is a service-linked role, which service control policies do not restrict (AWS Organizations user guide,
    /// "Service control policies").
    pub(crate) fn is_service_linked(&self) -> bool {
        self.principal_arn().is_some_and(|arn| arn.contains(":role/aws-service-role/"))
    }
}

impl fmt::Display for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.arn())
    }
}
