//! The secrets of an account, and the key that they are encrypted with.

use aws::Account;
use aws::resources::{AccountReady, Content, KmsKey, Secret, SecretValues, SharedSecret, Value};
use engine::{Handle, Id, Key, Resource, Scope};
use fleet::{Fleet, RenderError, SecretSource};

use crate::common::Shared;
use crate::keys;
use crate::rewrites::Rewrites;
use crate::templates::Templates;

/// The node of the key.
pub(crate) const KEY: &str = "secrets";

/// The secrets of a project account, by name, and their key.
#[derive(Default)]
pub(crate) struct Secrets {
    pub(crate) secrets: std::collections::BTreeMap<String, Handle<Secret>>,
    pub(crate) key: Option<Handle<KmsKey>>,
}

/// The node of a secret: by this key its value is given.
pub fn secret_key(account: &str, name: &str) -> Key {
    Key::new(account, Secret::KIND, name)
}

/// Adds the secrets of a project account.
pub(crate) fn of_project(
    scope: &mut Scope<'_, Account>,
    fleet: &Fleet,
    account: &fleet::Account,
    member: Handle<AccountReady>,
    shared: &Shared,
    (values, rewrites): (&SecretValues, &Rewrites),
) -> Result<Secrets, RenderError> {
    if account.secrets.is_empty() {
        return Ok(Secrets::default());
    }
    let templates = Templates::new(fleet, account);
    templates.check(&["key"])?;
    let key = keys::add(scope, KEY, member, &templates, rewrites);
    let secrets = account.secrets.iter().map(|(name, secret)| {
        let of = match &secret.from {
            SecretSource::Shared(of) => shared.secrets.get(of).map(|shared| shared.version),
            _ => None,
        };
        (name.clone(), add(scope, name, secret, key, of, values))
    });
    Ok(Secrets { secrets: secrets.collect(), key: Some(key) })
}

/// Adds one secret; `of` is the version of the one that it is a copy of.
pub(crate) fn add(
    scope: &mut Scope<'_, Account>,
    name: &str,
    secret: &fleet::Secret,
    key: Handle<KmsKey>,
    of: Option<Handle<SharedSecret>>,
    values: &SecretValues,
) -> Handle<Secret> {
    let (from, replicas, values) = (secret.from.clone(), secret.replicas.clone(), values.clone());
    scope.add(name, (key, of), move |(key, of): (_, Option<Id<SharedSecret>>)| Secret {
        key: Some(key),
        replicas: replicas.clone(),
        value: Value::Set,
        content: match (&from, of) {
            (SecretSource::Value(value), _) => Content::Public(public_text(value)),
            (_, Some(of)) => Content::Copy { of, values: values.clone() },
            (_, None) => Content::Given(values.clone()),
        },
    })
}

/// A value of the fleet's files as it is stored: a text as it is, anything else as JSON.
#[must_use]
pub fn public_text(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
