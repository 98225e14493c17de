//! The network that AWS puts into every new account, with every subnet public. Nobody asked for it.

use aws_sdk_ec2::types::Vpc as Ec2Vpc;
use engine::{Class, Cx, Found, Nature, Resource, Result};
use futures_util::future;
use serde::Serialize;

use super::{ec2, vpc};
use crate::Account;
use crate::edge::Edge;
use crate::inventory::list;

/// The region's default VPC, which should not be there. One that something uses is left alone.
#[derive(Debug, Serialize)]
pub struct DefaultVpc {
    /// The id of a default VPC in which nothing has an address.
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
        cx.ec2().delete_vpc().vpc_id(vpc).send().await.edge()?;
        Ok(())
    }
}

/// Everything that has an address has a network interface: instances, load balancers, databases, tasks, endpoints.
async fn is_used(vpc: &str, cx: &Cx<'_, Account>) -> Result<bool> {
    let interfaces = list(cx, "default-vpc-interfaces", async {
        let call = cx.ec2().describe_network_interfaces().filters(ec2::filter("vpc-id", vpc));
        Ok(call.send().await.edge()?.network_interfaces.unwrap_or_default().len())
    });
    Ok(*interfaces.await? > 0)
}

async fn remove_gateways(vpc: &str, cx: &Cx<'_, Account>) -> Result<()> {
    let call = cx.ec2().describe_internet_gateways().filters(ec2::filter("attachment.vpc-id", vpc));
    for gateway in call.send().await.edge()?.internet_gateways() {
        let id = gateway.internet_gateway_id().unwrap_or_default();
        cx.ec2().detach_internet_gateway().internet_gateway_id(id).vpc_id(vpc).send().await.edge()?;
        cx.ec2().delete_internet_gateway().internet_gateway_id(id).send().await.edge()?;
    }
    Ok(())
}

async fn remove_subnets(vpc: &str, cx: &Cx<'_, Account>) -> Result<()> {
    let call = cx.ec2().describe_subnets().filters(ec2::filter("vpc-id", vpc));
    let subnets = call.send().await.edge()?.subnets.unwrap_or_default();
    let deletions = subnets.iter().filter_map(|subnet| subnet.subnet_id()).map(|id| async move {
        match cx.ec2().delete_subnet().subnet_id(id).send().await.edge() {
            Err(error) if error.class == Class::NotFound => Ok(()),
            deleted => deleted.map(drop),
        }
    });
    future::try_join_all(deletions).await.map(drop)
}
