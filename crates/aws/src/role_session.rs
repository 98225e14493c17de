//! Credentials of a role in another account, renewed before they end.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, future};
use aws_sdk_sts::types::Tag;
use engine::Result;

use crate::edge::Edge;

/// How a project account is entered.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The name of the role to assume.
    pub role: String,
    /// Names this run in the account's `CloudTrail`: 2 to 64 characters of `[\w+=,.@-]` (STS API reference, `AssumeRole`).
    pub session_name: String,
    /// What the role's trust policy may ask for.
    pub external_id: Option<String>,
    /// Who stands behind the run. Needs `sts:SetSourceIdentity` in the role's trust policy, which the role that AWS
    /// Organizations makes does not grant.
    pub source_identity: Option<String>,
    /// Session tags. They need `sts:TagSession` in the role's trust policy.
    pub session_tags: Vec<(String, String)>,
    /// How long a session lasts. A role that was entered from a role lasts an hour at most (IAM user guide, "Role
    /// chaining").
    pub duration: Duration,
}

/// Assumes one role whenever credentials are asked for. It does not cache: the identity cache of the account's
/// configuration does, and asks again before the credentials end.
pub(crate) struct RoleSession {
    sts: aws_sdk_sts::Client,
    arn: String,
    entry: Entry,
    /// The credentials with which it was found out that the account can be entered.
    first: Mutex<Option<Credentials>>,
}

impl RoleSession {
    /// Assumes the role once, so that a refusal is reported here and not by each of the account's calls.
    pub(crate) async fn begin(sts: aws_sdk_sts::Client, arn: String, entry: Entry) -> Result<Self> {
        let session = Self { sts, arn, entry, first: Mutex::new(None) };
        let first = session.assume().await?;
        *session.first.lock().unwrap_or_else(PoisonError::into_inner) = Some(first);
        Ok(session)
    }

    async fn assume(&self) -> Result<Credentials> {
        let tags = self.entry.session_tags.iter();
        let tags: Vec<Tag> =
            tags.filter_map(|(key, value)| Tag::builder().key(key).value(value).build().ok()).collect();
        let answer = self
            .sts
            .assume_role()
            .role_arn(&self.arn)
            .role_session_name(&self.entry.session_name)
            .set_external_id(self.entry.external_id.clone())
            .set_source_identity(self.entry.source_identity.clone())
            .set_tags((!tags.is_empty()).then_some(tags))
            .duration_seconds(i32::try_from(self.entry.duration.as_secs()).unwrap_or(3600))
            .send()
            .await
            .edge()?;
        let Some(made) = answer.credentials else {
            return Err(engine::Error::new(engine::Class::Other, "sts:AssumeRole answered without credentials"));
        };
        Ok(Credentials::new(
            made.access_key_id,
            made.secret_access_key,
            Some(made.session_token),
            SystemTime::try_from(made.expiration).ok(),
            "orgstrap::RoleSession",
        ))
    }
}

impl ProvideCredentials for RoleSession {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async move {
            let first = self.first.lock().unwrap_or_else(PoisonError::into_inner).take();
            match first {
                Some(credentials) => Ok(credentials),
                None => self.assume().await.map_err(CredentialsError::provider_error),
            }
        })
    }
}

impl fmt::Debug for RoleSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RoleSession").field("arn", &self.arn).finish_non_exhaustive()
    }
}
