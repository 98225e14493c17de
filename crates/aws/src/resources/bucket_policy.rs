//! Who may write into a bucket, and read it.

use std::collections::BTreeMap;
use std::sync::Arc;

use engine::{Cx, Found, Id, Key, Resource, Result};
use futures_util::future;
use policy::Kind;
use serde::Serialize;

use super::bucket::BUCKETS;
use super::{Bucket, policy_size, unless_missing};
use crate::edge::Edge;
use crate::inventory::list;
use crate::{Account, Grant, Permissions, PolicyDocument};

/// The policy of a bucket, whose node is called as its own. It takes no tags: it is ours where the bucket is.
#[derive(Debug, Serialize)]
pub struct BucketPolicy {
    /// The bucket.
    #[serde(skip)]
    pub bucket: Id<Bucket>,
    /// What it allows.
    pub document: PolicyDocument,
}

impl Resource for BucketPolicy {
    const KIND: &'static str = "bucket-policy";
    const TAGGED: bool = false;
    type Cloud = Account;
    /// The bucket, which has the policy.
    type Output = Id<Bucket>;

    fn check(&self, key: &Key) -> Result<Option<String>> {
        policy_size::check(&self.document, Kind::Bucket, policy_size::FEWER, key)
    }

    async fn owned(cx: &Cx<'_, Account>) -> Result<Vec<(Key, Found<Self>)>> {
        let all = all(cx).await?;
        let key = |node: &String| Key::new(cx.scope(), Self::KIND, node.as_str());
        Ok(all.iter().map(|(node, (bucket, document))| (key(node), found(bucket, document))).collect())
    }

    async fn find(&self, cx: &Cx<'_, Account>) -> Result<Option<Found<Self>>> {
        let all = all(cx).await?;
        Ok(all.get(&cx.key.name).map(|(bucket, document)| found(bucket, document)))
    }

    async fn create(&self, cx: &Cx<'_, Account>) -> Result<Self::Output> {
        self.put(cx).await?;
        Ok(self.bucket.clone())
    }

    async fn update(&self, _: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        self.put(cx).await
    }

    async fn delete(found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        cx.s3().delete_bucket_policy().bucket(found.output.get()?).send().await.edge().map(drop)
    }
}

impl Permissions for BucketPolicy {
    const READS: &'static [Grant] = &[Grant::on(BUCKETS, &["s3:GetBucketPolicy"])];
    const CHANGES: &'static [Grant] = &[Grant::on(BUCKETS, &["s3:DeleteBucketPolicy", "s3:PutBucketPolicy"])];
}

impl BucketPolicy {
    async fn put(&self, cx: &Cx<'_, Account>) -> Result<()> {
        let call = cx.s3().put_bucket_policy().bucket(self.bucket.get()?);
        call.policy(self.document.to_string()).send().await.edge().map(drop)
    }
}

fn found(bucket: &Id<Bucket>, document: &PolicyDocument) -> Found<BucketPolicy> {
    let actual = BucketPolicy { bucket: bucket.clone(), document: document.clone() };
    Found { output: bucket.clone(), actual, tags: None }
}

/// The policies of our buckets, by the bucket's node: a call for each.
async fn all(cx: &Cx<'_, Account>) -> Result<Arc<BTreeMap<String, (Id<Bucket>, PolicyDocument)>>> {
    list(cx, BucketPolicy::KIND, async {
        let ours = Bucket::owned(cx).await?.into_iter().map(|(key, found)| async move {
            let answer = cx.s3().get_bucket_policy().bucket(found.output.get()?).send().await.edge();
            let text = unless_missing(answer)?.and_then(|answer| answer.policy);
            Ok::<_, engine::Error>(text.map(|text| (key.name, (found.output, PolicyDocument::read(&text)))))
        });
        Ok(future::try_join_all(ours).await?.into_iter().flatten().collect())
    })
    .await
}
