//! The networks that AWS puts into every region of a new account, with every subnet public. Nobody asked for them.

use std::collections::BTreeMap;

use aws_sdk_ec2::types::Vpc as Ec2Vpc;
use engine::{Class, Cx, Error, Found, Nature, Resource, Result};
use futures_util::{FutureExt, future};
use serde::Serialize;

use super::{ec2, vpc};
use crate::edge::{Edge, unless_gone};
use crate::inventory::list;
use crate::{Account, Grant, Permissions};

/// The account's default VPCs, which should not be there, in all regions that are enabled in it. One that something uses
/// is left alone, and so are those of a region that a service control policy closes.
#[derive(Debug, Default, Serialize)]
pub struct DefaultVpcs {
    /// Those in which nothing is: the region, and the id.
    pub unused: BTreeMap<String, String>,
}

impl Permissions for DefaultVpcs {
    const READS: &'static [Grant] = &[Grant::everywhere(&[
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeRegions",
        "ec2:DescribeRouteTables",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeVpcEndpoints",
        "ec2:DescribeVpcs",
    ])];
    const CHANGES: &'static [Grant] = &[
        Grant::everywhere(&["ec2:DescribeInternetGateways", "ec2:DescribeSubnets"]),
        Grant::on(
            &[
                "arn:aws:ec2:*:{account}:internet-gateway/*",
                "arn:aws:ec2:*:{account}:subnet/*",
                "arn:aws:ec2:*:{account}:vpc/*",
            ],
            &["ec2:DeleteInternetGateway", "ec2:DeleteSubnet", "ec2:DeleteVpc", "ec2:DetachInternetGateway"],
        ),
    ];
}

/// What a region has of it.
#[derive(Debug)]
enum Finding {
    None,
    Unused(String),
    Used,
    /// A service control policy denies EC2 there.
    Closed,
}

impl Resource for DefaultVpcs {
    const KIND: &'static str = "default-vpcs";
    const NATURE: Nature = Nature::Setting;
    type Cloud = Account;
    type Output = ();

    async fn find(&self, cx: &Cx<'_, Account>) -> Result<Option<Found<Self>>> {
        let found = list(cx, Self::KIND, async {
            let answer = cx.ec2().describe_regions().send().await.edge()?;
            let names = answer.regions.unwrap_or_default().into_iter().filter_map(|region| region.region_name);
            let looks = names.map(|region| async move {
                let default = in_region(&region, cx).await.map_err(|error| at(&region, error))?;
                Ok::<_, Error>((region, default))
            });
            future::try_join_all(looks).await
        });
        let found = found.await?;
        let regions = |which: fn(&Finding) -> bool| {
            let named = found.iter().filter(|(_, default)| which(default)).map(|(region, _)| region.as_str());
            named.collect::<Vec<_>>().join(", ")
        };
        let (closed, used) =
            (regions(|found| matches!(found, Finding::Closed)), regions(|found| matches!(found, Finding::Used)));
        if !closed.is_empty() {
            cx.tell(format!("left out, since a service control policy denies EC2 there: {closed}"));
        }
        if !used.is_empty() {
            cx.tell(format!("left alone, since something uses the default VPC there: {used}"));
        }
        let unused = found.iter().filter_map(|(region, default)| match default {
            Finding::Unused(vpc) => Some((region.clone(), vpc.clone())),
            _ => None,
        });
        Ok(Some(Found { output: (), actual: Self { unused: unused.collect() }, tags: None }))
    }

    async fn update(&self, found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let removals = found.actual.unused.iter().map(|(region, vpc)| async move {
            remove(vpc, &cx.in_region(region)).await.map_err(|error| at(region, error))
        });
        // All are tried, so that one that cannot go keeps no other.
        let removed = future::join_all(removals).await;
        removed.into_iter().collect()
    }
}

/// The error, with the region that it is about.
fn at(region: &str, error: Error) -> Error {
    Error { message: format!("in {region}: {}", error.message).into(), ..error }
}

