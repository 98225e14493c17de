//! The security group that every network comes with, and that everything without another one gets.

use std::collections::BTreeSet;

use aws_sdk_ec2::types::{IpPermission, SecurityGroup as Ec2Group};
use engine::{Class, Cx, Error, Found, Id, Nature, Resource, Result};
use serde::Serialize;

use super::{Vpc, security_group};
use crate::edge::Edge;
use crate::{Account, Grant, Permissions};

/// The default security group of a network, which should let nothing in and nothing out (CIS AWS Foundations
/// Benchmark, "Ensure the default security group of every VPC restricts all traffic").
#[derive(Debug, Serialize)]
pub struct DefaultSecurityGroup {
    /// The network.
    pub vpc: Id<Vpc>,
    /// What may come in, each rule as `protocol ports peer`.
    pub ingress: BTreeSet<String>,
    /// What may go out.
    pub egress: BTreeSet<String>,
}

impl Resource for DefaultSecurityGroup {
    const KIND: &'static str = "default-security-group";
    const NATURE: Nature = Nature::Setting;
    type Cloud = Account;
    type Output = Id<Self>;

    async fn find(&self, cx: &Cx<'_, Account>) -> Result<Option<Found<Self>>> {
        let Some(vpc) = self.vpc.known() else { return Ok(None) };
        let all = security_group::all(cx).await?;
        let is_it = |group: &&Ec2Group| group.vpc_id() == Some(vpc) && group.group_name() == Some("default");
        let group = all.iter().find(is_it);
        let group = group.ok_or_else(|| Error::new(Class::NotYet, format!("{vpc} has no default security group")))?;
        let actual = Self {
            vpc: self.vpc.clone(),
            ingress: rules(group.ip_permissions()),
            egress: rules(group.ip_permissions_egress()),
        };
        Ok(Some(Found { output: Id::new(group.group_id().unwrap_or_default()), actual, tags: None }))
    }

    /// Removes every rule that the group has now. It is read again, because rules can only be named in full. If one is
    /// not found, what was read was old, and the engine looks again.
    async fn update(&self, found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let id = found.output.get()?;
        let answer = cx.ec2().describe_security_groups().group_ids(id).send().await.edge()?;
        let Some(group) = answer.security_groups.unwrap_or_default().pop() else {
            return Err(Error::new(Class::NotYet, format!("{id} is not listed")));
        };
        if !group.ip_permissions().is_empty() {
            let call = cx.ec2().revoke_security_group_ingress().group_id(id);
            call.set_ip_permissions(group.ip_permissions).send().await.edge()?;
        }
        if !group.ip_permissions_egress.as_deref().unwrap_or_default().is_empty() {
            let call = cx.ec2().revoke_security_group_egress().group_id(id);
            call.set_ip_permissions(group.ip_permissions_egress).send().await.edge()?;
        }
        Ok(())
    }
}

impl Permissions for DefaultSecurityGroup {
    const READS: &'static [Grant] = &[Grant::everywhere(&["ec2:DescribeSecurityGroups"])];
    const CHANGES: &'static [Grant] =
        &[Grant::everywhere(&["ec2:RevokeSecurityGroupEgress", "ec2:RevokeSecurityGroupIngress"])];
}

/// One text per protocol, ports and peer, so that a difference names just the rule that differs.
fn rules(permissions: &[IpPermission]) -> BTreeSet<String> {
    permissions.iter().flat_map(rule).collect()
}

fn rule(permission: &IpPermission) -> Vec<String> {
    let protocol = match permission.ip_protocol() {
        None | Some("-1") => "all",
        Some(protocol) => protocol,
    };
    let ports = match (permission.from_port(), permission.to_port()) {
        (Some(from), Some(to)) if from != to => format!(" {from}-{to}"),
        (Some(port), Some(_)) if port != -1 => format!(" {port}"),
        _ => String::new(),
    };
    let v4 = permission.ip_ranges().iter().filter_map(|range| range.cidr_ip());
    let v6 = permission.ipv6_ranges().iter().filter_map(|range| range.cidr_ipv6());
    let groups = permission.user_id_group_pairs().iter().filter_map(|pair| pair.group_id());
    let lists = permission.prefix_list_ids().iter().filter_map(|list| list.prefix_list_id());
    v4.chain(v6).chain(groups).chain(lists).map(|peer| format!("{protocol}{ports} {peer}")).collect()
}
