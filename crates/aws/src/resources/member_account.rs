//! An account of the organization.

use aws_sdk_organizations::error::SdkError;
use aws_sdk_organizations::operation::close_account::CloseAccountError;
use engine::{Class, Cx, Error, Found, Id, Key, Output, Resource, Result, Tags};
use futures_util::future::FutureExt;
use serde::Serialize;

use super::{
    Organization, OrganizationalUnit, account_failure, account_places, account_request, organization_tags, unit_tree,
};
use crate::edge::Edge;
use crate::{Account, Enrolled, Grant, Permissions, State, roll, tags};

/// A member account, known by its id, by its e-mail address, which is unique in all of AWS, or by its tags
/// while it is open.
#[derive(Debug, Serialize)]
pub struct MemberAccount {
    /// The organization that it belongs to.
    #[serde(skip)]
    pub organization: Id<Organization>,
    /// Its name in the organization; none if an adopted account keeps its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The address of its root user.
    pub email: String,
    /// The unit that it is in; none if it stays where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<Id<OrganizationalUnit>>,
    /// The id of an account that exists and is adopted; its address stays what it is.
    #[serde(skip)]
    pub adopt: Option<String>,
    /// The role by which the management account enters.
    #[serde(skip)]
    pub role: String,
}

/// An account that can be entered.
#[derive(Clone, Debug)]
pub struct Member {
    /// Its id.
    pub id: Id<MemberAccount>,
    /// Whether it was created minutes ago, so that it may not be ready.
    pub young: bool,
}

impl Output for Member {
    fn pending(key: &Key) -> Self {
        Self { id: Id::pending(key.clone()), young: true }
    }

    fn id(&self) -> Option<&str> {
        self.id.known()
    }
}

impl Resource for MemberAccount {
    const KIND: &'static str = "account";
    const NOTED: bool = true;
    type Cloud = Account;
    type Output = Member;

    async fn find(&self, cx: &Cx<'_, Account>) -> Result<Option<Found<Self>>> {
        if self.organization.known().is_none() {
            return Ok(None);
        }
        let all: Vec<Enrolled> = roll::accounts(cx).await?.iter().map(roll::enrolled).collect();
        let Some(account) = self.among(&all, cx).await? else { return Ok(None) };
        self.check(account)?;
        let unit = match &self.unit {
            Some(_) => account_places::all(cx).await?.get(&account.id).cloned(),
            None => None,
        };
        let tags = match organization_tags::of(&account.id, cx).await? {
            Some(tags) => tags,
            None => organization_tags::asked(&account.id, cx).await?,
        };
        let actual = Self {
            organization: self.organization.clone(),
            name: self.name.as_ref().map(|_| account.name.clone()),
            // The address of an account that was adopted is its own, and the case of one means nothing.
            email: self.email.clone(),
            unit,
            adopt: self.adopt.clone(),
            role: self.role.clone(),
        };
        // One that was adopted was there before, whenever it joined.
        let young = self.adopt.is_none() && account.is_young();
        let output = Member { id: Id::new(account.id.as_str()), young };
        Ok(Some(Found { output, actual, tags: Some(tags) }))
    }

    async fn create(&self, cx: &Cx<'_, Account>) -> Result<Member> {
        if let Some(id) = &self.adopt {
            return Err(not_here(id, cx.key));
        }
        let _one_of_few = cx.in_creation.acquire().await;
        let id = account_request::fulfilled(self, cx).await?;
        if let Some(unit) = &self.unit {
            // AWS makes every account in the root.
            let root = unit_tree::root(cx).await?.as_ref().as_ref().and_then(|root| root.id.clone());
            let root = root.ok_or_else(|| Error::new(Class::Other, "the organization's root is not listed"))?;
            if unit.get()? != root {
                cx.follow_up(|| moved(&id, &root, unit, cx).boxed()).await?;
            }
        }
        Ok(Member { id: Id::new(id), young: true })
    }

    async fn update(&self, found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let id = found.output.id.get()?;
        if let Some(name) = self.name.as_ref().filter(|name| found.actual.name.as_ref() != Some(*name)) {
            renamed(id, name, cx).await?;
        }
        match (&self.unit, &found.actual.unit) {
            (Some(to), Some(from)) if to != from => moved(id, from.get()?, to, cx).await,
            (Some(_), None) => {
                Err(Error::new(Class::NotYet, format!("account {id} is not listed in any unit of the organization")))
            }
            _ => Ok(()),
        }
    }

    async fn tag(found: &Found<Self>, tags: &Tags, cx: &Cx<'_, Account>) -> Result<()> {
        organization_tags::set(found.output.id.get()?, tags, cx).await
    }

    /// Closes the account; AWS keeps it suspended for 90 days (Organizations user guide, "Closing a member account").
    async fn delete(found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let sent = cx.organizations().close_account().account_id(found.output.id.get()?).send().await;
        let reason = sent.as_ref().err().and_then(reason);
        sent.edge().map_err(|error| account_failure::unclosed(error, reason.as_deref())).map(drop)
    }
}

