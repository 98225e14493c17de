//! One account: the way in, its region, its networks and its quotas.

use std::collections::BTreeMap;

use aws::preflight::{Network, Quota, Usage};
use aws::{Entry, Way};
use engine::{Error, Result};
use fleet::{Account, Fleet};
use ipnet::Ipv4Net;

use super::{Finding, need};

/// Whether each role lets the caller in.
#[derive(Debug)]
pub(crate) struct Entrances {
    pub(crate) auditor: Option<Error>,
    pub(crate) deployer: Option<Error>,
    /// Tried only where one of the others refuses.
    pub(crate) bootstrap: Option<Error>,
}

/// By which roles the account can be entered.
pub(crate) fn entry(account: &Account, is_young: bool, roles: &Entry, entrances: &Entrances) -> Finding {
    const CHECK: &str = "entry";
    let name = &account.name;
    let finding = match entrances {
        Entrances { auditor: None, deployer: None, .. } => {
            Finding::ok(CHECK, format!("{} and {} let you in", roles.role(Way::Auditor), roles.role(Way::Deployer)))
        }
        Entrances { auditor: Some(_), deployer: Some(_), bootstrap: None } => Finding::info(
            CHECK,
            format!(
                "only {} lets you in: the account has no role of orgstrap's for you yet",
                roles.role(Way::Bootstrap)
            ),
        )
        .remedy(format!("`orgstrap onboard {name}` makes them")),
        Entrances { auditor, deployer, bootstrap: None } => {
            let refused = auditor.as_ref().or(deployer.as_ref());
            let role = roles.role(if auditor.is_some() { Way::Auditor } else { Way::Deployer });
            let why = refused.map(ToString::to_string).unwrap_or_default();
            Finding::warning(
                CHECK,
                format!("{role} does not let you in: {why}"),
                format!("`orgstrap apply {name} --role bootstrap` makes or mends it"),
            )
        }
        Entrances { bootstrap: Some(error), auditor, deployer } if auditor.is_some() && deployer.is_some() => {
            let remedy = error.hint.as_deref().unwrap_or("look at [access] in orgstrap.toml").to_owned();
            let message = format!("no role of the account lets you in: {error}");
            if is_young {
                Finding::warning(CHECK, format!("the account joined minutes ago, and {message}"), remedy)
            } else {
                Finding::blocker(CHECK, message, remedy)
            }
        }
        Entrances { auditor, bootstrap: Some(error), .. } => {
            let role = roles.role(if auditor.is_some() { Way::Auditor } else { Way::Deployer });
            let remedy = error.hint.as_deref().unwrap_or("look at [access] in orgstrap.toml").to_owned();
            Finding::warning(
                CHECK,
                format!("neither {role} nor {} lets you in: {error}", roles.role(Way::Bootstrap)),
                remedy,
            )
        }
    };
    finding.of(name)
}

/// Whether the account's region can be used in it.
pub(crate) fn region(account: &Account, id: Option<&str>, enabled: &Result<bool>) -> Finding {
    const CHECK: &str = "region";
    let region = &account.region;
    let how = |id: &str| {
        format!("aws account enable-region --account-id {id} --region-name {region}; it takes minutes to hours")
    };
    let finding = match (enabled, id) {
        (Err(error), _) => Finding::unknown(CHECK, &format!("whether {region} is enabled is"), error),
        (Ok(true), _) => Finding::ok(CHECK, format!("{region} is enabled")),
        (Ok(false), Some(id)) => Finding::blocker(CHECK, format!("{region} is not enabled in account {id}"), how(id)),
        (Ok(false), None) => Finding::warning(
            CHECK,
            format!("{region} is not enabled in new accounts: the first run makes the account and stops there"),
            format!("after that, {}", how("ID")),
        ),
    };
    finding.of(&account.name)
}

