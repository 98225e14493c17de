//! A network and how subnets are cut from it.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A network has at most this many zones, and so this many slots for subnets of each sort.
pub const MOST_ZONES: usize = 4;

/// An account's network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Network {
    /// The network's addresses, /16 to /25.
    pub cidr: Ipv4Net,
    /// The availability zones.
    pub zones: Zones,
    /// How private subnets reach the outside.
    pub nat: Nat,
    /// How many days flow logs are kept: one of the periods that AWS takes.
    pub flow_log_days: i32,
}

/// The availability zones of a network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Zones {
    /// The first so many that the region offers.
    Count(#[schemars(range(min = 2, max = 4))] u8),
    /// These.
    Names(#[schemars(length(min = 2, max = 4))] Vec<String>),
}

/// How private subnets reach the outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Nat {
    /// One NAT gateway for all zones: cheaper.
    Single,
    /// A NAT gateway in every zone: survives the loss of a zone.
    PerZone,
    /// No way out: AWS is reached by endpoints, and nothing else is.
    None,
}

impl Network {
    /// How many zones the network spans.
    #[must_use]
    pub fn zone_count(&self) -> usize {
        match &self.zones {
            Zones::Count(count) => usize::from(*count),
            Zones::Names(names) => names.len(),
        }
    }

    /// The public subnet of the zone in `slot`, counted from 0.
    #[must_use]
    pub fn public_subnet(&self, slot: usize) -> Ipv4Net {
        self.block(slot)
    }

    /// The private subnet of the zone in `slot`, counted from 0.
    #[must_use]
    pub fn private_subnet(&self, slot: usize) -> Ipv4Net {
        self.block(MOST_ZONES + slot)
    }

    /// One of the eight equal blocks of the network. Public and private slots are apart from the start, so a zone can be
    /// added without moving what is there.
    fn block(&self, index: usize) -> Ipv4Net {
        debug_assert!(index < 2 * MOST_ZONES, "a network has eight blocks");
        let prefix = (self.cidr.prefix_len() + 3).min(32);
        let size = 1_u32 << (32 - prefix);
        let offset = u32::try_from(index).unwrap_or_default().wrapping_mul(size);
        let address = u32::from(self.cidr.network()).wrapping_add(offset);
        Ipv4Net::new(Ipv4Addr::from(address), prefix).unwrap_or(self.cidr)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn network(address: u32, prefix: u8, zones: u8) -> Network {
        let cidr = Ipv4Net::new(Ipv4Addr::from(address), prefix).map(|net| net.trunc()).unwrap_or_default();
        Network { cidr, zones: Zones::Count(zones), nat: Nat::Single, flow_log_days: 30 }
    }

    fn subnets(network: &Network) -> Vec<Ipv4Net> {
        (0..network.zone_count()).flat_map(|slot| [network.public_subnet(slot), network.private_subnet(slot)]).collect()
    }

    #[test]
    fn the_example_is_cut_as_documented() {
        let network = network(u32::from(Ipv4Addr::new(10, 20, 0, 0)), 16, 2);
        let cut: Vec<_> = subnets(&network).iter().map(ToString::to_string).collect();
        assert_eq!(cut, ["10.20.0.0/19", "10.20.128.0/19", "10.20.32.0/19", "10.20.160.0/19"]);
    }

    proptest! {
        #[test]
        fn subnets_are_inside_disjoint_and_of_a_size_that_aws_takes(
            address: u32, prefix in 16_u8..=25, zones in 2_u8..=4,
        ) {
            let network = network(address, prefix, zones);
            let cut = subnets(&network);
            for (position, subnet) in cut.iter().enumerate() {
                prop_assert!(network.cidr.contains(subnet));
                prop_assert!((16..=28).contains(&subnet.prefix_len()));
                for other in &cut[position + 1..] {
                    prop_assert!(!subnet.contains(other) && !other.contains(subnet));
                }
            }
        }

        #[test]
        fn a_new_zone_moves_no_subnet(address: u32, prefix in 16_u8..=25, zones in 2_u8..4) {
            let before = subnets(&network(address, prefix, zones));
            let after = subnets(&network(address, prefix, zones + 1));
            prop_assert_eq!(&before[..], &after[..before.len()]);
        }
    }
}
