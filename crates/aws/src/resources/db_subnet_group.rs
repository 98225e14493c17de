//! Where in a network databases may stand.

use std::collections::BTreeSet;

use aws_sdk_rds::types::{DbSubnetGroup as Listed, Subnet as ListedSubnet};
use engine::{Cx, Found, Id, Key, Resource, Result};
use serde::Serialize;

use super::{Subnet, Vpc, databases, ids};
use crate::edge::Edge;
use crate::inventory::list;
use crate::{Account, Grant, Permissions};

/// A subnet group of RDS. It is known by its name, `orgstrap-<name>`: `DescribeDBSubnetGroups` reports no tags, and a call
/// per group would be one per node.
#[derive(Debug, Serialize)]
pub struct DbSubnetGroup {
    /// The network of its subnets, which is what it was made in (terraform-provider-aws, issue 27459).
    pub vpc: Id<Vpc>,
    /// Subnets of one network, in two zones at least (RDS user guide, "Working with a DB instance in a VPC").
    pub subnets: BTreeSet<Id<Subnet>>,
}

impl DbSubnetGroup {
    /// The name of the group of a node.
    pub fn name(node: &str) -> String {
        databases::group_name(node)
    }
}

impl Resource for DbSubnetGroup {
    const KIND: &'static str = "db-subnet-group";
    const FIXED: &'static [&'static str] = &["vpc"];
    type Cloud = Account;
    /// The group's name.
    type Output = Id<Self>;

    async fn owned(cx: &Cx<'_, Account>) -> Result<Vec<(Key, Found<Self>)>> {
        let all = list(cx, "db-subnet-groups", async {
            let groups = cx.rds().describe_db_subnet_groups().into_paginator().items().send();
            let groups: Vec<Listed> = groups.try_collect().await.edge()?;
            Ok(groups)
        });
        let found = |group: &Listed| {
            let name = group.db_subnet_group_name()?;
            let key = Key::new(cx.scope(), Self::KIND, databases::node_of(name)?);
            let subnets = group.subnets().iter().filter_map(ListedSubnet::subnet_identifier).map(Id::new).collect();
            let vpc = Id::new(group.vpc_id().unwrap_or_default());
            Some((key, Found { output: Id::new(name), actual: Self { vpc, subnets }, tags: None }))
        };
        Ok(all.await?.iter().filter_map(found).collect())
    }

    async fn create(&self, cx: &Cx<'_, Account>) -> Result<Id<Self>> {
        let name = Self::name(&cx.key.name);
        let call = cx.rds().create_db_subnet_group().db_subnet_group_name(&name);
        let call = call.db_subnet_group_description(databases::description(&cx.key.name));
        let call = call.set_subnet_ids(Some(ids(&self.subnets)?)).set_tags(Some(databases::to_sdk(cx.tags)));
        // A second one of this name is refused, so it may be repeated.
        call.send().await.edge()?;
        Ok(Id::new(name))
    }

    async fn update(&self, found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let call = cx.rds().modify_db_subnet_group().db_subnet_group_name(found.output.get()?);
        call.set_subnet_ids(Some(ids(&self.subnets)?)).send().await.edge().map(drop)
    }

    /// It is in use as long as a database stands in it.
    async fn delete(found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let call = cx.rds().delete_db_subnet_group().db_subnet_group_name(found.output.get()?);
        call.send().await.edge().map(drop)
    }
}

impl Permissions for DbSubnetGroup {
    const READS: &'static [Grant] =
        &[Grant::on(&["arn:aws:rds:{region}:{account}:subgrp:*"], &["rds:DescribeDBSubnetGroups"])];
    const CHANGES: &'static [Grant] = &[
        Grant::on(
            SUBNET_GROUPS,
            &["rds:AddTagsToResource", "rds:CreateDBSubnetGroup", "rds:DeleteDBSubnetGroup", "rds:ModifyDBSubnetGroup"],
        ),
        LINKED_ROLE,
    ];
}

/// The first group or database of an account makes it (RDS user guide, "Using service-linked roles for Amazon RDS").
pub(super) const LINKED_ROLE: Grant = Grant::on(
    &["arn:aws:iam::{account}:role/aws-service-role/rds.amazonaws.com/AWSServiceRoleForRDS"],
    &["iam:CreateServiceLinkedRole"],
)
.when(&[("StringEquals", "iam:AWSServiceName", "rds.amazonaws.com")]);

/// Those that are called as ours are.
pub(super) const SUBNET_GROUPS: &[&str] = &["arn:aws:rds:{region}:{account}:subgrp:orgstrap-*"];
