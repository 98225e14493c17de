//! What one security group lets in or out.

use std::sync::Arc;

use aws_sdk_ec2::types::{
    IpPermission, IpRange, Ipv6Range, PrefixListId, ResourceType, SecurityGroupRule as Ec2Rule,
    SecurityGroupRuleRequest, SecurityGroupRuleUpdate, UserIdGroupPair,
};
use engine::{Cx, Error, Found, Id, Key, Resource, Result, Tags};
use serde::Serialize;

use super::{SecurityGroup, ec2};
use crate::edge::Edge;
use crate::inventory::list;
use crate::{Account, Grant, Permissions};

/// A rule of a security group. EC2 knows a rule by what it says, so a group has none twice.
#[derive(Debug, Serialize)]
pub struct SecurityGroupRule {
    /// The group.
    pub group: Id<SecurityGroup>,
    /// Whether it lets in or out.
    pub direction: Direction,
    /// `tcp`, `udp`, `icmp`, or `-1` for everything.
    pub protocol: String,
    /// The first and the last port; none is every port of `-1`.
    pub ports: Option<(i32, i32)>,
    /// The other end.
    pub peer: Peer,
    /// What it is for: as the description of a [`SecurityGroup`]; may be empty.
    pub description: String,
}

/// The way that a rule is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// To the members of the group.
    Ingress,
    /// From the members of the group.
    Egress,
}

/// The other end of a rule.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Peer {
    /// Addresses of IPv4 or IPv6, such as `0.0.0.0/0`, as EC2 writes them.
    Cidr(String),
    /// The members of a group.
    Group(Id<SecurityGroup>),
    /// The addresses of a prefix list, such as those of S3 behind a gateway endpoint.
    PrefixList(String),
}

/// Every rule of the region: those of others in our groups are looked for too.
pub(super) async fn all(cx: &Cx<'_, Account>) -> Result<Arc<Vec<Ec2Rule>>> {
    list(cx, "security-group-rules", async {
        cx.ec2().describe_security_group_rules().into_paginator().items().send().try_collect().await.edge()
    })
    .await
}

impl Resource for SecurityGroupRule {
    const KIND: &'static str = "security-group-rule";
    const FIXED: &'static [&'static str] = &["group", "direction", "protocol", "ports", "peer"];
    type Cloud = Account;
    type Output = Id<Self>;

    async fn owned(cx: &Cx<'_, Account>) -> Result<Vec<(Key, Found<Self>)>> {
        let all = all(cx).await?;
        let owned = |rule: &Ec2Rule| ec2::owned(cx, rule.security_group_rule_id(), rule.tags(), || actual(rule));
        Ok(all.iter().filter_map(owned).collect())
    }

    async fn create(&self, cx: &Cx<'_, Account>) -> Result<Id<Self>> {
        let (group, permission) = (self.group.get()?, self.permission()?);
        let tags = ec2::tagged(cx, ResourceType::SecurityGroupRule);
        // A second one that says the same is refused, so it may be repeated.
        let rules = match self.direction {
            Direction::Ingress => {
                let call = cx.ec2().authorize_security_group_ingress().group_id(group).ip_permissions(permission);
                call.tag_specifications(tags).send().await.edge().map_err(twin)?.security_group_rules
            }
            Direction::Egress => {
                let call = cx.ec2().authorize_security_group_egress().group_id(group).ip_permissions(permission);
                call.tag_specifications(tags).send().await.edge().map_err(twin)?.security_group_rules
            }
        };
        ec2::id_of(rules.unwrap_or_default().first().and_then(Ec2Rule::security_group_rule_id))
    }

    /// The description is all that can differ, and the call takes the whole rule.
    async fn update(&self, found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let (from, to) = self.ports.unwrap_or((-1, -1));
        let rule = SecurityGroupRuleRequest::builder().ip_protocol(&self.protocol).from_port(from).to_port(to);
        let rule = match &self.peer {
            Peer::Cidr(cidr) if cidr.contains(':') => rule.cidr_ipv6(cidr),
            Peer::Cidr(cidr) => rule.cidr_ipv4(cidr),
            Peer::Group(group) => rule.referenced_group_id(group.get()?),
            Peer::PrefixList(list) => rule.prefix_list_id(list),
        };
        let rule = rule.description(&self.description).build();
        let update = SecurityGroupRuleUpdate::builder().security_group_rule_id(found.output.get()?);
        let call = cx.ec2().modify_security_group_rules().group_id(self.group.get()?);
        call.security_group_rules(update.security_group_rule(rule).build()).send().await.edge().map(drop)
    }

    async fn tag(found: &Found<Self>, tags: &Tags, cx: &Cx<'_, Account>) -> Result<()> {
        ec2::tag(&found.output, tags, cx).await
    }

    async fn delete(found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let (group, rule) = (found.actual.group.get()?, found.output.get()?);
        match found.actual.direction {
            Direction::Ingress => {
                let call = cx.ec2().revoke_security_group_ingress().group_id(group);
                call.security_group_rule_ids(rule).send().await.edge().map(drop)
            }
            Direction::Egress => {
                let call = cx.ec2().revoke_security_group_egress().group_id(group);
                call.security_group_rule_ids(rule).send().await.edge().map(drop)
            }
        }
    }
}

