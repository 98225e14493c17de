//! Nothing in the account's S3 is public, whatever a bucket's own policy or ACL says.

use aws_sdk_s3control::types::PublicAccessBlockConfiguration;
use engine::{Cx, Found, Nature, Resource, Result};
use serde::Serialize;

use crate::edge::Edge;
use crate::inventory::list;
use crate::{Account, Grant, Permissions};

/// The account's S3 Block Public Access (Amazon S3 user guide, "Blocking public access to your Amazon S3 storage").
/// An account without a configuration has all four off.
#[derive(Clone, Copy, Debug, Default, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "S3's own switches")]
pub struct S3PublicAccessBlock {
    /// ACLs that would make something public are refused.
    pub block_public_acls: bool,
    /// Those that are there already have no effect.
    pub ignore_public_acls: bool,
    /// Bucket policies that would make something public are refused.
    pub block_public_policy: bool,
    /// Buckets whose policy is public are open to the account itself and to AWS's services only.
    pub restrict_public_buckets: bool,
}

impl S3PublicAccessBlock {
    /// All four on.
    pub const ALL: Self = Self {
        block_public_acls: true,
        ignore_public_acls: true,
        block_public_policy: true,
        restrict_public_buckets: true,
    };
}

impl Permissions for S3PublicAccessBlock {
    const READS: &'static [Grant] = &[Grant::everywhere(&["s3:GetAccountPublicAccessBlock"])];
    const CHANGES: &'static [Grant] = &[Grant::everywhere(&["s3:PutAccountPublicAccessBlock"])];
}

impl Resource for S3PublicAccessBlock {
    const KIND: &'static str = "s3-public-access-block";
    const NATURE: Nature = Nature::Setting;
    type Cloud = Account;
    type Output = ();

    async fn find(&self, cx: &Cx<'_, Account>) -> Result<Option<Found<Self>>> {
        let actual = list(cx, Self::KIND, async {
            let answer = cx.s3_control().get_public_access_block().account_id(cx.id()).send().await.edge();
            match answer {
                Ok(answer) => Ok(answer.public_access_block_configuration().map(actual).unwrap_or_default()),
                Err(error) if error.code.as_deref() == Some("NoSuchPublicAccessBlockConfiguration") => {
                    Ok(Self::default())
                }
                Err(error) => Err(error),
            }
        });
        Ok(Some(Found { output: (), actual: *actual.await?, tags: None }))
    }

    async fn update(&self, _: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let configuration = PublicAccessBlockConfiguration::builder()
            .block_public_acls(self.block_public_acls)
            .ignore_public_acls(self.ignore_public_acls)
            .block_public_policy(self.block_public_policy)
            .restrict_public_buckets(self.restrict_public_buckets)
            .build();
        let call = cx.s3_control().put_public_access_block().account_id(cx.id());
        call.public_access_block_configuration(configuration).send().await.edge()?;
        Ok(())
    }
}

fn actual(found: &PublicAccessBlockConfiguration) -> S3PublicAccessBlock {
    S3PublicAccessBlock {
        block_public_acls: found.block_public_acls.unwrap_or_default(),
        ignore_public_acls: found.ignore_public_acls.unwrap_or_default(),
        block_public_policy: found.block_public_policy.unwrap_or_default(),
        restrict_public_buckets: found.restrict_public_buckets.unwrap_or_default(),
    }
}
