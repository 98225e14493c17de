//! `[network]`.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use crate::desk::{Desk, Sound};
use crate::network::{Network, Zones};
use crate::raw::NetworkSection;
use crate::words::{self, Checked, Wrong};
use policy::KeyPath;

/// Addresses for private use: RFC 1918, and RFC 6598 which AWS allows beside them. (Amazon VPC User Guide, "VPC CIDR
/// blocks".)
pub(super) const PRIVATE: [Ipv4Net; 4] = [
    Ipv4Net::new_assert(Ipv4Addr::new(10, 0, 0, 0), 8),
    Ipv4Net::new_assert(Ipv4Addr::new(172, 16, 0, 0), 12),
    Ipv4Net::new_assert(Ipv4Addr::new(192, 168, 0, 0), 16),
    Ipv4Net::new_assert(Ipv4Addr::new(100, 64, 0, 0), 10),
];

pub(super) fn network(desk: &mut Desk, raw: NetworkSection, region: &Sound<String>) -> Sound<Network> {
    let path = KeyPath::of(["network"]);
    let cidr = desk
        .need(&path.key("cidr"), raw.cidr, "\"10.20.0.0/16\"")
        .and_then(|text| desk.check(&path.key("cidr"), cidr(&text)));
    let zones = zones(desk, &path.key("zones"), raw.zones, region);
    let nat = desk.need(&path.key("nat"), raw.nat, "\"single\"");
    let flow_log_days = desk.need(&path.key("flow_log_days"), raw.flow_log_days, "30");
    Ok(Network { cidr: cidr?, zones: zones?, nat: nat?, flow_log_days: flow_log_days? })
}

/// A VPC and a subnet are /16 to /28 each (Amazon VPC User Guide, "VPC CIDR blocks" and "Subnet CIDR blocks"), and eight
/// subnets are cut from a network: /25 is the smallest that leaves each a /28.
fn cidr(text: &str) -> Checked<Ipv4Net> {
    let Ok(net) = text.parse::<Ipv4Net>() else {
        return Err(Wrong::new(
            format!("`{text}` is no IPv4 network"),
            "write an address and a length, such as `10.20.0.0/16`",
        ));
    };
    if !(16..=25).contains(&net.prefix_len()) {
        let (size, length) = if net.prefix_len() < 16 { ("large", 16) } else { ("small", 25) };
        let fitting = Ipv4Net::new(net.addr(), length).map_or(net, |net| net.trunc());
        return Err(Wrong::new(
            format!("/{} is too {size}: a network is /16 to /25", net.prefix_len()),
            format!("write `{fitting}`, say"),
        ));
    }
    if net.trunc() != net {
        return Err(Wrong::new(
            format!("`{text}` is an address in a network, not the network"),
            format!("write `{}`", net.trunc()),
        ));
    }
    if !PRIVATE.iter().any(|private| private.contains(&net)) {
        return Err(Wrong::new(
            format!("`{text}` has public addresses"),
            "choose from `10.0.0.0/8`, `172.16.0.0/12`, `192.168.0.0/16` or `100.64.0.0/10`",
        ));
    }
    Ok(net)
}

fn zones(desk: &mut Desk, path: &KeyPath, zones: Option<Zones>, region: &Sound<String>) -> Sound<Zones> {
    let zones = desk.need(path, zones, "2")?;
    let mut sound = Ok(());
    if let (Zones::Names(names), Ok(region)) = (&zones, region) {
        let mut seen = BTreeSet::new();
        for (index, name) in names.iter().enumerate() {
            let here = path.index(index);
            sound = sound.and(desk.check(&here, zone(name, region)));
            if !seen.insert(name) {
                sound = sound.and(Err(desk.wrong(&here, format!("`{name}` is named twice"), "name each zone once")));
            }
        }
    }
    sound.map(|()| zones)
}

fn zone(name: &str, region: &str) -> Checked {
    let is_zone = name.strip_suffix(|letter: char| letter.is_ascii_lowercase()).is_some_and(|of| of == region);
    if is_zone {
        return Ok(());
    }
    let (message, help) = match name.strip_suffix(|letter: char| letter.is_ascii_lowercase()) {
        Some(other) if words::region(other).is_ok() => (
            format!("zone `{name}` is in {other}, the account in {region}"),
            format!("write `{region}{}`", name.trim_start_matches(other)),
        ),
        _ => (format!("`{name}` is no zone"), format!("write the region and a letter, such as `{region}a`")),
    };
    Err(Wrong::new(message, help))
}
