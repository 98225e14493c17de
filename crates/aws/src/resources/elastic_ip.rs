//! A public address that stays.

use aws_sdk_ec2::types::{DomainType, ResourceType};
use engine::{Cx, Found, Id, Key, Resource, Result, Tags};
use serde::Serialize;

use super::{creation, ec2};
use crate::edge::Edge;
use crate::inventory::list;
use crate::{Account, Grant, Permissions};

/// An elastic IP address, from Amazon's pool.
#[derive(Debug, Serialize)]
pub struct ElasticIp {}

impl Resource for ElasticIp {
    const KIND: &'static str = "elastic-ip";
    const NOTED: bool = true;
    type Cloud = Account;
    type Output = Id<Self>;

    async fn owned(cx: &Cx<'_, Account>) -> Result<Vec<(Key, Found<Self>)>> {
        let all = list(cx, "addresses", async {
            Ok(cx.ec2().describe_addresses().filters(ec2::ours(cx)).send().await.edge()?.addresses.unwrap_or_default())
        });
        let all = all.await?;
        let owned =
            |address: &aws_sdk_ec2::types::Address| ec2::owned(cx, address.allocation_id(), address.tags(), || Self {});
        Ok(all.iter().filter_map(owned).collect())
    }

    async fn create(&self, cx: &Cx<'_, Account>) -> Result<Id<Self>> {
        let call = cx.ec2().allocate_address().domain(DomainType::Vpc);
        let call = call.tag_specifications(ec2::tagged(cx, ResourceType::ElasticIp)).customize();
        let made = call.config_override(ec2::unless_done()).send().await.edge().map_err(creation::look_again)?;
        ec2::id_of(made.allocation_id())
    }

    async fn tag(found: &Found<Self>, tags: &Tags, cx: &Cx<'_, Account>) -> Result<()> {
        ec2::tag(&found.output, tags, cx).await
    }

    async fn delete(found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        cx.ec2().release_address().allocation_id(found.output.get()?).send().await.edge()?;
        Ok(())
    }
}

impl Permissions for ElasticIp {
    const READS: &'static [Grant] = &[Grant::everywhere(&["ec2:DescribeAddresses"])];
    const CHANGES: &'static [Grant] =
        &[Grant::everywhere(&["ec2:AllocateAddress", "ec2:CreateTags", "ec2:ReleaseAddress"])];
}
