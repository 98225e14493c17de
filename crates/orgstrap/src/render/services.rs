//! What a project account serves, where it answers and what it stands on; and what is missing until it does.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use aws::resources::{ContainerImage, EcsService, HostedZone, LoadBalancer};
use comfy_table::{Table, presets};
use engine::{Key, Plan, Resource};
use fleet::{Account, Fleet, Service};

use super::Ui;
use super::style::{BOLD, DIM, YELLOW, paint};

/// What a plan found of what an account serves.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// How many tasks each service that exists is to have.
    counts: BTreeMap<String, i32>,
    /// The images that are not pushed, by `name:tag`, with the reference that they are to be pushed as.
    missing: BTreeMap<String, String>,
    /// The name that DNS has for the load balancer.
    balancer: Option<String>,
    /// The id of the zone.
    zone: Option<String>,
    /// Where the database answers.
    database: Option<String>,
    /// Whether the run waited until the services were steady.
    is_steady: bool,
}

impl Seen {
    /// What a plan found of an account, after a run that waited for its services or did not.
    pub(super) fn of(plan: &Plan, fleet: &Fleet, account: &Account, is_steady: bool) -> Self {
        let step = |kind: &str, name: &str| plan.step(&Key::new(&account.name, kind, name));
        let count = |name: &String| {
            let found = step(EcsService::KIND, name)?.found::<EcsService>()?;
            Some((name.clone(), found.actual.desired_count))
        };
        let missing = |service: &Service| {
            let image = image(service);
            let step = plan.step(&Key::new(&fleet.common, ContainerImage::KIND, &image))?;
            let found = &step.found::<ContainerImage>()?.output;
            Some((image, found.reference.known().filter(|_| !found.is_pushed)?.to_owned()))
        };
        let balancer = || {
            let found = step(LoadBalancer::KIND, &account.name)?.found::<LoadBalancer>()?;
            found.output.dns_name.known().map(str::to_owned)
        };
        let zone = || {
            let found = step(HostedZone::KIND, &account.dns.as_ref()?.domain)?.found::<HostedZone>()?;
            found.output.id.known().map(str::to_owned)
        };
        Self {
            counts: account.services.keys().filter_map(count).collect(),
            missing: account.services.values().filter_map(missing).collect(),
            balancer: balancer(),
            zone: zone(),
            database: step("db-endpoint", "main").and_then(|step| step.id.clone()),
            is_steady,
        }
    }

    /// In words, how a service is.
    fn state(&self, name: &str, service: &Service) -> String {
        if self.missing.contains_key(&image(service)) {
            return "no image yet".to_owned();
        }
        match self.counts.get(name) {
            None => "not there".to_owned(),
            Some(0) => "0 wanted".to_owned(),
            Some(count) if self.is_steady => format!("{count} of {count} running"),
            Some(count) => format!("{count} wanted"),
        }
    }
}

/// Prints what an account serves, if any of its services exists.
pub(super) fn services(ui: &Ui, fleet: &Fleet, account: &Account, seen: &Seen) {
    if let Some(text) = text(fleet, account, seen) {
        ui.say(&format!("\n{}", text.trim_end()));
    }
}

fn text(fleet: &Fleet, account: &Account, seen: &Seen) -> Option<String> {
    if seen.counts.is_empty() {
        return None;
    }
    let domain = account.dns.as_ref().map(|dns| dns.domain.as_str());
    let url = domain.map(|domain| format!("https://{domain}"));
    let mut text = format!("{}\n", paint(BOLD, url.as_deref().unwrap_or("Services")));
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    for (name, service) in &account.services {
        table.add_row([
            name.clone(),
            image(service),
            seen.state(name, service),
            addresses(domain, &service.hosts, &service.paths),
        ]);
    }
    let _ = writeln!(text, "{}\n", table.trim_fmt());
    let zone = seen.zone.as_ref().map(|id| format!("{} ({id})", domain.unwrap_or_default()));
    let below = [("database", &seen.database), ("load balancer", &seen.balancer), ("zone", &zone)];
    for (what, where_it_is) in below.into_iter().filter_map(|(what, it)| Some((what, it.as_ref()?))) {
        let _ = writeln!(text, " {what:13}  {where_it_is}");
    }
    text.push_str(&pushes(fleet, account, seen).unwrap_or_default());
    Some(text)
}

/// The commands that push what is missing. Neither the auditor nor the deployer may push: the role that may is named.
fn pushes(fleet: &Fleet, account: &Account, seen: &Seen) -> Option<String> {
    let registries: BTreeSet<&str> =
        seen.missing.values().filter_map(|reference| Some(reference.split_once('/')?.0)).collect();
    let common = fleet.accounts.get(&fleet.common)?;
    let waits = |service: &&Service| seen.missing.contains_key(&image(service));
    let heading = match account.services.values().filter(waits).count() {
        0 => return None,
        1 => "One image is not pushed yet. This pushes it and starts its service:",
        _ => "Images are not pushed yet. This pushes them and starts their services:",
    };
    let mut text = format!("\n{}\n", paint(YELLOW, heading));
    for registry in registries {
        let _ = writeln!(
            text,
            "  orgstrap exec {} --role bootstrap -- aws ecr get-login-password --region {} | docker login --username AWS \
             --password-stdin {registry}",
            common.name, common.region
        );
    }
    for reference in seen.missing.values() {
        let _ = writeln!(text, "  docker push {reference}");
    }
    let _ = writeln!(text, "  orgstrap apply {}", account.name);
    Some(text)
}

