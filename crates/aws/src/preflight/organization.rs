//! The organization and its accounts, as the management account sees them.

use std::time::{Duration, SystemTime};

use aws_sdk_organizations::types::{
    Account as Listed, AccountState, AccountStatus, ActionType, HandshakeFilter, HandshakeState, OrganizationFeatureSet,
};
use engine::{Class, Result};

use crate::{Account, edge::Edge};

/// How long after it joined an account may refuse calls without that being an error.
const YOUTH: Duration = Duration::from_mins(15);

/// The organization that the caller's account belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organized {
    /// Its id.
    pub id: String,
    /// The id of the account that manages it.
    pub management: String,
    /// Whether it has all features, and not consolidated billing alone.
    pub all_features: bool,
}

/// An account of the organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enrolled {
    /// Its twelve digits.
    pub id: String,
    /// Its name in the organization.
    pub name: String,
    /// The address of its root user.
    pub email: String,
    /// AWS's word for its state, such as `ACTIVE` (Organizations API reference, `Account`, `State`).
    pub state: String,
    /// Whether it came minutes ago.
    pub is_young: bool,
}

impl Enrolled {
    fn of(account: &Listed) -> Self {
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        // `Status` said this until AWS retired it on September 9, 2026 (Organizations API reference, `Account`).
        let state = account.state().map(AccountState::as_str).or(account.status().map(AccountStatus::as_str));
        let joined = account.joined_timestamp().and_then(|at| SystemTime::try_from(*at).ok());
        Self {
            id: text(account.id()),
            name: text(account.name()),
            email: text(account.email()),
            state: state.unwrap_or("ACTIVE").to_owned(),
            // A clock that is a little slow makes it younger than it can be.
            is_young: joined.is_some_and(|joined| joined.elapsed().unwrap_or_default() < YOUTH),
        }
    }

    /// Whether it can be worked on.
    pub fn is_active(&self) -> bool {
        self.state == "ACTIVE"
    }

    /// Whether its root user has this address: case means nothing.
    pub fn has_email(&self, email: &str) -> bool {
        self.email.eq_ignore_ascii_case(email)
    }
}

/// The organization, if the account is in one.
///
/// # Errors
/// When it cannot be read.
pub async fn organized(home: &Account) -> Result<Option<Organized>> {
    let answer = match home.organizations().describe_organization().send().await.edge() {
        Err(error) if error.class == Class::NotFound => return Ok(None),
        answer => answer?,
    };
    Ok(answer.organization.map(|found| Organized {
        id: found.id().unwrap_or_default().to_owned(),
        management: found.master_account_id().unwrap_or_default().to_owned(),
        all_features: found.feature_set() == Some(&OrganizationFeatureSet::All),
    }))
}

/// Every account of the organization, the management account and closed ones too.
///
/// # Errors
/// When they cannot be listed.
pub async fn enrolled(home: &Account) -> Result<Vec<Enrolled>> {
    let pages = home.organizations().list_accounts().into_paginator().send();
    let pages: Vec<_> = pages.try_collect().await.edge()?;
    Ok(pages
        .into_iter()
        .flat_map(|page| page.accounts.unwrap_or_default())
        .map(|account| Enrolled::of(&account))
        .collect())
}

/// How many invitations wait for an answer: each counts as an account (Organizations user guide, "Quotas for AWS
/// Organizations").
///
/// # Errors
/// When they cannot be listed.
pub async fn open_invitations(home: &Account) -> Result<usize> {
    let filter = HandshakeFilter::builder().action_type(ActionType::InviteAccountToOrganization).build();
    let call = home.organizations().list_handshakes_for_organization().filter(filter);
    let pages: Vec<_> = call.into_paginator().send().try_collect().await.edge()?;
    let all = pages.into_iter().flat_map(|page| page.handshakes.unwrap_or_default());
    let is_open =
        |state: Option<&HandshakeState>| matches!(state, Some(HandshakeState::Requested | HandshakeState::Open));
    Ok(all.filter(|handshake| is_open(handshake.state())).count())
}
