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
use crate::entry::{Entry, Way};

/// Assumes one role whenever credentials are asked for. It does not cache: the identity cache of the account's
/// configuration does, and asks again before the credentials end.
pub(crate) struct RoleSession {
    sts: aws_sdk_sts::Client,
    arn: String,
    way: Way,
    entry: Entry,
    /// The credentials with which it was found out that the account can be entered.
    first: Mutex<Option<Credentials>>,
}

impl RoleSession {
    /// Assumes the role once, so that a refusal is reported here and not by each of the account's calls.
    pub(crate) async fn begin(sts: aws_sdk_sts::Client, account: &str, way: Way, entry: Entry) -> Result<Self> {
        let session = Self { sts, arn: entry.arn(account, way), way, entry, first: Mutex::new(None) };
        let first = session.assume().await?;
        *session.first.lock().unwrap_or_else(PoisonError::into_inner) = Some(first);
        Ok(session)
    }

    async fn assume(&self) -> Result<Credentials> {
        // The bootstrap role is AWS's, and its trust policy allows neither tags nor a source identity.
        let named = (self.way != Way::Bootstrap).then_some(&self.entry);
        let tags = named.into_iter().flat_map(|entry| &entry.session_tags);
        let tags: Vec<Tag> =
            tags.filter_map(|(key, value)| Tag::builder().key(key).value(value).build().ok()).collect();
        let answer = self
            .sts
            .assume_role()
            .role_arn(&self.arn)
            .role_session_name(&self.entry.session_name)
            .set_external_id(self.entry.external_id.clone())
            .set_source_identity(named.and_then(|entry| entry.source_identity.clone()))
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
            SystemTime::try_from(made.expiration).ok().map(with_margin),
            "orgstrap::RoleSession",
        ))
    }
}

/// A session that ends while a call is on its way fails the call, so it counts as ended well before: five minutes, or a
/// sixth of what AWS gives, which may be short.
fn with_margin(end: SystemTime) -> SystemTime {
    let left = end.duration_since(SystemTime::now()).unwrap_or_default();
    end - (left / 6).min(Duration::from_mins(5))
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
