//! What accounts of the organization may do at most.

use std::sync::Arc;

use aws_sdk_organizations::types::{PolicySummary, PolicyType};
use engine::{Class, Cx, Error, Found, Id, Key, Resource, Result, Tags};
use serde::Serialize;
use serde_json::Value;

use super::organization_tags;
use crate::edge::Edge;
use crate::inventory::list;
use crate::{Account, FLEET_TAG, Grant, Permissions, PolicyDocument};

/// A service control policy. Its name is its identity: names of policies are unique, and known at once where the list of
/// tags is late. One that somebody renamed is found by its tags and called as before.
#[derive(Debug, Serialize)]
pub struct ServiceControlPolicy {
    /// Its name in the organization.
    pub name: String,
    /// What the console shows beside the name; 512 characters at most.
    pub description: String,
    /// The document.
    pub content: PolicyDocument,
}

/// What names of policies of ours begin with.
pub(super) const PREFIX: &str = "orgstrap-";

impl ServiceControlPolicy {
    /// What a list leaves out of a policy.
    async fn read(&self, policy: &PolicySummary, cx: &Cx<'_, Account>) -> Result<Found<Self>> {
        let id = policy.id().unwrap_or_default();
        let tags = match organization_tags::of(id, cx).await? {
            Some(tags) => tags,
            None => organization_tags::asked(id, cx).await?,
        };
        if let Some(other) = tags.get(FLEET_TAG).filter(|fleet| *fleet != cx.fleet()) {
            let message = format!("the service control policy {} ({id}) belongs to fleet {other}", self.name);
            return Err(Error::new(Class::Invalid, message).hint("give the file of one of the two another name"));
        }
        let answer = cx.organizations().describe_policy().policy_id(id).send().await;
        let content = answer.edge()?.policy.and_then(|policy| policy.content).unwrap_or_default();
        let content = serde_json::from_str(&content).unwrap_or(Value::String(content));
        Ok(Found { output: Id::new(id), actual: actual(policy, content), tags: Some(tags) })
    }

    /// The name of the policy of a node; Organizations takes 128 characters.
    pub fn name(node: &str) -> String {
        format!("{PREFIX}{node}")
    }
}

/// Every service control policy, without its content.
pub(super) async fn all(cx: &Cx<'_, Account>) -> Result<Arc<Vec<PolicySummary>>> {
    list(cx, "service-control-policies", async {
        let call = cx.organizations().list_policies().filter(PolicyType::ServiceControlPolicy);
        let pages: Vec<_> = match call.into_paginator().send().try_collect().await.edge() {
            Err(error) if error.class == Class::NotFound => Vec::new(),
            pages => pages?,
        };
        Ok(pages.into_iter().flat_map(|page| page.policies.unwrap_or_default()).collect())
    })
    .await
}

impl Resource for ServiceControlPolicy {
    const KIND: &'static str = "service-control-policy";
    type Cloud = Account;
    type Output = Id<Self>;

    /// Without the content, which would be a call for each.
    async fn owned(cx: &Cx<'_, Account>) -> Result<Vec<(Key, Found<Self>)>> {
        let policies = all(cx).await?;
        if policies.iter().all(PolicySummary::aws_managed) {
            return Ok(Vec::new());
        }
        let tags = organization_tags::all(cx).await?;
        let owned = policies.iter().filter_map(|policy| {
            let tags = tags.get(policy.id()?)?;
            let key = cx.owner(tags).filter(|key| key.kind == Self::KIND)?;
            let actual = actual(policy, Value::Null);
            Some((key, Found { output: Id::new(policy.id()?), actual, tags: Some(tags.clone()) }))
        });
        Ok(owned.collect())
    }

    async fn find(&self, cx: &Cx<'_, Account>) -> Result<Option<Found<Self>>> {
        let policies = all(cx).await?;
        let named = policies.iter().find(|policy| policy.name() == Some(&self.name));
        let Some(policy) = (match named {
            Some(policy) => Some(policy),
            None => renamed(&policies, cx).await?,
        }) else {
            return Ok(None);
        };
        match self.read(policy, cx).await {
            // It was deleted, which the list does not show yet.
            Err(error) if error.class == Class::NotFound => Ok(None),
            found => found.map(Some),
        }
    }

    async fn create(&self, cx: &Cx<'_, Account>) -> Result<Id<Self>> {
        let call = cx.organizations().create_policy().r#type(PolicyType::ServiceControlPolicy).name(&self.name);
        let call = call.description(&self.description).content(self.content.to_string());
        let made = call.set_tags(Some(organization_tags::to_sdk(cx.tags)?)).send().await.edge()?;
        let id = made.policy.and_then(|policy| policy.policy_summary).and_then(|policy| policy.id).map(Id::new);
        id.ok_or_else(|| Error::new(Class::Other, "AWS Organizations answered without the policy's id"))
    }

    async fn update(&self, found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let call = cx.organizations().update_policy().policy_id(found.output.get()?).name(&self.name);
        call.description(&self.description).content(self.content.to_string()).send().await.edge()?;
        Ok(())
    }

    async fn tag(found: &Found<Self>, tags: &Tags, cx: &Cx<'_, Account>) -> Result<()> {
        organization_tags::set(found.output.get()?, tags, cx).await
    }

    async fn delete(found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        cx.organizations().delete_policy().policy_id(found.output.get()?).send().await.edge()?;
        Ok(())
    }
}

impl Permissions for ServiceControlPolicy {
    const READS: &'static [Grant] = &[Grant::everywhere(&[
        "organizations:DescribePolicy",
        "organizations:ListPolicies",
        "organizations:ListTagsForResource",
        "tag:GetResources",
    ])];
    const CHANGES: &'static [Grant] = &[Grant::everywhere(&[
        "organizations:CreatePolicy",
        "organizations:DeletePolicy",
        "organizations:TagResource",
        "organizations:UpdatePolicy",
    ])];
}

/// The policy that carries the node's key under another name.
async fn renamed<'p>(policies: &'p [PolicySummary], cx: &Cx<'_, Account>) -> Result<Option<&'p PolicySummary>> {
    if policies.iter().all(PolicySummary::aws_managed) {
        return Ok(None);
    }
    let tags = organization_tags::all(cx).await?;
    let owner = |policy: &PolicySummary| cx.owner(tags.get(policy.id()?)?);
    Ok(policies.iter().find(|policy| owner(policy).as_ref() == Some(cx.key)))
}

fn actual(policy: &PolicySummary, content: Value) -> ServiceControlPolicy {
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    ServiceControlPolicy { name: text(policy.name()), description: text(policy.description()), content: content.into() }
}
