//! The zones that the network's subnets are in.

use std::collections::BTreeMap;

use aws_sdk_ec2::types::{AvailabilityZone, AvailabilityZoneState};
use engine::{Class, Cx, Error, Found, Id, Key, Nature, Output, Resource, Result};
use serde::Serialize;

use super::{ec2, subnet};
use crate::edge::Edge;
use crate::inventory::list;
use crate::{Account, Grant, Permissions};

/// An availability zone, such as `us-west-1a`.
#[derive(Debug)]
pub struct Zone;

/// The zones to use. Which ones an account has is for AWS to say: of the three zones of us-west-1 each account sees
/// two (Regions and zones user guide).
#[derive(Debug, Serialize)]
pub struct AvailabilityZones {
    /// Those named, or so many of the available ones.
    pub wanted: Wanted,
    /// The names of the subnets of each position: a position whose subnet exists keeps its zone, so that a zone that
    /// AWS adds or closes replaces nothing.
    pub subnets: Vec<Vec<String>>,
}

/// Which zones a network wants.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Wanted {
    /// Any so many.
    Count(usize),
    /// These.
    Names(Vec<String>),
}

/// The zones, by position.
#[derive(Clone, Debug)]
pub struct Zones(Result<Vec<String>, Key>);

impl Zones {
    /// The zone of a position, counted from 0.
    pub fn at(&self, position: usize) -> Id<Zone> {
        match &self.0 {
            Ok(names) => Id::new(names[position % names.len()].as_str()),
            Err(key) => Id::pending(key.clone()),
        }
    }
}

impl Output for Zones {
    fn pending(key: &Key) -> Self {
        Self(Err(key.clone()))
    }
}

impl Resource for AvailabilityZones {
    const KIND: &'static str = "availability-zones";
    const NATURE: Nature = Nature::Lookup;
    type Cloud = Account;
    type Output = Zones;

    async fn find(&self, cx: &Cx<'_, Account>) -> Result<Option<Found<Self>>> {
        let all = list(cx, "availability-zones", async {
            let answer = cx.ec2().describe_availability_zones().send().await.edge()?;
            Ok(answer.availability_zones.unwrap_or_default())
        });
        let all = all.await?;
        let mut available: Vec<&str> =
            all.iter().filter(|zone| is_usable(zone)).filter_map(|zone| zone.zone_name()).collect();
        available.sort_unstable();
        let names = match &self.wanted {
            Wanted::Names(names) => these(names, &available, cx.region())?,
            Wanted::Count(count) => so_many(*count, &self.taken(cx).await?, &available, cx.region())?,
        };
        let actual = Self { wanted: self.wanted.clone(), subnets: self.subnets.clone() };
        Ok(Some(Found { output: Zones(Ok(names)), actual, tags: None }))
    }
}

impl Permissions for AvailabilityZones {
    const READS: &'static [Grant] = &[Grant::everywhere(&["ec2:DescribeAvailabilityZones", "ec2:DescribeSubnets"])];
    const CHANGES: &'static [Grant] = &[];
}

impl AvailabilityZones {
    /// The zones of the subnets that exist, by position.
    async fn taken(&self, cx: &Cx<'_, Account>) -> Result<BTreeMap<usize, String>> {
        let all = subnet::all(cx).await?;
        let zones: BTreeMap<String, &str> = all
            .iter()
            .filter_map(|subnet| Some((cx.owner(&ec2::tags_of(subnet.tags()))?.name, subnet.availability_zone()?)))
            .collect();
        let zone_of = |names: &Vec<String>| names.iter().find_map(|name| zones.get(name.as_str()));
        let positions = self.subnets.iter().enumerate();
        Ok(positions.filter_map(|(position, names)| Some((position, (*zone_of(names)?).to_owned()))).collect())
    }
}

/// Local and wavelength zones are listed too, once an account has opted in, and NAT gateways cannot be there.
fn is_usable(zone: &AvailabilityZone) -> bool {
    zone.zone_type().is_none_or(|kind| kind == "availability-zone")
        && matches!(zone.state(), None | Some(AvailabilityZoneState::Available))
}

fn these(names: &[String], available: &[&str], region: &str) -> Result<Vec<String>> {
    let missing: Vec<_> = names.iter().filter(|name| !available.contains(&name.as_str())).map(String::as_str).collect();
    if missing.is_empty() && !names.is_empty() {
        return Ok(names.to_vec());
    }
    Err(Error::new(Class::Invalid, format!("this account has no zone {} in {region}", missing.join(", ")))
        .hint(format!("set network.zones to some of {}, or to how many you want", available.join(", "))))
}

fn so_many(count: usize, taken: &BTreeMap<usize, String>, available: &[&str], region: &str) -> Result<Vec<String>> {
    let mut free = available.iter().filter(|zone| !taken.values().any(|taken| taken == *zone));
    let zones =
        (0..count).map(|position| taken.get(&position).cloned().or_else(|| free.next().map(|zone| (*zone).to_owned())));
    zones.collect::<Option<Vec<_>>>().filter(|zones| !zones.is_empty()).ok_or_else(|| {
        let (has, names) = (available.len(), available.join(", "));
        Error::new(Class::Invalid, format!("{count} zones are wanted and this account has {has} in {region}: {names}"))
            .hint("lower network.zones")
    })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test")]
    use super::*;

    #[test]
    fn a_subnet_that_exists_keeps_its_zone() {
        let taken = BTreeMap::from([(0, "us-west-1c".to_owned())]);
        let zones = so_many(2, &taken, &["us-west-1a", "us-west-1c"], "us-west-1").unwrap();
        assert_eq!(zones, ["us-west-1c", "us-west-1a"]);
    }

    #[test]
    fn too_few_zones_are_an_error() {
        let error = so_many(3, &BTreeMap::new(), &["us-west-1a", "us-west-1c"], "us-west-1").unwrap_err();
        assert!(error.message.contains("has 2 in us-west-1: us-west-1a, us-west-1c"));
    }
}
