//! The network's door to the internet.

use std::sync::Arc;

use aws_sdk_ec2::types::{InternetGateway as Ec2InternetGateway, ResourceType};
use engine::{Class, Cx, Found, Id, Key, Resource, Result, Tags};
use serde::Serialize;

use super::{creation, ec2};
use crate::edge::{Edge, unless_gone};
use crate::inventory::list;
use crate::{Account, Grant, Permissions};

/// An internet gateway. That it is attached is an [object of its own](super::InternetGatewayAttachment).
#[derive(Debug, Serialize)]
pub struct InternetGateway {}

pub(super) async fn all(cx: &Cx<'_, Account>) -> Result<Arc<Vec<Ec2InternetGateway>>> {
    list(cx, "internet-gateways", async {
        let call = cx.ec2().describe_internet_gateways().filters(ec2::ours(cx));
        call.into_paginator().items().send().try_collect().await.edge()
    })
    .await
}

impl Resource for InternetGateway {
    const KIND: &'static str = "internet-gateway";
    const NOTED: bool = true;
    type Cloud = Account;
    type Output = Id<Self>;

    async fn owned(cx: &Cx<'_, Account>) -> Result<Vec<(Key, Found<Self>)>> {
        let all = all(cx).await?;
        let owned =
            |gateway: &Ec2InternetGateway| ec2::owned(cx, gateway.internet_gateway_id(), gateway.tags(), || Self {});
        Ok(all.iter().filter_map(owned).collect())
    }

    async fn create(&self, cx: &Cx<'_, Account>) -> Result<Id<Self>> {
        let call = cx.ec2().create_internet_gateway();
        let call = call.tag_specifications(ec2::tagged(cx, ResourceType::InternetGateway)).customize();
        let made = call.config_override(ec2::unless_done()).send().await.edge().map_err(creation::look_again)?;
        ec2::id_of(made.internet_gateway().and_then(Ec2InternetGateway::internet_gateway_id))
    }

    async fn tag(found: &Found<Self>, tags: &Tags, cx: &Cx<'_, Account>) -> Result<()> {
        ec2::tag(&found.output, tags, cx).await
    }

    /// One that no node wants any more may still be attached.
    async fn delete(found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let id = found.output.get()?;
        let call = || cx.ec2().delete_internet_gateway().internet_gateway_id(id);
        let deleted = call().send().await.edge().map(drop);
        if !deleted.as_ref().is_err_and(|error| error.class == Class::InUse) {
            return deleted;
        }
        let answer = cx.ec2().describe_internet_gateways().internet_gateway_ids(id).send().await.edge()?;
        for vpc in answer.internet_gateways().iter().flat_map(Ec2InternetGateway::attachments) {
            let detach = cx.ec2().detach_internet_gateway().internet_gateway_id(id);
            let detached = detach.set_vpc_id(vpc.vpc_id().map(str::to_owned)).send().await.edge();
            unless_gone(detached.map(drop))?;
        }
        call().send().await.edge().map(drop)
    }
}

impl Permissions for InternetGateway {
    const READS: &'static [Grant] = &[Grant::everywhere(&["ec2:DescribeInternetGateways"])];
    const CHANGES: &'static [Grant] = &[Grant::everywhere(&[
        "ec2:CreateInternetGateway",
        "ec2:CreateTags",
        "ec2:DeleteInternetGateway",
        "ec2:DetachInternetGateway",
    ])];
}
