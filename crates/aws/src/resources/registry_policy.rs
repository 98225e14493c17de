//! Who may replicate into the registry.

use engine::{Cx, Found, Nature, Resource, Result};
use serde::Serialize;

use super::unless_missing;
use crate::edge::Edge;
use crate::inventory::list;
use crate::{Account, Grant, Permissions, PolicyDocument};

/// The permissions policy of the account's registry in its region (Amazon ECR user guide, "Private registry permissions").
#[derive(Clone, Debug, Serialize)]
pub struct RegistryPolicy {
    /// What other accounts may do; none: nothing.
    pub document: Option<PolicyDocument>,
}

impl Permissions for RegistryPolicy {
    const READS: &'static [Grant] = &[Grant::everywhere(&["ecr:GetRegistryPolicy"])];
    const CHANGES: &'static [Grant] = &[Grant::everywhere(&["ecr:DeleteRegistryPolicy", "ecr:PutRegistryPolicy"])];
}

impl Resource for RegistryPolicy {
    const KIND: &'static str = "registry-policy";
    const NATURE: Nature = Nature::Setting;
    type Cloud = Account;
    type Output = ();

    async fn find(&self, cx: &Cx<'_, Account>) -> Result<Option<Found<Self>>> {
        let actual = list(cx, Self::KIND, async {
            let answer = unless_missing(cx.ecr().get_registry_policy().send().await.edge())?;
            let text = answer.and_then(|answer| answer.policy_text);
            Ok(Self { document: text.as_deref().map(PolicyDocument::read) })
        });
        Ok(Some(Found { output: (), actual: Self::clone(&*actual.await?), tags: None }))
    }

    async fn update(&self, _: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        match &self.document {
            Some(document) => {
                cx.ecr().put_registry_policy().policy_text(document.to_string()).send().await.edge().map(drop)
            }
            // What is not found is gone: the engine looks again.
            None => cx.ecr().delete_registry_policy().send().await.edge().map(drop),
        }
    }
}
