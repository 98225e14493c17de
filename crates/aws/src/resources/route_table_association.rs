//! Which routes a subnet follows.

use aws_sdk_ec2::types::RouteTable as Ec2RouteTable;
use engine::{Cx, Found, Id, Resource, Result};
use serde::Serialize;

use super::{RouteTable, Subnet, ec2, route_table};
use crate::edge::Edge;
use crate::{Account, Grant, Permissions};

/// The association of a route table with a subnet. It takes no tags: it is known by its subnet, which has one.
#[derive(Debug, Serialize)]
pub struct RouteTableAssociation {
    /// The subnet.
    pub subnet: Id<Subnet>,
    /// The routes that it follows.
    pub route_table: Id<RouteTable>,
}

impl Resource for RouteTableAssociation {
    const KIND: &'static str = "route-table-association";
    const FIXED: &'static [&'static str] = &["subnet"];
    const TAGGED: bool = false;
    type Cloud = Account;
    type Output = Id<Self>;

    async fn find(&self, cx: &Cx<'_, Account>) -> Result<Option<Found<Self>>> {
        let Some(subnet) = self.subnet.known() else { return Ok(None) };
        let all = route_table::all(cx).await?;
        let associations = all.iter().flat_map(Ec2RouteTable::associations);
        Ok(associations.filter(|association| association.subnet_id() == Some(subnet)).find_map(|association| {
            let actual = Self { subnet: Id::new(subnet), route_table: Id::new(association.route_table_id()?) };
            Some(Found { output: Id::new(association.route_table_association_id()?), actual, tags: None })
        }))
    }

    async fn create(&self, cx: &Cx<'_, Account>) -> Result<Id<Self>> {
        let call = cx.ec2().associate_route_table().subnet_id(self.subnet.get()?);
        let made = call.route_table_id(self.route_table.get()?).send().await.edge()?;
        ec2::id_of(made.association_id())
    }

    /// One call, so that the subnet is never without routes.
    async fn update(&self, found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let call = cx.ec2().replace_route_table_association().association_id(found.output.get()?);
        call.route_table_id(self.route_table.get()?).send().await.edge()?;
        Ok(())
    }

    async fn delete(found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        cx.ec2().disassociate_route_table().association_id(found.output.get()?).send().await.edge()?;
        Ok(())
    }
}

impl Permissions for RouteTableAssociation {
    const READS: &'static [Grant] = &[Grant::everywhere(&["ec2:DescribeRouteTables"])];
    const CHANGES: &'static [Grant] = &[Grant::everywhere(&[
        "ec2:AssociateRouteTable",
        "ec2:DisassociateRouteTable",
        "ec2:ReplaceRouteTableAssociation",
    ])];
}
