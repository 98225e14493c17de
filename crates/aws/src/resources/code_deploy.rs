//! What the kinds of `CodeDeploy` share: tags, which its own lists leave out.

use aws_sdk_codedeploy::types::Tag;
use engine::{Cx, Result, Tags};

use super::unless_missing;
use crate::Account;
use crate::edge::Edge;

/// The tags of an application or group; none: it is gone. Those that AWS itself sets are not ours to compare.
pub(super) async fn tags_of(arn: &str, cx: &Cx<'_, Account>) -> Result<Option<Tags>> {
    let Some(answer) = unless_missing(cx.code_deploy().list_tags_for_resource().resource_arn(arn).send().await.edge())?
    else {
        return Ok(None);
    };
    let pairs = answer.tags.unwrap_or_default().into_iter();
    let tags = pairs.filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default())));
    Ok(Some(tags.filter(|(key, _)| !key.starts_with("aws:")).collect()))
}

/// Tags for a call.
pub(super) fn tags_to(tags: &Tags) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
}

/// Sets tags on an application or group.
pub(super) async fn tag(arn: &str, tags: &Tags, cx: &Cx<'_, Account>) -> Result<()> {
    let call = cx.code_deploy().tag_resource().resource_arn(arn).set_tags(Some(tags_to(tags)));
    call.send().await.edge().map(drop)
}

/// The ARN of an application, or of a group as `application/group` (`CodeDeploy` user guide, "Resources and operations").
pub(super) fn arn_of(kind: &str, name: &str, cx: &Cx<'_, Account>) -> String {
    format!("arn:aws:codedeploy:{}:{}:{kind}:{name}", cx.region(), cx.id())
}
