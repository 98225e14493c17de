//! The organization's accounts, read once: before the graph is built, to judge which of them can be worked on, and then
//! by the walk from the same list.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_sdk_organizations::types::{Account as Listed, AccountState, AccountStatus, Organization};
use engine::{Class, Error, Id, Result};
use futures_util::future;

use crate::inventory::{Asks, list};
use crate::resources::{OrganizationalUnit, account_places, invitations, unit_tree};
use crate::{Account, Sessions, edge::Edge};

/// How long after it joined an account may refuse calls without that being an error.
const YOUTH: Duration = Duration::from_mins(15);

/// Whether an account can be worked on (Organizations API reference, `Account`, `State`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// It can.
    Active,
    /// Whoever signed up for it has not finished that.
    PendingActivation,
    /// AWS or its owner suspended it: for 90 days after it was closed, too.
    Suspended,
    /// Its closure goes on.
    PendingClosure,
    /// It is closed for good.
    Closed,
    /// What AWS calls a state that this program does not know.
    Other(String),
}

impl State {
    /// That of an account as it is listed.
    pub(crate) fn of(account: &Listed) -> Self {
        // `Status` said this until AWS retired it on September 9, 2026 (Organizations API reference, `Account`).
        let state = account.state().map(AccountState::as_str).or(account.status().map(AccountStatus::as_str));
        match state {
            None | Some("ACTIVE") => Self::Active,
            Some("PENDING_ACTIVATION") => Self::PendingActivation,
            Some("SUSPENDED") => Self::Suspended,
            Some("PENDING_CLOSURE") => Self::PendingClosure,
            Some("CLOSED") => Self::Closed,
            Some(other) => Self::Other(other.to_owned()),
        }
    }

    /// Whether the account was closed, or is taken for it: it is never entered again under this address, unless AWS Support
    /// reopens it.
    pub fn is_closed(&self) -> bool {
        matches!(self, Self::Suspended | Self::PendingClosure | Self::Closed)
    }

    /// What to do about an account in this state.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Active => "nothing",
            Self::PendingActivation => {
                "whoever signed up for it has to finish that, with the link in the e-mail to its root user: run again then"
            }
            Self::Suspended => {
                "AWS Support reopens an account within 90 days of its closure; a new account needs another `email`, \
                 for this address is used up"
            }
            Self::PendingClosure | Self::Closed => {
                "a closed account keeps its e-mail address for good: give a new one another `email`, or remove its file"
            }
            Self::Other(_) => "the AWS Organizations console says more; run again when it is ACTIVE",
        }
    }
}

/// AWS's own word.
impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Active => "ACTIVE",
            Self::PendingActivation => "PENDING_ACTIVATION",
            Self::Suspended => "SUSPENDED",
            Self::PendingClosure => "PENDING_CLOSURE",
            Self::Closed => "CLOSED",
            Self::Other(word) => word,
        })
    }
}

/// One account of the organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enrolled {
    /// Its twelve digits.
    pub id: String,
    /// Its name in the organization.
    pub name: String,
    /// The address of its root user.
    pub email: String,
    /// Whether it can be worked on.
    pub state: State,
    /// When it came into the organization.
    pub joined: Option<SystemTime>,
}

impl Enrolled {
    fn of(account: &Listed) -> Self {
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        Self {
            id: text(account.id()),
            name: text(account.name()),
            email: text(account.email()),
            state: State::of(account),
            joined: account.joined_timestamp().and_then(|at| SystemTime::try_from(*at).ok()),
        }
    }

    /// Whether it came minutes ago, so that it may not be ready.
    pub fn is_young(&self) -> bool {
        // A clock that is a little slow makes it younger than it can be.
        self.joined.is_some_and(|joined| joined.elapsed().unwrap_or_default() < YOUTH)
    }

    /// Whether it can be worked on.
    pub fn is_active(&self) -> bool {
        self.state == State::Active
    }

    /// Whether its root user has this address: their case means nothing.
    pub fn has_email(&self, email: &str) -> bool {
        self.email.eq_ignore_ascii_case(email)
    }
}

/// The accounts of the organization.
#[derive(Clone, Debug, Default)]
pub struct Roll {
    /// Every one, the management account too; none while there is no organization.
    pub accounts: Vec<Enrolled>,
    /// The account that manages the organization.
    pub management: String,
}

impl Roll {
    /// The account of an id, or, where none is given, of an address.
    pub fn find(&self, id: Option<&str>, email: &str) -> Option<&Enrolled> {
        self.accounts.iter().find(|account| match id {
            Some(id) => account.id == id,
            None => account.has_email(email),
        })
    }
}

/// An invitation into the organization that is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// The id of the handshake.
    pub handshake: String,
    /// The account that was invited.
    pub account: String,
    /// Until when it can be accepted.
    pub expires: Option<SystemTime>,
}

impl Invitation {
    /// What a person has to do in that account.
    pub fn remedy(handshake: &str, account: &str) -> String {
        format!(
            "with credentials of an administrator of account {account}, within 15 days: \
             aws organizations accept-handshake --handshake-id {handshake}; then run again"
        )
    }
}

