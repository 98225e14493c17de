//! A policy that stands on its own: the boundary of roles.

use aws_sdk_iam::Client;
use aws_sdk_iam::types::{ManagedPolicyDetail, PolicyVersion};
use engine::{Class, Cx, Error, Found, Id, Key, Resource, Result};
use serde::Serialize;

use super::iam;
use crate::edge::{Edge, unless_gone};
use crate::{Account, Grant, Permissions, PolicyDocument};

/// IAM keeps so many versions of a policy (IAM user guide, "IAM and AWS STS quotas").
const MOST_VERSIONS: usize = 5;

const PREFIX: &str = "orgstrap-";

/// A customer managed policy. It is known by its name, `orgstrap-<name>`: no list reports the tags of policies, and a call
/// per policy would be one per node.
#[derive(Debug, Serialize)]
pub struct ManagedPolicy {
    /// What it allows.
    pub document: PolicyDocument,
}

impl ManagedPolicy {
    /// The ARN that the policy of a node has in an account.
    pub fn arn(account: &str, node: &str) -> String {
        format!("arn:aws:iam::{account}:policy/{PREFIX}{node}")
    }
}

impl Resource for ManagedPolicy {
    const KIND: &'static str = "managed-policy";
    type Cloud = Account;
    /// The policy's ARN.
    type Output = Id<Self>;

    async fn owned(cx: &Cx<'_, Account>) -> Result<Vec<(Key, Found<Self>)>> {
        let all = iam::all(cx).await?;
        let found = |policy: &ManagedPolicyDetail| {
            let name = policy.arn()?.rsplit('/').next()?;
            let key = Key::new(cx.scope(), Self::KIND, name.strip_prefix(PREFIX)?);
            let version = policy.policy_version_list().iter().find(|version| version.is_default_version());
            let document = PolicyDocument::decoded(version.and_then(PolicyVersion::document));
            Some((key, Found { output: Id::new(policy.arn()?), actual: Self { document }, tags: None }))
        };
        Ok(all.policies.iter().filter_map(found).collect())
    }

    async fn create(&self, cx: &Cx<'_, Account>) -> Result<Id<Self>> {
        let call = cx.iam_to_change(cx.key).await?.create_policy().policy_name(format!("{PREFIX}{}", cx.key.name));
        let call = call.policy_document(self.document.to_string()).set_tags(Some(iam::tags_to(cx.tags)?));
        let made = call.send().await.edge()?;
        let arn = made.policy().and_then(|policy| policy.arn()).map(Id::new);
        arn.ok_or_else(|| Error::new(Class::Other, "IAM answered without the ARN of the policy"))
    }

    /// The oldest version makes room for the new one.
    async fn update(&self, found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let (iam, arn) = (cx.iam_to_change(cx.key).await?, found.output.get()?);
        let versions = spare_versions(&iam, arn).await?;
        if versions.len() + 1 >= MOST_VERSIONS
            && let Some(oldest) = versions.last()
        {
            unless_gone(iam.delete_policy_version().policy_arn(arn).version_id(oldest).send().await.edge().map(drop))?;
        }
        let call = iam.create_policy_version().policy_arn(arn).set_as_default(true);
        call.policy_document(self.document.to_string()).send().await.edge().map_err(not_yet_if_full)?;
        Ok(())
    }

    async fn delete(found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let (iam, arn) = (cx.iam_to_change(cx.key).await?, found.output.get()?);
        for version in spare_versions(&iam, arn).await? {
            unless_gone(iam.delete_policy_version().policy_arn(arn).version_id(version).send().await.edge().map(drop))?;
        }
        iam.delete_policy().policy_arn(arn).send().await.edge()?;
        Ok(())
    }
}

/// The boundaries are the only ones, and whoever may not pass them may not change them: that takes the bootstrap role.
impl Permissions for ManagedPolicy {
    const READS: &'static [Grant] = iam::READS;
    const CHANGES: &'static [Grant] = &[];
}

/// Room was made for as many versions as were listed; a list that is older than the last one is looked at again.
fn not_yet_if_full(error: Error) -> Error {
    if error.code.as_deref() == Some("LimitExceeded") { Error { class: Class::NotYet, ..error } } else { error }
}

/// The versions that are not in force, from the newest to the oldest.
async fn spare_versions(iam: &Client, arn: &str) -> Result<Vec<String>> {
    let answer = iam.list_policy_versions().policy_arn(arn).send().await.edge()?;
    let spare = answer.versions().iter().filter(|version| !version.is_default_version());
    let mut spare: Vec<_> =
        spare.filter_map(|version| Some((*version.create_date()?, version.version_id()?))).collect();
    spare.sort_unstable_by(|(a, _), (b, _)| b.cmp(a));
    Ok(spare.into_iter().map(|(_, version)| version.to_owned()).collect())
}
