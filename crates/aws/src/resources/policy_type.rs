//! What kinds of policies can be attached in the organization.

use aws_sdk_organizations::types::{PolicyType as Type, PolicyTypeStatus, Root};
use engine::{Class, Cx, Error, Found, Id, Nature, Resource, Result};
use serde::Serialize;

use super::{OrganizationalUnit, unit_tree};
use crate::edge::Edge;
use crate::{Account, Grant, Permissions};

/// Service control policies, enabled on the root. They never are disabled again: that would detach all policies of the
/// type, also those of others (Organizations user guide, "Disabling a policy type").
#[derive(Debug, Serialize)]
pub struct PolicyType {
    /// The root.
    #[serde(skip)]
    pub root: Id<OrganizationalUnit>,
    /// Whether it is enabled, or about to be.
    pub enabled: bool,
}

const TYPE: Type = Type::ServiceControlPolicy;

impl Resource for PolicyType {
    const KIND: &'static str = "policy-type";
    const NATURE: Nature = Nature::Setting;
    const TAGGED: bool = false;
    type Cloud = Account;
    /// The root, on which such policies have an effect now.
    type Output = Id<OrganizationalUnit>;

    async fn find(&self, cx: &Cx<'_, Account>) -> Result<Option<Found<Self>>> {
        if self.root.known().is_none() {
            return Ok(None);
        }
        let root = unit_tree::root(cx).await?;
        let status = root.as_ref().as_ref().and_then(status);
        let enabled = matches!(status, Some(PolicyTypeStatus::Enabled | PolicyTypeStatus::PendingEnable));
        let actual = Self { root: self.root.clone(), enabled };
        Ok(enabled.then(|| Found { output: self.root.clone(), actual, tags: None }))
    }

    async fn create(&self, cx: &Cx<'_, Account>) -> Result<Self::Output> {
        let call = cx.organizations().enable_policy_type().root_id(self.root.get()?).policy_type(TYPE);
        call.send().await.edge()?;
        Ok(self.root.clone())
    }

    /// AWS enables it in the background (Organizations API reference, `EnablePolicyType`).
    async fn ready(_: &Self::Output, cx: &Cx<'_, Account>) -> Result<()> {
        if is_enabled(unit_tree::root(cx).await?.as_ref().as_ref()) {
            return Ok(());
        }
        // What is remembered is from before it was enabled.
        if is_enabled(unit_tree::fresh_root(cx).await?.as_ref()) {
            return Ok(());
        }
        cx.waiting("AWS to enable service control policies");
        Err(Error::new(Class::NotYet, "service control policies are still being enabled"))
    }
}

impl Permissions for PolicyType {
    const READS: &'static [Grant] = &[Grant::everywhere(&["organizations:ListRoots"])];
    const CHANGES: &'static [Grant] = &[Grant::everywhere(&["organizations:EnablePolicyType"])];
}

fn status(root: &Root) -> Option<PolicyTypeStatus> {
    root.policy_types().iter().find(|one| one.r#type() == Some(&TYPE)).and_then(|one| one.status().cloned())
}

fn is_enabled(root: Option<&Root>) -> bool {
    root.and_then(status) == Some(PolicyTypeStatus::Enabled)
}
