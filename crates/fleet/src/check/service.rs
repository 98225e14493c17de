//! `[service.NAME]`.

mod container;
mod load;
mod policies;
mod routes;
mod variables;

use std::collections::{BTreeMap, BTreeSet};

use super::account::Common;
use crate::desk::{Desk, Sound};
use crate::documents::Documents;
use crate::model::Dns;
use crate::names;
use crate::raw::{SecretSection, ServiceSection};
use crate::service::Service;
use crate::words;
use policy::KeyPath;

/// What the services of an account refer to.
#[derive(Clone, Copy)]
pub(super) struct Around<'a> {
    pub(super) account: &'a str,
    pub(super) secrets: &'a BTreeMap<String, SecretSection>,
    pub(super) common: &'a Common,
    /// The account's zone, if it has one that is sound.
    pub(super) dns: Option<&'a Dns>,
    pub(super) documents: &'a Documents,
    pub(super) has_database: bool,
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
    sound = sound.and(routes::one_default(desk, &path, raw));
    sound = sound.and(routes::no_route_twice(desk, &path, raw));
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

/// The documents that services name, right or wrong.
pub(super) fn documents_of(raw: &BTreeMap<String, ServiceSection>) -> BTreeSet<String> {
    raw.values().flat_map(|section| section.policies.iter().flatten()).cloned().collect()
}

fn service(desk: &mut Desk, path: &KeyPath, name: &str, raw: ServiceSection, around: Around<'_>) -> Sound<Service> {
    let named = desk
        .check_key(path, words::part_name(name, "a service"))
        .and_then(|()| desk.check_key(path, names::check_target_group(around.account, name)));
    let image = desk.need_text(&path.key("image"), raw.image, "\"team/backend\"", words::repository);
    let tag = desk.need_text(&path.key("tag"), raw.tag, "\"latest\"", words::image_tag);
    let port = desk.need(&path.key("port"), raw.port, "1337");
    let (hosts, paths) = (raw.hosts.unwrap_or_default(), raw.paths.unwrap_or_default());
    let routes = routes::routes(desk, path, hosts, paths, around.dns);
    let health = desk.need_text(&path.key("health"), raw.health, "\"/\"", words::health_path);
    let grace = desk.need(&path.key("grace"), raw.grace, "60");
    let size = load::size(desk, path, raw.cpu, raw.memory);
    let load = load::load(desk, path, raw.count, raw.scale);
    let architecture = path.key("architecture");
    let architecture = desk
        .need(&architecture, raw.architecture, "\"x86_64\"")
        .and_then(|text| desk.check(&architecture, words::architecture(&text)));
    let stop_timeout = desk.need(&path.key("stop_timeout"), raw.stop_timeout, "30");
    let user = container::user(desk, &path.key("user"), raw.user, raw.allow_root.unwrap_or_default());
    let access = container::access(desk, path, raw.read_only, raw.exec);
    let database = database(desk, &path.key("database"), raw.database, around.has_database);
    let reaches_database = database.unwrap_or_default();
    let environment = raw.environment.unwrap_or_default();
    let secrets = raw.secrets.unwrap_or_default();
    let apart = variables::apart(desk, path, &environment, &secrets, reaches_database);
    let environment = variables::environment(desk, &path.key("environment"), environment);
    let secrets = variables::secrets(desk, &path.key("secrets"), secrets, around);
    let policies = policies::policies(desk, &path.key("policies"), raw.policies.unwrap_or_default(), around.documents);
    let log_days = desk.need(&path.key("log_days"), raw.log_days, "30");
    named?;
    apart?;
    let (hosts, paths) = routes?;
    let (cpu, memory) = size?;
    let (count, scale) = load?;
    let (read_only, exec) = access?;
    Ok(Service {
        image: image?,
        tag: tag?,
        port: port?,
        hosts,
        paths,
        cpu,
        memory,
        architecture: architecture?,
        storage: raw.storage,
        count,
        scale,
        health: health?,
        grace: grace?,
        stop_timeout: stop_timeout?,
        read_only,
        user: user?,
        exec,
        environment: environment?,
        secrets: secrets?,
        policies: policies?,
        log_days: log_days?,
        database: database?,
    })
}

/// A service reaches the database that there is, unless it says otherwise.
fn database(desk: &mut Desk, path: &KeyPath, wanted: Option<bool>, has_database: bool) -> Sound<bool> {
    let wanted = wanted.unwrap_or(has_database);
    if wanted && !has_database {
        return Err(desk.wrong(
            path,
            "the account has no database",
            "write `[database]` and `engine = \"postgres\"`, or take the key out",
        ));
    }
    Ok(wanted)
}
