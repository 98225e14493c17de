//! What calls to S3 need (service authorization reference, "Amazon S3"). Buckets have no account in their ARNs.

use crate::front::call::{Parameters, Request};
use crate::front::needs::Need;

/// The bucket, or the object in it; of many at once, any.
pub(super) fn object(request: &Request) -> String {
    let below = if request.call.operation == "DeleteObjects" { "/*" } else { "" };
    request.parameters.text("name").map_or_else(|| "*".to_owned(), |place| format!("arn:aws:s3:::{place}{below}"))
}

/// What the body says.
pub(super) fn complete(request: &Request, needs: &mut Vec<Need>) {
    let Parameters::Rest { body, .. } = &request.parameters else { return };
    let has = |tag: &[u8]| body.windows(tag.len()).any(|part| part == tag);
    if request.call.operation == "DeleteObjects" && has(b"<VersionId>") {
        needs.push(Need::new("s3:DeleteObjectVersion", object(request)));
    }
    // S3 API reference, `CreateBucketConfiguration`.
    if request.call.operation == "CreateBucket" && has(b"<Tags>") {
        needs.push(Need::new("s3:TagResource", object(request)));
    }
}
