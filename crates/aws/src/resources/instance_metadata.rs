//! How instances that say nothing about it offer their metadata, and with it the credentials of their role.

use aws_sdk_ec2::types::MetadataDefaultHttpTokensState;
use engine::{Cx, Found, Nature, Resource, Result};
use serde::Serialize;

use crate::edge::Edge;
use crate::inventory::list;
use crate::{Account, Grant, Permissions};

/// The account's defaults of the instance metadata service, of its region (EC2 API reference,
/// `ModifyInstanceMetadataDefaults`). What the account has no preference for is `None`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct InstanceMetadata {
    /// `required` is `IMDSv2` only: a request that somebody else makes an instance send does not get its credentials.
    pub http_tokens: Option<String>,
    /// Over how many hops an answer goes. Containers of an instance are one hop further away than the instance.
    pub http_put_response_hop_limit: Option<i32>,
}

impl Permissions for InstanceMetadata {
    const READS: &'static [Grant] = &[Grant::everywhere(&["ec2:GetInstanceMetadataDefaults"])];
    const CHANGES: &'static [Grant] = &[Grant::everywhere(&["ec2:ModifyInstanceMetadataDefaults"])];
}

impl Resource for InstanceMetadata {
    const KIND: &'static str = "instance-metadata";
    const NATURE: Nature = Nature::Setting;
    type Cloud = Account;
    type Output = ();

    async fn find(&self, cx: &Cx<'_, Account>) -> Result<Option<Found<Self>>> {
        let actual = list(cx, Self::KIND, async {
            let answer = cx.ec2().get_instance_metadata_defaults().send().await.edge()?;
            let Some(defaults) = answer.account_level else { return Ok(Self::default()) };
            Ok(Self {
                http_tokens: defaults.http_tokens.map(|tokens| tokens.as_str().to_owned()),
                http_put_response_hop_limit: defaults.http_put_response_hop_limit.filter(|limit| *limit > 0),
            })
        });
        Ok(Some(Found { output: (), actual: Self::clone(&*actual.await?), tags: None }))
    }

    async fn update(&self, _: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let tokens = self.http_tokens.as_deref().map_or(MetadataDefaultHttpTokensState::NoPreference, Into::into);
        let call = cx.ec2().modify_instance_metadata_defaults().http_tokens(tokens);
        call.http_put_response_hop_limit(self.http_put_response_hop_limit.unwrap_or(NO_PREFERENCE))
            .send()
            .await
            .edge()?;
        Ok(())
    }
}

/// EC2 API reference, `ModifyInstanceMetadataDefaults`, `HttpPutResponseHopLimit`.
const NO_PREFERENCE: i32 = -1;
