//! What the kinds of Cloud Map share: the account's namespaces, from one list, tags, and operations that take their time.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_servicediscovery::types::{
    NamespaceSummary, NamespaceType, Operation, OperationStatus, OperationTargetType, Tag,
};
use engine::{Class, Cx, Error, Key, Result, Tags};
use futures_util::FutureExt;
use futures_util::future::try_join_all;

use super::containers::taken;
use super::unless_missing;
use crate::Account;
use crate::edge::{Edge, error_of, unless_gone};
use crate::inventory::list;
use crate::wait::Wait;

const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// The namespaces of the account and region that are not public, with their tags, which are a call for each.
pub(super) async fn namespaces(cx: &Cx<'_, Account>) -> Result<Arc<Vec<(NamespaceSummary, Tags)>>> {
    list(cx, "namespaces", async {
        let pages = cx.service_discovery().list_namespaces().into_paginator().send();
        let pages: Vec<_> = pages.try_collect().await.edge()?;
        let all = pages.into_iter().flat_map(|page| page.namespaces.unwrap_or_default());
        let inside = all.filter(|namespace| namespace.r#type() != Some(&NamespaceType::DnsPublic));
        let tagged = inside.map(|namespace| {
            async move {
                let tags = tags_of(namespace.arn().unwrap_or_default(), cx).await?;
                // Without tags it was deleted, which the list does not show yet.
                Ok::<_, Error>(tags.map(|tags| (namespace, tags)))
            }
            .boxed()
        });
        Ok(try_join_all(tagged).await?.into_iter().flatten().collect())
    })
    .await
}

/// Those of a type that are a node's of this kind.
pub(super) async fn owned(
    kind: &str,
    is: NamespaceType,
    cx: &Cx<'_, Account>,
) -> Result<Vec<(Key, NamespaceSummary, Tags)>> {
    let all = namespaces(cx).await?;
    let ours = all.iter().filter_map(|(namespace, tags)| {
        let key = cx.owner(tags).filter(|key| key.kind == kind && namespace.r#type() == Some(&is))?;
        Some((key, namespace.clone(), tags.clone()))
    });
    Ok(ours.collect())
}

/// Says why the name of this node cannot be a namespace's, if something of that name and type is there.
pub(super) async fn is_free(is: NamespaceType, cx: &Cx<'_, Account>) -> Result<()> {
    let (all, name) = (namespaces(cx).await?, &cx.key.name);
    let other = all.iter().find(|(other, _)| other.name() == Some(name) && other.r#type() == Some(&is));
    other.map_or(Ok(()), |(_, tags)| Err(taken(&format!("namespace {name}"), tags, cx)))
}

/// The ARN of the namespace that an operation makes, once it has.
pub(super) async fn made(operation: Option<&str>, cx: &Cx<'_, Account>) -> Result<String> {
    let done = finished(operation, cx).await?;
    let id = done.targets().and_then(|targets| targets.get(&OperationTargetType::Namespace));
    let id = id.ok_or_else(|| Error::new(Class::Other, "Cloud Map answered without the namespace's id"))?;
    Ok(format!("arn:aws:servicediscovery:{}:{}:namespace/{id}", cx.region(), cx.id()))
}

/// Deletes a namespace.
pub(super) async fn delete(arn: &str, cx: &Cx<'_, Account>) -> Result<()> {
    let begun = cx.service_discovery().delete_namespace().id(id_of(arn)).send().await.edge()?;
    unless_gone(finished(begun.operation_id(), cx).await.map(drop))
}

/// The tags of a namespace or service; none: it is gone.
pub(super) async fn tags_of(arn: &str, cx: &Cx<'_, Account>) -> Result<Option<Tags>> {
    let call = cx.service_discovery().list_tags_for_resource().resource_arn(arn);
    let answer = unless_missing(call.send().await.edge())?;
    let tags = |tags: &[Tag]| tags.iter().map(|tag| (tag.key().to_owned(), tag.value().to_owned())).collect();
    Ok(answer.map(|answer| tags(answer.tags())))
}

/// Tags for a call.
pub(super) fn tags_to(tags: &Tags) -> Result<Vec<Tag>> {
    let tags = tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build());
    tags.collect::<Result<_, _>>().map_err(|error| Error::new(Class::Invalid, format!("tags: {error}")))
}

/// Sets tags on a namespace or service.
pub(super) async fn tag(arn: &str, tags: &Tags, cx: &Cx<'_, Account>) -> Result<()> {
    let call = cx.service_discovery().tag_resource().resource_arn(arn).set_tags(Some(tags_to(tags)?));
    call.send().await.edge().map(drop)
}

/// The id that ends an ARN of Cloud Map's.
pub(super) fn id_of(arn: &str) -> &str {
    arn.rsplit_once('/').map_or(arn, |(_, id)| id)
}

/// Why an operation has come to nothing. Its codes are Cloud Map's own (Cloud Map API reference, `Operation`, `ErrorCode`).
fn failed(code: &str, message: Option<&str>) -> Error {
    let error = error_of(code, message, "servicediscovery:GetOperation");
    let class = match code {
        // The call itself went well, so nothing repeats it but the engine.
        "THROTTLED_REQUEST" | "INTERNAL_FAILURE" => Class::NotYet,
        "ACCESS_DENIED" | "EXPIRED_TOKEN" => Class::Denied,
        "HOSTED_ZONE_NOT_FOUND" => Class::NotFound,
        _ => error.class,
    };
    Error { class, ..error }
}

/// Waits until an operation is over, which takes seconds, and where it makes a private zone about a minute.
pub(super) async fn finished(operation: Option<&str>, cx: &Cx<'_, Account>) -> Result<Operation> {
    let id = operation.unwrap_or_default();
    let over = async {
        let mut wait = Wait::with_pauses_up_to(LONGEST_PAUSE);
        loop {
            let answer = cx.service_discovery().get_operation().operation_id(id).send().await.edge()?;
            let operation = answer.operation.unwrap_or_else(|| Operation::builder().build());
            match operation.status() {
                Some(OperationStatus::Success) => return Ok(operation),
                Some(OperationStatus::Fail) => {
                    return Err(failed(operation.error_code().unwrap_or("Unknown"), operation.error_message()));
                }
                _ => wait.pause().await,
            }
        }
    };
    cx.unless_cancelled(over).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_fail_in_words_of_their_own() {
        let class = |code| failed(code, Some("why")).class;
        assert_eq!(class("THROTTLED_REQUEST"), Class::NotYet);
        assert_eq!(class("HOSTED_ZONE_NOT_FOUND"), Class::NotFound);
        assert_eq!(class("ACCESS_DENIED"), Class::Denied);
        assert_eq!(class("CANNOT_CREATE_HOSTED_ZONE"), Class::Invalid);
    }
}
