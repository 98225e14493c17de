//! What is read of a bucket: a call for each of its settings.

use aws_sdk_s3::types::{
    BucketVersioningStatus, ExpirationStatus, LifecycleRule, OwnershipControls, ServerSideEncryptionByDefault,
    ServerSideEncryptionConfiguration,
};
use engine::{Cx, Result, Tags};

use super::{Bucket, unless_missing};
use crate::Account;
use crate::edge::Edge;

/// A bucket and its tags; [`NotFound`](engine::Class::NotFound) if it is gone.
pub(super) async fn one(name: &str, cx: &Cx<'_, Account>) -> Result<(Bucket, Tags)> {
    let (tags, public_access_blocked, ownership, encryption, expires_after_days, versioned) = tokio::try_join!(
        tags(name, cx),
        public_access_blocked(name, cx),
        ownership(name, cx),
        encryption(name, cx),
        expires_after_days(name, cx),
        versioned(name, cx),
    )?;
    Ok((Bucket { expires_after_days, public_access_blocked, ownership, encryption, versioned }, tags))
}

/// A setting that a bucket may lack: each has a code of its own for that.
fn setting<T>(read: Result<T>) -> Result<Option<T>> {
    match read {
        Err(error) if error.code.as_deref() == Some("NoSuchBucket") => Err(error),
        read => unless_missing(read),
    }
}

/// Without those of AWS itself, which nobody else may set.
async fn tags(name: &str, cx: &Cx<'_, Account>) -> Result<Tags> {
    let answer = setting(cx.s3().get_bucket_tagging().bucket(name).send().await.edge())?;
    let all = answer.into_iter().flat_map(|answer| answer.tag_set);
    Ok(all.filter(|tag| !tag.key.starts_with("aws:")).map(|tag| (tag.key, tag.value)).collect())
}

async fn public_access_blocked(name: &str, cx: &Cx<'_, Account>) -> Result<bool> {
    let answer = setting(cx.s3().get_public_access_block().bucket(name).send().await.edge())?;
    let block = answer.and_then(|answer| answer.public_access_block_configuration);
    Ok(block.is_some_and(|block| {
        [block.block_public_acls, block.ignore_public_acls, block.block_public_policy, block.restrict_public_buckets]
            .iter()
            .all(|part| *part == Some(true))
    }))
}

/// Without a setting objects are the writer's (S3 user guide, "Controlling ownership of objects").
async fn ownership(name: &str, cx: &Cx<'_, Account>) -> Result<String> {
    let answer = setting(cx.s3().get_bucket_ownership_controls().bucket(name).send().await.edge())?;
    let controls = answer.and_then(|answer| answer.ownership_controls);
    let rule = controls.as_ref().map(OwnershipControls::rules).and_then(<[_]>::first);
    Ok(rule.map_or("ObjectWriter", |rule| rule.object_ownership().as_str()).to_owned())
}

async fn encryption(name: &str, cx: &Cx<'_, Account>) -> Result<String> {
    let answer = setting(cx.s3().get_bucket_encryption().bucket(name).send().await.edge())?;
    let configuration = answer.and_then(|answer| answer.server_side_encryption_configuration);
    let rule = configuration.as_ref().map(ServerSideEncryptionConfiguration::rules).and_then(<[_]>::first);
    let by_default = rule.and_then(|rule| rule.apply_server_side_encryption_by_default());
    Ok(by_default
        .map(ServerSideEncryptionByDefault::sse_algorithm)
        .map_or("none", |algorithm| algorithm.as_str())
        .into())
}

async fn expires_after_days(name: &str, cx: &Cx<'_, Account>) -> Result<Option<i32>> {
    let answer = setting(cx.s3().get_bucket_lifecycle_configuration().bucket(name).send().await.edge())?;
    let rules = answer.and_then(|answer| answer.rules).unwrap_or_default();
    Ok(match rules.as_slice() {
        [] => None,
        [rule] => Some(days(rule).unwrap_or_default()),
        _ => Some(0),
    })
}

/// After how many days a rule deletes everything; none of a rule of another shape.
fn days(rule: &LifecycleRule) -> Option<i32> {
    let is_about_all = rule.filter().is_some_and(|filter| {
        filter.prefix().is_none_or(str::is_empty)
            && filter.tag().is_none()
            && filter.and().is_none()
            && filter.object_size_greater_than().is_none()
            && filter.object_size_less_than().is_none()
    });
    let is_plain = rule.transitions().is_empty() && rule.noncurrent_version_expiration().is_none();
    let is_ours = is_about_all && is_plain && *rule.status() == ExpirationStatus::Enabled;
    rule.expiration().filter(|_| is_ours)?.days()
}

/// Not if it was so once, and new versions are kept no more.
async fn versioned(name: &str, cx: &Cx<'_, Account>) -> Result<bool> {
    let answer = cx.s3().get_bucket_versioning().bucket(name).send().await.edge()?;
    Ok(answer.status == Some(BucketVersioningStatus::Enabled))
}
