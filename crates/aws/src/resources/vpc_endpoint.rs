//! The way to S3 that does not go through the NAT gateway, and costs nothing.

use std::collections::BTreeSet;

use aws_sdk_ec2::operation::create_vpc_endpoint::builders::CreateVpcEndpointFluentBuilder;
use aws_sdk_ec2::types::{VpcEndpoint as Ec2VpcEndpoint, VpcEndpointType};
use engine::{Cx, Found, Id, Key, Resource, Result, Tags};
use serde::Serialize;

use super::{RouteTable, Vpc, ec2, ids, vpc_endpoints};
use crate::edge::Edge;
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

impl Resource for VpcEndpoint {
    const KIND: &'static str = "vpc-endpoint";
    const FIXED: &'static [&'static str] = &["vpc", "service"];
    type Cloud = Account;
    type Output = Id<Self>;

    async fn owned(cx: &Cx<'_, Account>) -> Result<Vec<(Key, Found<Self>)>> {
        let actual = |endpoint: &Ec2VpcEndpoint| Self {
            vpc: Id::new(endpoint.vpc_id().unwrap_or_default()),
            service: endpoint.service_name().unwrap_or_default().to_owned(),
            route_tables: endpoint.route_table_ids().iter().map(|id| Id::new(id.as_str())).collect(),
        };
        vpc_endpoints::owned(cx, actual).await
    }

    async fn create(&self, cx: &Cx<'_, Account>) -> Result<Id<Self>> {
        let (vpc, tables) = (self.vpc.get()?, ids(&self.route_tables)?);
        let parameters: Vec<&str> = [vpc, &self.service].into_iter().chain(tables.iter().map(String::as_str)).collect();
        let call = |new: CreateVpcEndpointFluentBuilder| {
            new.service_name(&self.service).vpc_id(vpc).set_route_table_ids(Some(tables.clone()))
        };
        vpc_endpoints::create(VpcEndpointType::Gateway, &parameters, cx, call).await
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
        vpc_endpoints::delete(&found.output, cx).await
    }
}

impl Permissions for VpcEndpoint {
    const READS: &'static [Grant] = vpc_endpoints::READS;
    const CHANGES: &'static [Grant] = &[vpc_endpoints::CHANGES];
}
