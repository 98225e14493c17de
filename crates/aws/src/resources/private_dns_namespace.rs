//! A domain inside a network, under which services are found by DNS.

use std::sync::Arc;

use aws_sdk_servicediscovery::types::{NamespaceSummary, NamespaceType};
use engine::{Cx, Error, Found, Id, Key, Resource, Result, Tags};
use futures_util::FutureExt;
use futures_util::future::try_join_all;
use serde::Serialize;

use super::cloud_map::{self, tags_to};
use super::hosted_zone::ZONES;
use super::http_namespace::NAMESPACES;
use super::{Vpc, unless_missing};
use crate::edge::Edge;
use crate::inventory::list;
use crate::token::token;
use crate::{Account, Grant, Permissions};

/// A namespace of Cloud Map with private DNS. Its domain is its node's name. Cloud Map keeps a private hosted zone of Route 53
/// for it, which comes and goes with it (Cloud Map developer guide, "Namespaces").
#[derive(Debug, Serialize)]
pub struct PrivateDnsNamespace {
    /// The network in which the names are known.
    pub vpc: Id<Vpc>,
}

impl Resource for PrivateDnsNamespace {
    const KIND: &'static str = "private-dns-namespace";
    const FIXED: &'static [&'static str] = &["vpc"];
    type Cloud = Account;
    /// The namespace's ARN.
    type Output = Id<Self>;

    async fn owned(cx: &Cx<'_, Account>) -> Result<Vec<(Key, Found<Self>)>> {
        let all = ours(cx).await?;
        let found = all.iter().map(|one| {
            let actual = Self { vpc: Id::new(one.vpc.as_deref().unwrap_or_default()) };
            (one.key.clone(), Found { output: Id::new(one.arn.as_str()), actual, tags: Some(one.tags.clone()) })
        });
        Ok(found.collect())
    }

    async fn create(&self, cx: &Cx<'_, Account>) -> Result<Id<Self>> {
        cloud_map::is_free(NamespaceType::DnsPrivate, cx).await?;
        // A second one of this name is refused, so it may be repeated. One of another network is another one.
        let (name, vpc) = (&cx.key.name, self.vpc.get()?);
        let call = cx.service_discovery().create_private_dns_namespace().name(name).vpc(vpc);
        let call = call.set_tags(Some(tags_to(cx.tags)?)).creator_request_id(token(cx.key, &[vpc]));
        let begun = call.send().await.edge()?;
        cx.waiting("the private zone of the namespace");
        cloud_map::made(begun.operation_id(), cx).await.map(Id::new)
    }

    async fn tag(found: &Found<Self>, tags: &Tags, cx: &Cx<'_, Account>) -> Result<()> {
        cloud_map::tag(found.output.get()?, tags, cx).await
    }

    /// Its zone goes with it.
    async fn delete(found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        cloud_map::delete(found.output.get()?, cx).await
    }
}

impl Permissions for PrivateDnsNamespace {
    /// Lists and tags take no resource (Service authorization reference, "AWS Cloud Map").
    const READS: &'static [Grant] = &[
        Grant::everywhere(&["servicediscovery:ListNamespaces", "servicediscovery:ListTagsForResource"]),
        Grant::on(ZONES, &["route53:GetHostedZone"]),
    ];
    /// Cloud Map makes and deletes the zone in the name of whoever calls (Cloud Map developer guide, "API permissions
    /// reference").
    const CHANGES: &'static [Grant] = &[
        Grant::everywhere(&[
            "ec2:DescribeVpcs",
            "route53:CreateHostedZone",
            "route53:ListHostedZonesByName",
            "servicediscovery:CreatePrivateDnsNamespace",
            "servicediscovery:GetOperation",
            "servicediscovery:TagResource",
        ]),
        Grant::on(NAMESPACES, &["servicediscovery:DeleteNamespace"]),
        Grant::on(ZONES, &["route53:DeleteHostedZone"]),
    ];
}

/// A private namespace that is ours.
pub(super) struct Existing {
    pub(super) id: String,
    pub(super) arn: String,
    key: Key,
    tags: Tags,
    vpc: Option<String>,
}

/// The private namespaces that are ours, with their networks, which are a call for each.
pub(super) async fn ours(cx: &Cx<'_, Account>) -> Result<Arc<Vec<Existing>>> {
    list(cx, PrivateDnsNamespace::KIND, async {
        let all = cloud_map::owned(PrivateDnsNamespace::KIND, NamespaceType::DnsPrivate, cx).await?;
        let existing = all.into_iter().map(|(key, namespace, tags)| {
            async move {
                let vpc = network_of(&namespace, cx).await?;
                let (id, arn) = (namespace.id.unwrap_or_default(), namespace.arn.unwrap_or_default());
                Ok::<_, Error>(Existing { id, arn, key, tags, vpc })
            }
            .boxed()
        });
        try_join_all(existing).await
    })
    .await
}

/// The network that a namespace's zone is for, which Cloud Map does not tell. None: it is going.
async fn network_of(namespace: &NamespaceSummary, cx: &Cx<'_, Account>) -> Result<Option<String>> {
    let dns = namespace.properties().and_then(|properties| properties.dns_properties());
    let Some(zone) = dns.and_then(|dns| dns.hosted_zone_id()) else { return Ok(None) };
    let answer = unless_missing(cx.route53().get_hosted_zone().id(zone).send().await.edge())?;
    let mut vpcs = answer.into_iter().flat_map(|answer| answer.vpcs.unwrap_or_default());
    Ok(vpcs.find_map(|vpc| vpc.vpc_id))
}
