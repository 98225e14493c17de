//! The way to S3 that does not go through the NAT gateway, and costs nothing.

use std::collections::BTreeSet;

use aws_sdk_ec2::types::{ResourceType, State, VpcEndpoint as Ec2VpcEndpoint, VpcEndpointType};
use engine::{Cx, Found, Id, Key, Resource, Result, Tags};
use futures_util::FutureExt;
use serde::Serialize;

use super::{RouteTable, Vpc, creation, ec2, ids};
use crate::edge::Edge;
use crate::inventory::list;
use crate::{Account, Grant, Permissions};

/// A gateway endpoint.
#[derive(Debug, Serialize)]
pub struct VpcEndpoint {
    /// The network.
    pub vpc: Id<Vpc>,
    /// Such as `com.amazonaws.us-west-1.s3`.
    pub service: String,
    /// The tables that get a route to the service.
    pub route_tables: BTreeSet<Id<RouteTable>>,
}

/// The API answers in lower case, whatever the case of its reference (EC2 API reference, `VpcEndpoint`).
fn is_alive(endpoint: &Ec2VpcEndpoint) -> bool {
    let state = endpoint.state().map(State::as_str).unwrap_or_default().to_lowercase();
    !["deleting", "deleted", "failed", "expired", "rejected"].contains(&state.as_str())
}

impl Resource for VpcEndpoint {
    const KIND: &'static str = "vpc-endpoint";
    const FIXED: &'static [&'static str] = &["vpc", "service"];
    type Cloud = Account;
    type Output = Id<Self>;

    async fn owned(cx: &Cx<'_, Account>) -> Result<Vec<(Key, Found<Self>)>> {
        let all = list(cx, "vpc-endpoints", async {
            let call = cx.ec2().describe_vpc_endpoints().filters(ec2::ours(cx));
            call.into_paginator().items().send().try_collect().await.edge()
        });
        Ok(all
            .await?
            .iter()
            .filter(|endpoint| is_alive(endpoint))
            .filter_map(|endpoint| {
                ec2::owned(cx, endpoint.vpc_endpoint_id(), endpoint.tags(), || Self {
                    vpc: Id::new(endpoint.vpc_id().unwrap_or_default()),
                    service: endpoint.service_name().unwrap_or_default().to_owned(),
                    route_tables: endpoint.route_table_ids().iter().map(|id| Id::new(id.as_str())).collect(),
                })
            })
            .collect())
    }

    async fn create(&self, cx: &Cx<'_, Account>) -> Result<Id<Self>> {
        let (vpc, tables) = (self.vpc.get()?, ids(&self.route_tables)?);
        let parameters: Vec<&str> = [vpc, &self.service].into_iter().chain(tables.iter().map(String::as_str)).collect();
        let create = |token| {
            let call = cx.ec2().create_vpc_endpoint().client_token(token);
            let call = call.vpc_endpoint_type(VpcEndpointType::Gateway).service_name(&self.service);
            let call = call.vpc_id(vpc).set_route_table_ids(Some(tables.clone()));
            let call = call.tag_specifications(ec2::tagged(cx, ResourceType::VpcEndpoint));
            async move {
                let made = call.send().await.edge()?;
                ec2::id_of(made.vpc_endpoint().and_then(Ec2VpcEndpoint::vpc_endpoint_id))
            }
            .boxed()
        };
        let is_there = |id: Id<Self>| {
            async move {
                let answer = cx.ec2().describe_vpc_endpoints().vpc_endpoint_ids(id.get()?).send().await.edge()?;
                creation::listed(answer.vpc_endpoints(), is_alive)
            }
            .boxed()
        };
        creation::with_token(cx, &parameters, Vec::new(), create, is_there).await
    }

    async fn update(&self, found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let (wanted, actual) = (&self.route_tables, &found.actual.route_tables);
        let call = cx.ec2().modify_vpc_endpoint().vpc_endpoint_id(found.output.get()?);
        let call = call.set_add_route_table_ids(Some(ids(wanted.difference(actual))?));
        call.set_remove_route_table_ids(Some(ids(actual.difference(wanted))?)).send().await.edge()?;
        Ok(())
    }

    async fn tag(found: &Found<Self>, tags: &Tags, cx: &Cx<'_, Account>) -> Result<()> {
        ec2::tag(&found.output, tags, cx).await
    }

    async fn delete(found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let answer = cx.ec2().delete_vpc_endpoints().vpc_endpoint_ids(found.output.get()?).send().await.edge()?;
        ec2::all_successful(answer.unsuccessful(), "ec2:DeleteVpcEndpoints")
    }
}

impl Permissions for VpcEndpoint {
    const READS: &'static [Grant] = &[Grant::everywhere(&["ec2:DescribeVpcEndpoints"])];
    const CHANGES: &'static [Grant] = &[Grant::everywhere(&[
        "ec2:CreateTags",
        "ec2:CreateVpcEndpoint",
        "ec2:DeleteVpcEndpoints",
        "ec2:ModifyVpcEndpoint",
    ])];
}
