//! What the kinds of ECS share: tags, and the account's clusters, from one list.

use std::sync::Arc;

use aws_sdk_ecs::types::{Cluster, ClusterField, Tag};
use engine::{Class, Cx, Error, Result, Tags};
use futures_util::FutureExt;
use futures_util::future::try_join_all;

use crate::edge::Edge;
use crate::inventory::list;
use crate::{Account, FLEET_TAG, KEY_TAG};

/// ECS API reference, `DescribeClusters`, `clusters`: "a list of up to 100 cluster names or full cluster ARN entries".
const CLUSTERS: usize = 100;

/// Tags as ECS reports them. Those that AWS itself sets are not ours to compare.
pub(super) fn tags_of(tags: &[Tag]) -> Tags {
    let pairs = tags.iter().filter_map(|tag| Some((tag.key()?.to_owned(), tag.value().unwrap_or_default().to_owned())));
    pairs.filter(|(key, _)| !key.starts_with("aws:")).collect()
}

/// Tags for a call of ECS.
pub(super) fn tags_to(tags: &Tags) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
}

/// Sets tags on a cluster, service or task definition.
pub(super) async fn tag(arn: &str, tags: &Tags, cx: &Cx<'_, Account>) -> Result<()> {
    cx.ecs().tag_resource().resource_arn(arn).set_tags(Some(tags_to(tags))).send().await.edge().map(drop)
}

/// The clusters of the account and region. Those that are deleted are listed for a while, and are left out (ECS API
/// reference, `Cluster`, `status`).
pub(super) async fn clusters(cx: &Cx<'_, Account>) -> Result<Arc<Vec<Cluster>>> {
    list(cx, "ecs-clusters", async {
        let arns = cx.ecs().list_clusters().into_paginator().items().send();
        let arns: Vec<String> = arns.try_collect().await.edge()?;
        let described = arns.chunks(CLUSTERS).map(|some| {
            let fields = [ClusterField::Configurations, ClusterField::Settings, ClusterField::Tags];
            let call = cx.ecs().describe_clusters().set_clusters(Some(some.to_vec()));
            let call = call.set_include(Some(fields.to_vec()));
            async move { call.send().await.edge() }.boxed()
        });
        let all = try_join_all(described).await?.into_iter().flat_map(|answer| answer.clusters.unwrap_or_default());
        Ok(all.filter(|cluster| !matches!(cluster.status(), Some("INACTIVE" | "DEPROVISIONING"))).collect())
    })
    .await
}

/// Why a name cannot be used: something of that name is there. It may be what was made a moment ago.
pub(super) fn taken(what: &str, tags: &Tags, cx: &Cx<'_, Account>) -> Error {
    if cx.owner(tags).as_ref() == Some(cx.key) {
        return Error::new(Class::NotYet, format!("the {what} was made a moment ago"));
    }
    let whose = match (tags.get(FLEET_TAG), tags.get(KEY_TAG)) {
        (Some(fleet), Some(key)) => format!("belongs to {key} of fleet {fleet}"),
        _ => "was made by somebody else".to_owned(),
    };
    Error::new(Class::Invalid, format!("the {what} of account {} {whose}, and {} is called so too", cx.id(), cx.key))
        .hint(format!(
            "delete it or give one of the two another name; to have it taken over, give it the tags {FLEET_TAG} = {} and \
             {KEY_TAG} = {}; then run again",
            cx.fleet(),
            cx.key
        ))
}

/// What the SDK did not put together.
pub(super) fn unbuilt(error: impl std::fmt::Display) -> Error {
    Error::new(Class::Invalid, format!("a call of ECS: {error}"))
}
