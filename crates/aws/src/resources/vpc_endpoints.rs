//! What gateway and interface endpoints share: one list, and how they are made and deleted.

use std::sync::Arc;

use aws_sdk_ec2::operation::create_vpc_endpoint::builders::CreateVpcEndpointFluentBuilder;
use aws_sdk_ec2::types::{ResourceType, State, VpcEndpoint, VpcEndpointType};
use engine::{Cx, Found, Id, Key, Resource, Result};
use futures_util::FutureExt;

use super::{creation, ec2};
use crate::edge::Edge;
use crate::inventory::list;
use crate::{Account, Grant};

/// What finding them takes.
pub(super) const READS: &[Grant] = &[Grant::everywhere(&["ec2:DescribeVpcEndpoints"])];

/// What making, changing and deleting them takes.
pub(super) const CHANGES: Grant =
    Grant::everywhere(&["ec2:CreateTags", "ec2:CreateVpcEndpoint", "ec2:DeleteVpcEndpoints", "ec2:ModifyVpcEndpoint"]);

/// Every endpoint of the fleet, of both types.
async fn all(cx: &Cx<'_, Account>) -> Result<Arc<Vec<VpcEndpoint>>> {
    list(cx, "vpc-endpoints", async {
        let call = cx.ec2().describe_vpc_endpoints().filters(ec2::ours(cx));
        call.into_paginator().items().send().try_collect().await.edge()
    })
    .await
}

/// Those of a kind that there are.
pub(super) async fn owned<R: Resource<Output = Id<R>>>(
    cx: &Cx<'_, Account>,
    actual: impl Fn(&VpcEndpoint) -> R,
) -> Result<Vec<(Key, Found<R>)>> {
    let all = all(cx).await?;
    let alive = all.iter().filter(|endpoint| is_alive(endpoint));
    let owned =
        alive.filter_map(|endpoint| ec2::owned(cx, endpoint.vpc_endpoint_id(), endpoint.tags(), || actual(endpoint)));
    Ok(owned.collect())
}

/// One endpoint by its id, fresh.
pub(super) async fn one<R: Resource>(id: &Id<R>, cx: &Cx<'_, Account>) -> Result<Option<VpcEndpoint>> {
    let answer = cx.ec2().describe_vpc_endpoints().vpc_endpoint_ids(id.get()?).send().await.edge()?;
    Ok(answer.vpc_endpoints.unwrap_or_default().pop())
}

/// The API answers in lower case, whatever the case of its reference (EC2 API reference, `VpcEndpoint`).
pub(super) fn state(endpoint: &VpcEndpoint) -> String {
    endpoint.state().map(State::as_str).unwrap_or_default().to_lowercase()
}

fn is_alive(endpoint: &VpcEndpoint) -> bool {
    !["deleting", "deleted", "failed", "expired", "rejected"].contains(&state(endpoint).as_str())
}

/// Makes one in a network; `call` says the rest, and `parameters` are what it says.
pub(super) async fn create<R: Resource>(
    kind: VpcEndpointType,
    parameters: &[&str],
    cx: &Cx<'_, Account>,
    call: impl Fn(CreateVpcEndpointFluentBuilder) -> CreateVpcEndpointFluentBuilder + Send + Sync,
) -> Result<Id<R>> {
    let create = |token| {
        let new = cx.ec2().create_vpc_endpoint().client_token(token).vpc_endpoint_type(kind.clone());
        let call = call(new).tag_specifications(ec2::tagged(cx, ResourceType::VpcEndpoint));
        async move {
            let made = call.send().await.edge()?;
            ec2::id_of(made.vpc_endpoint().and_then(VpcEndpoint::vpc_endpoint_id))
        }
        .boxed()
    };
    let is_there = |id: Id<R>| async move { creation::listed(one(&id, cx).await?.as_slice(), is_alive) }.boxed();
    creation::with_token(cx, parameters, Vec::new(), create, is_there).await
}

/// Deletes one, and does not wait.
pub(super) async fn delete<R: Resource>(id: &Id<R>, cx: &Cx<'_, Account>) -> Result<()> {
    let answer = cx.ec2().delete_vpc_endpoints().vpc_endpoint_ids(id.get()?).send().await.edge()?;
    ec2::all_successful(answer.unsuccessful(), "ec2:DeleteVpcEndpoints")
}
