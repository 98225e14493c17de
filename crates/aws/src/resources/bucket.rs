//! Where files are kept that services write, such as the access logs of load balancers.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_sdk_s3::operation::list_buckets::ListBucketsOutput;
use aws_sdk_s3::types::{
    Bucket as S3Bucket, BucketLifecycleConfiguration, BucketLocationConstraint, BucketVersioningStatus,
    CreateBucketConfiguration, ExpirationStatus, LifecycleExpiration, LifecycleRule, LifecycleRuleFilter,
    OwnershipControls, OwnershipControlsRule, PublicAccessBlockConfiguration, ServerSideEncryptionByDefault,
    ServerSideEncryptionConfiguration, ServerSideEncryptionRule, Tag, Tagging, VersioningConfiguration,
};
use engine::{Class, Cx, Error, Found, Id, Key, Resource, Result, Tags};
use futures_util::future;
use serde::Serialize;

use super::{bucket_contents, bucket_reads, unless_missing};
use crate::edge::Edge;
use crate::inventory::list;
use crate::{Account, FLEET_TAG, Grant, KEY_TAG, Permissions};

/// A bucket of the scope's region. Names of buckets are unique in all of AWS, so that of a node is derived from all that
/// tells it from others, see [`Bucket::name`]; it is known by that name, and its tags say whose it is.
#[derive(Clone, Debug, Serialize)]
pub struct Bucket {
    /// After how many days what is in it is deleted; none is never. 0 stands for lifecycle rules of another shape, which
    /// somebody else made.
    pub expires_after_days: Option<i32>,
    /// Whether all four parts of S3 Block Public Access are on.
    pub public_access_blocked: bool,
    /// Whose the objects are: with `BucketOwnerEnforced` there are no ACLs (S3 API reference, `OwnershipControlsRule`).
    pub ownership: String,
    /// What objects are encrypted with: `AES256` is S3's own key, the only one with which load balancers write their logs
    /// (Elastic Load Balancing user guide, "Enable access logs for your Application Load Balancer").
    pub encryption: String,
    /// Whether versions of objects are kept that were replaced or deleted.
    pub versioned: bool,
}

impl Bucket {
    /// A bucket that only those get at whom its policy lets.
    pub fn private(expires_after_days: Option<i32>) -> Self {
        Self {
            expires_after_days,
            public_access_blocked: true,
            ownership: "BucketOwnerEnforced".into(),
            encryption: "AES256".into(),
            versioned: false,
        }
    }

    /// The name of the bucket of a node, `<fleet>-<scope>-<node>-<account id>`; S3 takes 63 characters.
    pub fn name(fleet: &str, scope: &str, node: &str, account: &str) -> String {
        format!("{}{node}{}", prefix(fleet, scope), suffix(account))
    }
}

fn prefix(fleet: &str, scope: &str) -> String {
    format!("{fleet}-{scope}-")
}

fn suffix(account: &str) -> String {
    format!("-{account}")
}

/// S3 user guide, "General purpose bucket naming rules".
const LONGEST_NAME: usize = 63;

impl Resource for Bucket {
    const KIND: &'static str = "bucket";
    type Cloud = Account;
    /// The bucket's name.
    type Output = Id<Self>;

    async fn owned(cx: &Cx<'_, Account>) -> Result<Vec<(Key, Found<Self>)>> {
        let all = all(cx).await?;
        let owned = all.iter().filter_map(|(name, (actual, tags))| {
            let key = cx.owner(tags).filter(|key| key.kind == Self::KIND)?;
            Some((key, found(name, actual, tags)))
        });
        Ok(owned.collect())
    }

    async fn find(&self, cx: &Cx<'_, Account>) -> Result<Option<Found<Self>>> {
        let name = own_name(cx)?;
        let all = all(cx).await?;
        let Some((actual, tags)) = all.get(&name) else { return Ok(None) };
        is_free(&name, tags, cx)?;
        Ok(Some(found(&name, actual, tags)))
    }

    async fn create(&self, cx: &Cx<'_, Account>) -> Result<Id<Self>> {
        let name = own_name(cx)?;
        let configuration = CreateBucketConfiguration::builder().set_tags(Some(to_sdk(cx.tags)?));
        // Its first region is no constraint to S3 (S3 API reference, `CreateBucketConfiguration`).
        let region = Some(cx.region()).filter(|region| *region != "us-east-1").map(BucketLocationConstraint::from);
        let configuration = configuration.set_location_constraint(region).build();
        let call = cx.s3().create_bucket().bucket(&name).create_bucket_configuration(configuration);
        // A second one of this name is refused, so it may be repeated.
        call.send().await.edge().map_err(|error| taken(error, &name))?;
        // A run that is killed here leaves a bucket that differs, which the next run mends. A new one is closed by itself.
        cx.follow_up(|| Box::pin(self.settle(&name, None, cx))).await?;
        Ok(Id::new(name))
    }

