//! The project's network.

use std::collections::HashMap;
use std::sync::Arc;

use aws_sdk_ec2::types::{AttributeBooleanValue, ResourceType, Vpc as Ec2Vpc, VpcAttributeName};
use engine::{Class, Cx, Error, Found, Id, Key, Resource, Result, Tags};
use futures_util::future;
use ipnet::Ipv4Net;
use serde::Serialize;

use super::{creation, ec2};
use crate::edge::{Edge, not_yet_if_unseen};
use crate::inventory::list;
use crate::{Account, Grant, Permissions};

/// A VPC with one IPv4 block.
#[derive(Debug, Serialize)]
pub struct Vpc {
    /// The block; /16 to /28.
    pub cidr: Option<Ipv4Net>,
    /// Instances get public DNS names.
    pub dns_hostnames: bool,
    /// Amazon's resolver answers.
    pub dns_support: bool,
}

/// Every VPC of the region: ours and the default one come from the same list.
pub(super) async fn all(cx: &Cx<'_, Account>) -> Result<Arc<Vec<Ec2Vpc>>> {
    list(cx, "vpcs", async { cx.ec2().describe_vpcs().into_paginator().items().send().try_collect().await.edge() })
        .await
}

impl Resource for Vpc {
    const KIND: &'static str = "vpc";
    const FIXED: &'static [&'static str] = &["cidr"];
    const NOTED: bool = true;
    type Cloud = Account;
    type Output = Id<Self>;

    async fn owned(cx: &Cx<'_, Account>) -> Result<Vec<(Key, Found<Self>)>> {
        let all = all(cx).await?;
        let ours = all.iter().filter(|vpc| cx.owner(&ec2::tags_of(vpc.tags())).is_some());
        let ids: Vec<&str> = ours.clone().filter_map(Ec2Vpc::vpc_id).collect();
        let attributes = dns_attributes(&ids, cx).await?;
        let found = ours.map(|vpc| {
            let attributes = vpc.vpc_id().and_then(|id| attributes.get(id));
            // Made between the two lists: look at both again.
            let unread = || Error::new(Class::NotYet, "a VPC was listed before its attributes were");
            let &(dns_hostnames, dns_support) = attributes.ok_or_else(unread)?;
            let cidr = vpc.cidr_block().and_then(|cidr| cidr.parse().ok());
            Ok(ec2::owned(cx, vpc.vpc_id(), vpc.tags(), || Self { cidr, dns_hostnames, dns_support }))
        });
        Ok(found.collect::<Result<Vec<_>>>()?.into_iter().flatten().collect())
    }

    async fn create(&self, cx: &Cx<'_, Account>) -> Result<Id<Self>> {
        let call = cx.ec2().create_vpc().set_cidr_block(self.cidr.map(|cidr| cidr.to_string()));
        let call = call.tag_specifications(ec2::tagged(cx, ResourceType::Vpc)).customize();
        let made = call.config_override(ec2::unless_done()).send().await.edge().map_err(creation::look_again)?;
        let id = ec2::id_of(made.vpc().and_then(Ec2Vpc::vpc_id))?;
        // A run that is killed here leaves a VPC whose attributes differ, which the next run mends.
        cx.follow_up(|| Box::pin(self.set_attributes(&id, cx))).await?;
        Ok(id)
    }

    async fn update(&self, found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        self.set_attributes(&found.output, cx).await
    }

    async fn tag(found: &Found<Self>, tags: &Tags, cx: &Cx<'_, Account>) -> Result<()> {
        ec2::tag(&found.output, tags, cx).await
    }

    async fn delete(found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        cx.ec2().delete_vpc().vpc_id(found.output.get()?).send().await.edge()?;
        Ok(())
    }
}

impl Permissions for Vpc {
    const READS: &'static [Grant] = &[Grant::everywhere(&["ec2:DescribeVpcAttribute", "ec2:DescribeVpcs"])];
    const CHANGES: &'static [Grant] =
        &[Grant::everywhere(&["ec2:CreateTags", "ec2:CreateVpc", "ec2:DeleteVpc", "ec2:ModifyVpcAttribute"])];
}

impl Vpc {
    /// One attribute per call: that is all that `ModifyVpcAttribute` takes.
    async fn set_attributes(&self, id: &Id<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let value = |value| AttributeBooleanValue::builder().value(value).build();
        let modify = || Ok(cx.ec2().modify_vpc_attribute().vpc_id(id.get()?));
        // Support first: without it there are no host names.
        modify()?.enable_dns_support(value(self.dns_support)).send().await.edge()?;
        modify()?.enable_dns_hostnames(value(self.dns_hostnames)).send().await.edge()?;
        Ok(())
    }
}

/// `DescribeVpcs` leaves the DNS attributes out, and no other call lists them (EC2 API reference, `Vpc`).
async fn dns_attributes(ids: &[&str], cx: &Cx<'_, Account>) -> Result<Arc<HashMap<String, (bool, bool)>>> {
    let of = |id: &str| {
        let id = id.to_owned();
        async move {
            let hostnames = attribute(cx, &id, VpcAttributeName::EnableDnsHostnames);
            let support = attribute(cx, &id, VpcAttributeName::EnableDnsSupport);
            let both = future::try_join(hostnames, support).await?;
            Ok((id, both))
        }
    };
    list(cx, "vpc-dns", async { Ok(future::try_join_all(ids.iter().map(|id| of(id))).await?.into_iter().collect()) })
        .await
}

async fn attribute(cx: &Cx<'_, Account>, id: &str, name: VpcAttributeName) -> Result<bool> {
    let answer = cx.ec2().describe_vpc_attribute().vpc_id(id).attribute(name).send().await.edge();
    // Listed, and not seen by this call yet; or deleted, and still listed.
    let answer = answer.map_err(not_yet_if_unseen)?;
    let value = answer.enable_dns_hostnames().or(answer.enable_dns_support());
    Ok(value.and_then(AttributeBooleanValue::value).unwrap_or_default())
}