impl Sessions {
    /// The organization's accounts. The first walk after it works with what was listed here: it costs no call more.
    ///
    /// # Errors
    /// When the organization cannot be read, or another account manages it.
    pub async fn roll(self: &Arc<Self>) -> Result<Roll> {
        self.with_first_home(async |home| {
            let (organization, accounts) = future::join(organization(home), accounts(home)).await;
            let Some(organization) = organization?.as_ref().clone() else { return Ok(Roll::default()) };
            let management = managed_by(&organization, home)?.to_owned();
            let accounts = accounts?;
            Ok(Roll { accounts: accounts.iter().map(Enrolled::of).collect(), management })
        })
        .await
    }

    /// The invitations that are open.
    ///
    /// # Errors
    /// When they cannot be listed.
    pub async fn invitations(self: &Arc<Self>) -> Result<Vec<Invitation>> {
        self.with_first_home(async |home| Ok(invitations::open(home).await?.as_ref().clone())).await
    }

    /// The path of the unit that each account is in, such as `Workloads/Dev`, by the account's id: empty in the root.
    ///
    /// # Errors
    /// When the units cannot be listed.
    pub async fn units(self: &Arc<Self>) -> Result<HashMap<String, String>> {
        self.with_first_home(async |home| {
            let tree = unit_tree::tree(home).await?;
            let places = account_places::all(home).await?;
            let path = |unit: &Id<OrganizationalUnit>| tree.path(unit.known()?);
            Ok(places.iter().map(|(id, unit)| (id.clone(), path(unit).unwrap_or_default())).collect())
        })
        .await
    }

    /// Where each account is, as its requests say it in `aws:PrincipalOrgPaths`: `o-a1b2/r-c3d4/ou-c3d4-e5f6/`, by the
    /// account's id (IAM user guide, "AWS global condition context keys").
    ///
    /// # Errors
    /// When the organization or its units cannot be read.
    pub async fn organization_paths(self: &Arc<Self>) -> Result<HashMap<String, String>> {
        self.with_first_home(async |home| {
            let Some(organization) = organization(home).await?.as_ref().clone() else { return Ok(HashMap::new()) };
            let tree = unit_tree::tree(home).await?;
            let places = account_places::all(home).await?;
            let top = organization.id().unwrap_or_default();
            let path = |unit: &Id<OrganizationalUnit>| {
                let ids = tree.above(unit.known().unwrap_or_default());
                ids.iter().rev().fold(format!("{top}/"), |path, id| path + id + "/")
            };
            Ok(places.iter().map(|(id, unit)| (id.clone(), path(unit))).collect())
        })
        .await
    }
}

/// The organization that the account is in, if any.
pub(crate) async fn organization(by: &impl Asks) -> Result<Arc<Option<Organization>>> {
    list(by, "organization", async {
        match by.account().organizations().describe_organization().send().await.edge() {
            Err(error) if error.class == Class::NotFound => Ok(None),
            answer => Ok(answer?.organization),
        }
    })
    .await
}

/// The account that manages the organization, which has to be this one.
pub(crate) fn managed_by<'o>(organization: &'o Organization, account: &Account) -> Result<&'o str> {
    let management = organization.master_account_id().unwrap_or_default();
    if management == account.id() {
        return Ok(management);
    }
    let message = format!("account {} belongs to the organization of account {management}", account.id());
    Err(Error::new(Class::Invalid, message)
        .hint(format!("run with credentials of the management account, {management}")))
}

/// The accounts of the organization.
pub(crate) async fn accounts(by: &impl Asks) -> Result<Arc<Vec<Listed>>> {
    list(by, "accounts", async {
        let pages = by.account().organizations().list_accounts().into_paginator().send();
        let pages: Vec<_> = pages.try_collect().await.edge()?;
        Ok(pages.into_iter().flat_map(|page| page.accounts.unwrap_or_default()).collect())
    })
    .await
}

/// One of them as others see it.
pub(crate) fn enrolled(account: &Listed) -> Enrolled {
    Enrolled::of(account)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each state of the API reference as it is listed now, with its earlier name, and what a person reads.
    #[test]
    fn every_state_says_what_to_do() {
        let cases = [
            ("ACTIVE", State::Active, false, "nothing"),
            ("PENDING_ACTIVATION", State::PendingActivation, false, "the link in the e-mail"),
            ("SUSPENDED", State::Suspended, true, "another `email`"),
            ("PENDING_CLOSURE", State::PendingClosure, true, "another `email`"),
            ("CLOSED", State::Closed, true, "another `email`"),
            ("SOMETHING_NEW", State::Other("SOMETHING_NEW".into()), false, "AWS Organizations console"),
        ];
        for (word, state, is_closed, remedy) in cases {
            let listed = Listed::builder().state(word.into()).build();
            assert_eq!(State::of(&listed), state);
            let earlier = Listed::builder().status(word.into()).build();
            assert_eq!(State::of(&earlier), state, "by its status");
            assert_eq!((state.to_string().as_str(), state.is_closed()), (word, is_closed));
            assert!(state.remedy().contains(remedy), "{word}: {}", state.remedy());
        }
        // The state counts where both are said, and an account of which nothing is said can be worked on.
        let both = Listed::builder().status(AccountStatus::Active).state(AccountState::Closed).build();
        assert_eq!(State::of(&both), State::Closed);
        assert_eq!(State::of(&Listed::builder().build()), State::Active);
        assert!(AccountState::values().iter().all(|word| {
            let listed = Listed::builder().state((*word).into()).build();
            !matches!(State::of(&listed), State::Other(_))
        }));
    }
}
