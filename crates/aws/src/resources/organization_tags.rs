//! The tags of everything in the organization, from one list: units, accounts and policies are listed without them.

use std::collections::HashMap;
use std::sync::Arc;

use aws_sdk_organizations::types::Tag;
use aws_sdk_resourcegroupstagging::types::{ResourceTagMapping, TagFilter};
use aws_types::region::Region;
use engine::{Class, Cx, Error, Result, Tags};

use super::confirmed;
use crate::edge::Edge;
use crate::inventory::{Asks, list};
use crate::{Account, FLEET_TAG};

/// Organizations is one service for all regions, and its tags are listed in this one alone (AWS general reference,
/// "AWS Organizations endpoints and quotas").
const REGION: &str = "us-east-1";

/// The kinds of ours that carry tags (Resource Groups and Tag Editor user guide, "Resources you can use").
const TYPES: [&str; 3] = ["organizations:account", "organizations:ou", "organizations:policy"];

/// The tags of what carries the fleet's, by id. It may be older than what Organizations itself says.
pub(super) async fn all(by: &impl Asks) -> Result<Arc<HashMap<String, Tags>>> {
    list(by, "organization-tags", async {
        let account = by.account();
        let of_fleet = TagFilter::builder().key(FLEET_TAG).values(account.fleet()).build();
        // A paginator takes no other configuration, and the account's client is one of the fleet's region.
        let config = account.tagging().config().to_builder().region(Region::new(REGION)).build();
        let client = aws_sdk_resourcegroupstagging::Client::from_conf(config);
        let call = client.get_resources().set_resource_type_filters(Some(TYPES.map(str::to_owned).to_vec()));
        let pages = call.tag_filters(of_fleet).resources_per_page(100).into_paginator().items();
        let all: Vec<ResourceTagMapping> = pages.send().try_collect().await.edge()?;
        Ok(all.iter().filter_map(tags_of).collect())
    })
    .await
}

/// The tags of an object that is ours; none when it is not. What the list says otherwise than the node wants, the object
/// itself is asked about, since the list is late.
pub(super) async fn of(id: &str, cx: &Cx<'_, Account>) -> Result<Option<Tags>> {
    let all = all(cx).await?;
    let Some(listed) = all.get(id) else { return Ok(None) };
    confirmed(Some(listed), cx, asked(id, cx)).await.map(Some)
}

/// The tags of an object as Organizations says them.
pub(super) async fn asked(id: &str, cx: &Cx<'_, Account>) -> Result<Tags> {
    let pages = cx.organizations().list_tags_for_resource().resource_id(id).into_paginator().items();
    let tags: Vec<Tag> = pages.send().try_collect().await.edge()?;
    Ok(tags.into_iter().map(|tag| (tag.key, tag.value)).collect())
}

/// Sets tags on an object that exists.
pub(super) async fn set(id: &str, tags: &Tags, cx: &Cx<'_, Account>) -> Result<()> {
    let call = cx.organizations().tag_resource().resource_id(id);
    call.set_tags(Some(to_sdk(tags)?)).send().await.edge().map(drop)
}

/// Tags for a call of Organizations.
pub(super) fn to_sdk(tags: &Tags) -> Result<Vec<Tag>> {
    let tags = tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build());
    tags.collect::<Result<_, _>>().map_err(|error| Error::new(Class::Invalid, format!("tags: {error}")))
}

/// The id is the last part of the ARN, such as `arn:aws:organizations::111122223333:ou/o-a1b2/ou-c3d4-e5f6` (Service
/// authorization reference, "Actions, resources, and condition keys for AWS Organizations").
fn tags_of(one: &ResourceTagMapping) -> Option<(String, Tags)> {
    let id = one.resource_arn()?.rsplit('/').next()?.to_owned();
    let tags = one.tags().iter().map(|tag| (tag.key().to_owned(), tag.value().to_owned()));
    Some((id, tags.collect()))
}
