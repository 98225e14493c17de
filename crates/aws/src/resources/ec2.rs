//! What the EC2 kinds share: tags in the create call, tags afterwards, and the filter that lists what is ours.

use aws_sdk_ec2::types::{Filter, ResourceType, Tag, TagSpecification, UnsuccessfulItem};
use engine::{Class, Cx, Error, Found, Id, Key, Resource, Result, Tags};

use super::creation;
use crate::edge::{self, Edge};
use crate::{Account, FLEET_TAG};

/// The tags of an object as EC2 reports them. Tags that AWS itself sets are not ours to compare.
pub(super) fn tags_of(tags: &[Tag]) -> Tags {
    let pairs = tags.iter().filter_map(|tag| Some((tag.key()?.to_owned(), tag.value().unwrap_or_default().to_owned())));
    pairs.filter(|(key, _)| !key.starts_with("aws:")).collect()
}

fn tags_to(tags: &Tags) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
}

/// The node's tags, for its create call.
pub(super) fn tagged(cx: &Cx<'_, Account>, kind: ResourceType) -> TagSpecification {
    TagSpecification::builder().resource_type(kind).set_tags(Some(tags_to(cx.tags))).build()
}

/// Sets tags on an object that exists.
pub(super) async fn tag<R>(id: &Id<R>, tags: &Tags, cx: &Cx<'_, Account>) -> Result<()> {
    cx.ec2().create_tags().resources(id.get()?).set_tags(Some(tags_to(tags))).send().await.edge()?;
    Ok(())
}

/// Lists only what belongs to the fleet.
pub(super) fn ours(cx: &Cx<'_, Account>) -> Filter {
    filter(&format!("tag:{FLEET_TAG}"), cx.fleet())
}

pub(super) fn filter(name: &str, value: &str) -> Filter {
    Filter::builder().name(name).values(value).build()
}

/// One listed object, with its owner, if it is ours.
pub(super) fn owned<R: Resource<Output = Id<R>>>(
    cx: &Cx<'_, Account>,
    id: Option<&str>,
    tags: &[Tag],
    actual: impl FnOnce() -> R,
) -> Option<(Key, Found<R>)> {
    let tags = tags_of(tags);
    let key = cx.owner(&tags).filter(|key| key.kind == R::KIND)?;
    Some((key, Found { output: Id::new(id?), actual: actual(), tags: Some(tags) }))
}

/// The id in the answer to a create call.
pub(super) fn id_of<R: Resource>(id: Option<&str>) -> Result<Id<R>> {
    id.map(Id::new).ok_or_else(|| Error::new(Class::Other, format!("EC2 answered without the id of the {}", R::KIND)))
}

/// See [`creation::unless_done`].
pub(super) fn unless_done() -> aws_sdk_ec2::config::Builder {
    aws_sdk_ec2::config::Builder::new().retry_classifier(creation::unless_done())
}

/// Some calls answer with success and a list of what failed.
pub(super) fn all_successful(unsuccessful: &[UnsuccessfulItem], operation: &str) -> Result<()> {
    let Some(failed) = unsuccessful.first() else { return Ok(()) };
    let error = failed.error();
    let code = error.and_then(|error| error.code()).unwrap_or("Unknown");
    Err(edge::error_of(code, error.and_then(|error| error.message()), operation))
}
