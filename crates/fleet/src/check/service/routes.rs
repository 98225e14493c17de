//! Which requests a load balancer sends to a service.

use std::collections::BTreeMap;

use crate::check::dns::is_below;
use crate::desk::{Desk, Sound};
use crate::model::Dns;
use crate::raw::ServiceSection;
use crate::suggest::listed;
use crate::toml_file::Half;
use crate::words::{self, Checked, Wrong};
use policy::KeyPath;

/// Elastic Load Balancing User Guide, "Quotas for your Application Load Balancers": condition values per rule.
const MOST_VALUES: usize = 5;
/// The same page: condition wildcards per rule.
const MOST_WILDCARDS: usize = 6;

/// The hosts and paths of the service at `path`.
pub(super) fn routes(
    desk: &mut Desk,
    path: &KeyPath,
    hosts: Vec<String>,
    paths: Vec<String>,
    dns: Option<&Dns>,
) -> Sound<(Vec<String>, Vec<String>)> {
    let mut sound = few(desk, path, &hosts, &paths);
    for (index, host) in hosts.iter().enumerate() {
        let checked = words::host(host).and_then(|()| dns.map_or(Ok(()), |dns| covered(host, dns)));
        sound = sound.and(desk.check(&path.key("hosts").index(index), checked));
    }
    for (index, pattern) in paths.iter().enumerate() {
        sound = sound.and(desk.check(&path.key("paths").index(index), words::path_pattern(pattern)));
    }
    sound.map(|()| (hosts, paths))
}

/// Both are conditions of one rule.
fn few(desk: &mut Desk, path: &KeyPath, hosts: &[String], paths: &[String]) -> Sound<()> {
    let (key, values) = match (hosts, paths) {
        ([], _) => ("paths", "paths"),
        (_, []) => ("hosts", "hosts"),
        _ => ("paths", "hosts and paths"),
    };
    let wildcards = [hosts.concat(), paths.concat()].concat().matches(['*', '?']).count();
    let counts = [
        (hosts.len() + paths.len(), MOST_VALUES, values.to_owned()),
        (wildcards, MOST_WILDCARDS, format!("wildcards in its {values}")),
    ];
    let mut sound = Ok(());
    for (count, most, what) in counts {
        if count > most {
            sound = Err(desk.wrong(
                &path.key(key),
                format!("the service has {count} {what}"),
                format!("use {most} at most: a rule of a load balancer takes no more"),
            ));
        }
    }
    sound
}

/// Whether the account's certificate covers a host. It is for the domain, for all names one label below it if that is
/// wanted, and for each name below it that a service has.
fn covered(host: &str, dns: &Dns) -> Checked {
    let Dns { domain, wildcard, .. } = dns;
    let Some(under) = host.strip_prefix("*.") else {
        if host == domain || is_below(host, domain) {
            return Ok(());
        }
        let label = host.split('.').next().unwrap_or_default();
        return Err(Wrong::new(
            format!("`{host}` is not below `{domain}`, the account's domain"),
            format!("write `{domain}` or a name below it, such as `{label}.{domain}`"),
        ));
    };
    if under != domain {
        return Err(Wrong::new(
            format!("the certificate does not cover `{host}`"),
            format!(
                "write `*.{domain}`, or each name by itself: a wildcard is for one label below the account's domain"
            ),
        ));
    }
    if !wildcard {
        return Err(Wrong::new(
            format!("the certificate does not cover `{host}`"),
            "write `wildcard = true` under `[dns]`, or each name by itself",
        ));
    }
    Ok(())
}

/// A load balancer has one default action, so one service may be without hosts and paths.
pub(super) fn one_default(desk: &mut Desk, path: &KeyPath, raw: &BTreeMap<String, ServiceSection>) -> Sound<()> {
    let is_default = |name: &str, service: &ServiceSection| {
        let keys = [("hosts", &service.hosts), ("paths", &service.paths)];
        keys.iter().all(|(key, values)| {
            values.as_ref().is_none_or(Vec::is_empty) && !desk.is_misshapen(&path.key(name).key(key))
        })
    };
    let defaults: Vec<_> =
        raw.iter().filter(|(name, service)| is_default(name, service)).map(|(name, _)| name.as_str()).collect();
    match defaults.as_slice() {
        [_, second, ..] => Err(desk.report(
            &path.key(second),
            Half::Key,
            Wrong::new(
                format!(
                    "the services {} have no `hosts` and no `paths`, and one default target is allowed",
                    listed(defaults.iter().copied())
                ),
                "give all but one of them `paths`, such as `paths = [\"/api/*\"]`, or `hosts`",
            ),
        )),
        _ => Ok(()),
    }
}

/// Two services may have the same path of different hosts. A service without hosts has its paths of all.
pub(super) fn no_route_twice(desk: &mut Desk, path: &KeyPath, raw: &BTreeMap<String, ServiceSection>) -> Sound<()> {
    let mut sound = Ok(());
    let mut taken: BTreeMap<(&str, &str), &str> = BTreeMap::new();
    for (name, service) in raw {
        let here = path.key(name);
        let paths = values(service.paths.as_deref());
        for (host_at, host) in values(service.hosts.as_deref()) {
            for (path_at, pattern) in &paths {
                let at = if pattern.is_empty() {
                    here.key("hosts").index(host_at)
                } else {
                    here.key("paths").index(*path_at)
                };
                let is_default = host.is_empty() && pattern.is_empty();
                if let Some(owner) = taken.insert((host, *pattern), name).filter(|_| !is_default) {
                    sound = Err(desk.wrong(
                        &at,
                        format!("`{host}{pattern}` is sent to the service `{owner}` already"),
                        "send each host and path to one service, once",
                    ));
                }
            }
        }
    }
    sound
}

/// Every value with its position, or an empty one that stands for any.
fn values(list: Option<&[String]>) -> Vec<(usize, &str)> {
    let values: Vec<_> = list.unwrap_or_default().iter().map(String::as_str).enumerate().collect();
    if values.is_empty() { vec![(0, "")] } else { values }
}
