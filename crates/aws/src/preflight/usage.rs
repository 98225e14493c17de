//! How much of each quota is used in an account and its region, and how much of that is the fleet's own.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aws_sdk_ec2::types::{NatGatewayState, Tag, Vpc};
use aws_sdk_ecs::types::{LaunchType, Task, TaskField};
use aws_sdk_elasticloadbalancingv2::types::{LoadBalancer, LoadBalancerTypeEnum};
use engine::{Class, Error, Result};
use futures_util::future;
use futures_util::{FutureExt, TryFutureExt};
use ipnet::Ipv4Net;

use super::Quota;
use crate::{Account, FLEET_TAG, edge::Edge};

/// A network that exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Network {
    /// Its id.
    pub id: String,
    /// Its blocks.
    pub cidrs: Vec<Ipv4Net>,
    /// Whether it is the fleet's.
    pub ours: bool,
    /// Whether AWS made it with the account.
    pub is_default: bool,
}

/// How much of a quota is used.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Usage {
    /// By the fleet itself: not needed once more.
    pub ours: f64,
    /// By anything else.
    pub others: f64,
}

impl Usage {
    /// All of it.
    pub fn all(&self) -> f64 {
        self.ours + self.others
    }

    fn add(&mut self, ours: bool, amount: f64) {
        *(if ours { &mut self.ours } else { &mut self.others }) += amount;
    }

    fn count(each: impl Iterator<Item = bool>) -> Self {
        let mut usage = Self::default();
        each.for_each(|ours| usage.add(ours, 1.0));
        usage
    }
}

fn is_ours(account: &Account, tags: &[Tag]) -> bool {
    tags.iter().any(|tag| tag.key() == Some(FLEET_TAG) && tag.value() == Some(account.fleet()))
}

/// Every network of the account in its region.
///
/// # Errors
/// When they cannot be listed.
pub async fn networks(account: &Account) -> Result<Vec<Network>> {
    let all: Vec<Vpc> = account.ec2().describe_vpcs().into_paginator().items().send().try_collect().await.edge()?;
    let cidrs = |vpc: &Vpc| {
        let more = vpc.cidr_block_association_set().iter().filter_map(|block| block.cidr_block());
        let all: BTreeSet<&str> = vpc.cidr_block().into_iter().chain(more).collect();
        all.into_iter().filter_map(|cidr| cidr.parse().ok()).collect()
    };
    let network = |vpc: &Vpc| Network {
        id: vpc.vpc_id().unwrap_or_default().to_owned(),
        cidrs: cidrs(vpc),
        ours: is_ours(account, vpc.tags()),
        is_default: vpc.is_default() == Some(true),
    };
    Ok(all.iter().map(network).collect())
}

/// How much of the wanted quotas is used, VPCs and accounts aside: those are known from their lists.
/// `balancer` is the name of the fleet's load balancer in the account.
pub async fn usage(account: &Account, wanted: &BTreeSet<Quota>, balancer: &str) -> BTreeMap<Quota, Result<Usage>> {
    let ask = |quota: Quota| {
        match quota {
            Quota::InternetGateways => internet_gateways(account).boxed(),
            Quota::ElasticIps => addresses(account).boxed(),
            Quota::NatGateways => nat_gateways(account).boxed(),
            Quota::LoadBalancers => load_balancers(account, balancer).boxed(),
            Quota::FargateCpus => fargate(account).boxed(),
            Quota::Vpcs | Quota::Accounts => future::err(Error::new(Class::Invalid, "known from another list")).boxed(),
        }
        .map(move |used| (quota, used))
    };
    let listed = wanted.iter().filter(|quota| !matches!(quota, Quota::Vpcs | Quota::Accounts));
    future::join_all(listed.map(|quota| ask(*quota))).await.into_iter().collect()
}

async fn internet_gateways(account: &Account) -> Result<Usage> {
    let call = account.ec2().describe_internet_gateways().into_paginator().items().send();
    let all: Vec<_> = call.try_collect().await.edge()?;
    Ok(Usage::count(all.iter().map(|gateway| is_ours(account, gateway.tags()))))
}

async fn addresses(account: &Account) -> Result<Usage> {
    let all = account.ec2().describe_addresses().send().await.edge()?;
    Ok(Usage::count(all.addresses().iter().map(|address| is_ours(account, address.tags()))))
}

/// The usage of the zone that is used most: the quota is for each.
async fn nat_gateways(account: &Account) -> Result<Usage> {
    let gateways =
        async { account.ec2().describe_nat_gateways().into_paginator().items().send().try_collect().await.edge() };
    let subnets = async { account.ec2().describe_subnets().into_paginator().items().send().try_collect().await.edge() };
    let (gateways, subnets) = future::try_join(gateways.boxed(), subnets.boxed()).await?;
    let zones: HashMap<_, _> =
        subnets.iter().filter_map(|subnet| Some((subnet.subnet_id()?, subnet.availability_zone()?))).collect();
    // Those that are deleted are listed for another hour.
    let is_alive = |state| matches!(state, Some(&NatGatewayState::Pending | &NatGatewayState::Available));
    let mut used: BTreeMap<&str, Usage> = BTreeMap::new();
    for gateway in gateways.iter().filter(|gateway| is_alive(gateway.state())) {
        let zone = gateway.subnet_id().and_then(|subnet| zones.get(subnet)).copied().unwrap_or_default();
        used.entry(zone).or_default().add(is_ours(account, gateway.tags()), 1.0);
    }
    Ok(used.into_values().max_by(|one, other| one.all().total_cmp(&other.all())).unwrap_or_default())
}

/// Load balancers are listed without their tags, and ours has a name of its own.
async fn load_balancers(account: &Account, ours: &str) -> Result<Usage> {
    let call = account.elastic_load_balancing().describe_load_balancers().into_paginator().items().send();
    let all: Vec<LoadBalancer> = call.try_collect().await.edge()?;
    let all = all.iter().filter(|one| one.r#type() == Some(&LoadBalancerTypeEnum::Application));
    Ok(Usage::count(all.map(|one| one.load_balancer_name() == Some(ours))))
}

/// The vCPUs of the tasks that run.
async fn fargate(account: &Account) -> Result<Usage> {
    let clusters = account.ecs().list_clusters().into_paginator().items().send().try_collect().await.edge()?;
    let tasks = future::try_join_all(clusters.iter().map(|cluster| tasks(account, cluster))).await?;
    let mut usage = Usage::default();
    for task in tasks.iter().flatten() {
        let ours = task.tags().iter().any(|tag| tag.key() == Some(FLEET_TAG) && tag.value() == Some(account.fleet()));
        usage.add(ours, cpus(task));
    }
    Ok(usage)
}

async fn tasks(account: &Account, cluster: &str) -> Result<Vec<Task>> {
    let list = account.ecs().list_tasks().cluster(cluster).launch_type(LaunchType::Fargate);
    let arns = list.into_paginator().items().send().try_collect().await.edge()?;
    // ECS API reference, `DescribeTasks`: a hundred at a time.
    let described = arns.chunks(100).map(|some| {
        let call = account.ecs().describe_tasks().cluster(cluster).include(TaskField::Tags);
        let call = call.set_tasks(Some(some.to_vec()));
        async move { call.send().await.edge() }.map_ok(|answer| answer.tasks.unwrap_or_default()).boxed()
    });
    Ok(future::try_join_all(described).await?.into_iter().flatten().collect())
}

/// ECS counts in units, 1024 to a processor.
fn cpus(task: &Task) -> f64 {
    task.cpu().and_then(|units| units.parse::<f64>().ok()).unwrap_or_default() / 1024.0
}
