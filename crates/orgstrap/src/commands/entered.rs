//! The keys of a session in an account, for what is not orgstrap.

use aws::Keys;
use jiff::Timestamp;
use secrecy::SecretString;

use crate::cli::Global;
use crate::failure::Failure;
use crate::workspace::Workspace;

/// An account that was entered.
pub(super) struct Entered {
    /// Its name in the fleet.
    pub(super) account: String,
    pub(super) keys: Keys,
    pub(super) region: String,
    /// The sandbox's address, or that of an endpoint of the caller's own.
    pub(super) endpoint: Option<String>,
}

/// Enters an account by the role that is asked for, and no other.
pub(super) async fn enter(workspace: &Workspace, name: &str, global: &Global) -> Result<Entered, Failure> {
    let (account, member) = workspace.existing(name).await?;
    let way = global.role.map_or(aws::Way::Auditor, Into::into);
    let keys = workspace.sessions.keys_of(way, &account.name, &member, &account.region).await?;
    let (account, region) = (account.name.clone(), account.region.clone());
    Ok(Entered { account, keys, region, endpoint: workspace.sessions.endpoint().map(str::to_owned) })
}

impl Entered {
    /// The environment in which AWS's own tools and SDKs work in the account.
    pub(super) fn variables(&self) -> Vec<(&'static str, SecretString)> {
        let plain = |text: &str| SecretString::from(text);
        let variables = [
            ("AWS_ACCESS_KEY_ID", Some(self.keys.access_key_id.clone())),
            ("AWS_SECRET_ACCESS_KEY", Some(self.keys.secret_access_key.clone())),
            ("AWS_SESSION_TOKEN", self.keys.session_token.clone()),
            ("AWS_REGION", Some(plain(&self.region))),
            ("AWS_DEFAULT_REGION", Some(plain(&self.region))),
            ("AWS_ENDPOINT_URL", self.endpoint.as_deref().map(plain)),
        ];
        variables.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }

    /// When new ones are to be asked for, in whole seconds: not every tool reads more.
    pub(super) fn expires(&self) -> Option<Timestamp> {
        let expires = Timestamp::try_from(self.keys.expires?).ok()?;
        Timestamp::from_second(expires.as_second()).ok()
    }
}
