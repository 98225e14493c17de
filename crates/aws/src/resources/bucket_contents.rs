//! What is in a bucket, when it is to go with it.

use aws_sdk_s3::types::{Delete, Error as Failed, ObjectIdentifier};
use engine::{Cx, Error, Result};

use super::bucket::unbuilt;
use crate::Account;
use crate::edge::{self, Edge};

/// Deletes every version of every object, and what stands for deleted ones: a page of a list has a thousand at most, which
/// is what a call deletes (S3 API reference, `ListObjectVersions`, `DeleteObjects`).
pub(super) async fn delete(bucket: &str, cx: &Cx<'_, Account>) -> Result<()> {
    let (mut deleted, mut key, mut version) = (0, None, None);
    loop {
        let call = cx.s3().list_object_versions().bucket(bucket);
        let page = call.set_key_marker(key).set_version_id_marker(version).send().await.edge()?;
        let versions = page.versions().iter().map(|one| (one.key(), one.version_id()));
        let markers = page.delete_markers().iter().map(|one| (one.key(), one.version_id()));
        let identifier = |(key, version): (Option<&str>, Option<&str>)| {
            let one = ObjectIdentifier::builder().key(key.unwrap_or_default());
            one.set_version_id(version.map(str::to_owned)).build().map_err(unbuilt)
        };
        let all: Vec<ObjectIdentifier> = versions.chain(markers).map(identifier).collect::<Result<_>>()?;
        if !all.is_empty() {
            deleted += all.len();
            let all = Delete::builder().set_objects(Some(all)).quiet(true).build().map_err(unbuilt)?;
            let answer = cx.s3().delete_objects().bucket(bucket).delete(all).send().await.edge()?;
            if let Some(failed) = answer.errors().first() {
                return Err(refused(failed));
            }
            cx.waiting(format!("the contents of {bucket} to be deleted: {deleted} so far"));
        }
        if page.is_truncated() != Some(true) {
            return Ok(());
        }
        (key, version) = (page.next_key_marker, page.next_version_id_marker);
    }
}

/// One of those that were not deleted, though the call was answered.
fn refused(failed: &Failed) -> Error {
    let error = edge::error_of(failed.code().unwrap_or("Unknown"), failed.message(), "s3:DeleteObjects");
    Error { message: format!("{}: {}", failed.key().unwrap_or_default(), error.message).into(), ..error }
}
