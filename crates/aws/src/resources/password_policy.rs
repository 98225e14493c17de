//! What IAM takes as the password of a user.

use std::sync::Arc;

use aws_sdk_iam::types::PasswordPolicy as IamPasswordPolicy;
use engine::{Class, Cx, Found, Nature, Resource, Result};
use serde::Serialize;

use crate::edge::Edge;
use crate::inventory::list;
use crate::{Account, Grant, Permissions};

/// The account's password policy. An account without one has IAM's own, which asks for less.
#[derive(Clone, Debug, Default, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "IAM's own switches")]
pub struct PasswordPolicy {
    /// The least length. A longer one that somebody has chosen is as good.
    pub minimum_length: Option<i32>,
    /// At least one symbol.
    pub require_symbols: bool,
    /// At least one digit.
    pub require_numbers: bool,
    /// At least one capital.
    pub require_uppercase: bool,
    /// At least one small letter.
    pub require_lowercase: bool,
    /// How many earlier passwords cannot be used again.
    pub reuse_prevention: Option<i32>,
    /// After how many days a password has to be changed.
    pub maximum_age_days: Option<i32>,
    /// Whether only an administrator can then change it.
    pub hard_expiry: bool,
    /// Users may change their own password.
    pub users_may_change: bool,
}

impl PasswordPolicy {
    /// 14 characters of all classes, and none of the last 24 passwords (CIS AWS Foundations Benchmark, "Ensure IAM
    /// password policy requires minimum length of 14 or greater", "... prevents password reuse"). Nothing expires:
    /// who has to change a password regularly chooses weaker ones (NIST SP 800-63B, 5.1.1.2).
    pub const STRONG: Self = Self {
        minimum_length: Some(14),
        require_symbols: true,
        require_numbers: true,
        require_uppercase: true,
        require_lowercase: true,
        reuse_prevention: Some(24),
        maximum_age_days: None,
        hard_expiry: false,
        users_may_change: true,
    };
}

impl Permissions for PasswordPolicy {
    const READS: &'static [Grant] = &[Grant::everywhere(&["iam:GetAccountPasswordPolicy"])];
    const CHANGES: &'static [Grant] = &[Grant::everywhere(&["iam:UpdateAccountPasswordPolicy"])];
}

async fn existing(cx: &Cx<'_, Account>) -> Result<Arc<PasswordPolicy>> {
    list(cx, PasswordPolicy::KIND, async {
        match cx.iam().get_account_password_policy().send().await.edge() {
            Ok(answer) => Ok(answer.password_policy.as_ref().map(actual).unwrap_or_default()),
            Err(error) if error.class == Class::NotFound => Ok(PasswordPolicy::default()),
            Err(error) => Err(error),
        }
    })
    .await
}

impl Resource for PasswordPolicy {
    const KIND: &'static str = "password-policy";
    const NATURE: Nature = Nature::Setting;
    type Cloud = Account;
    type Output = ();

    async fn find(&self, cx: &Cx<'_, Account>) -> Result<Option<Found<Self>>> {
        let found = existing(cx).await?;
        let is_enough = found.minimum_length >= self.minimum_length;
        let minimum_length = if is_enough { self.minimum_length } else { found.minimum_length };
        let actual = Self { minimum_length, ..Self::clone(&found) };
        Ok(Some(Found { output: (), actual, tags: None }))
    }

    /// The call replaces the whole policy, so a longer minimum that somebody has chosen is said again.
    async fn update(&self, _: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let longest = existing(cx).await?.minimum_length.max(self.minimum_length);
        cx.iam()
            .update_account_password_policy()
            .set_minimum_password_length(longest)
            .require_symbols(self.require_symbols)
            .require_numbers(self.require_numbers)
            .require_uppercase_characters(self.require_uppercase)
            .require_lowercase_characters(self.require_lowercase)
            .set_password_reuse_prevention(self.reuse_prevention)
            .set_max_password_age(self.maximum_age_days)
            .hard_expiry(self.hard_expiry)
            .allow_users_to_change_password(self.users_may_change)
            .send()
            .await
            .edge()?;
        Ok(())
    }
}

fn actual(found: &IamPasswordPolicy) -> PasswordPolicy {
    PasswordPolicy {
        minimum_length: found.minimum_password_length(),
        require_symbols: found.require_symbols(),
        require_numbers: found.require_numbers(),
        require_uppercase: found.require_uppercase_characters(),
        require_lowercase: found.require_lowercase_characters(),
        // IAM says 0 for some of what is not set.
        reuse_prevention: found.password_reuse_prevention().filter(|count| *count > 0),
        maximum_age_days: found.max_password_age().filter(|days| *days > 0),
        hard_expiry: found.hard_expiry().unwrap_or_default(),
        users_may_change: found.allow_users_to_change_password(),
    }
}
