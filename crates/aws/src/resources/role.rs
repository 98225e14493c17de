//! What a service may do in the account.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::identity;
use std::sync::Arc;

use aws_sdk_iam::types::{EntityType, RoleDetail, Tag};
use engine::{Class, Cx, Error, Found, Id, Key, Resource, Result, Tags};
use futures_util::future;
use serde::Serialize;

use crate::edge::{Edge, unless_gone};
use crate::inventory::list;
use crate::{Account, PolicyDocument};

/// A role with its inline policies, known by its name, `orgstrap-<name>`.
#[derive(Debug, Serialize)]
pub struct Role {
    /// Who may assume it.
    pub trust: PolicyDocument,
    /// What it may do: inline policies by name.
    pub policies: BTreeMap<String, PolicyDocument>,
    /// ARNs of managed policies; one that is attached and not among them is drift.
    pub attached: BTreeSet<String>,
}

impl Role {
    /// The name of the role of a node; IAM takes 64 characters.
    pub fn name(node: &str) -> String {
        format!("orgstrap-{node}")
    }
}

/// One list gives roles with trust, policies and tags; every other would need calls per role.
async fn all(cx: &Cx<'_, Account>) -> Result<Arc<Vec<RoleDetail>>> {
    list(cx, "roles", async {
        let call = cx.iam().get_account_authorization_details().filter(EntityType::Role);
        let pages: Vec<_> = call.into_paginator().send().try_collect().await.edge()?;
        Ok(pages.into_iter().flat_map(|page| page.role_detail_list.unwrap_or_default()).collect())
    })
    .await
}

impl Resource for Role {
    const KIND: &'static str = "role";
    type Cloud = Account;
    /// The role's ARN.
    type Output = Id<Self>;

    async fn owned(cx: &Cx<'_, Account>) -> Result<Vec<(Key, Found<Self>)>> {
        let all = all(cx).await?;
        Ok(all
            .iter()
            .filter_map(|role| {
                let tags = tags_of(role);
                let key = cx.owner(&tags).filter(|key| key.kind == Self::KIND)?;
                Some((key, Found { output: Id::new(role.arn()?), actual: actual(role), tags: Some(tags) }))
            })
            .collect())
    }

    async fn create(&self, cx: &Cx<'_, Account>) -> Result<Id<Self>> {
        let name = Self::name(&cx.key.name);
        if let Some(role) = all(cx).await?.iter().find(|role| role.role_name() == Some(&name)) {
            if cx.owner(&tags_of(role)).as_ref() == Some(cx.key) {
                return Err(Error::new(Class::NotYet, format!("role {name} was made a moment ago")));
            }
            let message = format!("account {} has a role {name} that does not carry this node's tags", cx.id());
            return Err(Error::new(Class::Invalid, message).hint("delete or rename that role, and run again"));
        }
        let call = cx.iam().create_role().role_name(&name).set_tags(Some(tags_to(cx.tags)?));
        let made = call.assume_role_policy_document(self.trust.to_string()).send().await.edge()?;
        let arn = made.role().map(|role| role.arn().to_owned());
        // A run that is killed here leaves a role that differs, which the next run finishes.
        cx.follow_up(|| Box::pin(self.put_policies(&name, self.policies.iter(), cx))).await?;
        cx.follow_up(|| Box::pin(attach_policies(&name, &self.attached, cx))).await?;
        let id = arn.map(Id::new);
        id.ok_or_else(|| Error::new(Class::Other, format!("IAM answered without the ARN of role {name}")))
    }

    async fn update(&self, found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let name = name_of(&found.output)?;
        let actual = &found.actual;
        if self.trust != actual.trust {
            let call = cx.iam().update_assume_role_policy().role_name(name);
            call.policy_document(self.trust.to_string()).send().await.edge()?;
        }
        let changed = self.policies.iter().filter(|(policy, document)| actual.policies.get(*policy) != Some(*document));
        self.put_policies(name, changed, cx).await?;
        let unwanted = actual.policies.keys().filter(|policy| !self.policies.contains_key(*policy));
        // What is not found here may be there and not be seen yet: the engine looks again.
        delete_policies(name, unwanted, identity, cx).await?;
        attach_policies(name, self.attached.difference(&actual.attached), cx).await?;
        detach_policies(name, actual.attached.difference(&self.attached), identity, cx).await
    }

