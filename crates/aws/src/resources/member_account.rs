//! An account of the organization.

use std::time::Duration;

use aws_sdk_organizations::types::{
    Account as OrganizationsAccount, AccountState, AccountStatus, CreateAccountFailureReason, CreateAccountState,
    CreateAccountStatus,
};
use aws_smithy_types::DateTime;
use engine::{Class, Cx, Error, Found, Id, Key, Output, Resource, Result};
use serde::Serialize;

use super::{Organization, creation, organization_tags};
use crate::Account;
use crate::edge::Edge;
use crate::inventory::list;

/// How long after its creation an account may refuse to be entered without that being an error.
const YOUTH: Duration = Duration::from_mins(15);

/// A member account. `ListAccounts` reports no tags and a call per account would be one per node, so an account is
/// known by its id, or by its e-mail address, which is unique in all of AWS.
#[derive(Debug, Serialize)]
pub struct MemberAccount {
    /// The organization that it belongs to.
    #[serde(skip)]
    pub organization: Id<Organization>,
    /// Its name in the organization.
    pub name: String,
    /// The address of its root user.
    pub email: String,
    /// The id of an account that exists and is adopted; its name and address stay what they are.
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
        let all = all(cx).await?;
        let account = match &self.adopt {
            Some(id) => Some(self.adopted(id, &all)?),
            None => all.iter().find(|account| has_email(account, &self.email)),
        };
        let Some(account) = account else { return Ok(None) };
        self.check(account)?;
        let young = account.joined_timestamp().is_some_and(is_young);
        let id = Id::new(account.id().unwrap_or_default());
        let actual = Self {
            organization: self.organization.clone(),
            // The name and address of an account that was adopted are its own.
            name: self.name.clone(),
            email: self.email.clone(),
            adopt: self.adopt.clone(),
            role: self.role.clone(),
        };
        Ok(Some(Found { output: Member { id, young }, actual, tags: None }))
    }

    async fn create(&self, cx: &Cx<'_, Account>) -> Result<Member> {
        // A run that was killed may have asked already, and asking twice is an error at best.
        let _one_of_few = cx.in_creation.acquire().await;
        let status = match self.in_progress(cx).await? {
            Some(status) => status,
            None => self.ask(cx).await?,
        };
        let id = cx.unless_cancelled(Box::pin(self.wait(status, cx))).await?;
        Ok(Member { id: Id::new(id), young: true })
    }

    /// Closes the account; AWS keeps it suspended for 90 days (Organizations user guide, "Closing a member account").
    async fn delete(found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        cx.organizations().close_account().account_id(found.output.id.get()?).send().await.edge()?;
        Ok(())
    }
}