impl Permissions for MemberAccount {
    const READS: &'static [Grant] = &[Grant::everywhere(&[
        "organizations:DescribeCreateAccountStatus",
        "organizations:ListAccounts",
        "organizations:ListParents",
        "organizations:ListRoots",
        "organizations:ListTagsForResource",
        "tag:GetResources",
    ])];
    const CHANGES: &'static [Grant] = &[
        Grant::everywhere(&[
            "organizations:CloseAccount",
            "organizations:CreateAccount",
            "organizations:ListCreateAccountStatus",
            "organizations:MoveAccount",
            "organizations:TagResource",
        ]),
        Grant::on(&["arn:aws:account::{account}:account/o-*/*"], &["account:PutAccountName"]),
    ];
}

impl MemberAccount {
    /// The account that is meant: the adopted one, or the one that has the address or carries the node's tags.
    async fn among<'a>(&self, all: &'a [Enrolled], cx: &Cx<'_, Account>) -> Result<Option<&'a Enrolled>> {
        if let Some(id) = &self.adopt {
            return all.iter().find(|account| account.id == *id).map(Some).ok_or_else(|| not_here(id, cx.key));
        }
        let tags = organization_tags::all(cx).await?;
        let owner = |account: &Enrolled| tags::owner(cx.fleet(), tags.get(&account.id)?);
        let by_email = all.iter().find(|account| account.has_email(&self.email));
        // One that was closed keeps its tags for 90 days, and its address for good: another address asks for another account.
        let mut open = all.iter().filter(|account| !account.state.is_closed());
        let by_tags = open.find(|account| owner(account).as_ref() == Some(cx.key));
        match (by_email, by_tags) {
            (Some(one), _) if one.id == cx.id() => Err(self.taken(one, "is the management account")),
            (Some(one), Some(other)) if one.id != other.id => {
                Err(self.taken(one, &format!("is not account {}, which carries the tags of {}", other.id, cx.key)))
            }
            (Some(one), None) if let Some(key) = owner(one).filter(|key| key != cx.key) => Err(self.taken(one, &format!("is {key}'s"))),
            (None, Some(account)) => Err(Error::new(
                Class::Invalid,
                format!("account {} of {} has the address {}, not {}", account.id, cx.key.name, account.email, self.email),
            )
            .hint(format!(
                "AWS changes an address only with a code that it sends to the new one: either write email = \"{}\" into \
                 the account's file, or change it in the AWS Organizations console",
                account.email
            ))),
            (found, _) => Ok(found),
        }
    }

    fn taken(&self, account: &Enrolled, by: &str) -> Error {
        Error::new(Class::Invalid, format!("the address {} belongs to account {}, which {by}", self.email, account.id))
            .hint("give this account an `email` of its own in its file")
    }

    /// What would make every later call fail in a way that does not say why.
    fn check(&self, account: &Enrolled) -> Result<()> {
        if account.state == State::Active {
            return Ok(());
        }
        let class = if account.state.is_closed() { Class::NotFound } else { Class::Invalid };
        let message = format!("account {} ({}) is {}", account.id, self.email, account.state);
        Err(Error::new(class, message).hint(account.state.remedy()))
    }
}

fn not_here(id: &str, key: &Key) -> Error {
    Error::new(Class::Invalid, format!("account {id} of {} is not in this organization", key.name))
        .hint("write `invite = true` beside its id to invite it, or correct the id")
}

/// Another name: the Account Management service changes it from the management account, if it is trusted by the
/// organization (Account Management API reference, `PutAccountName`).
async fn renamed(id: &str, name: &str, cx: &Cx<'_, Account>) -> Result<()> {
    let put = cx.account().put_account_name().account_id(id).account_name(name).send().await.edge();
    put.map(drop).map_err(|error| match error.class {
        Class::Denied => error.hint(
            "the caller needs account:PutAccountName, and the organization has to trust account.amazonaws.com \
             (aws organizations enable-aws-service-access --service-principal account.amazonaws.com)",
        ),
        _ => error,
    })
}

async fn moved(id: &str, from: &str, to: &Id<OrganizationalUnit>, cx: &Cx<'_, Account>) -> Result<()> {
    let call = cx.organizations().move_account().account_id(id).source_parent_id(from);
    match call.destination_parent_id(to.get()?).send().await.edge() {
        // The answer of an earlier attempt was lost.
        Err(error) if error.code.as_deref() == Some("DuplicateAccountException") => Ok(()),
        moved => moved.map(drop),
    }
}

fn reason<R>(error: &SdkError<CloseAccountError, R>) -> Option<String> {
    match error.as_service_error()? {
        CloseAccountError::ConstraintViolationException(error) => {
            error.reason().map(|reason| reason.as_str().to_owned())
        }
        _ => None,
    }
}
