//! What the front reads in IAM, in any account: roles, users, and the policies of both.

use std::borrow::Cow;
use std::time::Duration;

use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use policy::{Caller, Document};
use xmltree::Element;

use super::stored_policies::ids;
use crate::ACCOUNT_ID;
use crate::front::call::Call;
use crate::front::upstream::Broken;
use crate::front::world::{Principal, World};
use crate::front::xml::{children, descendant};

/// The region of calls to IAM, which has none.
const REGION: &str = "us-east-1";

/// A role or a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Identity {
    Role,
    User,
}

impl Identity {
    fn noun(self) -> &'static str {
        match self {
            Self::Role => "Role",
            Self::User => "User",
        }
    }

    /// The id in the element of one. The local AWS gives users ids without AWS's prefix (IAM user guide, "IAM
    /// identifiers", "Understanding unique ID prefixes").
    fn id(self, element: &Element) -> String {
        let id = text(element, &format!("{}Id", self.noun())).unwrap_or_default();
        match self {
            Self::User if !id.starts_with("AIDA") => format!("AIDA{}", id.get(4..).unwrap_or(&id)).to_ascii_uppercase(),
            _ => id,
        }
    }
}

/// A role or user as it is now.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) arn: String,
    /// `AROA...` or `AIDA...`: another one after it was made anew.
    pub(super) id: String,
    pub(super) created: Option<Timestamp>,
    /// A role's trust policy, with the principals that are stored by their ids as ARNs.
    pub(super) trust: Option<String>,
    /// How long a role's sessions may be, in seconds.
    pub(super) longest_session: i64,
    pub(super) boundary: Option<String>,
    pub(super) tags: Vec<(String, String)>,
}

impl Found {
    /// Whether it is so new that others than IAM do not know it yet.
    pub(super) fn is_unknown(&self, world: &World) -> bool {
        let operation = if self.arn.contains(":user/") { "CreateUser" } else { "CreateRole" };
        let account = self.arn.split(':').nth(4).unwrap_or_default().to_owned();
        let (service, region) = ("iam".to_owned(), REGION.to_owned());
        let argument = self.arn.rsplit('/').next().map(str::to_owned);
        let unknown =
            world.weather().unknown(&Call { service, operation: operation.into(), account, region, argument });
        let age = self.created.map(|created| Timestamp::now().duration_since(created));
        !unknown.is_zero() && age.is_some_and(|age| Duration::try_from(age).unwrap_or_default() < unknown)
    }
}

/// A role or user by its ARN, whose path has to be right too.
pub(super) async fn by_arn(world: &World, arn: &str) -> Result<Option<Found>, Broken> {
    let Some((account, identity, name)) = named(arn) else { return Ok(None) };
    Ok(by_name(world, account, identity, name).await?.filter(|found| found.arn == arn))
}

/// The id of the role or user of an ARN, if it is there.
pub(super) async fn id_of(world: &World, arn: &str) -> Result<Option<String>, Broken> {
    let Some((account, identity, name)) = named(arn) else { return Ok(None) };
    let found = read(world, account, identity, name).await?;
    Ok(found.filter(|found| text(found, "Arn").as_deref() == Some(arn)).map(|found| identity.id(&found)))
}

/// The account, kind and name in an ARN.
fn named(arn: &str) -> Option<(&str, Identity, &str)> {
    let mut parts = arn.splitn(6, ':').skip(4);
    let (account, resource) = (parts.next()?, parts.next()?);
    let (kind, path_and_name) = resource.split_once('/')?;
    let identity = match kind {
        "role" => Identity::Role,
        "user" => Identity::User,
        _ => return None,
    };
    Some((account, identity, path_and_name.rsplit('/').next().unwrap_or_default()))
}

async fn read(world: &World, account: &str, identity: Identity, name: &str) -> Result<Option<Element>, Broken> {
    let noun = identity.noun();
    let (action, key) = (format!("Get{noun}"), format!("{noun}Name"));
    let answer = world.form(account, REGION, "iam", &[("Action", &action), (&key, name)]).await?;
    let root = answer.xml().filter(|_| answer.is_success());
    Ok(root.and_then(|root| descendant(&root, noun).cloned()))
}

/// A role or user by its name.
pub(super) async fn by_name(
    world: &World,
    account: &str,
    identity: Identity,
    name: &str,
) -> Result<Option<Found>, Broken> {
    let Some(element) = &read(world, account, identity, name).await? else { return Ok(None) };
    let trust = match text(element, "AssumeRolePolicyDocument") {
        Some(trust) => Some(ids::shown_in(world, &decoded(&trust)).await?),
        None => None,
    };
    let members = descendant(element, "Tags").into_iter().flat_map(children);
    Ok(Some(Found {
        arn: text(element, "Arn").unwrap_or_default(),
        id: identity.id(element),
        created: text(element, "CreateDate").and_then(|date| date.parse().ok()),
        trust,
        longest_session: text(element, "MaxSessionDuration").and_then(|most| most.parse().ok()).unwrap_or(3600),
        boundary: text(element, "PermissionsBoundaryArn"),
        tags: members.filter_map(|tag| Some((text(tag, "Key")?, text(tag, "Value")?))).collect(),
    }))
}

/// What a caller may do by its own policies, and the boundary of that.
#[derive(Debug, Default)]
pub(super) struct Permissions {
    pub(super) policies: Vec<Document>,
    pub(super) boundary: Option<Document>,
}