impl MemberAccount {
    fn adopted<'a>(&self, id: &str, all: &'a [OrganizationsAccount]) -> Result<&'a OrganizationsAccount> {
        all.iter().find(|account| account.id() == Some(id)).ok_or_else(|| {
            Error::new(Class::Invalid, format!("account {id} of {} is not in this organization", self.name))
                .hint("invite it in the AWS Organizations console and accept in the account, or correct its id")
        })
    }

    /// What would make every later call fail in a way that does not say why.
    fn check(&self, account: &OrganizationsAccount) -> Result<()> {
        let (id, name) = (account.id().unwrap_or_default(), account.name().unwrap_or_default());
        // `Status` said this until AWS retired it on September 9, 2026 (Organizations API reference, `Account`).
        let state = account.state().map(AccountState::as_str).or(account.status().map(AccountStatus::as_str));
        let message = || format!("account {id} ({}) is {}", self.email, state.unwrap_or("in no known state"));
        match state {
            None | Some("ACTIVE") => {}
            Some("PENDING_ACTIVATION") => {
                return Err(Error::new(Class::Invalid, message())
                    .hint("whoever signed up for it has to finish that: run again then"));
            }
            Some(_) => {
                return Err(Error::new(Class::NotFound, message())
                    .hint("a closed account keeps its e-mail address for good: give the new one another `email`"));
            }
        }
        if self.adopt.is_none() && name != self.name {
            return Err(Error::new(Class::Invalid, format!("account {id} has {} and is called {name}", self.email))
                .hint(format!("if it is the one, write id = \"{id}\" into the account's file to adopt it")));
        }
        Ok(())
    }

    async fn in_progress(&self, cx: &Cx<'_, Account>) -> Result<Option<CreateAccountStatus>> {
        let call = cx.organizations().list_create_account_status().states(CreateAccountState::InProgress);
        let pages: Vec<_> = call.into_paginator().send().try_collect().await.edge()?;
        let mut all = pages.into_iter().flat_map(|page| page.create_account_statuses.unwrap_or_default());
        Ok(all.find(|status| status.account_name() == Some(&self.name)))
    }

    async fn ask(&self, cx: &Cx<'_, Account>) -> Result<CreateAccountStatus> {
        let call = cx.organizations().create_account().account_name(&self.name).email(&self.email);
        let call = call.role_name(&self.role).set_tags(Some(organization_tags::to_sdk(cx.tags)?)).customize();
        let once = aws_sdk_organizations::config::Builder::new().retry_classifier(creation::unless_done());
        let asked = call.config_override(once).send().await.edge();
        let status = asked.map_err(|error| creation::look_again(too_many(error)))?.create_account_status;
        status.ok_or_else(|| Error::new(Class::Other, "AWS Organizations answered without a request id"))
    }

    /// Polls until the account exists: there is no waiter for it. Some 30 seconds are usual.
    async fn wait(&self, mut status: CreateAccountStatus, cx: &Cx<'_, Account>) -> Result<String> {
        let mut pause = Duration::from_millis(500);
        loop {
            match (status.state(), status.account_id()) {
                (Some(CreateAccountState::Succeeded), Some(id)) => return Ok(id.to_owned()),
                (Some(CreateAccountState::Failed), _) => return Err(self.failed(&status)),
                _ => {}
            }
            cx.waiting(format!("AWS to create the account ({})", status.id().unwrap_or("no request id")));
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(5));
            let call = cx.organizations().describe_create_account_status();
            let answer = call.set_create_account_request_id(status.id().map(str::to_owned)).send().await.edge()?;
            status = answer.create_account_status.unwrap_or(status);
        }
    }

    /// The reasons of the Organizations API reference, `CreateAccountStatus`, each with what to do.
    fn failed(&self, status: &CreateAccountStatus) -> Error {
        let reason = status.failure_reason();
        let (class, hint) = match reason {
            Some(CreateAccountFailureReason::EmailAlreadyExists) => {
                (Class::Invalid, "another AWS account has this address: set `email` in the account's file")
            }
            Some(CreateAccountFailureReason::AccountLimitExceeded) => (
                Class::Invalid,
                "the organization is full: ask for more accounts in Service Quotas (AWS Organizations)",
            ),
            Some(CreateAccountFailureReason::InvalidEmail) => {
                (Class::Invalid, "AWS does not accept the address: set `email` in the account's file")
            }
            Some(CreateAccountFailureReason::InvalidAddress | CreateAccountFailureReason::InvalidPaymentInstrument) => {
                (Class::Invalid, "mend the management account's address and payment method in its billing console")
            }
            Some(CreateAccountFailureReason::ConcurrentAccountModification) => {
                (Class::NotYet, "another change of the organization was under way")
            }
            _ => (Class::Other, "run again; if it fails again, AWS support needs the request id"),
        };
        let code = reason.map_or("Unknown", CreateAccountFailureReason::as_str);
        Error {
            code: Some(code.into()),
            request_id: status.id().map(Into::into),
            operation: Some("organizations:CreateAccount".into()),
            ..Error::new(class, format!("AWS could not create {} ({})", self.name, self.email))
        }
        .hint(hint)
    }
}

/// AWS creates a few accounts at a time; one more has to wait, not to fail.
fn too_many(error: Error) -> Error {
    let limited = error.message.contains("ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED");
    if limited { Error { class: Class::NotYet, ..error } } else { error }
}

async fn all(cx: &Cx<'_, Account>) -> Result<std::sync::Arc<Vec<OrganizationsAccount>>> {
    list(cx, "accounts", async {
        let pages: Vec<_> = cx.organizations().list_accounts().into_paginator().send().try_collect().await.edge()?;
        Ok(pages.into_iter().flat_map(|page| page.accounts.unwrap_or_default()).collect())
    })
    .await
}

fn has_email(account: &OrganizationsAccount, email: &str) -> bool {
    account.email().is_some_and(|other| other.eq_ignore_ascii_case(email))
}

fn is_young(joined: &DateTime) -> bool {
    let now = DateTime::from(std::time::SystemTime::now()).secs();
    // A clock that is a little slow makes it younger than it can be.
    u64::try_from((now - joined.secs()).max(0)).is_ok_and(|age| age < YOUTH.as_secs())
}
