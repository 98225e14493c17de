//! The way from the private subnets to the internet.

use std::time::Duration;

use aws_sdk_ec2::client::Waiters;
use aws_sdk_ec2::types::{NatGateway as Ec2NatGateway, NatGatewayState, ResourceType};
use engine::{Class, Cx, Error, Found, Id, Key, Resource, Result, Tags};
use serde::Serialize;

use super::{ElasticIp, Subnet, ec2};
use crate::Account;
use crate::edge::Edge;
use crate::inventory::list;
use crate::token::token;

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
        let all = all(cx).await?;
        let dead = all.iter().filter(|gateway| !is_alive(gateway));
        let dead = dead.filter(|gateway| cx.owner(&ec2::tags_of(gateway.tags())).as_ref() == Some(cx.key));
        let mut context: Vec<_> = dead.filter_map(Ec2NatGateway::nat_gateway_id).collect();
        context.sort_unstable();
        context.push(self.subnet.get()?);
        let address = self.address.as_ref().map(Id::get).transpose()?;

        let call = cx.ec2().create_nat_gateway().client_token(token(cx.key, &context));
        let call = call.subnet_id(self.subnet.get()?).set_allocation_id(address.map(str::to_owned));
        let made = call.tag_specifications(ec2::tagged(cx, ResourceType::Natgateway)).send().await.edge()?;
        ec2::id_of(made.nat_gateway().and_then(Ec2NatGateway::nat_gateway_id))
    }

    async fn tag(found: &Found<Self>, tags: &Tags, cx: &Cx<'_, Account>) -> Result<()> {
        ec2::tag(&found.output, tags, cx).await
    }

    async fn ready(id: &Id<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let id = id.get()?;
        let now = cx.ec2().describe_nat_gateways().nat_gateway_ids(id).send().await.edge();
        // A new gateway may not be listed yet; the waiter bears with that.
        let listed = now.ok().and_then(|answer| answer.nat_gateways?.pop());
        if listed.is_some_and(|gateway| gateway.state() == Some(&NatGatewayState::Available)) {
            return Ok(());
        }
        cx.waiting(format!("{id} to become available"));
        let waiter = cx.ec2().wait_until_nat_gateway_available().nat_gateway_ids(id);
        waiter.wait(PATIENCE).await.map(drop).map_err(|error| stuck(id, "become available", &error))
    }

    async fn delete(found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let id = found.output.get()?;
        cx.ec2().delete_nat_gateway().nat_gateway_id(id).send().await.edge()?;
        cx.waiting(format!("{id} to be deleted"));
        let waiter = cx.ec2().wait_until_nat_gateway_deleted().nat_gateway_ids(id);
        let gone = async { waiter.wait(PATIENCE).await.map(drop).map_err(|error| stuck(id, "be deleted", &error)) };
        cx.unless_cancelled(Box::pin(gone)).await
    }
}

fn stuck(id: &str, what: &str, error: &dyn std::error::Error) -> Error {
    let error = aws_smithy_types::error::display::DisplayErrorContext(error);
    Error::new(Class::Other, format!("{id} did not {what} within {} minutes: {error}", PATIENCE.as_secs() / 60))
        .hint("the VPC console shows the gateway's failure message; run again to go on")
}
