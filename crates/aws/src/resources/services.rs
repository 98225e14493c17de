//! The account's services of ECS, from one list, and how they are described.

pub(super) mod parts;

use std::sync::Arc;

use aws_sdk_ecs::types::{Service, ServiceField};
use engine::{Class, Cx, Error, Id, Key, Resource, Result};
use futures_util::FutureExt;
use futures_util::future::try_join_all;

use super::EcsService;
use super::containers::{clusters, tags_of};
use crate::Account;
use crate::edge::Edge;
use crate::inventory::list;

/// ECS API reference, `DescribeServices`, `services`: "You may specify up to 10 services".
const SERVICES: usize = 10;

/// The services of every cluster. Those that are deleted, or are going, are left out (ECS API reference, `Service`,
/// `status`).
pub(super) async fn all(cx: &Cx<'_, Account>) -> Result<Arc<Vec<Service>>> {
    list(cx, "ecs-services", async {
        let clusters = clusters(cx).await?;
        let listed = clusters.iter().filter_map(|cluster| cluster.cluster_arn()).map(|cluster| of(cluster, cx).boxed());
        let all = try_join_all(listed).await?.into_iter().flatten();
        Ok(all.filter(|service| service.status() == Some("ACTIVE")).collect())
    })
    .await
}

async fn of(cluster: &str, cx: &Cx<'_, Account>) -> Result<Vec<Service>> {
    let arns = cx.ecs().list_services().cluster(cluster).into_paginator().items().send();
    let arns: Vec<String> = match arns.try_collect().await.edge() {
        // The cluster was deleted, which the list of clusters does not show yet.
        Err(error) if error.class == Class::NotFound => return Ok(Vec::new()),
        arns => arns?,
    };
    let described = arns.chunks(SERVICES).map(|some| {
        let call = cx.ecs().describe_services().cluster(cluster).set_services(Some(some.to_vec()));
        let call = call.include(ServiceField::Tags);
        async move { call.send().await.edge() }.boxed()
    });
    Ok(try_join_all(described).await?.into_iter().flat_map(|answer| answer.services.unwrap_or_default()).collect())
}

/// One service by its name or ARN, whatever state it is in.
pub(super) async fn one(cluster: &str, service: &str, cx: &Cx<'_, Account>) -> Result<Option<Service>> {
    let call = cx.ecs().describe_services().cluster(cluster).services(service).include(ServiceField::Tags);
    match call.send().await.edge() {
        Ok(answer) => Ok(answer.services.unwrap_or_default().pop()),
        Err(error) if error.class == Class::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The node that a service belongs to.
pub(super) fn owner(service: &Service, cx: &Cx<'_, Account>) -> Option<Key> {
    cx.owner(&tags_of(service.tags())).filter(|key| key.kind == EcsService::KIND)
}

/// The name of a service's cluster: `arn:aws:ecs:us-west-1:111122223333:service/main/backend` is in `main`.
pub(super) fn cluster_of(service: &str) -> &str {
    service.rsplit('/').nth(1).unwrap_or_default()
}

/// What autoscaling calls a service (Application Auto Scaling API reference, `RegisterScalableTarget`, `ResourceId`).
pub(super) fn resource_id(service: &Id<EcsService>) -> Result<String> {
    let arn = service.get()?;
    let (_, place) = arn
        .split_once(":service/")
        .ok_or_else(|| Error::new(Class::Invalid, format!("{arn} is not the ARN of a service in a cluster")))?;
    Ok(format!("service/{place}"))
}
