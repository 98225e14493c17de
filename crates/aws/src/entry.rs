//! How accounts are entered: by which role, and as whom.

use std::time::Duration;

use engine::{Key, Resource};

use crate::resources::{ManagedPolicy, Role};

/// The node of the role by which accounts are changed.
pub const DEPLOYER: &str = "deployer";
/// The node of the role by which accounts are looked at.
pub const AUDITOR: &str = "auditor";
/// The node of the managed policy that bounds the two.
pub const BOUNDARY: &str = "boundary";
/// The node of the managed policy that bounds every role that the deployer makes.
pub const WORKLOAD_BOUNDARY: &str = "workload";
/// The nodes of the policies by which the services of a project are built, beside that in the role: what they are reached by,
/// and what they are.
pub const DEPLOYER_POLICIES: [&str; 3] = ["deployer-entrance", "deployer-services", "deployer-rollouts"];

/// The role by which an account is entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Way {
    /// The role that AWS Organizations makes with an account, or that somebody made in one that was invited. It may do
    /// everything, and is used until the account has the other two.
    Bootstrap,
    /// `orgstrap-deployer`, which may do what building an account takes.
    Deployer,
    /// `orgstrap-auditor`, which may only read.
    Auditor,
}

/// How a run enters accounts.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The role that the run needs. While an account does not have it, the bootstrap role stands in.
    pub way: Way,
    /// The name of the bootstrap role.
    pub bootstrap_role: String,
    /// Names this run in the account's `CloudTrail`: 2 to 64 characters of `[\w+=,.@-]` (STS API reference, `AssumeRole`).
    pub session_name: String,
    /// What the roles' trust policies ask for.
    pub external_id: Option<String>,
    /// Who stands behind the run. Not for the bootstrap role: the one that AWS Organizations makes does not grant
    /// `sts:SetSourceIdentity`.
    pub source_identity: Option<String>,
    /// Session tags. Not for the bootstrap role, which does not grant `sts:TagSession`.
    pub session_tags: Vec<(String, String)>,
    /// How long a session lasts. A role that was entered from a role lasts an hour at most (IAM user guide, "Role
    /// chaining").
    pub duration: Duration,
}

impl Entry {
    /// The name of the role.
    pub fn role(&self, way: Way) -> String {
        match way {
            Way::Bootstrap => self.bootstrap_role.clone(),
            Way::Deployer => Role::name(DEPLOYER),
            Way::Auditor => Role::name(AUDITOR),
        }
    }

    /// The ARN of the role in an account. The fleet's files allow regions of this partition only.
    pub(crate) fn arn(&self, account: &str, way: Way) -> String {
        format!("arn:aws:iam::{account}:role/{}", self.role(way))
    }
}

/// Whether a node is part of how the account is entered: the deployer may not change it, or it could make itself
/// stronger.
pub(crate) fn is_protected(key: &Key) -> bool {
    match key.kind.as_str() {
        Role::KIND => [DEPLOYER, AUDITOR].contains(&key.name.as_str()),
        ManagedPolicy::KIND => {
            let name = key.name.as_str();
            [BOUNDARY, WORKLOAD_BOUNDARY].contains(&name) || DEPLOYER_POLICIES.contains(&name)
        }
        _ => false,
    }
}