    async fn tag(found: &Found<Self>, tags: &Tags, cx: &Cx<'_, Account>) -> Result<()> {
        let call = cx.iam().tag_role().role_name(name_of(&found.output)?);
        call.set_tags(Some(tags_to(tags)?)).send().await.edge()?;
        Ok(())
    }

    async fn delete(found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let name = name_of(&found.output)?;
        // What of them was not seen keeps the role from being deleted.
        delete_policies(name, found.actual.policies.keys(), unless_gone, cx).await?;
        detach_policies(name, &found.actual.attached, unless_gone, cx).await?;
        cx.iam().delete_role().role_name(name).send().await.edge()?;
        Ok(())
    }
}

impl Role {
    async fn put_policies(
        &self,
        role: &str,
        policies: impl Iterator<Item = (&String, &PolicyDocument)>,
        cx: &Cx<'_, Account>,
    ) -> Result<()> {
        let puts = policies.map(|(policy, document)| async move {
            let call = cx.iam().put_role_policy().role_name(role).policy_name(policy);
            call.policy_document(document.to_string()).send().await.edge()
        });
        future::try_join_all(puts).await.map(drop)
    }
}

async fn delete_policies(
    role: &str,
    names: impl IntoIterator<Item = &String>,
    judge: fn(Result<()>) -> Result<()>,
    cx: &Cx<'_, Account>,
) -> Result<()> {
    let deletes = names.into_iter().map(|policy| async move {
        let deleted = cx.iam().delete_role_policy().role_name(role).policy_name(policy).send().await.edge();
        judge(deleted.map(drop))
    });
    future::try_join_all(deletes).await.map(drop)
}

async fn attach_policies(role: &str, arns: impl IntoIterator<Item = &String>, cx: &Cx<'_, Account>) -> Result<()> {
    let attaches = arns
        .into_iter()
        .map(|arn| async move { cx.iam().attach_role_policy().role_name(role).policy_arn(arn).send().await.edge() });
    future::try_join_all(attaches).await.map(drop)
}

async fn detach_policies(
    role: &str,
    arns: impl IntoIterator<Item = &String>,
    judge: fn(Result<()>) -> Result<()>,
    cx: &Cx<'_, Account>,
) -> Result<()> {
    let detaches = arns.into_iter().map(|arn| async move {
        let detached = cx.iam().detach_role_policy().role_name(role).policy_arn(arn).send().await.edge();
        judge(detached.map(drop))
    });
    future::try_join_all(detaches).await.map(drop)
}

fn actual(role: &RoleDetail) -> Role {
    let policies = role.role_policy_list().iter();
    let attached = role.attached_managed_policies().iter();
    Role {
        trust: PolicyDocument::decoded(role.assume_role_policy_document()),
        policies: policies
            .filter_map(|policy| {
                Some((policy.policy_name()?.to_owned(), PolicyDocument::decoded(policy.policy_document())))
            })
            .collect(),
        attached: attached.filter_map(|policy| policy.policy_arn().map(str::to_owned)).collect(),
    }
}

fn tags_of(role: &RoleDetail) -> Tags {
    role.tags().iter().map(|tag| (tag.key().to_owned(), tag.value().to_owned())).collect()
}

fn tags_to(tags: &Tags) -> Result<Vec<Tag>> {
    let tags = tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build());
    tags.collect::<Result<_, _>>().map_err(|error| Error::new(Class::Invalid, format!("tags: {error}")))
}

/// A role is called by the last part of its ARN.
fn name_of(arn: &Id<Role>) -> Result<&str> {
    let arn = arn.get()?;
    Ok(arn.rsplit('/').next().unwrap_or(arn))
}
