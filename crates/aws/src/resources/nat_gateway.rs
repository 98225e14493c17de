//! The way from the private subnets to the internet.

use std::time::Duration;

use aws_sdk_ec2::client::Waiters;
use aws_sdk_ec2::types::{NatGateway as Ec2NatGateway, NatGatewayState, ResourceType};
use engine::{Class, Cx, Error, Found, Id, Key, Resource, Result, Tags};
use futures_util::FutureExt;
use serde::Serialize;

use super::{ElasticIp, Subnet, creation, ec2};
use crate::edge::Edge;
use crate::inventory::list;
use crate::{Account, Grant, Permissions};

/// Some two minutes are usual.
const PATIENCE: Duration = Duration::from_mins(15);

/// A NAT gateway in a public subnet.
#[derive(Debug, Serialize)]
pub struct NatGateway {
    /// The public subnet that it stands in.
    pub subnet: Id<Subnet>,
    /// The address that everything behind it is seen under.
    pub address: Option<Id<ElasticIp>>,
}

async fn all(cx: &Cx<'_, Account>) -> Result<std::sync::Arc<Vec<Ec2NatGateway>>> {
    list(cx, "nat-gateways", async {
        let call = cx.ec2().describe_nat_gateways().filter(ec2::ours(cx));
        call.into_paginator().items().send().try_collect().await.edge()
    })
    .await
}

/// One gateway by its id, fresh.
async fn one(id: &Id<NatGateway>, cx: &Cx<'_, Account>) -> Result<Option<Ec2NatGateway>> {
    let answer = cx.ec2().describe_nat_gateways().nat_gateway_ids(id.get()?).send().await.edge()?;
    Ok(answer.nat_gateways.unwrap_or_default().pop())
}

/// A deleted gateway is listed for about an hour, and so is one that failed (VPC user guide, "NAT gateways").
fn is_alive(gateway: &Ec2NatGateway) -> bool {
    matches!(gateway.state(), Some(NatGatewayState::Pending | NatGatewayState::Available))
}

impl Resource for NatGateway {
    const KIND: &'static str = "nat-gateway";
    const FIXED: &'static [&'static str] = &["subnet", "address"];
    type Cloud = Account;
    type Output = Id<Self>;

    async fn owned(cx: &Cx<'_, Account>) -> Result<Vec<(Key, Found<Self>)>> {
        let all = all(cx).await?;
        Ok(all
            .iter()
            .filter(|gateway| is_alive(gateway))
            .filter_map(|gateway| {
                ec2::owned(cx, gateway.nat_gateway_id(), gateway.tags(), || Self {
                    subnet: Id::new(gateway.subnet_id().unwrap_or_default()),
                    address: gateway
                        .nat_gateway_addresses()
                        .iter()
                        .find_map(|address| address.allocation_id())
                        .map(Id::new),
                })
            })
            .collect())
    }

    async fn create(&self, cx: &Cx<'_, Account>) -> Result<Id<Self>> {
        let (subnet, address) = (self.subnet.get()?, self.address.as_ref().map(Id::get).transpose()?);
        let all = all(cx).await?;
        let dead = all.iter().filter(|gateway| !is_alive(gateway));
        let dead = dead.filter(|gateway| cx.owner(&ec2::tags_of(gateway.tags())).as_ref() == Some(cx.key));
        let mut dead: Vec<_> = dead.filter_map(|gateway| gateway.nat_gateway_id().map(str::to_owned)).collect();
        dead.sort_unstable();

        let parameters = [subnet, address.unwrap_or_default()];
        let create = |token| {
            let call = cx.ec2().create_nat_gateway().client_token(token).subnet_id(subnet);
            let call = call.set_allocation_id(address.map(str::to_owned));
            let call = call.tag_specifications(ec2::tagged(cx, ResourceType::Natgateway));
            async move {
                let made = call.send().await.edge()?;
                ec2::id_of(made.nat_gateway().and_then(Ec2NatGateway::nat_gateway_id))
            }
            .boxed()
        };
        let is_there = |id: Id<Self>| async move { creation::listed(one(&id, cx).await?.as_slice(), is_alive) }.boxed();
        creation::with_token(cx, &parameters, dead, create, is_there).await
    }

    async fn tag(found: &Found<Self>, tags: &Tags, cx: &Cx<'_, Account>) -> Result<()> {
        ec2::tag(&found.output, tags, cx).await
    }

    async fn ready(output: &Id<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let id = output.get()?;
        let now = one(output, cx).await;
        // A new gateway may not be listed yet; the waiter bears with that.
        if now.ok().flatten().is_some_and(|gateway| gateway.state() == Some(&NatGatewayState::Available)) {
            return Ok(());
        }
        cx.waiting(format!("{id} to become available"));
        let waiter = cx.ec2().wait_until_nat_gateway_available().nat_gateway_ids(id);
        match waiter.wait(PATIENCE).await {
            Ok(_) => Ok(()),
            Err(_) => Err(stuck(output, "become available", cx).await),
        }
    }

    async fn delete(found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let id = found.output.get()?;
        cx.ec2().delete_nat_gateway().nat_gateway_id(id).send().await.edge()?;
        cx.waiting(format!("{id} to be deleted"));
        let waiter = cx.ec2().wait_until_nat_gateway_deleted().nat_gateway_ids(id);
        let gone = async {
            match waiter.wait(PATIENCE).await {
                Ok(_) => Ok(()),
                Err(_) => Err(stuck(&found.output, "be deleted", cx).await),
            }
        };
        cx.unless_cancelled(Box::pin(gone)).await
    }
}

impl Permissions for NatGateway {
    const READS: &'static [Grant] = &[Grant::everywhere(&["ec2:DescribeNatGateways"])];
    const CHANGES: &'static [Grant] =
        &[Grant::everywhere(&["ec2:CreateNatGateway", "ec2:CreateTags", "ec2:DeleteNatGateway"])];
}

/// Why a gateway did not come to the state that was waited for, in EC2's own words.
async fn stuck(id: &Id<NatGateway>, what: &str, cx: &Cx<'_, Account>) -> Error {
    let gateway = match one(id, cx).await {
        Ok(gateway) => gateway,
        Err(error) => return error,
    };
    let state = gateway.as_ref().and_then(Ec2NatGateway::state).map_or("not listed", NatGatewayState::as_str);
    let reason = gateway.as_ref().and_then(Ec2NatGateway::failure_message);
    let reason = reason.map(|reason| format!(": {reason}")).unwrap_or_default();
    Error::new(Class::Other, format!("{id} did not {what}, it is {state}{reason}"))
        .hint("if it failed, mend the reason; run again to go on")
}