    async fn update(&self, found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        self.settle(found.output.get()?, Some(&found.actual), cx).await
    }

    /// The call replaces all tags, so those of others are set again.
    async fn tag(found: &Found<Self>, tags: &Tags, cx: &Cx<'_, Account>) -> Result<()> {
        let all: Tags =
            found.tags.iter().flatten().chain(tags).map(|(key, value)| (key.clone(), value.clone())).collect();
        let tagging = Tagging::builder().set_tag_set(Some(to_sdk(&all)?)).build().map_err(unbuilt)?;
        cx.s3().put_bucket_tagging().bucket(found.output.get()?).tagging(tagging).send().await.edge().map(drop)
    }

    async fn delete(found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let name = found.output.get()?;
        let delete = || async { cx.s3().delete_bucket().bucket(name).send().await.edge().map(drop) };
        let is_full = |error: &Error| error.code.as_deref() == Some("BucketNotEmpty");
        match delete().await {
            Err(error) if is_full(&error) && cx.losses().data => {
                bucket_contents::delete(name, cx).await?;
                // Somebody may still write into it: then it is emptied once more.
                delete()
                    .await
                    .map_err(|error| if is_full(&error) { Error { class: Class::InUse, ..error } } else { error })
            }
            Err(error) if is_full(&error) => Err(error.hint(format!(
                "what is in a bucket is not deleted unless that is said: copy what is needed (`aws s3 cp --recursive \
                 s3://{name} FOLDER`), and run again with --delete-data"
            ))),
            deleted => deleted,
        }
    }
}

impl Permissions for Bucket {
    const READS: &'static [Grant] = &[
        Grant::everywhere(&["s3:ListAllMyBuckets"]),
        Grant::on(
            BUCKETS,
            &[
                "s3:GetBucketOwnershipControls",
                "s3:GetBucketPublicAccessBlock",
                "s3:GetBucketTagging",
                "s3:GetBucketVersioning",
                "s3:GetEncryptionConfiguration",
                "s3:GetLifecycleConfiguration",
            ],
        ),
    ];
    const CHANGES: &'static [Grant] = &[
        Grant::on(
            BUCKETS,
            &[
                "s3:CreateBucket",
                "s3:DeleteBucket",
                "s3:ListBucketVersions",
                "s3:PutBucketOwnershipControls",
                "s3:PutBucketPublicAccessBlock",
                "s3:PutBucketTagging",
                "s3:PutBucketVersioning",
                "s3:PutEncryptionConfiguration",
                "s3:PutLifecycleConfiguration",
                "s3:TagResource",
            ],
        ),
        Grant::on(&["arn:aws:s3:::{fleet}-*-{account}/*"], &["s3:DeleteObject", "s3:DeleteObjectVersion"]),
    ];
}

/// Those that are called as ours are: some of AWS's own have the account at their ends too. The ARN of a bucket has no account
/// in it.
pub(super) const BUCKETS: &[&str] = &["arn:aws:s3:::{fleet}-*-{account}"];

impl Bucket {
    /// Sets what differs; all of it, if nothing is known of what is there.
    async fn settle(&self, name: &str, actual: Option<&Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let s3 = cx.s3();
        if actual.map(|actual| actual.public_access_blocked) != Some(self.public_access_blocked) {
            let all = Some(self.public_access_blocked);
            let block =
                PublicAccessBlockConfiguration::builder().set_block_public_acls(all).set_ignore_public_acls(all);
            let block = block.set_block_public_policy(all).set_restrict_public_buckets(all).build();
            let call = s3.put_public_access_block().bucket(name).public_access_block_configuration(block);
            call.send().await.edge()?;
        }
        if actual.map(|actual| actual.ownership.as_str()) != Some(&self.ownership) {
            let rule = OwnershipControlsRule::builder().object_ownership(self.ownership.as_str().into()).build();
            let controls = OwnershipControls::builder().rules(rule.map_err(unbuilt)?).build().map_err(unbuilt)?;
            s3.put_bucket_ownership_controls().bucket(name).ownership_controls(controls).send().await.edge()?;
        }
        if actual.map(|actual| actual.encryption.as_str()) != Some(&self.encryption) {
            let by_default = ServerSideEncryptionByDefault::builder().sse_algorithm(self.encryption.as_str().into());
            let rule = ServerSideEncryptionRule::builder()
                .apply_server_side_encryption_by_default(by_default.build().map_err(unbuilt)?);
            let encryption = ServerSideEncryptionConfiguration::builder().rules(rule.build()).build();
            let call = s3.put_bucket_encryption().bucket(name);
            call.server_side_encryption_configuration(encryption.map_err(unbuilt)?).send().await.edge()?;
        }
        // A new bucket has never had versions.
        if actual.is_some_and(|actual| actual.versioned) != self.versioned {
            let status =
                if self.versioned { BucketVersioningStatus::Enabled } else { BucketVersioningStatus::Suspended };
            let versioning = VersioningConfiguration::builder().status(status).build();
            s3.put_bucket_versioning().bucket(name).versioning_configuration(versioning).send().await.edge()?;
        }
        match self.expires_after_days {
            days if days == actual.and_then(|actual| actual.expires_after_days) => Ok(()),
            Some(days) => expire(name, days, cx).await,
            None => s3.delete_bucket_lifecycle().bucket(name).send().await.edge().map(drop),
        }
    }
}

