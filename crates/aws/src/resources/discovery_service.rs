//! A name under which the tasks of a service are found by DNS.

use std::sync::Arc;

use aws_sdk_servicediscovery::types::{
    DnsConfig, DnsConfigChange, DnsRecord, FilterCondition, HealthCheckCustomConfig, RecordType, RoutingPolicy,
    ServiceChange, ServiceFilter, ServiceFilterName, ServiceSummary,
};
use engine::{Class, Cx, Error, Found, Id, Key, Resource, Result, Tags};
use futures_util::FutureExt;
use futures_util::future::try_join_all;
use serde::Serialize;

use super::cloud_map::{self, finished, id_of, tags_to};
use super::hosted_zone::ZONES;
use super::http_namespace::NAMESPACES;
use super::{PrivateDnsNamespace, private_dns_namespace};
use crate::edge::Edge;
use crate::inventory::list;
use crate::token::token;
use crate::{Account, Grant, Permissions};

/// A service of Cloud Map: an A record with the address of each task that is well, eight of them at most in one answer (Cloud
/// Map developer guide, "`RoutingPolicy`": `MULTIVALUE`). ECS registers the tasks and says which are well. It is called as its
/// node is, and known by its tags.
#[derive(Debug, Serialize)]
pub struct DiscoveryService {
    /// The domain that its name is in.
    pub namespace: Id<PrivateDnsNamespace>,
    /// For how many seconds an answer may be remembered.
    pub ttl: i64,
}

/// A service of a namespace of ours.
struct Existing {
    listed: ServiceSummary,
    namespace: String,
    tags: Tags,
}

/// Those of our namespaces: a call for each namespace, and one for the tags of each.
async fn all(cx: &Cx<'_, Account>) -> Result<Arc<Vec<Existing>>> {
    list(cx, "discovery-services", async {
        let namespaces = private_dns_namespace::ours(cx).await?;
        let of = namespaces.iter().map(|namespace| {
            async move {
                let filter = ServiceFilter::builder().name(ServiceFilterName::NamespaceId).values(&namespace.id);
                let filter = filter.condition(FilterCondition::Eq).build().map_err(unbuilt)?;
                let pages = cx.service_discovery().list_services().filters(filter).into_paginator().send();
                let pages: Vec<_> = pages.try_collect().await.edge()?;
                let mut existing = Vec::new();
                for listed in pages.into_iter().flat_map(|page| page.services.unwrap_or_default()) {
                    // Without tags it was deleted, which the list does not show yet.
                    if let Some(tags) = cloud_map::tags_of(listed.arn().unwrap_or_default(), cx).await? {
                        existing.push(Existing { listed, namespace: namespace.arn.clone(), tags });
                    }
                }
                Ok::<_, Error>(existing)
            }
            .boxed()
        });
        Ok(try_join_all(of).await?.into_iter().flatten().collect())
    })
    .await
}

impl Resource for DiscoveryService {
    const KIND: &'static str = "discovery-service";
    const FIXED: &'static [&'static str] = &["namespace"];
    type Cloud = Account;
    /// The service's ARN.
    type Output = Id<Self>;

    async fn owned(cx: &Cx<'_, Account>) -> Result<Vec<(Key, Found<Self>)>> {
        let all = all(cx).await?;
        let ours = all.iter().filter_map(|one| {
            let key = cx.owner(&one.tags).filter(|key| key.kind == Self::KIND)?;
            let records = one.listed.dns_config().map_or(&[][..], DnsConfig::dns_records);
            let actual = Self {
                namespace: Id::new(one.namespace.as_str()),
                ttl: records.first().map(DnsRecord::ttl).unwrap_or_default(),
            };
            Some((key, Found { output: Id::new(one.listed.arn()?), actual, tags: Some(one.tags.clone()) }))
        });
        Ok(ours.collect())
    }

    async fn create(&self, cx: &Cx<'_, Account>) -> Result<Id<Self>> {
        let namespace = self.namespace.get()?;
        // A second one of this name is refused, so it may be repeated.
        let call = cx.service_discovery().create_service().name(&cx.key.name).namespace_id(id_of(namespace));
        let records = DnsConfig::builder().routing_policy(RoutingPolicy::Multivalue).dns_records(self.record()?);
        let call = call.dns_config(records.build().map_err(unbuilt)?);
        // ECS says which tasks are well (ECS developer guide, "Use service discovery").
        let call = call.health_check_custom_config(HealthCheckCustomConfig::builder().build());
        let call = call.set_tags(Some(tags_to(cx.tags)?)).creator_request_id(token(cx.key, &[namespace]));
        let made = call.send().await.edge()?;
        let arn = made.service.and_then(|service| service.arn).map(Id::new);
        arn.ok_or_else(|| Error::new(Class::Other, "Cloud Map answered without the ARN of the service"))
    }

    async fn update(&self, found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let records = DnsConfigChange::builder().dns_records(self.record()?);
        let change = ServiceChange::builder().dns_config(records.build().map_err(unbuilt)?).build();
        let call = cx.service_discovery().update_service().id(id_of(found.output.get()?)).service(change);
        let begun = call.send().await.edge()?;
        finished(begun.operation_id(), cx).await.map(drop)
    }

    async fn tag(found: &Found<Self>, tags: &Tags, cx: &Cx<'_, Account>) -> Result<()> {
        cloud_map::tag(found.output.get()?, tags, cx).await
    }

    /// It is in use as long as tasks are registered.
    async fn delete(found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let call = cx.service_discovery().delete_service().id(id_of(found.output.get()?));
        call.send().await.edge().map(drop)
    }
}

impl DiscoveryService {
    fn record(&self) -> Result<DnsRecord> {
        DnsRecord::builder().r#type(RecordType::A).ttl(self.ttl).build().map_err(unbuilt)
    }
}

fn unbuilt(error: impl std::fmt::Display) -> Error {
    Error::new(Class::Invalid, format!("a call of Cloud Map: {error}"))
}

impl Permissions for DiscoveryService {
    /// Lists and tags take no resource (Service authorization reference, "AWS Cloud Map").
    const READS: &'static [Grant] = &[Grant::everywhere(&[
        "servicediscovery:ListNamespaces",
        "servicediscovery:ListServices",
        "servicediscovery:ListTagsForResource",
    ])];
    const CHANGES: &'static [Grant] = &[
        Grant::everywhere(&["servicediscovery:GetOperation", "servicediscovery:TagResource"]),
        // It is about both.
        Grant::on(NAMESPACES, &["servicediscovery:CreateService"]),
        Grant::on(
            &["arn:aws:servicediscovery:{region}:{account}:service/*"],
            &["servicediscovery:CreateService", "servicediscovery:DeleteService", "servicediscovery:UpdateService"],
        ),
        // Cloud Map changes the records in the name of whoever calls.
        Grant::on(ZONES, &["route53:ChangeResourceRecordSets", "route53:GetHostedZone"]),
    ];
}
