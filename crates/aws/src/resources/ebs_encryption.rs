//! New volumes and copies of snapshots are encrypted, also when nobody asks for it.

use engine::{Cx, Found, Nature, Resource, Result};
use serde::Serialize;

use crate::edge::Edge;
use crate::inventory::list;
use crate::{Account, Grant, Permissions};

/// EBS encryption by default, of the account's region (Amazon EBS user guide, "Enable Amazon EBS encryption by
/// default"). With the key `aws/ebs` unless the account has chosen another, which is left alone.
#[derive(Debug, Serialize)]
pub struct EbsEncryption {
    /// Whether it is on.
    pub by_default: bool,
}

impl Permissions for EbsEncryption {
    const READS: &'static [Grant] = &[Grant::everywhere(&["ec2:GetEbsEncryptionByDefault"])];
    const CHANGES: &'static [Grant] =
        &[Grant::everywhere(&["ec2:EnableEbsEncryptionByDefault", "ec2:DisableEbsEncryptionByDefault"])];
}

impl Resource for EbsEncryption {
    const KIND: &'static str = "ebs-encryption";
    const NATURE: Nature = Nature::Setting;
    type Cloud = Account;
    type Output = ();

    async fn find(&self, cx: &Cx<'_, Account>) -> Result<Option<Found<Self>>> {
        let by_default = list(cx, Self::KIND, async {
            let answer = cx.ec2().get_ebs_encryption_by_default().send().await.edge()?;
            Ok(answer.ebs_encryption_by_default() == Some(true))
        });
        Ok(Some(Found { output: (), actual: Self { by_default: *by_default.await? }, tags: None }))
    }

    async fn update(&self, _: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        if self.by_default {
            cx.ec2().enable_ebs_encryption_by_default().send().await.edge()?;
        } else {
            cx.ec2().disable_ebs_encryption_by_default().send().await.edge()?;
        }
        Ok(())
    }
}
