//! What calls to S3 need (service authorization reference, "Amazon S3"). Buckets have no account in their ARNs.

use crate::front::call::{Parameters, Request};
use crate::front::needs::Need;

/// The bucket, or the object in it.
pub(super) fn object(request: &Request) -> String {
    request.parameters.text("name").map_or_else(|| "*".to_owned(), |place| format!("arn:aws:s3:::{place}"))
}

/// What the body says.
pub(super) fn complete(request: &Request, needs: &mut Vec<Need>) {
    let Parameters::Rest { body, .. } = &request.parameters else { return };
    let has_tags = || body.windows(b"<Tags>".len()).any(|part| part == b"<Tags>");
    // S3 API reference, `CreateBucketConfiguration`.
    if request.call.operation == "CreateBucket" && has_tags() {
        needs.push(Need::new("s3:TagResource", object(request)));
    }
}
