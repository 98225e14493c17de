//! What an account's file would add to the bill of a month, from a small table.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use aws::preflight::{Quota, Usage};
use fleet::{Account, Fleet};
use serde::Serialize;
use toml_edit::{DocumentMut, Item};

use super::{Finding, need};

/// The prices, with their sources and dates.
const TABLE: &str = include_str!("prices.toml");

/// The region that has every price of the table, and stands in for those that have not.
const KNOWN: &str = "us-east-1";

/// As AWS's calculator counts a month.
const HOURS: f64 = 730.0;

/// What an account would add.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Price {
    pub(crate) account: String,
    pub(crate) region: String,
    /// In USD, rounded to cents; without what is in `left_out`.
    pub(crate) monthly: f64,
    pub(crate) items: Vec<Line>,
    /// What the table has no price of.
    pub(crate) left_out: Vec<String>,
}

/// One item on the bill.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Line {
    pub(crate) item: String,
    pub(crate) quantity: f64,
    /// In USD for one of it, in a month.
    pub(crate) each: f64,
    /// In USD, rounded to cents.
    pub(crate) monthly: f64,
    /// The region of the price: another one than the account's if the table does not have it there.
    pub(crate) priced_in: &'static str,
    /// The month in which the price was read.
    pub(crate) as_of: String,
}

/// Something that costs, before it has a price.
struct Billed {
    item: String,
    /// The way to its price below the region.
    key: Vec<String>,
    quantity: f64,
    /// Of one, in a month: hours, or one.
    times: f64,
}

impl Billed {
    fn new(item: &str, key: &str, quantity: f64) -> Self {
        let times = if key.ends_with("_hour") { HOURS } else { 1.0 };
        Self { item: item.to_owned(), key: vec![key.to_owned()], quantity, times }
    }
}

/// What an account's file adds to what is there of the fleet's own.
pub(crate) fn of(account: &Account, fleet: &Fleet, used: &BTreeMap<Quota, Usage>) -> Price {
    let Ok(table) = TABLE.parse::<DocumentMut>() else { unreachable!("the table is part of the program, and tested") };
    let mut price = Price {
        account: account.name.clone(),
        region: account.region.clone(),
        monthly: 0.0,
        items: Vec::new(),
        left_out: Vec::new(),
    };
    for billed in billed(account, fleet, used).into_iter().filter(|billed| billed.quantity > 0.0) {
        let found = [account.region.as_str(), KNOWN].into_iter().find_map(|region| {
            let place = table.get_key_value(region)?;
            Some((
                if region == KNOWN { KNOWN } else { own(region)? },
                at(place.1, &billed.key)?,
                text(place.1, "as_of"),
            ))
        });
        let Some((priced_in, one, as_of)) = found else {
            price.left_out.push(billed.item);
            continue;
        };
        let each = one * billed.times;
        let monthly = cents(each * billed.quantity);
        price.monthly = cents(price.monthly + monthly);
        price.items.push(Line { item: billed.item, quantity: billed.quantity, each, monthly, priced_in, as_of });
    }
    price
}

/// The name of a region of the table.
fn own(region: &str) -> Option<&'static str> {
    TABLE.lines().find_map(|line| line.strip_prefix('[')?.strip_suffix(']').filter(|name| *name == region))
}

fn at(region: &Item, key: &[String]) -> Option<f64> {
    let found = key.iter().try_fold(region, |place, step| place.get(step.as_str()))?;
    found.as_float()
}

fn text(region: &Item, key: &str) -> String {
    region.get(key).and_then(Item::as_str).unwrap_or_default().to_owned()
}

fn cents(amount: f64) -> f64 {
    (amount * 100.0).round() / 100.0
}

fn billed(account: &Account, fleet: &Fleet, used: &BTreeMap<Quota, Usage>) -> Vec<Billed> {
    let need = need::of(account);
    // What there is of ours already costs nothing more.
    let missing = |quota: Quota| {
        let ours = used.get(&quota).map_or(0.0, |usage| usage.ours);
        (need.get(&quota).copied().unwrap_or_default() - ours).max(0.0)
    };
    let count = |length: usize| f64::from(u32::try_from(length).unwrap_or(u32::MAX));
    let (nats, balancers) = (missing(Quota::ElasticIps), missing(Quota::LoadBalancers));
    // A load balancer has an address in each zone.
    let zones = account.network.as_ref().map_or(0.0, |network| count(network.zone_count()));
    let mut all = vec![
        Billed::new("NAT gateways", "nat_gateway_hour", nats),
        Billed::new("public IPv4 addresses", "public_ipv4_hour", nats + balancers * zones),
        Billed::new("Application Load Balancers, without capacity units", "load_balancer_hour", balancers),
    ];
    let (cpus, wanted) = (missing(Quota::FargateCpus), need.get(&Quota::FargateCpus).copied().unwrap_or_default());
    if wanted > 0.0 {
        let memory: f64 = account.services.values().map(|one| f64::from(one.memory) * f64::from(one.count)).sum();
        all.push(Billed::new("Fargate vCPUs", "fargate_vcpu_hour", cpus));
        // What runs is told by its processors; its memory goes with them.
        all.push(Billed::new("Fargate memory, GB", "fargate_gb_hour", memory / 1024.0 * cpus / wanted));
    }
    if let Some(database) = &account.database {
        let key = vec!["database_hour".to_owned(), database.size.clone()];
        all.push(Billed { item: format!("database, {}", database.size), key, quantity: 1.0, times: HOURS });
        all.push(Billed::new("database storage, GB", "database_gb_month", f64::from(database.storage)));
    }
    all.push(Billed::new("secrets", "secret_month", count(account.secrets.len())));
    all.push(Billed::new("hosted zones", "hosted_zone_month", count(usize::from(account.dns.is_some()))));
    // One for the secrets of an account, and one for the registries of the common one.
    let registries = account.name == fleet.common && !fleet.images().is_empty();
    let keys = usize::from(!account.secrets.is_empty()) + usize::from(registries);
    all.push(Billed::new("KMS keys", "kms_key_month", count(keys)));
    all
}

