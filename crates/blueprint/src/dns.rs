//! The names of an account: its zone, the delegation from the zone above, the certificate and the records that prove it.
//! Nothing waits for the certificate before the delegation is known to be right.

use std::collections::BTreeSet;

use aws::Account;
use aws::resources::{
    Certificate, CertificateIssued, Delegated, Delegation, DnsRecord, HostedZone, ParentZone, PublicZone,
    RequestedCertificate,
};
use engine::{Graph, Handle, Id, Key, Resource, Scope, ScopeId};
use fleet::{Dns, Fleet};
use sha2::{Digest, Sha256};

/// For how many seconds others may remember a record that hardly ever changes.
const TTL: i64 = 300;

/// The zone above those of the projects, in the common account.
#[derive(Clone)]
pub(crate) struct Above {
    domain: String,
    zone: Handle<HostedZone>,
    /// That it is delegated itself.
    delegation: Handle<Delegation>,
}

/// What others use of an account's names.
pub(crate) struct Names {
    pub(crate) zone: Handle<HostedZone>,
    pub(crate) issued: Handle<CertificateIssued>,
}

/// The domains above those of the projects, whose zones the common account has: its own and those that projects name.
fn domains_above<'f>(fleet: &'f Fleet, accounts: &[&'f fleet::Account]) -> BTreeSet<&'f str> {
    let own = fleet.accounts.get(&fleet.common).and_then(|common| common.dns.as_ref());
    let named = accounts.iter().filter_map(|account| account.dns.as_ref()?.parent.as_deref());
    own.map(|dns| dns.domain.as_str()).into_iter().chain(named).collect()
}

/// The domain that a project's zone is delegated from, if the common account has it.
fn domain_above<'f>(fleet: &'f Fleet, dns: &'f Dns) -> Option<&'f str> {
    let own = || fleet.accounts.get(&fleet.common)?.dns.as_ref().map(|dns| dns.domain.as_str());
    dns.parent.as_deref().or_else(own)
}

/// The node of the records by which an account's domain is delegated, if the common account has them.
#[must_use]
pub fn delegation_key(fleet: &Fleet, account: &fleet::Account) -> Option<Key> {
    let dns = account.dns.as_ref().filter(|_| account.name != fleet.common)?;
    domain_above(fleet, dns)?;
    Some(Key::new(&fleet.common, DnsRecord::KIND, record_node(&dns.domain, "NS")))
}

pub(crate) fn record_node(name: &str, kind: &str) -> String {
    format!("{name}:{kind}")
}

/// Adds the zones that projects are delegated from. Who delegates them is outside of the organization.
pub(crate) fn add_above(scope: &mut Scope<'_, Account>, fleet: &Fleet, accounts: &[&fleet::Account]) -> Vec<Above> {
    let projects: Vec<_> = fleet.projects().collect();
    // What other projects need is not unwanted.
    for domain in domains_above(fleet, &projects) {
        scope.spare::<HostedZone>(domain);
    }
    let above = domains_above(fleet, accounts).into_iter().map(|domain| {
        let zone = zone(scope, domain, &fleet.name);
        let delegation = delegated_elsewhere(scope, domain, zone);
        Above { domain: domain.to_owned(), zone, delegation }
    });
    above.collect()
}

fn zone(scope: &mut Scope<'_, Account>, domain: &str, fleet: &str) -> Handle<HostedZone> {
    let comment = format!("Fleet {fleet}");
    scope.add(domain, (), move |()| HostedZone { comment: Some(comment.clone()) })
}

/// Adds the names of a project account.
pub(crate) fn add(
    graph: &mut Graph<Account>,
    id: ScopeId,
    fleet: &Fleet,
    account: &fleet::Account,
    (common, above): (Option<ScopeId>, &[Above]),
) -> Option<Names> {
    let dns = account.dns.as_ref()?;
    let zone = zone(&mut graph.enter(id), &dns.domain, &fleet.name);
    let parent = domain_above(fleet, dns).and_then(|domain| above.iter().find(|above| above.domain == domain));
    let delegations = match (common, parent) {
        (Some(common), Some(parent)) => {
            let delegation = delegated(&mut graph.enter(common), &dns.domain, zone, parent);
            vec![parent.delegation, delegation]
        }
        _ => vec![delegated_elsewhere(&mut graph.enter(id), &dns.domain, zone)],
    };
    let mut scope = graph.enter(id);
    if dns.caa {
        authorities(&mut scope, &dns.domain, zone);
    }
    let issued = certificate(&mut scope, account, dns, zone, delegations);
    Some(Names { zone, issued })
}

/// The records by which the zone above names the servers of this one, and the look whether they say so.
fn delegated(
    common: &mut Scope<'_, Account>,
    domain: &str,
    zone: Handle<HostedZone>,
    parent: &Above,
) -> Handle<Delegation> {
    let name = domain.to_owned();
    let inputs = (parent.zone, zone);
    let record = common.add(record_node(domain, "NS"), inputs, move |(parent, zone): (PublicZone, PublicZone)| {
        DnsRecord::simple(parent.id, name.as_str(), "NS", TTL, zone.name_servers)
    });
    let (name, above) = (domain.to_owned(), parent.domain.clone());
    let inputs = (parent.zone, zone, record);
    common.add(domain, inputs, move |(parent, zone, _): (PublicZone, PublicZone, _)| Delegation {
        domain: name.clone(),
        name_servers: zone.name_servers,
        parent: Some(ParentZone { domain: above.clone(), id: parent.id, name_servers: parent.name_servers }),
    })
}

/// The look whether whoever has the zone above, outside of the organization, names the servers of this one.
fn delegated_elsewhere(scope: &mut Scope<'_, Account>, domain: &str, zone: Handle<HostedZone>) -> Handle<Delegation> {
    let name = domain.to_owned();
    scope.add(domain, zone, move |zone: PublicZone| Delegation {
        domain: name.clone(),
        name_servers: zone.name_servers,
        parent: None,
    })
}

/// Nobody but Amazon may issue certificates for the domain and what is below it (ACM user guide, "Set up a CAA record").
fn authorities(scope: &mut Scope<'_, Account>, domain: &str, zone: Handle<HostedZone>) {
    let name = domain.to_owned();
    scope.add(record_node(domain, "CAA"), zone, move |zone: PublicZone| {
        let values = ["issue", "issuewild"].map(|property| format!("0 {property} \"amazon.com\""));
        let values = values.iter().map(|value| value.as_str().into()).collect::<Vec<Id<_>>>();
        DnsRecord::simple(zone.id, name.as_str(), "CAA", TTL, values)
    });
}

/// The certificate of the domain and of the hosts below it, once it is issued.
fn certificate(
    scope: &mut Scope<'_, Account>,
    account: &fleet::Account,
    dns: &Dns,
    zone: Handle<HostedZone>,
    delegations: Vec<Handle<Delegation>>,
) -> Handle<CertificateIssued> {
    let names = names_of(account, dns);
    let others: BTreeSet<String> = names.iter().filter(|name| **name != dns.domain).cloned().collect();
    let domain = dns.domain.clone();
    // Nothing changes the names of a certificate, and one that a listener has cannot be deleted: others are another one.
    let certificate = scope.add(certificate_node(&names, &dns.domain), (), move |()| Certificate {
        domain: domain.clone(),
        alternative_names: others.clone(),
        key_algorithm: "RSA_2048".to_owned(),
    });
    // A domain and its wildcard are proven by one record.
    let proven: BTreeSet<String> = names.iter().map(|name| name.trim_start_matches("*.").to_owned()).collect();
    let records: Vec<Handle<DnsRecord>> = proven
        .into_iter()
        .map(|name| {
            let inputs = (zone, certificate);
            let node = format!("{name}:validation");
            scope.add(node, inputs, move |(zone, certificate): (PublicZone, RequestedCertificate)| {
                let (record, value) = certificate.record(&name);
                DnsRecord::simple(zone.id, record, "CNAME", TTL, [value])
            })
        })
        .collect();
    let inputs = (certificate, records, delegations);
    scope.add(dns.domain.as_str(), inputs, |(certificate, _, _): (RequestedCertificate, _, Vec<Delegated>)| {
        CertificateIssued { certificate: certificate.arn }
    })
}

/// Told apart by its names, which may be too long for a tag.
fn certificate_node(names: &BTreeSet<String>, domain: &str) -> String {
    if names.len() == 1 {
        return domain.to_owned();
    }
    let all: Vec<&str> = names.iter().map(String::as_str).collect();
    format!("{domain}+{}", aws::hex(&Sha256::digest(all.join(" "))[..4]))
}

/// The names that the account answers to: its domain, everything directly below it if that is wanted, and the hosts of its
/// services.
pub(crate) fn names_of(account: &fleet::Account, dns: &Dns) -> BTreeSet<String> {
    let wildcard = format!("*.{}", dns.domain);
    let is_covered = |host: &String| {
        let below = host.strip_suffix(dns.domain.as_str()).and_then(|rest| rest.strip_suffix('.'));
        dns.wildcard && below.is_some_and(|label| !label.contains('.'))
    };
    let hosts = account.services.values().flat_map(|service| service.hosts.iter().cloned());
    let mut names: BTreeSet<String> = hosts.filter(|host| !is_covered(host)).collect();
    names.insert(dns.domain.clone());
    if dns.wildcard {
        names.insert(wildcard);
    }
    names
}
