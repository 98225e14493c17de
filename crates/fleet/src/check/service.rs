//! `[service.NAME]`.

use std::collections::BTreeMap;

use super::account::Common;
use crate::desk::{Desk, Sound};
use crate::model::{SecretRef, Service};
use crate::names;
use crate::raw::{SecretSection, ServiceSection};
use crate::suggest::{did_you_mean, listed};
use crate::toml_file::Half;
use crate::words::{self, Checked, Wrong};
use policy::KeyPath;

/// Elastic Load Balancing User Guide, "Quotas for your Application Load Balancers": condition values per rule.
const MOST_PATHS: usize = 5;
/// The same page: condition wildcards per rule.
const MOST_WILDCARDS: usize = 6;

/// How a secret of the common account begins.
const SHARED: &str = "shared:";

/// What the services of an account refer to.
#[derive(Clone, Copy)]
pub(super) struct Around<'a> {
    pub(super) account: &'a str,
    pub(super) secrets: &'a BTreeMap<String, SecretSection>,
    pub(super) common: &'a Common,
}

pub(super) fn services(
    desk: &mut Desk,
    raw: &BTreeMap<String, ServiceSection>,
    around: Around<'_>,
) -> Sound<BTreeMap<String, Service>> {
    let path = KeyPath::of(["service"]);
    let mut sound = Ok(());
    if !raw.is_empty() {
        sound = desk.check_key(&path, names::check_load_balancer(around.account));
    }
    sound = sound.and(one_default(desk, &path, raw));
    sound = sound.and(no_path_twice(desk, &path, raw));
    let mut services = BTreeMap::new();
    for (name, section) in raw {
        match service(desk, &path.key(name), name, section.clone(), around) {
            Ok(service) => {
                services.insert(name.clone(), service);
            }
            Err(reported) => sound = Err(reported),
        }
    }
    sound.map(|()| services)
}

fn service(desk: &mut Desk, path: &KeyPath, name: &str, raw: ServiceSection, around: Around<'_>) -> Sound<Service> {
    let named = desk
        .check_key(path, words::part_name(name, "a service"))
        .and_then(|()| desk.check_key(path, names::check_target_group(around.account, name)));
    let image = desk.need_text(&path.key("image"), raw.image, "\"team/backend\"", words::repository);
    let tag = desk.need_text(&path.key("tag"), raw.tag, "\"latest\"", words::image_tag);
    let port = desk.need(&path.key("port"), raw.port, "1337");
    let paths = paths(desk, &path.key("paths"), raw.paths.unwrap_or_default());
    let count = desk.need(&path.key("count"), raw.count, "1");
    let health = desk.need_text(&path.key("health"), raw.health, "\"/\"", words::health_path);
    let size = size(desk, path, raw.cpu, raw.memory);
    let secrets = secrets(desk, &path.key("secrets"), raw.secrets.unwrap_or_default(), around);
    named?;
    let (cpu, memory) = size?;
    Ok(Service {
        image: image?,
        tag: tag?,
        port: port?,
        paths: paths?,
        cpu,
        memory,
        count: count?,
        health: health?,
        secrets: secrets?,
    })
}

fn size(desk: &mut Desk, path: &KeyPath, cpu: Option<u32>, memory: Option<u32>) -> Sound<(u32, u32)> {
    let cpu = desk.need(&path.key("cpu"), cpu, "256");
    let memory = desk.need(&path.key("memory"), memory, "512");
    let (cpu, memory) = (cpu?, memory?);
    desk.check(&path.key("memory"), words::fargate_size(cpu, memory))?;
    Ok((cpu, memory))
}

fn paths(desk: &mut Desk, path: &KeyPath, paths: Vec<String>) -> Sound<Vec<String>> {
    let mut sound = Ok(());
    let wildcards = paths.concat().matches(['*', '?']).count();
    for (count, most, what) in
        [(paths.len(), MOST_PATHS, "paths"), (wildcards, MOST_WILDCARDS, "wildcards in its paths")]
    {
        if count > most {
            sound = Err(desk.wrong(
                path,
                format!("the service has {count} {what}"),
                format!("use {most} at most: a rule of a load balancer takes no more"),
            ));
        }
    }
    for (index, pattern) in paths.iter().enumerate() {
        sound = sound.and(desk.check(&path.index(index), words::path_pattern(pattern)));
    }
    sound.map(|()| paths)
}

fn secrets(
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

/// A load balancer has one default action, so one service may be without paths.
fn one_default(desk: &mut Desk, path: &KeyPath, raw: &BTreeMap<String, ServiceSection>) -> Sound<()> {
    let is_default = |name: &str, service: &ServiceSection| {
        let is_misshapen = desk.is_misshapen(&path.key(name).key("paths"));
        service.paths.as_ref().is_none_or(Vec::is_empty) && !is_misshapen
    };
    let defaults: Vec<_> =
        raw.iter().filter(|(name, service)| is_default(name, service)).map(|(name, _)| name.as_str()).collect();
    match defaults.as_slice() {
        [_, second, ..] => Err(desk.report(
            &path.key(second),
            Half::Key,
            Wrong::new(
                format!(
                    "the services {} have no `paths`, and one default target is allowed",
                    listed(defaults.iter().copied())
                ),
                "give all but one of them `paths`, such as `paths = [\"/api/*\"]`",
            ),
        )),
        _ => Ok(()),
    }
}

fn no_path_twice(desk: &mut Desk, path: &KeyPath, raw: &BTreeMap<String, ServiceSection>) -> Sound<()> {
    let mut sound = Ok(());
    let mut taken: BTreeMap<&str, &str> = BTreeMap::new();
    for (name, service) in raw {
        for (index, pattern) in service.paths.iter().flatten().enumerate() {
            if let Some(owner) = taken.insert(pattern, name) {
                sound = Err(desk.wrong(
                    &path.key(name).key("paths").index(index),
                    format!("`{pattern}` is sent to the service `{owner}` already"),
                    "send each path to one service, once",
                ));
            }
        }
    }
    sound
}
