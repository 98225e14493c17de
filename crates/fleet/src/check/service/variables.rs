//! The environment variables of a service's container.

use std::collections::BTreeMap;

use super::Around;
use crate::desk::{Desk, Sound};
use crate::service::{DATABASE_VARIABLES, SecretRef};
use crate::suggest::did_you_mean;
use crate::words::{self, Checked, Wrong};
use policy::KeyPath;

/// How a secret of the common account begins.
const SHARED: &str = "shared:";

/// No variable is set twice: by `environment`, by `secrets` or by what orgstrap sets for the database.
pub(super) fn apart(
    desk: &mut Desk,
    path: &KeyPath,
    environment: &BTreeMap<String, String>,
    secrets: &BTreeMap<String, String>,
    reaches_database: bool,
) -> Sound<()> {
    let mut sound = Ok(());
    for variable in environment.keys().filter(|variable| secrets.contains_key(*variable)) {
        let wrong = Wrong::new(
            format!("`{variable}` is in `secrets` as well"),
            "keep the one in `secrets` if it is sensitive, or else this one",
        );
        sound = desk.check_key(&path.key("environment").key(variable), Err(wrong));
    }
    let written = [("environment", environment), ("secrets", secrets)];
    let all = written.iter().flat_map(|(key, variables)| variables.keys().map(|variable| (*key, variable)));
    for (key, variable) in all.filter(|(_, variable)| DATABASE_VARIABLES.contains(&variable.as_str())) {
        if !reaches_database {
            break;
        }
        let wrong = Wrong::new(
            format!("orgstrap sets `{variable}` itself, for the account's database"),
            "take it out, or write `database = false` if the service has another database",
        );
        sound = sound.and(desk.check_key(&path.key(key).key(variable), Err(wrong)));
    }
    sound
}

pub(super) fn environment(
    desk: &mut Desk,
    path: &KeyPath,
    environment: BTreeMap<String, String>,
) -> Sound<BTreeMap<String, String>> {
    let mut sound = Ok(());
    for variable in environment.keys() {
        sound = sound.and(desk.check_key(&path.key(variable), words::variable(variable)));
    }
    sound.map(|()| environment)
}

pub(super) fn secrets(
    desk: &mut Desk,
    path: &KeyPath,
    secrets: BTreeMap<String, String>,
    around: Around<'_>,
) -> Sound<BTreeMap<String, SecretRef>> {
    let (mut sound, mut meant) = (Ok(()), BTreeMap::new());
    for (variable, secret) in secrets {
        let here = path.key(&variable);
        sound = sound.and(desk.check_key(&here, words::variable(&variable)));
        match desk.check(&here, secret_ref(&secret, around)) {
            Ok(secret) => drop(meant.insert(variable, secret)),
            Err(reported) => sound = Err(reported),
        }
    }
    sound.map(|()| meant)
}

fn secret_ref(secret: &str, around: Around<'_>) -> Checked<SecretRef> {
    let own = || around.secrets.keys().map(String::as_str);
    let shared = || around.common.secrets.iter().map(String::as_str);
    if let Some(name) = secret.strip_prefix(SHARED) {
        if around.common.is_unread || around.common.secrets.contains(name) {
            return Ok(SecretRef::Shared(name.to_owned()));
        }
        let help = did_you_mean(name, shared(), "shared secrets");
        return Err(Wrong::new(format!("the common account has no secret `{name}`"), help));
    }
    if around.secrets.contains_key(secret) {
        return Ok(SecretRef::Own(secret.to_owned()));
    }
    let help = if around.common.secrets.contains(secret) {
        format!(
            "the common account has it: write `{SHARED}{secret}` to read it there, or `[secret.{secret}]` with \
             `from = \"{SHARED}{secret}\"` in this file to have a copy"
        )
    } else {
        did_you_mean(secret, own(), "secrets")
    };
    Err(Wrong::new(format!("there is no secret `{secret}` in this account"), help))
}
