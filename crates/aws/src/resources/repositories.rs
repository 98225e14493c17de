//! What the kinds of ECR share: the account's repositories and their tags, from one list each.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_sdk_ecr::types::{Repository, Tag};
use engine::{Class, Cx, Error, Id, Key, Resource, Result, Tags};

use super::{EcrRepository, account_tags};
use crate::Account;
use crate::edge::Edge;
use crate::inventory::list;

/// Every repository of the account and region, by name.
pub(super) async fn all(cx: &Cx<'_, Account>) -> Result<Arc<BTreeMap<String, Repository>>> {
    list(cx, "repositories", async {
        let call = cx.ecr().describe_repositories().max_results(1000);
        let all: Vec<Repository> = call.into_paginator().items().send().try_collect().await.edge()?;
        Ok(all.into_iter().filter_map(|one| Some((one.repository_name.clone()?, one))).collect())
    })
    .await
}

/// The repositories that carry the key of a node of this scope, with their tags.
pub(super) async fn owned(cx: &Cx<'_, Account>) -> Result<Vec<(Key, Repository, Tags)>> {
    let all = all(cx).await?;
    // There is nothing to ask for.
    if all.is_empty() {
        return Ok(Vec::new());
    }
    let tags = account_tags::all(cx).await?;
    let owned = all.values().filter_map(|repository| {
        let tags = tags.get(repository.repository_arn()?)?;
        let key = cx.owner(tags).filter(|key| key.kind == EcrRepository::KIND)?;
        Some((key, repository.clone(), tags.clone()))
    });
    Ok(owned.collect())
}

/// The tags of a repository as ECR says them.
pub(super) async fn asked(arn: &str, cx: &Cx<'_, Account>) -> Result<Tags> {
    let answer = cx.ecr().list_tags_for_resource().resource_arn(arn).send().await.edge()?;
    Ok(answer.tags.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value)).collect())
}

/// Tags for a call of ECR.
pub(super) fn tags_to(tags: &Tags) -> Result<Vec<Tag>> {
    let tags = tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build());
    tags.collect::<Result<_, _>>().map_err(|error| Error::new(Class::Invalid, format!("tags: {error}")))
}

/// The name of a repository, which its ARN ends in: `arn:aws:ecr:us-west-1:111122223333:repository/headless-cms/backend`
/// (Service authorization reference, "Amazon Elastic Container Registry").
pub(super) fn name_of(repository: &Id<EcrRepository>) -> Result<&str> {
    let arn = repository.get()?;
    Ok(arn.split_once(":repository/").map_or(arn, |(_, name)| name))
}
