//! What the kinds of RDS share: names and tags.

use aws_sdk_rds::types::Tag;
use engine::Tags;

/// What the names of groups of ours begin with.
const PREFIX: &str = "orgstrap-";

/// The name of a node's group. RDS keeps names in lower case (RDS API reference, `CreateDBSubnetGroup`,
/// `CreateDBParameterGroup`).
pub(super) fn group_name(node: &str) -> String {
    format!("{PREFIX}{}", node.to_lowercase())
}

/// The node whose group is called so.
pub(super) fn node_of(name: &str) -> Option<&str> {
    name.strip_prefix(PREFIX)
}

/// What a group says of itself.
pub(super) fn description(node: &str) -> String {
    format!("Made by orgstrap for {node}")
}

/// Tags that AWS itself sets are not ours to compare.
pub(super) fn tags_of(tags: &[Tag]) -> Tags {
    let pairs = tags.iter().filter_map(|tag| Some((tag.key()?.to_owned(), tag.value().unwrap_or_default().to_owned())));
    pairs.filter(|(key, _)| !key.starts_with("aws:")).collect()
}

/// Tags for a call.
pub(super) fn to_sdk(tags: &Tags) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
}