impl Permissions for SecurityGroupRule {
    const READS: &'static [Grant] = &[Grant::everywhere(&["ec2:DescribeSecurityGroupRules"])];
    const CHANGES: &'static [Grant] = &[Grant::everywhere(&[
        "ec2:AuthorizeSecurityGroupEgress",
        "ec2:AuthorizeSecurityGroupIngress",
        "ec2:CreateTags",
        "ec2:ModifySecurityGroupRules",
        "ec2:RevokeSecurityGroupEgress",
        "ec2:RevokeSecurityGroupIngress",
    ])];
}

impl SecurityGroupRule {
    fn permission(&self) -> Result<IpPermission> {
        let permission = IpPermission::builder().ip_protocol(&self.protocol);
        let permission = permission.set_from_port(self.ports.map(|(from, _)| from));
        let permission = permission.set_to_port(self.ports.map(|(_, to)| to));
        // An empty description is none.
        let description = Some(self.description.clone()).filter(|text| !text.is_empty());
        let permission = match &self.peer {
            Peer::Cidr(cidr) if cidr.contains(':') => {
                permission.ipv6_ranges(Ipv6Range::builder().cidr_ipv6(cidr).set_description(description).build())
            }
            Peer::Cidr(cidr) => {
                permission.ip_ranges(IpRange::builder().cidr_ip(cidr).set_description(description).build())
            }
            Peer::Group(group) => {
                let pair = UserIdGroupPair::builder().group_id(group.get()?);
                permission.user_id_group_pairs(pair.set_description(description).build())
            }
            Peer::PrefixList(list) => {
                let list = PrefixListId::builder().prefix_list_id(list);
                permission.prefix_list_ids(list.set_description(description).build())
            }
        };
        Ok(permission.build())
    }
}

fn actual(rule: &Ec2Rule) -> SecurityGroupRule {
    SecurityGroupRule {
        group: Id::new(rule.group_id().unwrap_or_default()),
        direction: if rule.is_egress() == Some(true) { Direction::Egress } else { Direction::Ingress },
        protocol: rule.ip_protocol().unwrap_or_default().to_owned(),
        // Of what has no ports both are -1.
        ports: rule.from_port().zip(rule.to_port()).filter(|ports| *ports != (-1, -1)),
        peer: peer(rule),
        description: rule.description().unwrap_or_default().to_owned(),
    }
}

fn peer(rule: &Ec2Rule) -> Peer {
    let group = rule.referenced_group_info().and_then(|group| group.group_id());
    if let Some(cidr) = rule.cidr_ipv4().or(rule.cidr_ipv6()) {
        Peer::Cidr(cidr.to_owned())
    } else if let Some(group) = group {
        Peer::Group(Id::new(group))
    } else {
        Peer::PrefixList(rule.prefix_list_id().unwrap_or_default().to_owned())
    }
}

/// A rule for people, such as `in tcp 443 0.0.0.0/0`.
pub(super) fn text(rule: &Ec2Rule) -> String {
    let rule = actual(rule);
    let direction = if rule.direction == Direction::Ingress { "in" } else { "out" };
    let protocol = if rule.protocol == "-1" { "all" } else { rule.protocol.as_str() };
    let ports = match rule.ports {
        Some((from, to)) if from != to => format!(" {from}-{to}"),
        Some((port, _)) => format!(" {port}"),
        None => String::new(),
    };
    let peer = match rule.peer {
        Peer::Cidr(peer) | Peer::PrefixList(peer) => peer,
        Peer::Group(group) => group.to_string(),
    };
    format!("{direction} {protocol}{ports} {peer}")
}

/// What to do if the rule stays there: at first it may be this node's own that is not listed yet.
fn twin(error: Error) -> Error {
    if error.code.as_deref() != Some("InvalidPermission.Duplicate") {
        return error;
    }
    error.hint("another rule of the group says the same: remove one of the two")
}
