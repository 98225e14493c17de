//! Who may talk to what: a group of network interfaces, and the rules in it that nobody of ours has made.

use std::collections::BTreeSet;
use std::sync::Arc;

use aws_sdk_ec2::types::{
    IpPermission, IpRange, ResourceType, SecurityGroup as Ec2Group, SecurityGroupRule as Ec2Rule,
};
use engine::{Cx, Error, Found, Id, Key, Resource, Result, Tags};
use serde::Serialize;

use super::{SecurityGroupRule, Vpc, ec2, security_group_rule};
use crate::edge::Edge;
use crate::inventory::list;
use crate::{Account, Grant, Permissions};

/// A security group. Its rules are nodes of their own, so that two groups may name each other.
#[derive(Debug, Serialize)]
pub struct SecurityGroup {
    /// The network.
    pub vpc: Id<Vpc>,
    /// What it is for: up to 255 of `a-z`, `A-Z`, `0-9`, spaces, and `._-:/()#,@[]+=&;{}!$*` (EC2 API reference,
    /// `CreateSecurityGroup`).
    pub description: String,
    /// The rules that are no node's, each as `in|out protocol ports peer`: none of them is wanted. EC2 itself makes one
    /// in each new group, which lets everything out.
    pub foreign_rules: BTreeSet<String>,
}

impl SecurityGroup {
    /// A group with the rules of its nodes and no others.
    pub fn new(vpc: Id<Vpc>, description: impl Into<String>) -> Self {
        Self { vpc, description: description.into(), foreign_rules: BTreeSet::new() }
    }

    /// The name of the group of a node. It is unique in the network, and `sg-` may not begin it.
    pub fn name(node: &str) -> String {
        format!("orgstrap-{node}")
    }
}

impl Resource for SecurityGroup {
    const KIND: &'static str = "security-group";
    const FIXED: &'static [&'static str] = &["vpc", "description"];
    type Cloud = Account;
    type Output = Id<Self>;

    async fn owned(cx: &Cx<'_, Account>) -> Result<Vec<(Key, Found<Self>)>> {
        let all = all(cx).await?;
        let is_ours = |group: &&Ec2Group| cx.owner(&ec2::tags_of(group.tags())).is_some();
        let ours: Vec<&Ec2Group> = all.iter().filter(is_ours).collect();
        // There is nothing to ask for.
        if ours.is_empty() {
            return Ok(Vec::new());
        }
        let rules = security_group_rule::all(cx).await?;
        let foreign = |group: Option<&str>| {
            let of_group = rules.iter().filter(|rule| rule.group_id() == group && is_foreign(rule, cx));
            of_group.map(security_group_rule::text).collect()
        };
        let owned = ours.into_iter().filter_map(|group| {
            ec2::owned(cx, group.group_id(), group.tags(), || Self {
                vpc: Id::new(group.vpc_id().unwrap_or_default()),
                description: group.description().unwrap_or_default().to_owned(),
                foreign_rules: foreign(group.group_id()),
            })
        });
        Ok(owned.collect())
    }

    async fn create(&self, cx: &Cx<'_, Account>) -> Result<Id<Self>> {
        let name = Self::name(&cx.key.name);
        let call = cx.ec2().create_security_group().vpc_id(self.vpc.get()?).group_name(&name);
        let call = call.description(&self.description);
        let call = call.tag_specifications(ec2::tagged(cx, ResourceType::SecurityGroup));
        // A second one of this name is refused, so it may be repeated.
        let made = call.send().await.edge().map_err(|error| taken(error, &name))?;
        let id = ec2::id_of(made.group_id())?;
        // A run that is killed here leaves a group that lets everything out, which the next run mends.
        cx.follow_up(|| Box::pin(close(&id, cx))).await?;
        Ok(id)
    }

    /// What is foreign is looked for again, because rules are revoked by their ids. If one is not found, what was read was
    /// old, and the engine looks again.
    async fn update(&self, found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let id = found.output.get()?;
        let call = cx.ec2().describe_security_group_rules().filters(ec2::filter("group-id", id));
        let rules: Vec<Ec2Rule> = call.into_paginator().items().send().try_collect().await.edge()?;
        let (out, into): (Vec<_>, Vec<_>) =
            rules.iter().filter(|rule| is_foreign(rule, cx)).partition(|rule| rule.is_egress() == Some(true));
        let ids = |rules: &[&Ec2Rule]| -> Vec<String> {
            rules.iter().filter_map(|rule| rule.security_group_rule_id().map(str::to_owned)).collect()
        };
        if !into.is_empty() {
            let call = cx.ec2().revoke_security_group_ingress().group_id(id);
            call.set_security_group_rule_ids(Some(ids(&into))).send().await.edge()?;
        }
        if !out.is_empty() {
            let call = cx.ec2().revoke_security_group_egress().group_id(id);
            call.set_security_group_rule_ids(Some(ids(&out))).send().await.edge()?;
        }
        Ok(())
    }

    async fn tag(found: &Found<Self>, tags: &Tags, cx: &Cx<'_, Account>) -> Result<()> {
        ec2::tag(&found.output, tags, cx).await
    }

    /// It is in use as long as an interface has it, such as those of a load balancer that was deleted a moment ago.
    async fn delete(found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        cx.ec2().delete_security_group().group_id(found.output.get()?).send().await.edge().map(drop)
    }
}

