//! A part of the network in one zone.

use aws_sdk_ec2::types::{AttributeBooleanValue, ResourceType, Subnet as Ec2Subnet};
use engine::{Cx, Found, Id, Key, Resource, Result, Tags};
use ipnet::Ipv4Net;
use serde::Serialize;

use super::{Vpc, Zone, creation, ec2};
use crate::edge::Edge;
use crate::inventory::list;
use crate::{Account, Grant, Permissions};

/// A subnet. Whether it is public is a matter of its routes.
#[derive(Debug, Serialize)]
pub struct Subnet {
    /// The network it is cut from.
    pub vpc: Id<Vpc>,
    /// Its block; /16 to /28.
    pub cidr: Option<Ipv4Net>,
    /// Its availability zone.
    pub zone: Id<Zone>,
    /// Whether everything started in it gets a public address. Load balancers and NAT gateways bring their own, so
    /// nothing of ours needs it.
    pub map_public_ip_on_launch: bool,
}

pub(super) async fn all(cx: &Cx<'_, Account>) -> Result<std::sync::Arc<Vec<Ec2Subnet>>> {
    list(cx, "subnets", async {
        let call = cx.ec2().describe_subnets().filters(ec2::ours(cx));
        call.into_paginator().items().send().try_collect().await.edge()
    })
    .await
}

impl Resource for Subnet {
    const KIND: &'static str = "subnet";
    const FIXED: &'static [&'static str] = &["vpc", "cidr", "zone"];
    const NOTED: bool = true;
    type Cloud = Account;
    type Output = Id<Self>;

    async fn owned(cx: &Cx<'_, Account>) -> Result<Vec<(Key, Found<Self>)>> {
        Ok(all(cx)
            .await?
            .iter()
            .filter_map(|subnet| {
                ec2::owned(cx, subnet.subnet_id(), subnet.tags(), || Self {
                    vpc: Id::new(subnet.vpc_id().unwrap_or_default()),
                    cidr: subnet.cidr_block().and_then(|cidr| cidr.parse().ok()),
                    zone: Id::new(subnet.availability_zone().unwrap_or_default()),
                    map_public_ip_on_launch: subnet.map_public_ip_on_launch().unwrap_or_default(),
                })
            })
            .collect())
    }

    async fn create(&self, cx: &Cx<'_, Account>) -> Result<Id<Self>> {
        let call = cx.ec2().create_subnet().vpc_id(self.vpc.get()?).availability_zone(self.zone.get()?);
        let call = call.set_cidr_block(self.cidr.map(|cidr| cidr.to_string()));
        let call = call.tag_specifications(ec2::tagged(cx, ResourceType::Subnet)).customize();
        let made = call.config_override(ec2::unless_done()).send().await.edge().map_err(creation::look_again)?;
        let made = made.subnet();
        let id = ec2::id_of(made.and_then(Ec2Subnet::subnet_id))?;
        if made.and_then(Ec2Subnet::map_public_ip_on_launch) != Some(self.map_public_ip_on_launch) {
            cx.follow_up(|| Box::pin(self.set_public_addresses(&id, cx))).await?;
        }
        Ok(id)
    }

    async fn update(&self, found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        self.set_public_addresses(&found.output, cx).await
    }

    async fn tag(found: &Found<Self>, tags: &Tags, cx: &Cx<'_, Account>) -> Result<()> {
        ec2::tag(&found.output, tags, cx).await
    }

    async fn delete(found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        cx.ec2().delete_subnet().subnet_id(found.output.get()?).send().await.edge()?;
        Ok(())
    }
}

impl Permissions for Subnet {
    const READS: &'static [Grant] = &[Grant::everywhere(&["ec2:DescribeSubnets"])];
    const CHANGES: &'static [Grant] =
        &[Grant::everywhere(&["ec2:CreateSubnet", "ec2:CreateTags", "ec2:DeleteSubnet", "ec2:ModifySubnetAttribute"])];
}

impl Subnet {
    async fn set_public_addresses(&self, id: &Id<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let value = AttributeBooleanValue::builder().value(self.map_public_ip_on_launch).build();
        let call = cx.ec2().modify_subnet_attribute().subnet_id(id.get()?);
        call.map_public_ip_on_launch(value).send().await.edge()?;
        Ok(())
    }
}
