//! Who may do what to which object of the common account: every grant from account to account that the fleet intends.

use std::collections::{BTreeMap, BTreeSet};

use fleet::{Fleet, SecretRef, names};

/// What a role may do across accounts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// Pull the image that this repository holds.
    Pull(String),
    /// Push the image into this repository.
    Push(String),
    /// Read this secret.
    Read(String),
}

impl Access {
    /// The actions on the object.
    #[must_use]
    pub fn actions(&self) -> &'static [&'static str] {
        match self {
            Self::Pull(_) => &["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            Self::Push(_) => &[
                "ecr:BatchCheckLayerAvailability",
                "ecr:CompleteLayerUpload",
                "ecr:InitiateLayerUpload",
                "ecr:PutImage",
                "ecr:UploadLayerPart",
            ],
            Self::Read(_) => &["secretsmanager:GetSecretValue"],
        }
    }

    /// The object's name.
    #[must_use]
    pub fn object(&self) -> &str {
        match self {
            Self::Pull(name) | Self::Push(name) | Self::Read(name) => name,
        }
    }
}

/// One grant from account to account.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edge {
    /// The project account.
    pub account: String,
    /// The node of its role.
    pub role: String,
    /// What the role may do in the common account.
    pub access: Access,
}

/// Every grant that the fleet intends, in order.
#[must_use]
pub fn edges(fleet: &Fleet) -> Vec<Edge> {
    let mut edges: Vec<_> = fleet.projects().flat_map(of_account).collect();
    edges.sort_unstable();
    edges.dedup();
    edges
}

fn of_account(account: &fleet::Account) -> Vec<Edge> {
    let edge = |role, access| Edge { account: account.name.clone(), role, access };
    let mut edges = Vec::new();
    for (name, service) in &account.services {
        edges.push(edge(names::execution_role(name), Access::Pull(service.image.clone())));
        let shared = service.secrets.values().filter_map(|secret| match secret {
            SecretRef::Shared(name) => Some(name.clone()),
            SecretRef::Own(_) => None,
        });
        edges.extend(shared.map(|secret| edge(names::execution_role(name), Access::Read(secret))));
        if account.pipelines.contains_key(name) {
            edges.push(edge(names::build_role(name), Access::Push(service.image.clone())));
        }
    }
    edges
}

/// The accounts that have a grant, by the role that has it: those of one document's edges.
pub(crate) fn by_role<'e>(edges: impl Iterator<Item = &'e Edge>) -> BTreeMap<&'e str, BTreeSet<&'e str>> {
    let mut roles: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for edge in edges {
        roles.entry(&edge.role).or_default().insert(&edge.account);
    }
    roles
}