fn image(service: &Service) -> String {
    format!("{}:{}", service.image, service.tag)
}

/// Where a service answers: its hosts, or the account's domain, and its paths. One with neither has all the rest.
fn addresses(domain: Option<&str>, hosts: &[String], paths: &[String]) -> String {
    let all_else = hosts.is_empty() && paths.is_empty();
    let domain = domain.map(str::to_owned);
    let hosts: Vec<&String> = if hosts.is_empty() { domain.iter().collect() } else { hosts.iter().collect() };
    if all_else {
        return hosts.first().map(|host| format!("{host} {}", paint(DIM, "and all else"))).unwrap_or_default();
    }
    let of_host = |host: &&String| match paths {
        [] => vec![(*host).clone()],
        paths => paths.iter().map(|path| format!("{host}{path}")).collect(),
    };
    hosts.iter().flat_map(of_host).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use std::path::Path;

    use fleet::Source;

    use super::*;

    fn fleet() -> Fleet {
        let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../orgstrap.toml");
        fleet::load(&Source { config, ..Source::default() }).unwrap()
    }

    /// What is printed, without colours and with one space for several.
    fn of(seen: &Seen) -> Option<String> {
        let fleet = fleet();
        let text = text(&fleet, &fleet.accounts["headless-cms-dev"], seen)?;
        let text = anstream::adapter::strip_str(&text).to_string();
        let squeezed = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
        Some(squeezed.collect::<Vec<_>>().join("\n"))
    }

    fn seen(missing: &[(&str, &str)]) -> Seen {
        let registry = "111122223333.dkr.ecr.us-west-1.amazonaws.com";
        let missing = missing.iter().map(|(name, tag)| (format!("{name}:{tag}"), format!("{registry}/{name}:{tag}")));
        Seen {
            counts: [("backend".to_owned(), 2), ("frontend".to_owned(), 1)].into(),
            missing: missing.collect(),
            balancer: Some("headless-cms-dev-1.us-west-1.elb.amazonaws.com".to_owned()),
            zone: Some("Z0123456789".to_owned()),
            database: Some("headless-cms-dev.abc.us-west-1.rds.amazonaws.com".to_owned()),
            is_steady: true,
        }
    }

    #[test]
    fn what_serves_is_told_with_its_address() {
        let expected = "\
https://dev.cms.verb.example
backend headless-cms/backend:0.0.1_dev1 2 of 2 running dev.cms.verb.example/api/*
frontend headless-cms/frontend:latest 1 of 1 running dev.cms.verb.example and all else

database headless-cms-dev.abc.us-west-1.rds.amazonaws.com
load balancer headless-cms-dev-1.us-west-1.elb.amazonaws.com
zone dev.cms.verb.example (Z0123456789)";
        assert_eq!(of(&seen(&[])).unwrap(), expected);
    }

    #[test]
    fn what_has_no_image_is_told_with_the_commands_that_push_it() {
        let text = of(&seen(&[("headless-cms/backend", "0.0.1_dev1")])).unwrap();
        assert!(
            text.contains("backend headless-cms/backend:0.0.1_dev1 no image yet dev.cms.verb.example/api/*"),
            "{text}"
        );
        let (_, pushes) = text.split_once("\n\nOne image ").unwrap();
        let expected = "\
is not pushed yet. This pushes it and starts its service:
orgstrap exec verb-common --role bootstrap -- aws ecr get-login-password --region us-west-1 | docker login --username AWS \
             --password-stdin 111122223333.dkr.ecr.us-west-1.amazonaws.com
docker push 111122223333.dkr.ecr.us-west-1.amazonaws.com/headless-cms/backend:0.0.1_dev1
orgstrap apply headless-cms-dev";
        assert_eq!(pushes, expected);
        let both = of(&seen(&[("headless-cms/backend", "0.0.1_dev1"), ("headless-cms/frontend", "latest")])).unwrap();
        assert!(both.contains("Images are not pushed yet."), "{both}");
        assert_eq!((both.matches("docker login").count(), both.matches("docker push").count()), (1, 2), "{both}");
    }

    #[test]
    fn without_services_there_is_nothing_to_tell() {
        assert_eq!(of(&Seen { counts: BTreeMap::new(), ..seen(&[]) }), None);
    }

    #[test]
    fn what_nobody_waited_for_is_only_wanted() {
        let text = of(&Seen { is_steady: false, ..seen(&[]) }).unwrap();
        assert!(text.contains("2 wanted") && !text.contains("running"), "{text}");
    }

    #[test]
    fn a_service_answers_at_its_hosts_and_paths() {
        let at = |hosts: &[&str], paths: &[&str]| {
            let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
            let text = addresses(Some("cms.example"), &owned(hosts), &owned(paths));
            anstream::adapter::strip_str(&text).to_string()
        };
        assert_eq!(at(&[], &[]), "cms.example and all else");
        assert_eq!(at(&[], &["/api/*", "/_health"]), "cms.example/api/*, cms.example/_health");
        assert_eq!(at(&["api.cms.example"], &[]), "api.cms.example");
        assert_eq!(at(&["a.cms.example", "b.cms.example"], &["/x"]), "a.cms.example/x, b.cms.example/x");
        assert_eq!(addresses(None, &[], &[]), "");
    }
}
