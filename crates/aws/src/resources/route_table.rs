//! Where packets go.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_sdk_ec2::types::{ResourceType, Route, RouteState, RouteTable as Ec2RouteTable};
use engine::{Class, Cx, Error, Found, Id, Key, Resource, Result, Tags};
use futures_util::{FutureExt, future};
use serde::Serialize;

use super::{InternetGateway, NatGateway, Vpc, creation, ec2};
use crate::edge::{Edge, unless_gone};
use crate::inventory::list;
use crate::{Account, Grant, Permissions};

/// A route table with its routes, which have no identity of their own.
#[derive(Debug, Serialize)]
pub struct RouteTable {
    /// The network.
    pub vpc: Id<Vpc>,
    /// The target of each destination. The network's own route, and those that a gateway endpoint adds, are AWS's.
    pub routes: BTreeMap<String, Target>,
}

/// Where a route leads.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Target {
    /// To the internet, and back.
    InternetGateway(Id<InternetGateway>),
    /// To the internet, for what may not be reached from there.
    NatGateway(Id<NatGateway>),
    /// What somebody else set: the id, and the state if it is not `active`.
    Other(String),
}

/// Every route table of the region: associations are looked up among those of others too.
pub(super) async fn all(cx: &Cx<'_, Account>) -> Result<Arc<Vec<Ec2RouteTable>>> {
    list(cx, "route-tables", async {
        cx.ec2().describe_route_tables().into_paginator().items().send().try_collect().await.edge()
    })
    .await
}

impl Resource for RouteTable {
    const KIND: &'static str = "route-table";
    const FIXED: &'static [&'static str] = &["vpc"];
    type Cloud = Account;
    type Output = Id<Self>;

    async fn owned(cx: &Cx<'_, Account>) -> Result<Vec<(Key, Found<Self>)>> {
        Ok(all(cx)
            .await?
            .iter()
            .filter_map(|table| {
                ec2::owned(cx, table.route_table_id(), table.tags(), || Self {
                    vpc: Id::new(table.vpc_id().unwrap_or_default()),
                    routes: table.routes().iter().filter_map(route).collect(),
                })
            })
            .collect())
    }

    async fn create(&self, cx: &Cx<'_, Account>) -> Result<Id<Self>> {
        let vpc = self.vpc.get()?;
        let create = |token| {
            let call = cx.ec2().create_route_table().vpc_id(vpc).client_token(token);
            let call = call.tag_specifications(ec2::tagged(cx, ResourceType::RouteTable));
            async move {
                let made = call.send().await.edge()?;
                ec2::id_of(made.route_table().and_then(Ec2RouteTable::route_table_id))
            }
            .boxed()
        };
        let is_there = |id: Id<Self>| {
            async move {
                let answer = cx.ec2().describe_route_tables().route_table_ids(id.get()?).send().await.edge()?;
                creation::listed(answer.route_tables(), |_| true)
            }
            .boxed()
        };
        let id = creation::with_token(cx, &[vpc], Vec::new(), create, is_there).await?;
        let none = BTreeMap::new();
        cx.follow_up(|| Box::pin(self.set_routes(&id, &none, cx))).await?;
        Ok(id)
    }

    async fn update(&self, found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        self.set_routes(&found.output, &found.actual.routes, cx).await
    }

    async fn tag(found: &Found<Self>, tags: &Tags, cx: &Cx<'_, Account>) -> Result<()> {
        ec2::tag(&found.output, tags, cx).await
    }

    /// What still follows it is let go first: a subnet that is to be deleted later, or one that somebody else put there.
    async fn delete(found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let id = found.output.get()?;
        let answer = cx.ec2().describe_route_tables().route_table_ids(id).send().await.edge()?;
        let associations = answer.route_tables().iter().flat_map(Ec2RouteTable::associations);
        // The main association cannot be removed, and no table of ours has it.
        let removable = associations.filter(|association| association.main() != Some(true));
        let removals =
            removable.filter_map(|association| association.route_table_association_id()).map(|id| async move {
                unless_gone(cx.ec2().disassociate_route_table().association_id(id).send().await.edge().map(drop))
            });
        future::try_join_all(removals).await?;
        cx.ec2().delete_route_table().route_table_id(id).send().await.edge()?;
        Ok(())
    }
}

