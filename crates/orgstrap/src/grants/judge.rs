//! Whether the live policies of both sides allow exactly what the fleet intends.

use std::collections::{BTreeMap, BTreeSet};

use blueprint::{Access, Edge};
use engine::{Plan, Status as Standing};
use fleet::Fleet;
use serde::Serialize;

use super::is_policy_of_object;
use super::live::{Decided, Live, LiveObject, LiveRole, decided, decided_alone};
use crate::render::{self, AccessWord};

/// How a grant stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Status {
    /// It is allowed, and nothing more on that object.
    Exact,
    /// It is allowed, and more.
    Wider,
    /// It is not allowed, or not all of it.
    Denied,
    /// Policies that this program does not read may decide otherwise.
    Unknown,
}

/// One grant that the fleet intends, as the live policies have it.
#[derive(Debug)]
pub(crate) struct Judged {
    pub(crate) edge: Edge,
    /// The role's ARN, if it exists.
    pub(crate) principal: Option<String>,
    /// The object's ARN, if it exists.
    pub(crate) object: Option<String>,
    pub(crate) status: Status,
    /// What is decided about each action that it takes.
    pub(crate) decisions: Vec<Decided>,
    /// What is not as it should be.
    pub(crate) why: Option<String>,
}

/// What the fleet does not intend and the live policies allow.
#[derive(Debug, Serialize)]
pub(crate) struct Unintended {
    pub(crate) account: String,
    pub(crate) role: String,
    pub(crate) action: String,
    pub(crate) object: String,
}

/// A policy that allows others than the fleet intends.
#[derive(Debug, Serialize)]
pub(crate) struct OpenDocument {
    pub(crate) key: String,
    pub(crate) access: AccessWord,
}

/// All that can be said of the grants of some accounts.
#[derive(Debug, Default)]
pub(crate) struct Judgement {
    pub(crate) edges: Vec<Judged>,
    pub(crate) unintended: Vec<Unintended>,
    pub(crate) documents: Vec<OpenDocument>,
}

impl Judgement {
    /// Whether everything that is intended is allowed.
    pub(crate) fn is_allowed(&self) -> bool {
        self.edges.iter().all(|judged| matches!(judged.status, Status::Exact | Status::Wider))
    }

    /// Whether that is all that is allowed.
    pub(crate) fn is_exact(&self) -> bool {
        self.edges.iter().all(|judged| judged.status == Status::Exact)
            && self.unintended.is_empty()
            && self.documents.is_empty()
    }
}

/// What nobody from another account may do with an object, beside what is intended.
const REPOSITORY: [&str; 11] = [
    "ecr:BatchCheckLayerAvailability",
    "ecr:BatchDeleteImage",
    "ecr:BatchGetImage",
    "ecr:CompleteLayerUpload",
    "ecr:DeleteRepository",
    "ecr:DeleteRepositoryPolicy",
    "ecr:GetDownloadUrlForLayer",
    "ecr:InitiateLayerUpload",
    "ecr:PutImage",
    "ecr:SetRepositoryPolicy",
    "ecr:UploadLayerPart",
];
const SECRET: [&str; 4] = [
    "secretsmanager:DeleteSecret",
    "secretsmanager:GetSecretValue",
    "secretsmanager:PutResourcePolicy",
    "secretsmanager:PutSecretValue",
];

/// What whoever pulls or pushes needs beside (Amazon ECR user guide, "Private registry authentication").
const SIGN_IN: &str = "ecr:GetAuthorizationToken";

/// Judges the grants of these accounts by what a plan found.
pub(crate) fn judge(fleet: &Fleet, plan: &Plan, accounts: &BTreeSet<&str>) -> Judgement {
    let live = Live::new(plan);
    let intended: Vec<Edge> =
        blueprint::edges(fleet).into_iter().filter(|edge| accounts.contains(edge.account.as_str())).collect();
    let objects = Objects::new(fleet, &live);
    let mut judgement = Judgement { documents: open_documents(fleet, plan), ..Judgement::default() };
    let mut by_role: BTreeMap<(&str, String), Vec<&Edge>> = BTreeMap::new();
    for account in accounts {
        for role in live.roles_of(account) {
            by_role.entry((account, role)).or_default();
        }
    }
    for edge in &intended {
        by_role.entry((&edge.account, edge.role.clone())).or_default().push(edge);
    }
    for ((account, name), edges) in by_role {
        let role = live.role(account, &name);
        for edge in &edges {
            judgement.edges.push(judged(edge, role.as_ref(), &objects, &edges));
        }
        if let Some(role) = role {
            judgement.unintended.extend(unintended(account, &name, &role, &objects, &edges));
        }
    }
    judgement
}

