//! The tags of what is ours in an account, for kinds whose own lists leave them out: one list for all of them.

use std::collections::HashMap;
use std::sync::Arc;

use aws_sdk_resourcegroupstagging::types::{ResourceTagMapping, TagFilter};
use engine::{Cx, Result, Tags};

use crate::edge::Edge;
use crate::inventory::list;
use crate::{Account, FLEET_TAG};

/// The kinds that need it (Resource Groups and Tag Editor user guide, "Resources you can use").
const TYPES: [&str; 7] = [
    "acm:certificate",
    "codedeploy:application",
    "codedeploy:deploymentgroup",
    "ecr:repository",
    "elasticloadbalancing:loadbalancer",
    "elasticloadbalancing:targetgroup",
    "kms:key",
];

/// The tags of what carries the fleet's, by ARN. The list is late, and it may have what is gone: a hint, no more.
pub(super) async fn all(cx: &Cx<'_, Account>) -> Result<Arc<HashMap<String, Tags>>> {
    list(cx, "account-tags", async {
        let of_fleet = TagFilter::builder().key(FLEET_TAG).values(cx.fleet()).build();
        let call = cx.tagging().get_resources().set_resource_type_filters(Some(TYPES.map(str::to_owned).to_vec()));
        let pages = call.tag_filters(of_fleet).resources_per_page(100).into_paginator().items();
        let all: Vec<ResourceTagMapping> = pages.send().try_collect().await.edge()?;
        Ok(all.iter().filter_map(|one| Some((one.resource_arn()?.to_owned(), tags_of(one)))).collect())
    })
    .await
}

fn tags_of(one: &ResourceTagMapping) -> Tags {
    one.tags().iter().map(|tag| (tag.key().to_owned(), tag.value().to_owned())).collect()
}