impl Permissions for RouteTable {
    const READS: &'static [Grant] = &[Grant::everywhere(&["ec2:DescribeRouteTables"])];
    const CHANGES: &'static [Grant] = &[Grant::everywhere(&[
        "ec2:CreateRoute",
        "ec2:CreateRouteTable",
        "ec2:CreateTags",
        "ec2:DeleteRoute",
        "ec2:DeleteRouteTable",
        "ec2:ReplaceRoute",
    ])];
}

impl RouteTable {
    async fn set_routes(&self, id: &Id<Self>, actual: &BTreeMap<String, Target>, cx: &Cx<'_, Account>) -> Result<()> {
        let id = id.get()?;
        let wanted = self.routes.iter().filter(|(destination, target)| actual.get(*destination) != Some(*target));
        let wanted = wanted.map(|(to, target)| set_route(id, to, target, actual.contains_key(to), cx));
        future::try_join_all(wanted).await?;
        let unwanted = actual.keys().filter(|destination| !self.routes.contains_key(*destination));
        future::try_join_all(unwanted.map(|destination| delete_route(id, destination, cx))).await?;
        Ok(())
    }
}

async fn set_route(id: &str, to: &str, target: &Target, replace: bool, cx: &Cx<'_, Account>) -> Result<()> {
    let (gateway, nat) = match target {
        Target::InternetGateway(id) => (Some(id.get()?.to_owned()), None),
        Target::NatGateway(id) => (None, Some(id.get()?.to_owned())),
        Target::Other(id) => return Err(Error::new(Class::Invalid, format!("routes to {id} are not supported"))),
    };
    if !replace {
        let call = cx.ec2().create_route().route_table_id(id).destination_cidr_block(to);
        match call.set_gateway_id(gateway.clone()).set_nat_gateway_id(nat.clone()).send().await.edge() {
            // An earlier attempt came this far, and stopped at another route.
            Err(error) if error.code.as_deref() == Some("RouteAlreadyExists") => {}
            created => return created.map(drop),
        }
    }
    let call = cx.ec2().replace_route().route_table_id(id).destination_cidr_block(to);
    call.set_gateway_id(gateway).set_nat_gateway_id(nat).send().await.edge()?;
    Ok(())
}

async fn delete_route(id: &str, destination: &str, cx: &Cx<'_, Account>) -> Result<()> {
    let call = cx.ec2().delete_route().route_table_id(id);
    let call = if destination.contains(':') {
        call.destination_ipv6_cidr_block(destination)
    } else {
        call.destination_cidr_block(destination)
    };
    // If it is not found, the engine looks again: the table may not be seen yet.
    call.send().await.edge().map(drop)
}

/// A route that is ours to compare: not the network's own, and not one of a gateway endpoint, whose destination is a
/// prefix list.
fn route(route: &Route) -> Option<(String, Target)> {
    let destination = route.destination_cidr_block().or(route.destination_ipv6_cidr_block())?;
    if route.gateway_id() == Some("local") {
        return None;
    }
    let blackhole = route.state() == Some(&RouteState::Blackhole);
    let target = match (route.gateway_id(), route.nat_gateway_id()) {
        (Some(id), _) if id.starts_with("igw-") && !blackhole => Target::InternetGateway(Id::new(id)),
        (_, Some(id)) if !blackhole => Target::NatGateway(Id::new(id)),
        _ => Target::Other(other(route, blackhole)),
    };
    Some((destination.to_owned(), target))
}

fn other(route: &Route, blackhole: bool) -> String {
    let ids = [
        route.gateway_id(),
        route.nat_gateway_id(),
        route.transit_gateway_id(),
        route.vpc_peering_connection_id(),
        route.network_interface_id(),
        route.instance_id(),
        route.egress_only_internet_gateway_id(),
        route.local_gateway_id(),
        route.carrier_gateway_id(),
        route.core_network_arn(),
    ];
    let id = ids.into_iter().flatten().next().unwrap_or("an unknown target");
    if blackhole { format!("{id} (blackhole)") } else { id.to_owned() }
}