/// The objects that grants are about.
struct Objects {
    repositories: BTreeMap<String, LiveObject>,
    secrets: BTreeMap<String, LiveObject>,
}

impl Objects {
    fn new(fleet: &Fleet, live: &Live<'_>) -> Self {
        let images = fleet.images().into_iter();
        let secrets = fleet.accounts.get(&fleet.common).into_iter().flat_map(|common| common.secrets.keys());
        Self {
            repositories: images
                .filter_map(|image| Some((image.to_owned(), live.repository(&fleet.common, image)?)))
                .collect(),
            secrets: secrets.filter_map(|name| Some((name.clone(), live.secret(&fleet.common, name)?))).collect(),
        }
    }

    fn of(&self, access: &Access) -> Option<&LiveObject> {
        match access {
            Access::Pull(image) | Access::Push(image) => self.repositories.get(image),
            Access::Read(secret) => self.secrets.get(secret),
        }
    }

    /// Each object with its name, and what could be done with it.
    fn all(&self) -> impl Iterator<Item = (&str, &LiveObject, &'static [&'static str])> {
        let repositories = self.repositories.iter().map(|(name, object)| (name.as_str(), object, &REPOSITORY[..]));
        repositories.chain(self.secrets.iter().map(|(name, object)| (name.as_str(), object, &SECRET[..])))
    }
}

fn judged(edge: &Edge, role: Option<&LiveRole>, objects: &Objects, of_role: &[&Edge]) -> Judged {
    let object = objects.of(&edge.access);
    let mut judged = Judged {
        edge: edge.clone(),
        principal: role.map(|role| role.arn.clone()),
        object: object.map(|object| object.arn.clone()),
        status: Status::Denied,
        decisions: Vec::new(),
        why: None,
    };
    let (Some(role), Some(object)) = (role, object) else {
        judged.why =
            Some(if role.is_none() { "the role does not exist" } else { "the object does not exist" }.to_owned());
        return judged;
    };
    judged.decisions = edge.access.actions().iter().flat_map(|action| decided(role, action, object)).collect();
    if !matches!(edge.access, Access::Read(_)) {
        judged.decisions.push(decided_alone(role, SIGN_IN));
    }
    if let Some(refused) = judged.decisions.iter().find(|one| !one.is_allowed()) {
        judged.why = Some(format!("{}: {}", refused.action, refused.outcome.reason));
    } else if !role.attached.is_empty() {
        judged.status = Status::Unknown;
        judged.why = Some(format!("the role has managed policies: {}", role.attached.join(", ")));
    } else if let Some((_, action)) = excess(role, objects, of_role).find(|(name, _)| *name == edge.access.object()) {
        judged.status = Status::Wider;
        judged.why = Some(format!("{action} is allowed too"));
    } else {
        judged.status = Status::Exact;
    }
    judged
}

/// What a role may do that none of its grants say, by the name of the object.
fn excess<'o>(
    role: &'o LiveRole,
    objects: &'o Objects,
    edges: &'o [&Edge],
) -> impl Iterator<Item = (&'o str, &'static str)> {
    objects.all().flat_map(move |(name, object, actions)| {
        let is_intended = move |action: &str| {
            let mut of_object = edges.iter().filter(|edge| edge.access.object() == name);
            of_object.any(|edge| edge.access.actions().contains(&action))
        };
        let surplus = actions.iter().filter(move |action| !is_intended(action));
        let allowed = surplus.filter(move |action| decided(role, action, object).iter().all(Decided::is_allowed));
        allowed.map(move |action| (name, *action))
    })
}

/// What a role may do with objects that it has no grant for at all.
fn unintended(account: &str, name: &str, role: &LiveRole, objects: &Objects, edges: &[&Edge]) -> Vec<Unintended> {
    let has_grant = |object: &str| edges.iter().any(|edge| edge.access.object() == object);
    let found = excess(role, objects, edges).filter(|(object, _)| !has_grant(object));
    found
        .map(|(object, action)| Unintended {
            account: account.to_owned(),
            role: name.to_owned(),
            action: action.to_owned(),
            object: object.to_owned(),
        })
        .collect()
}

/// The policies of the common account that let in others than the files say, whoever that is.
fn open_documents(fleet: &Fleet, plan: &Plan) -> Vec<OpenDocument> {
    let policies = plan.steps().filter(|step| step.key.scope == fleet.common && is_policy_of_object(&step.key));
    let open = policies.filter_map(|step| {
        let access = match step.status() {
            // Nobody is meant to be let in.
            Standing::Unmanaged => AccessWord::Wider,
            _ => render::access_of(step)?,
        };
        let is_open = matches!(access, AccessWord::Wider | AccessWord::Incomparable | AccessWord::Unknown);
        is_open.then(|| OpenDocument { key: step.key.to_string(), access })
    });
    open.collect()
}