/// The fleet's networks against those that are in the account's region and not the fleet's.
pub(crate) fn addresses(account: &Account, fleet: &Fleet, networks: &Result<Vec<Network>>) -> Vec<Finding> {
    const CHECK: &str = "addresses";
    let networks = match networks {
        Ok(networks) => networks,
        Err(error) => return vec![Finding::unknown(CHECK, "which networks exist is", error).of(&account.name)],
    };
    let others = networks.iter().filter(|network| !network.ours && !network.is_default);
    let mut findings = Vec::new();
    for (network, cidr) in others.flat_map(|network| network.cidrs.iter().map(move |cidr| (network, cidr))) {
        let overlapping = fleet.accounts.values().filter_map(|other| Some((other, other.network.as_ref()?.cidr)));
        for (other, ours) in overlapping.filter(|(_, ours)| overlap(*ours, *cidr)) {
            findings.push(Finding::warning(
                CHECK,
                format!(
                    "{} ({cidr}) overlaps with {ours} of {}: no peering or transit gateway can join them",
                    network.id, other.name
                ),
                format!(
                    "write another network.cidr into accounts/{}.toml before it is built, or accept it",
                    other.name
                ),
            ));
        }
    }
    if findings.is_empty() {
        findings.push(Finding::ok(CHECK, "no network here overlaps with one of the fleet's"));
    }
    findings.into_iter().map(|finding| finding.of(&account.name)).collect()
}

fn overlap(one: Ipv4Net, other: Ipv4Net) -> bool {
    one.contains(&other.network()) || other.contains(&one.network())
}

/// What is known of each quota.
type ByQuota<T> = BTreeMap<Quota, Result<T>>;

/// The need for a quota against what it is and what is used. `None` where there is no account yet: AWS's defaults hold.
pub(crate) fn quotas(account: &Account, found: Option<(&ByQuota<f64>, &ByQuota<Usage>)>) -> Vec<Finding> {
    const CHECK: &str = "quota";
    let (mut findings, mut enough) = (Vec::new(), Vec::new());
    for (quota, need) in need::of(account) {
        let (applied, used) = match found {
            Some((applied, used)) => (applied.get(&quota), used.get(&quota)),
            None => (None, None),
        };
        let usage = match used {
            Some(Err(error)) => {
                findings.push(Finding::unknown(CHECK, &format!("how many {} there are is", quota.name()), error));
                continue;
            }
            Some(Ok(usage)) => usage.clone(),
            None => Usage::default(),
        };
        let (limit, is_told) = match applied {
            Some(Ok(limit)) => (*limit, true),
            Some(Err(error)) => {
                let what =
                    format!("the quota of {} is (AWS's default, {}, is reckoned with)", quota.name(), quota.default());
                findings.push(Finding::unknown(CHECK, &what, error));
                (quota.default(), false)
            }
            None => (quota.default(), found.is_none()),
        };
        let after = usage.all() + (need - usage.ours).max(0.0);
        let counted = format!("{} {} of {}", quota.name(), usage.all(), limit);
        if after > limit && after > usage.all() {
            findings.push(exceeded(account, quota, &counted, after, found.is_some()));
        } else if is_told {
            enough.push(format!("{counted} ({after} after a run)"));
        }
    }
    if !enough.is_empty() {
        let whose = if found.is_some() { "" } else { "AWS's defaults suffice: " };
        findings.push(Finding::ok(CHECK, format!("{whose}{}", enough.join(", "))));
    }
    findings.into_iter().map(|finding| finding.of(&account.name)).collect()
}