async fn in_region(region: &str, cx: &Cx<'_, Account>) -> Result<Finding> {
    let there = cx.in_region(region);
    let default = if region == cx.region() {
        // The same list as that of the account's own networks.
        let all = vpc::all(cx).await?;
        all.iter().find(|vpc| vpc.is_default() == Some(true)).and_then(Ec2Vpc::vpc_id).map(str::to_owned)
    } else {
        let call = there.ec2().describe_vpcs().filters(ec2::filter("is-default", "true"));
        match call.send().await.edge() {
            Ok(answer) => answer.vpcs().iter().find_map(Ec2Vpc::vpc_id).map(str::to_owned),
            Err(error) if is_closed(&error) => return Ok(Finding::Closed),
            Err(error) => return Err(error),
        }
    };
    let Some(vpc) = default else { return Ok(Finding::None) };
    Ok(if is_used(&vpc, &there).await? { Finding::Used } else { Finding::Unused(vpc) })
}

/// Whether a service control policy forbids the call, as organizations do for regions that they do not use (IAM user
/// guide, "Troubleshoot access denied error messages": the message names the kind of policy). A role that lacks the
/// permission is another matter, which has to be mended.
fn is_closed(error: &Error) -> bool {
    error.class == Class::Denied && error.message.contains("service control policy")
}

/// Whether anything is in it. Everything that has an address has a network interface: instances, load balancers,
/// databases, tasks, interface endpoints. What else somebody may have put there would keep the VPC from being deleted
/// when half of it is gone.
async fn is_used(vpc: &str, there: &Account) -> Result<bool> {
    let of_vpc = || ec2::filter("vpc-id", vpc);
    let (interfaces, groups, tables, endpoints) = future::try_join4(
        async { there.ec2().describe_network_interfaces().filters(of_vpc()).send().await.edge() }.boxed(),
        async { there.ec2().describe_security_groups().filters(of_vpc()).send().await.edge() }.boxed(),
        async { there.ec2().describe_route_tables().filters(of_vpc()).send().await.edge() }.boxed(),
        async { there.ec2().describe_vpc_endpoints().filters(of_vpc()).send().await.edge() }.boxed(),
    )
    .await?;
    Ok(!interfaces.network_interfaces().is_empty()
        || groups.security_groups().len() > 1
        || tables.route_tables().len() > 1
        || !endpoints.vpc_endpoints().is_empty())
}

/// Removes what hangs in the VPC first. Its default group, table and ACL go with it.
async fn remove(vpc: &str, there: &Account) -> Result<()> {
    future::try_join(remove_gateways(vpc, there), remove_subnets(vpc, there)).await?;
    unless_gone(there.ec2().delete_vpc().vpc_id(vpc).send().await.edge().map(drop))
}

async fn remove_gateways(vpc: &str, there: &Account) -> Result<()> {
    let call = there.ec2().describe_internet_gateways().filters(ec2::filter("attachment.vpc-id", vpc));
    let answer = call.send().await.edge()?;
    for id in answer.internet_gateways().iter().filter_map(|gateway| gateway.internet_gateway_id()) {
        let detached = there.ec2().detach_internet_gateway().internet_gateway_id(id).vpc_id(vpc).send().await.edge();
        unless_gone(detached.map(drop))?;
        let deleted = there.ec2().delete_internet_gateway().internet_gateway_id(id).send().await.edge();
        unless_gone(deleted.map(drop))?;
    }
    Ok(())
}

async fn remove_subnets(vpc: &str, there: &Account) -> Result<()> {
    let call = there.ec2().describe_subnets().filters(ec2::filter("vpc-id", vpc));
    let subnets = call.send().await.edge()?.subnets.unwrap_or_default();
    let deletions = subnets
        .iter()
        .filter_map(|subnet| subnet.subnet_id())
        .map(|id| async move { unless_gone(there.ec2().delete_subnet().subnet_id(id).send().await.edge().map(drop)) });
    future::try_join_all(deletions).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_is_closed_by_a_service_control_policy_alone() {
        let denied =
            |why: &str| Error::new(Class::Denied, format!("You are not authorized to perform this operation. {why}"));
        assert!(is_closed(&denied(
            "... with an explicit deny in a service control policy: arn:aws:organizations::1:p"
        )));
        assert!(!is_closed(&denied("... because no identity-based policy allows the ec2:DescribeVpcs action")));
        assert!(!is_closed(&Error::new(Class::Other, "service control policy")));
    }
}