/// The sum, and what it leaves out.
pub(crate) fn finding(prices: &[Price]) -> Finding {
    let sum = cents(prices.iter().map(|price| price.monthly).sum());
    let lines = || prices.iter().flat_map(|price| price.items.iter().map(move |line| (price, line)));
    let estimated: BTreeSet<&str> = lines()
        .filter(|(price, line)| line.priced_in != price.region)
        .map(|(price, _)| price.region.as_str())
        .collect();
    let left_out: BTreeSet<&str> = prices.iter().flat_map(|price| &price.left_out).map(String::as_str).collect();
    let oldest = lines().map(|(_, line)| line.as_of.as_str()).min();
    let mut message = format!("what the files ask for and is not there yet adds some {sum:.2} USD a month");
    if let Some(oldest) = oldest {
        let _ =
            write!(message, ": on-demand prices, the oldest of {oldest}, without traffic, logs, taxes and discounts");
    }
    if !estimated.is_empty() {
        let regions: Vec<_> = estimated.into_iter().collect();
        let _ = write!(message, "; prices that are missing for {} are those of {KNOWN}", regions.join(", "));
    }
    if !left_out.is_empty() {
        let items: Vec<_> = left_out.into_iter().collect();
        let _ = write!(message, "; without a price, and left out: {}", items.join(", "));
    }
    Finding::info("price", message)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use super::super::fleet::tests::fleet;
    use super::*;

    const DEV: &str = "headless-cms-dev";

    fn line<'p>(price: &'p Price, item: &str) -> &'p Line {
        price.items.iter().find(|line| line.item.starts_with(item)).unwrap_or_else(|| panic!("{item} in {price:?}"))
    }

    fn is(amount: f64, expected: f64) {
        assert!((amount - expected).abs() < 0.005, "{amount}, not {expected}");
    }

    #[test]
    fn the_table_has_every_price_at_least_in_one_region() {
        let table: DocumentMut = TABLE.parse().unwrap();
        for (region, prices) in table.iter() {
            assert_eq!(own(region), own(region).filter(|own| *own == region), "{region}");
            assert!(!text(prices, "as_of").is_empty(), "{region}");
            for (key, _) in prices.as_table().unwrap() {
                assert!(table[KNOWN].get(key).is_some(), "{key} of {region} is not in {KNOWN}");
            }
        }
        let fleet = fleet("");
        assert!(fleet.accounts.values().all(|account| of(account, &fleet, &BTreeMap::new()).left_out.is_empty()));
    }

    #[test]
    fn a_project_costs_what_its_file_asks_for() {
        let fleet = fleet("region = \"us-east-1\"");
        let price = of(&fleet.accounts[DEV], &fleet, &BTreeMap::new());
        is(line(&price, "NAT").monthly, 32.85);
        // One of the NAT gateway, one for each zone of the load balancer.
        is(line(&price, "public IPv4").quantity, 3.0);
        is(line(&price, "Application").monthly, 16.43);
        is(line(&price, "Fargate vCPUs").quantity, 1.25);
        is(line(&price, "Fargate memory").quantity, 2.5);
        is(line(&price, "database, db.t4g.micro").monthly, 11.68);
        is(line(&price, "database storage").monthly, 2.3);
        is(line(&price, "secrets").monthly, 0.8);
        is(price.monthly, price.items.iter().map(|line| line.monthly).sum());
        assert!(price.items.iter().all(|line| line.priced_in == "us-east-1"));
    }

    #[test]
    fn what_a_region_lacks_is_estimated_and_said() {
        let west = fleet("");
        let price = of(&west.accounts[DEV], &west, &BTreeMap::new());
        assert_eq!(line(&price, "NAT").priced_in, "us-west-1");
        assert_eq!(line(&price, "database, ").priced_in, "us-east-1");
        let said = finding(&[price]).message;
        assert!(
            said.contains("missing for us-west-1 are those of us-east-1") && said.contains("without traffic"),
            "{said}"
        );
    }

    #[test]
    fn what_is_there_costs_nothing_more() {
        let fleet = fleet("");
        let ours = |ours| Usage { ours, others: 3.0 };
        let used = BTreeMap::from([
            (Quota::ElasticIps, ours(1.0)),
            (Quota::LoadBalancers, ours(1.0)),
            (Quota::FargateCpus, ours(0.625)),
        ]);
        let price = of(&fleet.accounts[DEV], &fleet, &used);
        assert!(!price.items.iter().any(|line| line.item.starts_with("NAT") || line.item.starts_with("Application")));
        is(line(&price, "Fargate vCPUs").quantity, 0.625);
        is(line(&price, "Fargate memory").quantity, 1.25);
    }

    #[test]
    fn what_has_no_price_is_left_out_and_said() {
        let fleet = fleet("");
        let mut account = fleet.accounts[DEV].clone();
        account.database.as_mut().unwrap().size = "db.r7g.large".into();
        let price = of(&account, &fleet, &BTreeMap::new());
        assert_eq!(price.left_out, ["database, db.r7g.large"]);
        assert!(finding(&[price]).message.contains("left out: database, db.r7g.large"));
    }
}
