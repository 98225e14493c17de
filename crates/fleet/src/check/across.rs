//! What accounts must not have in common: ids, addresses, networks, domains.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use super::account::{Claims, Common};
use super::{dns, network};
use crate::desk::Desk;
use crate::toml_file::Half;
use policy::KeyPath;

/// One account's place to report to, and its claims.
type Claimant<'a> = (&'a str, &'a mut Desk, &'a Claims);

/// Compares all accounts, in the order of their names; the later one of a pair is told.
pub(crate) fn across(accounts: &mut [Claimant<'_>], common: &Common) {
    unique(accounts, "id", "id", |claims| claims.id.clone());
    unique(accounts, "email", "e-mail address", |claims| claims.email.as_ref().map(|email| email.to_lowercase()));
    networks(accounts);
    domains(accounts, common);
}

fn unique(accounts: &mut [Claimant<'_>], key: &str, what: &str, claim: impl Fn(&Claims) -> Option<String>) {
    let path = KeyPath::of([key]);
    let mut owners: BTreeMap<String, (&str, String)> = BTreeMap::new();
    for (name, desk, claims) in accounts {
        let Some(claimed) = claim(claims) else {
            continue;
        };
        match owners.entry(claimed) {
            Entry::Vacant(free) => {
                free.insert((name, desk.place(&path, Half::Value).brief()));
            }
            Entry::Occupied(taken) => {
                let (owner, place) = taken.get();
                desk.wrong(
                    &path,
                    format!("`{}` is the {what} of `{owner}` ({place}) as well", taken.key()),
                    format!("give each account its own {what}"),
                );
            }
        }
    }
}

fn networks(accounts: &mut [Claimant<'_>]) {
    let path = KeyPath::of(["network", "cidr"]);
    let all: Vec<Ipv4Net> = accounts.iter().filter_map(|(_, _, claims)| claims.cidr).collect();
    let mut earlier: Vec<(Ipv4Net, &str, String)> = Vec::new();
    for (name, desk, claims) in accounts {
        let Some(cidr) = claims.cidr else {
            continue;
        };
        if let Some((other, owner, place)) = earlier.iter().find(|(other, ..)| overlap(cidr, *other)) {
            let help = free_network(cidr, &all).map_or_else(
                || "no private network of this size is free: use a smaller one".to_owned(),
                |free| format!("write `{free}`, which is free"),
            );
            desk.wrong(&path, format!("`{cidr}` overlaps `{other}` of `{owner}` ({place})"), help);
        }
        earlier.push((cidr, name, desk.place(&path, Half::Value).brief()));
    }
}

fn overlap(one: Ipv4Net, other: Ipv4Net) -> bool {
    one.contains(&other) || other.contains(&one)
}

/// The next network of the same size, in the same private range if possible, that no account has.
fn free_network(like: Ipv4Net, taken: &[Ipv4Net]) -> Option<Ipv4Net> {
    let (home, others): (Vec<Ipv4Net>, Vec<Ipv4Net>) =
        network::PRIVATE.iter().partition(|private| private.contains(&like));
    let after = u32::from(like.network());
    let from_here = home.iter().map(|range| (*range, after));
    let from_start = home.iter().chain(&others).map(|range| (*range, 0));
    from_here.chain(from_start).find_map(|(range, after)| free_in(range, like.prefix_len(), after, taken))
}

fn free_in(range: Ipv4Net, prefix: u8, after: u32, taken: &[Ipv4Net]) -> Option<Ipv4Net> {
    let mut at = u32::from(range.network()).max(after);
    loop {
        let candidate = Ipv4Net::new(Ipv4Addr::from(at), prefix).ok()?.trunc();
        if !range.contains(&candidate) {
            return None;
        }
        match taken.iter().find(|other| overlap(candidate, **other)) {
            None => return Some(candidate),
            // Whichever of the two reaches further: nothing before its end is free.
            Some(other) => {
                let end = u32::from(other.broadcast()).max(u32::from(candidate.broadcast()));
                at = end.checked_add(1)?;
            }
        }
    }
}

fn domains(accounts: &mut [Claimant<'_>], common: &Common) {
    let path = KeyPath::of(["dns", "domain"]);
    let mut earlier: Vec<(&str, &str, String)> = Vec::new();
    for (name, desk, claims) in accounts {
        let Some(domain) = claims.domain.as_deref().filter(|_| common.name.as_deref() != Some(name)) else {
            continue;
        };
        for (other, owner, place) in &earlier {
            let (message, help) = if domain == *other {
                (
                    format!("`{domain}` is the domain of `{owner}` ({place}) as well"),
                    "give each account a domain of its own",
                )
            } else if !common.is_unread && (dns::is_below(domain, other) || dns::is_below(other, domain)) {
                // The common account's zone delegates both, and the longer name would never be asked for there.
                (
                    format!("`{domain}` and `{other}` of `{owner}` ({place}) are inside one another"),
                    "choose domains side by side: the upper zone would hide the lower one",
                )
            } else {
                continue;
            };
            desk.wrong(&path, message, help);
            break;
        }
        earlier.push((domain, name, desk.place(&path, Half::Value).brief()));
    }
}