/// Who calls, with the ARN of the role that a session is of.
pub(super) async fn caller(world: &World, principal: &Principal) -> Result<Option<(Caller, Option<Found>)>, Broken> {
    let Some(caller) = Caller::parse(&principal.arn) else { return Ok(None) };
    let Caller::Session { account, role, .. } = &caller else { return Ok(Some((caller, None))) };
    let found = by_name(world, account, Identity::Role, role).await?;
    Ok(found.map(|found| (caller.of_role(&found.arn), Some(found))))
}

/// The permissions of whoever calls. Who has no user of IAM's is the made-up user of the management account, and may do
/// everything there.
pub(super) async fn permissions(world: &World, principal: &Principal) -> Result<Permissions, Broken> {
    let Principal { account, arn } = principal;
    let (identity, name) = if principal.is_session() {
        (Identity::Role, arn.split('/').nth(1).unwrap_or_default())
    } else {
        (Identity::User, arn.rsplit('/').next().unwrap_or_default())
    };
    let Some(found) = by_name(world, account, identity, name).await? else {
        let is_made_up = identity == Identity::User && account == ACCOUNT_ID;
        let all = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
        let policies = is_made_up.then(|| Document::parse(all).ok()).flatten();
        return Ok(Permissions { policies: policies.into_iter().collect(), boundary: None });
    };
    let mut policies = of_holder(world, account, identity.noun(), name).await?;
    if identity == Identity::User {
        let asked = [("Action", "ListGroupsForUser"), ("UserName", name)];
        for group in list(world, account, &asked, "GroupName").await? {
            policies.extend(of_holder(world, account, "Group", &group).await?);
        }
    }
    let boundary = match &found.boundary {
        Some(boundary) => managed(world, account, boundary).await?,
        None => None,
    };
    let parsed = |text: String| Document::parse(&text).ok();
    Ok(Permissions { policies: policies.into_iter().filter_map(parsed).collect(), boundary: boundary.and_then(parsed) })
}

/// Whether a role has a policy of any kind.
pub(super) async fn has_policies(world: &World, account: &str, role: &str) -> Result<bool, Broken> {
    Ok(!of_holder(world, account, Identity::Role.noun(), role).await?.is_empty())
}

/// The texts of the policies of a `Role`, `User` or `Group`: the inline and the attached ones.
async fn of_holder(world: &World, account: &str, noun: &str, name: &str) -> Result<Vec<String>, Broken> {
    let mut texts: Vec<String> = inline(world, account, noun, name).await?.into_iter().map(|(_, text)| text).collect();
    let (action, key) = (format!("ListAttached{noun}Policies"), format!("{noun}Name"));
    for arn in list(world, account, &[("Action", &action), (&key, name)], "PolicyArn").await? {
        texts.extend(managed(world, account, &arn).await?);
    }
    Ok(texts)
}

/// The names and texts of the inline policies of a `Role`, `User` or `Group`.
pub(super) async fn inline(
    world: &World,
    account: &str,
    noun: &str,
    name: &str,
) -> Result<Vec<(String, String)>, Broken> {
    let (action, key) = (format!("List{noun}Policies"), format!("{noun}Name"));
    let mut policies = Vec::new();
    for policy in list(world, account, &[("Action", &action), (&key, name)], "member").await? {
        let get = format!("Get{noun}Policy");
        let asked = [("Action", get.as_str()), (&key, name), ("PolicyName", &policy)];
        let answer = world.form(account, REGION, "iam", &asked).await?;
        let document = answer.xml().and_then(|root| text(&root, "PolicyDocument"));
        policies.extend(document.map(|document| (policy, decoded(&document))));
    }
    Ok(policies)
}

/// The default version of a managed policy.
async fn managed(world: &World, account: &str, arn: &str) -> Result<Option<String>, Broken> {
    let answer = world.form(account, REGION, "iam", &[("Action", "GetPolicy"), ("PolicyArn", arn)]).await?;
    let Some(version) = answer.xml().and_then(|root| text(&root, "DefaultVersionId")) else { return Ok(None) };
    let asked = [("Action", "GetPolicyVersion"), ("PolicyArn", arn), ("VersionId", &version)];
    let answer = world.form(account, REGION, "iam", &asked).await?;
    Ok(answer.xml().and_then(|root| text(&root, "Document")).map(|document| decoded(&document)))
}

/// The texts of all elements of a name in the answer to a question: the local AWS gives all in one page if asked to.
async fn list(world: &World, account: &str, asked: &[(&str, &str)], name: &str) -> Result<Vec<String>, Broken> {
    let asked: Vec<_> = asked.iter().copied().chain([("MaxItems", "1000")]).collect();
    let answer = world.form(account, REGION, "iam", &asked).await?;
    let mut texts = Vec::new();
    if let Some(root) = answer.xml().filter(|_| answer.is_success()) {
        collect(&root, name, &mut texts);
    }
    Ok(texts)
}

fn collect(element: &Element, name: &str, texts: &mut Vec<String>) {
    if element.name == name && children(element).next().is_none() {
        texts.extend(element.get_text().map(Cow::into_owned));
    }
    children(element).for_each(|child| collect(child, name, texts));
}

fn text(element: &Element, name: &str) -> Option<String> {
    descendant(element, name)?.get_text().map(Cow::into_owned)
}

/// IAM's documents are encoded as in URLs, some of the local AWS's are not.
fn decoded(document: &str) -> String {
    if document.trim_start().starts_with('{') {
        return document.to_owned();
    }
    percent_decode_str(document).decode_utf8_lossy().into_owned()
}
