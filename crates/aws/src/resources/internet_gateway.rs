//! The network's door to the internet.

use aws_sdk_ec2::types::{InternetGateway as Ec2InternetGateway, ResourceType};
use engine::{Class, Cx, Found, Id, Key, Resource, Result, Tags};
use serde::Serialize;

use super::{Vpc, ec2};
use crate::Account;
use crate::edge::Edge;
use crate::inventory::list;

/// An internet gateway, attached.
#[derive(Debug, Serialize)]
pub struct InternetGateway {
    /// The VPC that it is attached to; none when a run was killed before.
    pub vpc: Option<Id<Vpc>>,
}

impl Resource for InternetGateway {
    const KIND: &'static str = "internet-gateway";
    type Cloud = Account;
    type Output = Id<Self>;

    async fn owned(cx: &Cx<'_, Account>) -> Result<Vec<(Key, Found<Self>)>> {
        let all = list(cx, "internet-gateways", async {
            let call = cx.ec2().describe_internet_gateways().filters(ec2::ours(cx));
            call.into_paginator().items().send().try_collect().await.edge()
        });
        Ok(all
            .await?
            .iter()
            .filter_map(|gateway| {
                let vpc = gateway.attachments().iter().find_map(|attachment| attachment.vpc_id()).map(Id::new);
                ec2::owned(cx, gateway.internet_gateway_id(), gateway.tags(), || Self { vpc })
            })
            .collect())
    }

    async fn create(&self, cx: &Cx<'_, Account>) -> Result<Id<Self>> {
        let call = cx.ec2().create_internet_gateway();
        let call = call.tag_specifications(ec2::tagged(cx, ResourceType::InternetGateway)).customize();
        let made = call.config_override(ec2::once()).send().await.edge().map_err(ec2::look_again)?;
        let id = ec2::id_of(made.internet_gateway().and_then(Ec2InternetGateway::internet_gateway_id))?;
        cx.follow_up(|| Box::pin(self.attach(&id, cx))).await?;
        Ok(id)
    }

    async fn update(&self, found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        if let Some(other) = &found.actual.vpc {
            detach(&found.output, other, cx).await?;
        }
        self.attach(&found.output, cx).await
    }

    async fn tag(found: &Found<Self>, tags: &Tags, cx: &Cx<'_, Account>) -> Result<()> {
        ec2::tag(&found.output, tags, cx).await
    }

    async fn delete(found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        if let Some(vpc) = &found.actual.vpc {
            match detach(&found.output, vpc, cx).await {
                // Detached by an earlier attempt.
                Err(error) if error.class == Class::NotFound => {}
                detached => detached?,
            }
        }
        cx.ec2().delete_internet_gateway().internet_gateway_id(found.output.get()?).send().await.edge()?;
        Ok(())
    }
}

impl InternetGateway {
    async fn attach(&self, id: &Id<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        if let Some(vpc) = &self.vpc {
            let call = cx.ec2().attach_internet_gateway().internet_gateway_id(id.get()?);
            call.vpc_id(vpc.get()?).send().await.edge()?;
        }
        Ok(())
    }
}

async fn detach(id: &Id<InternetGateway>, vpc: &Id<Vpc>, cx: &Cx<'_, Account>) -> Result<()> {
    let call = cx.ec2().detach_internet_gateway().internet_gateway_id(id.get()?);
    call.vpc_id(vpc.get()?).send().await.edge()?;
    Ok(())
}
