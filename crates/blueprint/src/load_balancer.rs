//! How the world reaches an account's services: one load balancer in the public subnets, a target group for each service,
//! and the names that lead there.

use std::collections::{BTreeMap, BTreeSet};

use aws::Account;
use aws::resources::{
    AccessLogs, AccountReady, Alias, Balancer, Bucket, BucketPolicy, DnsRecord, HealthCheck, Listener, ListenerAction,
    ListenerRule, LoadBalancer, Member, PublicZone, TargetGroup, Vpc,
};
use engine::{Handle, Id, Scope};
use fleet::{Fleet, RenderError, names};
use serde_json::json;

use crate::dns::{self, Names};
use crate::network::Place;
use crate::security_groups::Groups;
use crate::templates::Templates;

/// The node of the bucket of access logs.
const LOGS: &str = "logs";

/// Its policy.
const LOGS_POLICY: &str = "access-logs";

/// Between the priorities of rules, for those that are to come.
const PRIORITIES: usize = 10;

/// What services use of the load balancer.
pub(crate) struct Balancing {
    pub(crate) balancer: Handle<LoadBalancer>,
    /// By service.
    pub(crate) targets: BTreeMap<String, Targets>,
    /// What leads to a service's target group: ECS takes none that no load balancer has.
    pub(crate) default: Handle<Listener>,
    pub(crate) rules: BTreeMap<String, Handle<ListenerRule>>,
}

/// The target groups of a service.
#[derive(Clone, Copy)]
pub(crate) struct Targets {
    pub(crate) first: Handle<TargetGroup>,
    /// The one that `CodeDeploy` moves it to, if it brings the service out.
    pub(crate) other: Option<Handle<TargetGroup>>,
}

/// Adds the load balancer and all that leads to it.
pub(crate) fn add(
    scope: &mut Scope<'_, Account>,
    fleet: &Fleet,
    account: &fleet::Account,
    member: Handle<AccountReady>,
    (place, groups, names): (&Place, &Groups, &Names),
) -> Result<Balancing, RenderError> {
    let logs = access_logs(scope, fleet, account, member)?;
    let (protected, idle) = (account.load_balancer.deletion_protection, account.load_balancer.idle_timeout);
    // It is refused in a network that has no internet gateway attached, which stays attached as long as it has addresses.
    let inputs = (place.public.clone(), groups.load_balancer, logs, place.ways_in.clone());
    let balancer = scope.add(
        names::load_balancer(&account.name),
        inputs,
        move |(subnets, group, bucket, _): (Vec<_>, _, Id<Bucket>, Vec<_>)| LoadBalancer {
            subnets: subnets.into_iter().collect(),
            security_groups: BTreeSet::from([group]),
            scheme: "internet-facing".to_owned(),
            ip_type: "ipv4".to_owned(),
            deletion_protected: protected,
            drops_invalid_headers: true,
            idle_timeout_seconds: idle,
            access_logs: Some(AccessLogs { bucket, prefix: String::new() }),
        },
    );
    let targets: BTreeMap<String, Targets> = account
        .services
        .iter()
        .map(|(name, service)| {
            let first = target_group(scope, names::target_group(&account.name, name), service, place.vpc);
            let other = account.pipelines.contains_key(name).then(|| names::other_target_group(&account.name, name));
            let other = other.map(|node| target_group(scope, node, service, place.vpc));
            (name.clone(), Targets { first, other })
        })
        .collect();
    let default = listeners(scope, account, balancer, names, &targets);
    let rules = rules(scope, account, default, &targets);
    addresses(scope, account, balancer, names);
    Ok(Balancing { balancer, targets, default, rules })
}

/// Where the load balancer writes what it was asked.
fn access_logs(
    scope: &mut Scope<'_, Account>,
    fleet: &Fleet,
    account: &fleet::Account,
    member: Handle<AccountReady>,
) -> Result<Handle<BucketPolicy>, RenderError> {
    let templates = Templates::new(fleet, account);
    templates.check(&[LOGS_POLICY])?;
    let days = account.load_balancer.log_days;
    let bucket = scope.add(LOGS, (), move |()| Bucket::private(Some(days)));
    let policy = scope.add(LOGS, (bucket, member), move |(bucket, member): (Id<Bucket>, Member)| {
        let own = [("bucket", json!(format!("arn:aws:s3:::{bucket}")))];
        let document = templates.of_account(&member.id.to_string()).document(LOGS_POLICY, &own);
        BucketPolicy { bucket, document }
    });
    Ok(policy)
}

