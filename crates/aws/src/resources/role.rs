//! What a service may do in the account.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::identity;

use aws_sdk_iam::Client;
use aws_sdk_iam::types::RoleDetail;
use engine::{Class, Cx, Error, Found, Id, Key, Resource, Result, Tags};
use futures_util::future;
use serde::Serialize;

use super::{ManagedPolicy, iam};
use crate::edge::{Edge, unless_gone};
use crate::entry::is_protected;
use crate::{Account, Grant, Permissions, PolicyDocument};

/// A role with its inline policies, known by its name, `orgstrap-<name>`.
#[derive(Debug, Serialize)]
pub struct Role {
    /// Who may assume it.
    pub trust: PolicyDocument,
    /// What it may do: inline policies by name.
    pub policies: BTreeMap<String, PolicyDocument>,
    /// ARNs of managed policies; one that is attached and not among them is drift.
    pub attached: BTreeSet<String>,
    /// The policy that limits all that the others allow.
    pub boundary: Option<Id<ManagedPolicy>>,
}

impl Role {
    /// The name of the role of a node; IAM takes 64 characters.
    pub fn name(node: &str) -> String {
        format!("orgstrap-{node}")
    }
}

impl Resource for Role {
    const KIND: &'static str = "role";
    type Cloud = Account;
    /// The role's ARN.
    type Output = Id<Self>;

    async fn owned(cx: &Cx<'_, Account>) -> Result<Vec<(Key, Found<Self>)>> {
        let all = iam::all(cx).await?;
        Ok(all
            .roles
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
        if let Some(role) = iam::all(cx).await?.roles.iter().find(|role| role.role_name() == Some(&name)) {
            if cx.owner(&tags_of(role)).as_ref() == Some(cx.key) {
                return Err(Error::new(Class::NotYet, format!("role {name} was made a moment ago")));
            }
            let message = format!("account {} has a role {name} that does not carry this node's tags", cx.id());
            return Err(Error::new(Class::Invalid, message).hint("delete or rename that role, and run again"));
        }
        let iam = &cx.iam_to_change(cx.key).await?;
        let boundary = self.boundary.as_ref().map(Id::get).transpose()?.map(str::to_owned);
        let call = iam
            .create_role()
            .role_name(&name)
            .set_tags(Some(iam::tags_to(cx.tags)?))
            .set_permissions_boundary(boundary);
        // What the account is entered by lets nobody in before it may do something: the run after a kill would enter by it,
        // and be refused all the rest.
        let opens_last = is_protected(cx.key);
        let trust = if opens_last { self.trust.denied() } else { self.trust.clone() };
        let made = call.assume_role_policy_document(trust.to_string()).send().await.edge()?;
        let arn = made.role().map(|role| role.arn().to_owned());
        // A run that is killed here leaves a role that differs, which the next run finishes.
        cx.follow_up(|| Box::pin(self.put_policies(&name, self.policies.iter(), iam))).await?;
        cx.follow_up(|| Box::pin(attach_policies(&name, &self.attached, iam))).await?;
        if opens_last {
            cx.follow_up(|| Box::pin(self.put_trust(&name, iam))).await?;
        }
        let id = arn.map(Id::new);
        id.ok_or_else(|| Error::new(Class::Other, format!("IAM answered without the ARN of role {name}")))
    }

    async fn update(&self, found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let (iam, name, actual) = (&cx.iam_to_change(cx.key).await?, name_of(&found.output)?, &found.actual);
        // Before the policies, which may only be changed within it.
        match &self.boundary {
            Some(boundary) if self.boundary != actual.boundary => {
                let call = iam.put_role_permissions_boundary().role_name(name);
                call.permissions_boundary(boundary.get()?).send().await.edge()?;
            }
            None if actual.boundary.is_some() => {
                iam.delete_role_permissions_boundary().role_name(name).send().await.edge()?;
            }
            _ => {}
        }
        let changed = self.policies.iter().filter(|(policy, document)| actual.policies.get(*policy) != Some(*document));
        self.put_policies(name, changed, iam).await?;
        let unwanted = actual.policies.keys().filter(|policy| !self.policies.contains_key(*policy));
        // What is not found here may be there and not be seen yet: the engine looks again.
        delete_policies(name, unwanted, identity, iam).await?;
        attach_policies(name, self.attached.difference(&actual.attached), iam).await?;
        detach_policies(name, actual.attached.difference(&self.attached), identity, iam).await?;
        if self.trust == actual.trust { Ok(()) } else { self.put_trust(name, iam).await }
    }

    async fn tag(found: &Found<Self>, tags: &Tags, cx: &Cx<'_, Account>) -> Result<()> {
        let call = cx.iam_to_change(cx.key).await?.tag_role().role_name(name_of(&found.output)?);
        call.set_tags(Some(iam::tags_to(tags)?)).send().await.edge()?;
        Ok(())
    }

    async fn delete(found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let (iam, name) = (&cx.iam_to_change(cx.key).await?, name_of(&found.output)?);
        // What of them was not seen keeps the role from being deleted.
        delete_policies(name, found.actual.policies.keys(), unless_gone, iam).await?;
        detach_policies(name, &found.actual.attached, unless_gone, iam).await?;
        iam.delete_role().role_name(name).send().await.edge()?;
        Ok(())
    }
}

/// Roles are made and given policies only within the boundary of workloads (IAM user guide, "Permissions boundaries for IAM entities",
/// "Delegating responsibility to others using permissions boundaries").
impl Permissions for Role {
    const READS: &'static [Grant] = iam::READS;
    const CHANGES: &'static [Grant] = &[
        Grant::on(
            ROLES,
            &[
                "iam:AttachRolePolicy",
                "iam:CreateRole",
                "iam:DeleteRolePolicy",
                "iam:DetachRolePolicy",
                "iam:PutRolePermissionsBoundary",
                "iam:PutRolePolicy",
            ],
        )
        .when(&[(
            "StringEquals",
            "iam:PermissionsBoundary",
            "arn:aws:iam::{account}:policy/orgstrap-workload",
        )]),
        Grant::on(ROLES, &["iam:DeleteRole", "iam:TagRole", "iam:UpdateAssumeRolePolicy"]),
    ];
}

