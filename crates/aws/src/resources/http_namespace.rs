//! Names by which the services of an account find each other.

use aws_sdk_servicediscovery::types::NamespaceType;
use engine::{Cx, Found, Id, Key, Resource, Result, Tags};
use serde::Serialize;

use super::cloud_map::{self, tags_to};
use crate::edge::Edge;
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
        let ours = cloud_map::owned(Self::KIND, NamespaceType::Http, cx).await?.into_iter();
        let found = ours.filter_map(|(key, namespace, tags)| {
            Some((key, Found { output: Id::new(namespace.arn()?), actual: Self {}, tags: Some(tags) }))
        });
        Ok(found.collect())
    }

    async fn create(&self, cx: &Cx<'_, Account>) -> Result<Id<Self>> {
        cloud_map::is_free(NamespaceType::Http, cx).await?;
        // A second one of this name is refused, so it may be repeated.
        let call = cx.service_discovery().create_http_namespace().name(&cx.key.name);
        let call = call.set_tags(Some(tags_to(cx.tags)?)).creator_request_id(token(cx.key, &[]));
        let begun = call.send().await.edge()?;
        cloud_map::made(begun.operation_id(), cx).await.map(Id::new)
    }

    async fn tag(found: &Found<Self>, tags: &Tags, cx: &Cx<'_, Account>) -> Result<()> {
        cloud_map::tag(found.output.get()?, tags, cx).await
    }

    async fn delete(found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        cloud_map::delete(found.output.get()?, cx).await
    }
}

/// The namespaces of the account.
pub(super) const NAMESPACES: &[&str] = &["arn:aws:servicediscovery:{region}:{account}:namespace/*"];

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
        Grant::on(NAMESPACES, &["servicediscovery:DeleteNamespace"]),
    ];
}
