//! Names by which the services of an account find each other.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_servicediscovery::types::{NamespaceSummary, NamespaceType, OperationStatus, OperationTargetType, Tag};
use engine::{Class, Cx, Error, Found, Id, Key, Resource, Result, Tags};
use futures_util::FutureExt;
use futures_util::future::try_join_all;
use serde::Serialize;

use super::containers::taken;
use crate::edge::{Edge, unless_gone};
use crate::inventory::list;
use crate::token::token;
use crate::{Account, Grant, Permissions};

/// A namespace of Cloud Map without DNS, for Service Connect. It is called as its node is.
#[derive(Debug, Serialize)]
pub struct HttpNamespace {}

impl Resource for HttpNamespace {
    const KIND: &'static str = "http-namespace";
    type Cloud = Account;
    /// The namespace's ARN.
    type Output = Id<Self>;

    async fn owned(cx: &Cx<'_, Account>) -> Result<Vec<(Key, Found<Self>)>> {
        let all = all(cx).await?;
        let ours = all.iter().filter_map(|(namespace, tags)| {
            let key = cx.owner(tags).filter(|key| key.kind == Self::KIND)?;
            Some((key, Found { output: Id::new(namespace.arn()?), actual: Self {}, tags: Some(tags.clone()) }))
        });
        Ok(ours.collect())
    }

    async fn create(&self, cx: &Cx<'_, Account>) -> Result<Id<Self>> {
        let name = &cx.key.name;
        if let Some((_, tags)) = all(cx).await?.iter().find(|(other, _)| other.name() == Some(name)) {
            return Err(taken(&format!("namespace {name}"), tags, cx));
        }
        // A second one of this name is refused, so it may be repeated.
        let call = cx.service_discovery().create_http_namespace().name(name).set_tags(Some(tags_to(cx.tags)?));
        let begun = call.creator_request_id(token(cx.key, &[])).send().await.edge()?;
        let id = finished(begun.operation_id(), cx).await?;
        Ok(Id::new(format!("arn:aws:servicediscovery:{}:{}:namespace/{id}", cx.region(), cx.id())))
    }

    async fn tag(found: &Found<Self>, tags: &Tags, cx: &Cx<'_, Account>) -> Result<()> {
        let call = cx.service_discovery().tag_resource().resource_arn(found.output.get()?);
        call.set_tags(Some(tags_to(tags)?)).send().await.edge().map(drop)
    }

    async fn delete(found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let begun = cx.service_discovery().delete_namespace().id(id_of(&found.output)?).send().await.edge()?;
        unless_gone(finished(begun.operation_id(), cx).await.map(drop))
    }
}

impl Permissions for HttpNamespace {
    /// Lists and tags take no resource (Service authorization reference, "AWS Cloud Map").
    const READS: &'static [Grant] =
        &[Grant::everywhere(&["servicediscovery:ListNamespaces", "servicediscovery:ListTagsForResource"])];
    const CHANGES: &'static [Grant] = &[
        Grant::everywhere(&[
            "servicediscovery:CreateHttpNamespace",
            "servicediscovery:GetOperation",
            "servicediscovery:TagResource",
        ]),
        Grant::on(&["arn:aws:servicediscovery:{region}:{account}:namespace/*"], &["servicediscovery:DeleteNamespace"]),
    ];
}

/// The namespaces without DNS, with their tags, which are a call for each.
async fn all(cx: &Cx<'_, Account>) -> Result<Arc<Vec<(NamespaceSummary, Tags)>>> {
    list(cx, "http-namespaces", async {
        let pages = cx.service_discovery().list_namespaces().into_paginator().send();
        let pages: Vec<_> = pages.try_collect().await.edge()?;
        let all = pages.into_iter().flat_map(|page| page.namespaces.unwrap_or_default());
        let http = all.filter(|namespace| namespace.r#type() == Some(&NamespaceType::Http));
        let tagged = http.map(|namespace| {
            let call = cx.service_discovery().list_tags_for_resource().set_resource_arn(namespace.arn.clone());
            async move {
                match call.send().await.edge() {
                    Ok(answer) => Ok(Some((namespace, tags_of(answer.tags())))),
                    // It was deleted, which the list does not show yet.
                    Err(error) if error.class == Class::NotFound => Ok(None),
                    Err(error) => Err(error),
                }
            }
            .boxed()
        });
        Ok(try_join_all(tagged).await?.into_iter().flatten().collect())
    })
    .await
}

fn tags_of(tags: &[Tag]) -> Tags {
    tags.iter().map(|tag| (tag.key().to_owned(), tag.value().to_owned())).collect()
}

fn tags_to(tags: &Tags) -> Result<Vec<Tag>> {
    let tags = tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build());
    tags.collect::<Result<_, _>>().map_err(|error| Error::new(Class::Invalid, format!("tags: {error}")))
}

/// The id that ends a namespace's ARN.
fn id_of(namespace: &Id<HttpNamespace>) -> Result<&str> {
    let arn = namespace.get()?;
    Ok(arn.rsplit_once('/').map_or(arn, |(_, id)| id))
}

/// Waits until an operation is over, which takes seconds; gives the id of the namespace that it was about.
async fn finished(operation: Option<&str>, cx: &Cx<'_, Account>) -> Result<String> {
    let operation = operation.unwrap_or_default();
    let over = async {
        let mut pause = Duration::from_millis(250);
        loop {
            let answer = cx.service_discovery().get_operation().operation_id(operation).send().await.edge()?;
            let operation =
                answer.operation.unwrap_or_else(|| aws_sdk_servicediscovery::types::Operation::builder().build());
            match operation.status() {
                Some(OperationStatus::Success) => {
                    let targets = operation.targets.unwrap_or_default();
                    let id = targets.get(&OperationTargetType::Namespace).cloned();
                    return id.ok_or_else(|| Error::new(Class::Other, "Cloud Map answered without the namespace's id"));
                }
                Some(OperationStatus::Fail) => {
                    let (code, message) = (operation.error_code(), operation.error_message());
                    return Err(crate::edge::error_of(
                        code.unwrap_or("Unknown"),
                        message,
                        "servicediscovery:GetOperation",
                    ));
                }
                _ => tokio::time::sleep(pause).await,
            }
            pause = (pause * 2).min(Duration::from_secs(5));
        }
    };
    cx.unless_cancelled(over).await
}
