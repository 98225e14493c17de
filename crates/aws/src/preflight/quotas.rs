//! Quotas that a run may meet, and what they are set to.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_servicequotas::types::ServiceQuota;
use engine::{Class, Error, Result};
use futures_util::future;

use crate::{Account, edge::Edge};

/// A quota, by what it limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Quota {
    /// Accounts of the organization; closed ones and open invitations count.
    Accounts,
    /// VPCs in a region.
    Vpcs,
    /// Internet gateways in a region.
    InternetGateways,
    /// Elastic IP addresses in a region.
    ElasticIps,
    /// NAT gateways in an Availability Zone.
    NatGateways,
    /// Application Load Balancers in a region.
    LoadBalancers,
    /// vCPUs of Fargate tasks in a region.
    FargateCpus,
}

impl Quota {
    /// The codes of its service and its own, what it is called here, and what it is where nobody has raised it
    /// (Organizations, VPC, EC2, Elastic Load Balancing and ECS guides, the page on quotas of each).
    fn row(self) -> (&'static str, &'static str, &'static str, f64) {
        match self {
            Self::Accounts => ("organizations", "L-E619E033", "accounts", 10.0),
            Self::Vpcs => ("vpc", "L-F678F1CE", "VPCs", 5.0),
            Self::InternetGateways => ("vpc", "L-A4707A72", "internet gateways", 5.0),
            Self::NatGateways => ("vpc", "L-FE5A380F", "NAT gateways in a zone", 5.0),
            Self::ElasticIps => ("ec2", "L-0263D0A3", "elastic IP addresses", 5.0),
            Self::LoadBalancers => ("elasticloadbalancing", "L-53DA6B97", "Application Load Balancers", 50.0),
            Self::FargateCpus => ("fargate", "L-3032A538", "Fargate vCPUs", 6.0),
        }
    }

    /// The code of its service in Service Quotas.
    pub fn service(self) -> &'static str {
        self.row().0
    }

    /// Its own code.
    pub fn code(self) -> &'static str {
        self.row().1
    }

    /// What it limits, in words.
    pub fn name(self) -> &'static str {
        self.row().2
    }

    /// AWS's default. Very new accounts may have less.
    pub fn default(self) -> f64 {
        self.row().3
    }
}

/// How many accounts the organization may have. Told in this region alone, and to the management account (Organizations user
/// guide, "Quotas for AWS Organizations").
///
/// # Errors
/// When Service Quotas does not tell.
pub async fn accounts_allowed(home: &Account) -> Result<f64> {
    one(&home.in_region("us-east-1"), Quota::Accounts).await
}

/// What the wanted quotas are set to in an account and its region. A service with several of them is listed once.
pub async fn applied(account: &Account, wanted: &BTreeSet<Quota>) -> BTreeMap<Quota, Result<f64>> {
    let services: BTreeSet<_> = wanted.iter().map(|quota| quota.service()).collect();
    let of = |service| wanted.iter().copied().filter(move |quota| quota.service() == service).collect::<Vec<_>>();
    let asked = services.into_iter().map(|service| of_service(account, of(service)));
    future::join_all(asked).await.into_iter().flatten().collect()
}

async fn of_service(account: &Account, wanted: Vec<Quota>) -> Vec<(Quota, Result<f64>)> {
    if let [quota] = wanted[..] {
        return vec![(quota, one(account, quota).await)];
    }
    let Some(service) = wanted.first().map(|quota| quota.service()) else { return Vec::new() };
    let call = account.service_quotas().list_service_quotas().service_code(service).max_results(100);
    let listed: Result<Vec<ServiceQuota>> = call.into_paginator().items().send().try_collect().await.edge();
    let of = |quota: Quota| match &listed {
        Ok(listed) => value(quota, listed.iter().find(|one| one.quota_code() == Some(quota.code()))),
        Err(error) => Err(error.clone()),
    };
    wanted.into_iter().map(|quota| (quota, of(quota))).collect()
}

async fn one(account: &Account, quota: Quota) -> Result<f64> {
    let call = account.service_quotas().get_service_quota().service_code(quota.service()).quota_code(quota.code());
    value(quota, call.send().await.edge()?.quota.as_ref())
}

/// A quota that is not listed has no value of its own in the account (Service Quotas API reference, `ListServiceQuotas`).
fn value(quota: Quota, listed: Option<&ServiceQuota>) -> Result<f64> {
    listed.and_then(ServiceQuota::value).ok_or_else(|| {
        Error::new(Class::NotFound, format!("Service Quotas has no value of {} ({})", quota.name(), quota.code()))
    })
}