fn target_group(
    scope: &mut Scope<'_, Account>,
    node: String,
    service: &fleet::Service,
    vpc: Handle<Vpc>,
) -> Handle<TargetGroup> {
    let path = service.health.clone();
    scope.add(node, vpc, move |vpc| TargetGroup {
        vpc,
        // Of targets that name none. Tasks name their own, so that a service may change its port.
        port: 80,
        protocol: "HTTP".to_owned(),
        target_type: "ip".to_owned(),
        // A task that is well is used after half a minute, one that is not is replaced after a little more.
        health_check: HealthCheck {
            path: path.clone(),
            interval_seconds: 15,
            timeout_seconds: 5,
            healthy_after: 2,
            unhealthy_after: 3,
            // What answers at all: some say 204, and some send whoever asks to a page for people.
            good_statuses: "200-399".to_owned(),
        },
        // AWS's own is five minutes, which every deployment would wait for.
        deregistration_delay_seconds: 30,
    })
}

/// Whether a service gets what no rule is about.
fn is_default(service: &fleet::Service) -> bool {
    service.paths.is_empty() && service.hosts.is_empty()
}

/// What is done with the requests of a service.
fn forward((first, other): (Id<TargetGroup>, Option<Id<TargetGroup>>)) -> ListenerAction {
    match other {
        None => ListenerAction::Forward(first),
        Some(second) => ListenerAction::ForwardEither { first, second },
    }
}

/// HTTPS, and HTTP which only says so. Gives the former.
fn listeners(
    scope: &mut Scope<'_, Account>,
    account: &fleet::Account,
    balancer: Handle<LoadBalancer>,
    names: &Names,
    targets: &BTreeMap<String, Targets>,
) -> Handle<Listener> {
    scope.add("http", balancer, |balancer: Balancer| Listener {
        load_balancer: balancer.arn,
        port: 80,
        protocol: "HTTP".to_owned(),
        certificate: None,
        tls_policy: None,
        action: ListenerAction::RedirectToHttps,
    });
    let default = account.services.iter().find(|(_, service)| is_default(service));
    let default = default.and_then(|(name, _)| targets.get(name)).map(|targets| (targets.first, targets.other));
    let inputs = (balancer, names.issued, default);
    scope.add("https", inputs, |(balancer, certificate, default): (Balancer, _, Option<_>)| Listener {
        load_balancer: balancer.arn,
        port: 443,
        protocol: "HTTPS".to_owned(),
        certificate: Some(certificate),
        tls_policy: Some(Listener::TLS_POLICY.to_owned()),
        action: default.map_or_else(|| ListenerAction::FixedResponse("404".to_owned()), forward),
    })
}

/// One for each service with paths or hosts of its own; what says more is asked first.
fn rules(
    scope: &mut Scope<'_, Account>,
    account: &fleet::Account,
    listener: Handle<Listener>,
    targets: &BTreeMap<String, Targets>,
) -> BTreeMap<String, Handle<ListenerRule>> {
    let mut services: Vec<_> = account.services.iter().filter(|(_, service)| !is_default(service)).collect();
    let longest = |service: &fleet::Service| service.paths.iter().map(String::len).max().unwrap_or_default();
    let is_pattern = |service: &fleet::Service| service.hosts.iter().any(|host| host.starts_with('*'));
    services.sort_by_key(|(name, service)| {
        (service.hosts.is_empty(), is_pattern(service), std::cmp::Reverse(longest(service)), (*name).clone())
    });
    let rules = services.into_iter().zip(1..).map(|((name, service), at)| {
        let priority = i32::try_from(at * PRIORITIES).unwrap_or(i32::MAX);
        let paths: BTreeSet<String> = service.paths.iter().cloned().collect();
        let hosts: BTreeSet<String> = service.hosts.iter().cloned().collect();
        let Targets { first, other } = targets[name];
        let rule = scope.add(name.as_str(), (listener, first, other), move |(listener, first, other)| ListenerRule {
            listener,
            priority,
            paths: paths.clone(),
            hosts: hosts.clone(),
            action: forward((first, other)),
        });
        (name.clone(), rule)
    });
    rules.collect()
}

/// The names of the account, as aliases of the load balancer: they cost nothing, and follow its addresses.
fn addresses(scope: &mut Scope<'_, Account>, account: &fleet::Account, balancer: Handle<LoadBalancer>, names: &Names) {
    let Some(dns) = &account.dns else { return };
    // Beside a wildcard too: where there is a name below a host, the wildcard does not answer for the host.
    let hosts = account.services.values().flat_map(|service| service.hosts.iter().cloned());
    let all: BTreeSet<String> = dns::names_of(account, dns).into_iter().chain(hosts).collect();
    for name in all {
        for kind in ["A", "AAAA"] {
            let (node, name) = (dns::record_node(&name, kind), name.clone());
            let inputs = (names.zone, balancer);
            scope.add(node, inputs, move |(zone, balancer): (PublicZone, Balancer)| DnsRecord {
                zone: zone.id,
                name: name.as_str().into(),
                kind: kind.to_owned(),
                ttl: None,
                values: BTreeSet::new(),
                alias: Some(Alias {
                    name: balancer.dns_name.cast(),
                    zone: balancer.hosted_zone.cast(),
                    evaluate_target_health: false,
                }),
            });
        }
    }
}
