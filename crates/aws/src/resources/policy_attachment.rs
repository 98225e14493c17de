//! Where a service control policy holds.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_sdk_organizations::types::{PolicyTargetSummary, TargetType};
use engine::{Class, Cx, Found, Id, Key, Resource, Result};
use futures_util::future;
use serde::Serialize;

use super::{ServiceControlPolicy, organization_tags, service_control_policy, unit_tree};
use crate::edge::Edge;
use crate::inventory::list;
use crate::{Account, Enrolled, Grant, Permissions, roll};

/// The root, a unit or an account.
#[derive(Debug)]
pub struct PolicyTarget;

/// The attachment of a policy to the root, a unit or an account. It takes no tags and is known by the two. What is attached
/// beside it, such as `FullAWSAccess`, which AWS attaches to everything, is left alone.
#[derive(Debug, Serialize)]
pub struct PolicyAttachment {
    /// The policy.
    pub policy: Id<ServiceControlPolicy>,
    /// Where it holds.
    pub target: Id<PolicyTarget>,
}

impl PolicyAttachment {
    /// The name of the node of a policy on a target: `/` is the root, any other a unit's path or an account's name.
    pub fn name(policy: &str, target: &str) -> String {
        format!("{policy}:{target}")
    }
}

/// The targets of every policy of ours, by the policy's id: a call for each.
async fn all(cx: &Cx<'_, Account>) -> Result<Arc<BTreeMap<String, Vec<PolicyTargetSummary>>>> {
    let policies = service_control_policy::all(cx).await?;
    list(cx, "policy-attachments", async {
        let is_ours = |name: &str| name.starts_with(service_control_policy::PREFIX);
        let ours = policies.iter().filter(|policy| policy.name().is_some_and(is_ours)).filter_map(|policy| policy.id());
        let targets = ours.map(|id| async move {
            let pages = cx.organizations().list_targets_for_policy().policy_id(id).into_paginator().send();
            let pages: Vec<_> = match pages.try_collect().await.edge() {
                Err(error) if error.class == Class::NotFound => Vec::new(),
                pages => pages?,
            };
            let targets = pages.into_iter().flat_map(|page| page.targets.unwrap_or_default()).collect();
            Ok::<_, engine::Error>((id.to_owned(), targets))
        });
        Ok(future::try_join_all(targets).await?.into_iter().collect())
    })
    .await
}

impl Resource for PolicyAttachment {
    const KIND: &'static str = "policy-attachment";
    const FIXED: &'static [&'static str] = &["policy", "target"];
    const TAGGED: bool = false;
    type Cloud = Account;
    /// The policy, which holds there.
    type Output = Id<ServiceControlPolicy>;

    /// Those of policies that are ours, as far as it is known what their targets are called in the fleet.
    async fn owned(cx: &Cx<'_, Account>) -> Result<Vec<(Key, Found<Self>)>> {
        let policies = ServiceControlPolicy::owned(cx).await?;
        if policies.is_empty() {
            return Ok(Vec::new());
        }
        let (attachments, tags, tree) = (all(cx).await?, organization_tags::all(cx).await?, unit_tree::tree(cx).await?);
        let name_of = |target: &PolicyTargetSummary| match target.r#type() {
            Some(TargetType::Root) => Some("/".to_owned()),
            Some(TargetType::OrganizationalUnit) => tree.path(target.target_id()?),
            // AWS's name of an account may be another than the fleet's.
            _ => Some(cx.owner(tags.get(target.target_id()?)?)?.name),
        };
        // The successor of a closed account has its key: the policies of the closed one stay where they are.
        let accounts: Vec<_> = roll::accounts(cx).await?.iter().map(roll::enrolled).collect();
        let key_of = |id: &str| cx.owner(tags.get(id)?);
        let is_succeeded = |target: &PolicyTargetSummary| {
            let is_it = |account: &&Enrolled| Some(account.id.as_str()) == target.target_id();
            let closed = accounts.iter().find(is_it).filter(|account| account.state.is_closed());
            closed.and_then(|closed| key_of(&closed.id)).is_some_and(|key| {
                let mut open = accounts.iter().filter(|account| !account.state.is_closed());
                open.any(|account| key_of(&account.id).as_ref() == Some(&key))
            })
        };
        let mut owned = Vec::new();
        for (key, policy) in policies {
            let targets = policy.output.known().and_then(|id| attachments.get(id));
            let targets = targets.into_iter().flatten().filter(|target| !is_succeeded(target));
            owned.extend(targets.filter_map(|target| {
                let key = Key::new(cx.scope(), Self::KIND, Self::name(&key.name, &name_of(target)?));
                let actual = Self { policy: policy.output.clone(), target: Id::new(target.target_id()?) };
                Some((key, Found { output: policy.output.clone(), actual, tags: None }))
            }));
        }
        Ok(owned)
    }

    async fn find(&self, cx: &Cx<'_, Account>) -> Result<Option<Found<Self>>> {
        let (Some(policy), Some(target)) = (self.policy.known(), self.target.known()) else { return Ok(None) };
        let all = all(cx).await?;
        let is_there = all.get(policy).is_some_and(|all| all.iter().any(|one| one.target_id() == Some(target)));
        let actual = Self { policy: self.policy.clone(), target: self.target.clone() };
        Ok(is_there.then(|| Found { output: self.policy.clone(), actual, tags: None }))
    }

    async fn create(&self, cx: &Cx<'_, Account>) -> Result<Self::Output> {
        let call = cx.organizations().attach_policy().policy_id(self.policy.get()?).target_id(self.target.get()?);
        call.send().await.edge()?;
        Ok(self.policy.clone())
    }

    async fn delete(found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let call = cx.organizations().detach_policy().policy_id(found.actual.policy.get()?);
        call.target_id(found.actual.target.get()?).send().await.edge()?;
        Ok(())
    }
}

impl Permissions for PolicyAttachment {
    const READS: &'static [Grant] = &[Grant::everywhere(&[
        "organizations:ListAccounts",
        "organizations:ListPolicies",
        "organizations:ListTargetsForPolicy",
    ])];
    const CHANGES: &'static [Grant] =
        &[Grant::everywhere(&["organizations:AttachPolicy", "organizations:DetachPolicy"])];
}
