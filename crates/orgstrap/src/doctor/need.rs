//! What an account's file needs of each quota.

use std::collections::{BTreeMap, BTreeSet};

use aws::preflight::Quota;
use fleet::{Account, Nat};

/// How much of each quota the account holds once everything in its file is built.
pub(crate) fn of(account: &Account) -> BTreeMap<Quota, f64> {
    let mut need = BTreeMap::new();
    if let Some(network) = &account.network {
        let zones = u32::try_from(network.zone_count()).unwrap_or_default();
        let gateways = match network.nat {
            Nat::Single => 1,
            Nat::PerZone => zones,
            Nat::None => 0,
        };
        need.insert(Quota::Vpcs, 1.0);
        need.insert(Quota::InternetGateways, 1.0);
        need.insert(Quota::ElasticIps, f64::from(gateways));
        // One at most in each zone.
        need.insert(Quota::NatGateways, if gateways == 0 { 0.0 } else { 1.0 });
    }
    if !account.services.is_empty() {
        let units = account.services.values().map(|service| u64::from(service.cpu) * u64::from(service.count));
        need.insert(Quota::LoadBalancers, 1.0);
        #[expect(clippy::cast_precision_loss, reason = "some thousands of units")]
        need.insert(Quota::FargateCpus, units.sum::<u64>() as f64 / 1024.0);
    }
    need
}

/// The quotas that are of interest.
pub(crate) fn wanted(need: &BTreeMap<Quota, f64>) -> BTreeSet<Quota> {
    need.keys().copied().collect()
}

#[cfg(test)]
mod tests {
    use super::super::fleet::tests::fleet;
    use super::*;

    #[test]
    fn a_project_needs_what_its_file_says() {
        let fleet = fleet("");
        let need = of(&fleet.accounts["headless-cms-dev"]);
        assert_eq!(need[&Quota::ElasticIps].to_bits(), 1.0_f64.to_bits());
        // Two of 512 units, and one of 256.
        assert_eq!(need[&Quota::FargateCpus].to_bits(), 1.25_f64.to_bits());
        assert!(of(&fleet.accounts["verb-common"]).is_empty());
    }
}