impl Permissions for SecurityGroup {
    const READS: &'static [Grant] =
        &[Grant::everywhere(&["ec2:DescribeSecurityGroupRules", "ec2:DescribeSecurityGroups"])];
    const CHANGES: &'static [Grant] = &[Grant::everywhere(&[
        "ec2:CreateSecurityGroup",
        "ec2:CreateTags",
        "ec2:DeleteSecurityGroup",
        "ec2:RevokeSecurityGroupEgress",
        "ec2:RevokeSecurityGroupIngress",
    ])];
}

/// Every group of the region, those that come with networks too.
pub(super) async fn all(cx: &Cx<'_, Account>) -> Result<Arc<Vec<Ec2Group>>> {
    list(cx, "security-groups", async {
        cx.ec2().describe_security_groups().into_paginator().items().send().try_collect().await.edge()
    })
    .await
}

/// Whether a rule is no node's of this scope. Tags are there as soon as the rule is: they are part of the call that makes it.
fn is_foreign(rule: &Ec2Rule, cx: &Cx<'_, Account>) -> bool {
    let owner = cx.owner(&ec2::tags_of(rule.tags()));
    owner.is_none_or(|key| key.kind != SecurityGroupRule::KIND)
}

/// Takes away the rule that lets everything out, which EC2 makes in each new group (VPC user guide, "Security group
/// rules"). It is named in full: it may not be listed yet.
async fn close(id: &Id<SecurityGroup>, cx: &Cx<'_, Account>) -> Result<()> {
    let anywhere = IpRange::builder().cidr_ip("0.0.0.0/0").build();
    let everything = IpPermission::builder().ip_protocol("-1").ip_ranges(anywhere).build();
    let call = cx.ec2().revoke_security_group_egress().group_id(id.get()?).ip_permissions(everything);
    match call.send().await.edge() {
        // An earlier attempt came this far. A group that is not seen yet has another code.
        Err(error) if error.code.as_deref() == Some("InvalidPermission.NotFound") => Ok(()),
        closed => closed.map(drop),
    }
}

/// What to do if the name stays taken: at first it may be a group of ours that is not listed yet.
fn taken(error: Error, name: &str) -> Error {
    if error.code.as_deref() != Some("InvalidGroup.Duplicate") {
        return error;
    }
    error.hint(format!("somebody else's security group in the network is called {name}: delete it, and run again"))
}
