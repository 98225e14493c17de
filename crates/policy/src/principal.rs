//! The principals that a statement names.

use crate::caller::Caller;

/// One entry of `Principal` or `NotPrincipal` (IAM user guide, "AWS JSON policy elements: Principal").
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Principal {
    /// `"*"` or `{"AWS": "*"}`: the two mean the same in a resource's policy.
    Everyone,
    /// An account, as its id or as its `:root` ARN.
    Account {
        /// The partition, such as `aws`.
        partition: String,
        /// The id.
        id: String,
    },
    /// A role's ARN.
    Role(String),
    /// A user's ARN.
    User(String),
    /// The session of a role: `arn:aws:sts::111122223333:assumed-role/NAME/SESSION`.
    Session(String),
    /// A session of `sts:GetFederationToken`.
    FederatedUser(String),
    /// What AWS shows where a role or user was deleted: `AROA...`, `AIDA...`. A new one of the same name is another one.
    UniqueId(String),
    /// Another text below `AWS`, which AWS refuses to store.
    Unknown(String),
    /// A service, such as `ecs-tasks.amazonaws.com`.
    Service(String),
    /// An identity provider: an ARN or a host name.
    Federated(String),
    /// An S3 canonical user id.
    CanonicalUser(String),
}

/// The four kinds of principals in a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum PrincipalKind {
    Aws,
    Service,
    Federated,
    CanonicalUser,
}

impl PrincipalKind {
    pub(crate) const ALL: [Self; 4] = [Self::Aws, Self::Service, Self::Federated, Self::CanonicalUser];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Aws => "AWS",
            Self::Service => "Service",
            Self::Federated => "Federated",
            Self::CanonicalUser => "CanonicalUser",
        }
    }
}

/// How directly an `Allow` reaches a caller (IAM user guide, "Policy evaluation logic" and "Permissions boundaries for
/// IAM entities").
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reach {
    /// The caller's account is named: its identity policies decide.
    Account,
    /// The caller's role is named: identity policies are not needed, and a permissions boundary and a session policy
    /// still limit.
    Entity,
    /// The user or the session itself is named, or everyone: no identity policy is needed, and no boundary or session
    /// policy limits.
    Itself,
}

impl Principal {
    /// Reads an entry of the given kind.
    pub(crate) fn new(kind: PrincipalKind, text: &str) -> Self {
        match kind {
            PrincipalKind::Service => Self::Service(text.to_owned()),
            PrincipalKind::Federated => Self::Federated(text.to_owned()),
            PrincipalKind::CanonicalUser => Self::CanonicalUser(text.to_owned()),
            PrincipalKind::Aws => Self::aws(text),
        }
    }

    fn aws(text: &str) -> Self {
        if text == "*" {
            return Self::Everyone;
        }
        if text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Self::Account { partition: "aws".to_owned(), id: text.to_owned() };
        }
        if is_unique_id(text) {
            return Self::UniqueId(text.to_owned());
        }
        if text.contains(['*', '?']) {
            return Self::Unknown(text.to_owned());
        }
        match Caller::parse(text) {
            Some(Caller::Root { partition, account }) => Self::Account { partition, id: account },
            Some(Caller::Role { .. }) => Self::Role(text.to_owned()),
            Some(Caller::User { .. }) => Self::User(text.to_owned()),
            Some(Caller::Session { .. }) => Self::Session(text.to_owned()),
            Some(Caller::FederatedUser { .. }) => Self::FederatedUser(text.to_owned()),
            _ => Self::Unknown(text.to_owned()),
        }
    }

    pub(crate) fn kind(&self) -> PrincipalKind {
        match self {
            Self::Service(_) => PrincipalKind::Service,
            Self::Federated(_) => PrincipalKind::Federated,
            Self::CanonicalUser(_) => PrincipalKind::CanonicalUser,
            _ => PrincipalKind::Aws,
        }
    }

    /// The entry as AWS stores it: an account as its `:root` ARN.
    pub fn text(&self) -> String {
        match self {
            Self::Everyone => "*".to_owned(),
            Self::Account { partition, id } => format!("arn:{partition}:iam::{id}:root"),
            Self::Role(text)
            | Self::User(text)
            | Self::Session(text)
            | Self::FederatedUser(text)
            | Self::UniqueId(text)
            | Self::Unknown(text)
            | Self::Service(text)
            | Self::Federated(text)
            | Self::CanonicalUser(text) => text.clone(),
        }
    }

    /// How the entry reaches a caller, if it does. `user_id` is the caller's `aws:userid`.
    pub(crate) fn reaches(&self, caller: &Caller, user_id: Option<&str>) -> Option<Reach> {
        let (reaches, how) = match (self, caller) {
            (Self::Everyone, _) => (true, Reach::Itself),
            (Self::Account { id, .. }, Caller::Root { account, .. }) => (id == account, Reach::Itself),
            (Self::Account { id, .. }, caller) => (caller.account() == Some(id), Reach::Account),
            (Self::Role(arn), Caller::Role { .. } | Caller::Session { .. }) => (caller.is_of_role(arn), Reach::Entity),
            (Self::User(arn), Caller::User { .. })
            | (Self::Session(arn), Caller::Session { .. })
            | (Self::FederatedUser(arn), Caller::FederatedUser { .. }) => (caller.arn() == *arn, Reach::Itself),
            (Self::Service(name), Caller::Service(caller))
            | (Self::Federated(name), Caller::Federated(caller))
            | (Self::CanonicalUser(name), Caller::CanonicalUser(caller)) => {
                (name == caller || name == "*", Reach::Itself)
            }
            (Self::UniqueId(id), caller) if caller.account().is_some() => {
                let ours = user_id.and_then(|id| id.split(':').next());
                (ours == Some(id.as_str()), if id.starts_with("AIDA") { Reach::Itself } else { Reach::Entity })
            }
            _ => (false, Reach::Itself),
        };
        reaches.then_some(how)
    }
}

/// `AROA`, `AIDA` and their like: 16 to 128 capital letters and digits (IAM user guide, "IAM identifiers").
fn is_unique_id(text: &str) -> bool {
    text.len() >= 16
        && text.starts_with('A')
        && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

/// Whether `NotPrincipal` with `Deny` leaves the caller alone: "AWS might validate the account first, then the role, and
/// then the assumed-role user", so each of them has to be listed (IAM user guide, "AWS JSON policy elements:
/// `NotPrincipal`").
pub(crate) fn is_exempt(listed: &[Principal], caller: &Caller, user_id: Option<&str>) -> bool {
    let any = |wanted: &dyn Fn(&Principal) -> bool| listed.iter().any(wanted);
    if any(&|principal| *principal == Principal::Everyone) {
        return true;
    }
    let account_listed =
        || any(&|principal| matches!(principal, Principal::Account { id, .. } if caller.account() == Some(id)));
    let role_listed = || {
        any(&|principal| match principal {
            Principal::Role(arn) => caller.is_of_role(arn),
            Principal::UniqueId(_) => principal.reaches(caller, user_id).is_some(),
            _ => false,
        })
    };
    let itself_listed = || any(&|principal| principal.reaches(caller, user_id) == Some(Reach::Itself));
    match caller {
        Caller::Role { .. } => account_listed() && role_listed(),
        Caller::Session { .. } => account_listed() && role_listed() && itself_listed(),
        Caller::User { .. } | Caller::FederatedUser { .. } => account_listed() && itself_listed(),
        _ => itself_listed(),
    }
}