/// The roles that are ours by their names.
const ROLES: &[&str] = &["arn:aws:iam::{account}:role/orgstrap-*"];

impl Role {
    async fn put_trust(&self, role: &str, iam: &Client) -> Result<()> {
        let call = iam.update_assume_role_policy().role_name(role);
        call.policy_document(self.trust.to_string()).send().await.edge().map(drop)
    }

    async fn put_policies(
        &self,
        role: &str,
        policies: impl Iterator<Item = (&String, &PolicyDocument)>,
        iam: &Client,
    ) -> Result<()> {
        let puts = policies.map(|(policy, document)| async move {
            let call = iam.put_role_policy().role_name(role).policy_name(policy);
            call.policy_document(document.to_string()).send().await.edge()
        });
        future::try_join_all(puts).await.map(drop)
    }
}

async fn delete_policies(
    role: &str,
    names: impl IntoIterator<Item = &String>,
    judge: fn(Result<()>) -> Result<()>,
    iam: &Client,
) -> Result<()> {
    let deletes = names.into_iter().map(|policy| async move {
        let deleted = iam.delete_role_policy().role_name(role).policy_name(policy).send().await.edge();
        judge(deleted.map(drop))
    });
    future::try_join_all(deletes).await.map(drop)
}

async fn attach_policies(role: &str, arns: impl IntoIterator<Item = &String>, iam: &Client) -> Result<()> {
    let attaches = arns
        .into_iter()
        .map(|arn| async move { iam.attach_role_policy().role_name(role).policy_arn(arn).send().await.edge() });
    future::try_join_all(attaches).await.map(drop)
}

async fn detach_policies(
    role: &str,
    arns: impl IntoIterator<Item = &String>,
    judge: fn(Result<()>) -> Result<()>,
    iam: &Client,
) -> Result<()> {
    let detaches = arns.into_iter().map(|arn| async move {
        let detached = iam.detach_role_policy().role_name(role).policy_arn(arn).send().await.edge();
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
        boundary: role.permissions_boundary().and_then(|boundary| boundary.permissions_boundary_arn()).map(Id::new),
    }
}

fn tags_of(role: &RoleDetail) -> Tags {
    role.tags().iter().map(|tag| (tag.key().to_owned(), tag.value().to_owned())).collect()
}

/// A role is called by the last part of its ARN.
fn name_of(arn: &Id<Role>) -> Result<&str> {
    let arn = arn.get()?;
    Ok(arn.rsplit('/').next().unwrap_or(arn))
}
