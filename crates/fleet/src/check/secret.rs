//! `[secret.NAME]`. Nothing is read here: neither variables nor files.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::path::Path;

use super::account::Common;
use super::regions;
use crate::desk::{Desk, Sound};
use crate::model::{Secret, SecretSource};
use crate::raw::SecretSection;
use crate::suggest::{did_you_mean, nearest};
use crate::toml_file::Half;
use crate::words::{self, Checked, Wrong};
use policy::KeyPath;

/// How long a secret that is made up may be: long enough to be one; Secrets Manager API `GetRandomPassword` ends at 4096.
const RANDOM_LENGTHS: RangeInclusive<u16> = 8..=4096;

const FORMS: &str = "`env:NAME`, `file:PATH`, `prompt`, `shared:NAME` or `random:32`";

/// Where the secrets of an account may come from.
#[derive(Clone, Copy)]
pub(super) struct Around<'a> {
    /// Where relative paths are seen from.
    pub(super) folder: &'a Path,
    pub(super) common: &'a Common,
    pub(super) is_common: bool,
    pub(super) region: &'a Sound<String>,
}

pub(super) fn secrets(
    desk: &mut Desk,
    raw: &BTreeMap<String, SecretSection>,
    around: Around<'_>,
) -> Sound<BTreeMap<String, Secret>> {
    let path = KeyPath::of(["secret"]);
    let mut sound = Ok(());
    let mut secrets = BTreeMap::new();
    for (name, section) in raw {
        let here = path.key(name);
        let named = desk.check_key(&here, words::part_name(name, "a secret"));
        let replicas = replicas(desk, &here.key("replicas"), section.replicas.clone(), around);
        match (value_from(desk, &here, section, around), replicas) {
            (Ok(from), Ok(replicas)) => {
                sound = sound.and(named);
                secrets.insert(name.clone(), Secret { from, replicas });
            }
            (Err(reported), _) | (_, Err(reported)) => sound = Err(reported),
        }
    }
    sound.map(|()| secrets)
}

/// Copies are for whoever reads a shared secret from another region.
fn replicas(desk: &mut Desk, path: &KeyPath, raw: Option<Vec<String>>, around: Around<'_>) -> Sound<BTreeSet<String>> {
    if raw.as_ref().is_some_and(|raw| !raw.is_empty()) && !around.is_common {
        let help = "take it out, or move the secret to the common account";
        return Err(desk.report(
            path,
            Half::Key,
            Wrong::new("only secrets of the common account have `replicas`", help),
        ));
    }
    regions::others(desk, path, raw, around.region)
}

fn value_from(desk: &mut Desk, path: &KeyPath, raw: &SecretSection, around: Around<'_>) -> Sound<SecretSource> {
    match (&raw.value, &raw.from) {
        (Some(value), None) => Ok(SecretSource::Value(value.clone())),
        (None, Some(from)) => desk.check_unseen(&path.key("from"), source(from, around)),
        (Some(_), Some(_)) => Err(desk.report(
            &path.key("from"),
            Half::Key,
            Wrong::new(
                "the secret has a `value` and a `from`",
                "keep `from` if the value is sensitive, `value` if everybody may read it here",
            ),
        )),
        (None, None) => Err(desk.missing(
            &path.key("from"),
            Wrong::new(
                "the secret has neither `value` nor `from`",
                format!("write `from`: {FORMS}; or `value`, if it is not sensitive"),
            ),
        )),
    }
}

/// What stands here may be a secret, put here by mistake, so no message repeats it.
fn source(from: &str, around: Around<'_>) -> Checked<SecretSource> {
    let (kind, rest) = from.split_once(':').unwrap_or((from, ""));
    match (kind, rest) {
        ("prompt", "") => Ok(SecretSource::Prompt),
        ("env", name) => match words::variable(name) {
            Ok(()) => Ok(SecretSource::Env(name.to_owned())),
            Err(wrong) => Err(Wrong::new("what follows `env:` is no name of an environment variable", wrong.help)),
        },
        ("file", path) if !path.is_empty() => Ok(SecretSource::File(around.folder.join(path))),
        ("shared", name) => shared(name, around),
        ("random", length) => match length.parse() {
            Ok(length) if RANDOM_LENGTHS.contains(&length) => Ok(SecretSource::Random(length)),
            _ => Err(Wrong::new(
                format!("`random:` wants a length from {} to {}", RANDOM_LENGTHS.start(), RANDOM_LENGTHS.end()),
                "write `random:32`, say",
            )),
        },
        _ => Err(Wrong::new(
            "this does not say where the secret comes from",
            match nearest(kind, ["env", "file", "prompt", "shared", "random"]) {
                Some(kind) => format!("did you mean `{kind}`? Write {FORMS}"),
                None => format!("write {FORMS}"),
            },
        )),
    }
}

fn shared(name: &str, around: Around<'_>) -> Checked<SecretSource> {
    if around.is_common {
        return Err(Wrong::new(
            "the common account cannot take a shared secret: it is the one that shares",
            "write where the value comes from, such as `env:NAME`",
        ));
    }
    if around.common.is_unread || around.common.secrets.contains(name) {
        return Ok(SecretSource::Shared(name.to_owned()));
    }
    Err(Wrong::new(
        format!("the common account has no secret `{name}`"),
        did_you_mean(name, around.common.secrets.iter().map(String::as_str), "shared secrets"),
    ))
}