fn exceeded(account: &Account, quota: Quota, counted: &str, after: f64, exists: bool) -> Finding {
    const CHECK: &str = "quota";
    let ask = format!(
        "aws service-quotas request-service-quota-increase --region {} --service-code {} --quota-code {} --desired-value {}",
        account.region,
        quota.service(),
        quota.code(),
        after.ceil()
    );
    if exists {
        let ask = format!("orgstrap exec {} --role bootstrap -- {ask}; or remove what is not needed", account.name);
        Finding::blocker(CHECK, format!("{counted}, and a run would make it {after}"), ask)
    } else {
        let message = format!("{counted} by AWS's default, and a run would make it {after}");
        Finding::warning(CHECK, message, format!("once the account is made: {ask}"))
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use std::time::Duration;

    use engine::Class;

    use super::super::Status;
    use super::super::fleet::tests::fleet;
    use super::*;

    const DEV: &str = "headless-cms-dev";

    fn statuses(findings: &[Finding]) -> Vec<Status> {
        findings.iter().map(|finding| finding.status).collect()
    }

    fn entered([auditor, deployer, bootstrap, is_young]: [bool; 4]) -> Status {
        let refused = |lets_in: bool| (!lets_in).then(|| Error::new(Class::Denied, "no").hint("do this"));
        let roles = Entry {
            way: Way::Auditor,
            bootstrap_role: "Boot".into(),
            session_name: "test".into(),
            external_id: None,
            source_identity: None,
            session_tags: Vec::new(),
            duration: Duration::from_hours(1),
        };
        let entrances = Entrances {
            auditor: refused(auditor),
            deployer: refused(deployer),
            bootstrap: if auditor && deployer { None } else { refused(bootstrap) },
        };
        entry(&fleet("").accounts[DEV], is_young, &roles, &entrances).status
    }

    #[test]
    fn an_account_has_to_be_entered_somehow() {
        assert_eq!(entered([true, true, false, false]), Status::Ok);
        assert_eq!(entered([false, false, true, false]), Status::Info);
        assert_eq!(entered([true, false, true, false]), Status::Warning);
        assert_eq!(entered([false, true, true, false]), Status::Warning);
        assert_eq!(entered([true, false, false, false]), Status::Warning);
        assert_eq!(entered([false, false, false, false]), Status::Blocker);
        assert_eq!(entered([false, false, false, true]), Status::Warning);
    }

    #[test]
    fn networks_that_overlap_are_named() {
        let fleet = fleet("");
        let dev = &fleet.accounts[DEV];
        let network = |cidr: &str, ours, is_default| Network {
            id: "vpc-1".into(),
            cidrs: vec![cidr.parse().unwrap()],
            ours,
            is_default,
        };
        let judged = |network| addresses(dev, &fleet, &Ok(vec![network]));
        assert_eq!(statuses(&judged(network("10.20.0.0/16", true, false))), [Status::Ok]);
        assert_eq!(statuses(&judged(network("10.99.0.0/16", false, false))), [Status::Ok]);
        assert_eq!(statuses(&judged(network("10.20.128.0/20", false, false))), [Status::Warning]);
        // It holds both projects' networks.
        let both = judged(network("10.0.0.0/8", false, false));
        assert_eq!(statuses(&both), [Status::Warning, Status::Warning]);
        assert!(both[0].message.contains("10.20.0.0/16") && both[1].message.contains("storefront-dev"), "{both:?}");
        let unread = addresses(dev, &fleet, &Err(Error::new(Class::Denied, "no")));
        assert_eq!(statuses(&unread), [Status::Unknown]);
    }

    #[test]
    fn a_quota_that_is_used_up_stops_a_run() {
        let fleet = fleet("");
        let dev = &fleet.accounts[DEV];
        let need = need::of(dev);
        let applied: BTreeMap<_, Result<f64>> = need.keys().map(|quota| (*quota, Ok(quota.default()))).collect();
        let free: BTreeMap<_, Result<Usage>> = need.keys().map(|quota| (*quota, Ok(Usage::default()))).collect();
        assert_eq!(statuses(&quotas(dev, Some((&applied, &free)))), [Status::Ok]);
        assert_eq!(statuses(&quotas(dev, None)), [Status::Ok]);

        let with = |quota, usage: Result<Usage>| {
            let mut used = free.clone();
            used.insert(quota, usage);
            quotas(dev, Some((&applied, &used)))
        };
        let full = with(Quota::Vpcs, Ok(Usage { ours: 0.0, others: 5.0 }));
        assert_eq!(statuses(&full), [Status::Blocker, Status::Ok]);
        let remedy = full[0].remedy.as_deref().unwrap();
        assert!(remedy.contains("--quota-code L-F678F1CE --desired-value 6"), "{remedy}");
        // What is the fleet's own is not needed once more.
        assert_eq!(statuses(&with(Quota::Vpcs, Ok(Usage { ours: 1.0, others: 4.0 }))), [Status::Ok]);
        let unread = with(Quota::Vpcs, Err(Error::new(Class::Denied, "no")));
        assert_eq!(statuses(&unread), [Status::Unknown, Status::Ok]);

        let mut untold = applied.clone();
        untold.insert(Quota::ElasticIps, Err(Error::new(Class::Denied, "no")));
        let findings = quotas(dev, Some((&untold, &free)));
        assert_eq!(statuses(&findings), [Status::Unknown, Status::Ok]);
        assert!(!findings[1].message.contains("elastic"), "what is not known is not ok: {findings:?}");
    }
}
