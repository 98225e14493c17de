//! The network that AWS puts into every new account, with every subnet public. Nobody asked for it.

use aws_sdk_ec2::types::Vpc as Ec2Vpc;
use engine::{Cx, Found, Nature, Resource, Result};
use futures_util::{FutureExt, future};
use serde::Serialize;

use super::{ec2, vpc};
use crate::Account;
use crate::edge::{Edge, unless_gone};
use crate::inventory::list;

/// The region's default VPC, which should not be there. One that something uses is left alone.
#[derive(Debug, Serialize)]
pub struct DefaultVpc {
    /// The id of a default VPC in which nothing is.
    pub unused: Option<String>,
}

impl Resource for DefaultVpc {
    const KIND: &'static str = "default-vpc";
    const NATURE: Nature = Nature::Setting;
    type Cloud = Account;
    type Output = ();

    async fn find(&self, cx: &Cx<'_, Account>) -> Result<Option<Found<Self>>> {
        let all = vpc::all(cx).await?;
        let unused = match all.iter().find(|vpc| vpc.is_default() == Some(true)).and_then(Ec2Vpc::vpc_id) {
            Some(vpc) if !is_used(vpc, cx).await? => Some(vpc.to_owned()),
            _ => None,
        };
        Ok(Some(Found { output: (), actual: Self { unused }, tags: None }))
    }

    /// What hangs in the VPC first. Its default group, table and ACL go with it.
    async fn update(&self, found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let Some(vpc) = &found.actual.unused else { return Ok(()) };
        future::try_join(remove_gateways(vpc, cx), remove_subnets(vpc, cx)).await?;
        unless_gone(cx.ec2().delete_vpc().vpc_id(vpc).send().await.edge().map(drop))
    }
}

/// Whether anything is in it. Everything that has an address has a network interface: instances, load balancers,
/// databases, tasks, interface endpoints. What else somebody may have put there would keep the VPC from being deleted
/// when half of it is gone.
async fn is_used(vpc: &str, cx: &Cx<'_, Account>) -> Result<bool> {
    let used = list(cx, "default-vpc-contents", async {
        let of_vpc = || ec2::filter("vpc-id", vpc);
        let (interfaces, groups, tables, endpoints) = future::try_join4(
            async { cx.ec2().describe_network_interfaces().filters(of_vpc()).send().await.edge() }.boxed(),
            async { cx.ec2().describe_security_groups().filters(of_vpc()).send().await.edge() }.boxed(),
            async { cx.ec2().describe_route_tables().filters(of_vpc()).send().await.edge() }.boxed(),
            async { cx.ec2().describe_vpc_endpoints().filters(of_vpc()).send().await.edge() }.boxed(),
        )
        .await?;
        Ok(!interfaces.network_interfaces().is_empty()
            || groups.security_groups().len() > 1
            || tables.route_tables().len() > 1
            || !endpoints.vpc_endpoints().is_empty())
    });
    Ok(*used.await?)
}

async fn remove_gateways(vpc: &str, cx: &Cx<'_, Account>) -> Result<()> {
    let call = cx.ec2().describe_internet_gateways().filters(ec2::filter("attachment.vpc-id", vpc));
    let answer = call.send().await.edge()?;
    for id in answer.internet_gateways().iter().filter_map(|gateway| gateway.internet_gateway_id()) {
        let detached = cx.ec2().detach_internet_gateway().internet_gateway_id(id).vpc_id(vpc).send().await.edge();
        unless_gone(detached.map(drop))?;
        let deleted = cx.ec2().delete_internet_gateway().internet_gateway_id(id).send().await.edge();
        unless_gone(deleted.map(drop))?;
    }
    Ok(())
}

async fn remove_subnets(vpc: &str, cx: &Cx<'_, Account>) -> Result<()> {
    let call = cx.ec2().describe_subnets().filters(ec2::filter("vpc-id", vpc));
    let subnets = call.send().await.edge()?.subnets.unwrap_or_default();
    let deletions = subnets
        .iter()
        .filter_map(|subnet| subnet.subnet_id())
        .map(|id| async move { unless_gone(cx.ec2().delete_subnet().subnet_id(id).send().await.edge().map(drop)) });
    future::try_join_all(deletions).await.map(drop)
}