async fn expire(name: &str, days: i32, cx: &Cx<'_, Account>) -> Result<()> {
    let rule = LifecycleRule::builder().id("expire").status(ExpirationStatus::Enabled);
    let rule = rule.filter(LifecycleRuleFilter::builder().prefix("").build());
    let rule = rule.expiration(LifecycleExpiration::builder().days(days).build()).build().map_err(unbuilt)?;
    let lifecycle = BucketLifecycleConfiguration::builder().rules(rule).build().map_err(unbuilt)?;
    let call = cx.s3().put_bucket_lifecycle_configuration().bucket(name);
    call.lifecycle_configuration(lifecycle).send().await.edge().map(drop)
}

/// The name that this node's bucket has.
fn own_name(cx: &Cx<'_, Account>) -> Result<String> {
    let name = Bucket::name(cx.fleet(), cx.scope(), &cx.key.name, cx.id());
    if name.len() <= LONGEST_NAME {
        return Ok(name);
    }
    let message = format!("the bucket would be called {name}, and S3 takes {LONGEST_NAME} characters");
    Err(Error::new(Class::Invalid, message).hint("give the fleet or the account a shorter name"))
}

/// Every bucket that is called as those of this scope are, with its tags. No list has more than names, so each is asked.
async fn all(cx: &Cx<'_, Account>) -> Result<Arc<BTreeMap<String, (Bucket, Tags)>>> {
    list(cx, "buckets", async {
        let (prefix, suffix) = (prefix(cx.fleet(), cx.scope()), suffix(cx.id()));
        let pages = cx.s3().list_buckets().prefix(&prefix).into_paginator().send();
        let pages = pages.try_collect().await.edge()?;
        let names = pages.iter().flat_map(ListBucketsOutput::buckets).filter_map(S3Bucket::name);
        let ours = names.filter(|name| name.starts_with(&prefix) && name.ends_with(&suffix));
        let read = ours.map(|name| async move {
            // It may be gone, and still be listed.
            let read = unless_missing(Box::pin(bucket_reads::one(name, cx)).await)?;
            Ok::<_, Error>(read.map(|read| (name.to_owned(), read)))
        });
        Ok(future::try_join_all(read).await?.into_iter().flatten().collect())
    })
    .await
}

fn found(name: &str, actual: &Bucket, tags: &Tags) -> Found<Bucket> {
    Found { output: Id::new(name), actual: actual.clone(), tags: Some(tags.clone()) }
}

/// Whether the bucket of this name is nobody's, or this node's.
fn is_free(name: &str, tags: &Tags, cx: &Cx<'_, Account>) -> Result<()> {
    if super::is_free(tags, cx) {
        return Ok(());
    }
    let message = format!("the bucket {name} has the tags of another node, and {} is called so", cx.key);
    Err(Error::new(Class::Invalid, message).hint(format!(
        "if nothing else looks after it any more, remove its tags {FLEET_TAG} and {KEY_TAG}, and run again"
    )))
}

fn taken(error: Error, name: &str) -> Error {
    match error.code.as_deref() {
        Some("BucketAlreadyExists") => error.hint(format!(
            "names of buckets are unique in all of AWS, and {name} is one of another account: give the fleet or the \
             account another name"
        )),
        Some("BucketAlreadyOwnedByYou") => {
            error.hint(format!("{name} may be in another region: look there, and delete it if it is not needed"))
        }
        _ => error,
    }
}

fn to_sdk(tags: &Tags) -> Result<Vec<Tag>> {
    tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build().map_err(unbuilt)).collect()
}

pub(super) fn unbuilt(error: impl std::fmt::Display) -> Error {
    Error::new(Class::Invalid, format!("a bucket: {error}"))
}
