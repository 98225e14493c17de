//! What `orgstrap doctor` asks AWS before anything is done. Every call here reads.
//!
//! Each function gathers one fact, or says why it could not be asked; what a fact means is judged elsewhere.

mod clock;
mod organization;
mod quotas;
mod regions;
mod simulation;
mod usage;

pub use organization::{Organized, enrolled, organized};
pub use quotas::{Quota, accounts_allowed, applied};
pub use regions::{is_enabled, is_enabled_by_itself};
pub use simulation::{CREATE_ACCOUNTS, CREATE_ORGANIZATION, DELEGATE, simulate};
pub use usage::{Network, Usage, networks, usage};

pub(crate) use clock::Clock;

use crate::{Grant, Permissions};

/// What looking ahead needs in an account that exists.
#[derive(Debug)]
pub struct Preflight;

impl Permissions for Preflight {
    const READS: &'static [Grant] = &[Grant::everywhere(&[
        "ec2:DescribeAddresses",
        "ec2:DescribeInternetGateways",
        "ec2:DescribeNatGateways",
        "ec2:DescribeRegions",
        "ec2:DescribeSubnets",
        "ec2:DescribeVpcs",
        "ecs:DescribeTasks",
        "ecs:ListClusters",
        "ecs:ListTasks",
        "elasticloadbalancing:DescribeLoadBalancers",
        "servicequotas:GetServiceQuota",
        "servicequotas:ListServiceQuotas",
    ])];
    const CHANGES: &'static [Grant] = &[];
}
