//! The organization and its accounts, as the management account sees them.

use aws_sdk_organizations::types::OrganizationFeatureSet;
use engine::{Class, Result};

use crate::{Account, Enrolled, edge::Edge, roll};

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
    Ok(roll::accounts(home).await?.iter().map(roll::enrolled).collect())
}
