//! The values of secrets on their way to AWS, and how one takes another's place. Nothing here is ever printed, noted or
//! compared with what a plan shows.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Arc, Mutex, PoisonError};

use engine::{Class, Error, Key, Result};
use secrecy::{ExposeSecret, SecretString};

use crate::Account;
use crate::edge::Edge;

/// What marks the versions that orgstrap has written (Secrets Manager API `PutSecretValue`, `ClientRequestToken`: it
/// becomes the version's id).
pub(super) const OURS: &str = "orgstrap-";

/// The labels of the version that is in force, and of the one that is to be (Secrets Manager user guide, "What's in a
/// Secrets Manager secret").
const CURRENT: &str = "AWSCURRENT";
const PENDING: &str = "AWSPENDING";

/// The values that a run may write, by node: filled before anything is changed, and never with more than the plan needs.
#[derive(Clone, Debug, Default)]
pub struct SecretValues(Arc<Mutex<BTreeMap<Key, SecretString>>>);

impl SecretValues {
    /// Gives the value of a node's secret.
    pub fn insert(&self, key: Key, value: SecretString) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key, value);
    }

    /// The value of a node's secret.
    ///
    /// # Errors
    /// When none was given: the plan did not show that one would be needed.
    pub(super) fn get(&self, key: &Key) -> Result<SecretString> {
        let values = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        values.get(key).cloned().ok_or_else(|| {
            Error::new(Class::Invalid, format!("there is no value for {key}: it was not needed when this was planned"))
                .hint("run again")
        })
    }
}

/// The id of a version with a value that is not in the fleet's files: from chance, since an id is for everybody to see, and
/// must not be what a value could be guessed from.
#[must_use]
pub fn random_version(chance: [u8; 20]) -> String {
    chance.iter().fold(OURS.to_owned(), |mut id, byte| {
        let _ = write!(id, "{byte:02x}");
        id
    })
}

impl Account {
    /// Reads the value that is in force of one of the account's secrets.
    ///
    /// # Errors
    /// When it cannot be read, or is binary.
    pub async fn read_secret(&self, name: &str) -> Result<SecretString> {
        value(self, name, None).await
    }

    /// Makes a value the one that is in force: it is written beside the present one, read back, and takes its place only if
    /// it is what was meant. `version` is the id of the new version; the same id with the same value is the same call.
    /// Killed at any point, it leaves the old value in force, or the new one.
    ///
    /// # Errors
    /// When a call fails, or when what is read back is another value.
    pub async fn exchange_secret(&self, name: &str, new: &SecretString, version: &str) -> Result<()> {
        let put = self.secrets_manager().put_secret_value().secret_id(name).client_request_token(version);
        let put = put.secret_string(new.expose_secret());
        let Some(current) = self.holder(name, CURRENT).await? else {
            // There is none that it could be exchanged for: it is in force at once.
            return put.send().await.edge().map(drop);
        };
        put.version_stages(PENDING).send().await.edge()?;
        let read = value(self, name, Some(version)).await?;
        if read.expose_secret() != new.expose_secret() {
            return Err(Error::new(
                Class::Other,
                format!("secret {name} reads back as another value than was written"),
            )
            .hint("somebody else may be writing it; its value in force is as before; run again"));
        }
        if current != version {
            let call = self.secrets_manager().update_secret_version_stage().secret_id(name).version_stage(CURRENT);
            let call = call.move_to_version_id(version).remove_from_version_id(current);
            call.send().await.edge().map_err(moved_meanwhile)?;
        }
        if self.holder(name, PENDING).await?.as_deref() == Some(version) {
            let call = self.secrets_manager().update_secret_version_stage().secret_id(name).version_stage(PENDING);
            call.remove_from_version_id(version).send().await.edge().map_err(moved_meanwhile)?;
        }
        Ok(())
    }

    /// The version that a label is on.
    async fn holder(&self, name: &str, label: &str) -> Result<Option<String>> {
        let described = self.secrets_manager().describe_secret().secret_id(name).send().await.edge()?;
        let mut versions = described.version_ids_to_stages.unwrap_or_default().into_iter();
        let held = versions.find(|(_, labels)| labels.iter().any(|held| held == label));
        Ok(held.map(|(version, _)| version))
    }
}

/// A label is not where it was a moment ago: it has to be looked for again.
fn moved_meanwhile(error: Error) -> Error {
    let is_so = matches!(error.code.as_deref(), Some("InvalidParameterException" | "InvalidRequestException"));
    if is_so { Error { class: Class::NotYet, uncertain: true, ..error } } else { error }
}

async fn value(account: &Account, name: &str, version: Option<&str>) -> Result<SecretString> {
    let call = account.secrets_manager().get_secret_value().secret_id(name);
    let answer = call.set_version_id(version.map(str::to_owned)).send().await.edge()?;
    let binary = || Error::new(Class::Invalid, format!("secret {name} has a binary value, and no text"));
    answer.secret_string.map(SecretString::from).ok_or_else(binary)
}

/// The version that is in force, of versions with their labels.
pub(super) fn in_force(versions: &std::collections::HashMap<String, Vec<String>>) -> Option<&str> {
    let current = versions.iter().find(|(_, labels)| labels.iter().any(|label| label == CURRENT));
    current.map(|(version, _)| version.as_str())
}
