//! What is published under one name of a domain.

use std::collections::BTreeSet;
use std::sync::Arc;

use aws_sdk_route53::types::builders::ResourceRecordSetBuilder;
use aws_sdk_route53::types::{
    AliasTarget, Change, ChangeAction, ChangeBatch, ChangeInfo, ChangeStatus, ResourceRecord, ResourceRecordSet, RrType,
};
use engine::{Class, Cx, Error, Found, Id, Resource, Result};
use serde::Serialize;

use super::dns::{DnsText, normal, value_of, value_to};
use super::hosted_zone::ZONES;
use super::{HostedZone, unless_missing};
use crate::edge::Edge;
use crate::inventory::list;
use crate::{Account, Grant, Permissions};

/// A set of records of one name and type. It takes no tags: its zone, its name and its type are its identity. One that
/// somebody made by hand under that name is taken over.
#[derive(Debug, Serialize)]
pub struct DnsRecord {
    /// The zone that it stands in.
    pub zone: Id<HostedZone>,
    /// Its whole name, such as `*.dev.cms.verb.example`: in lower case, without a last dot.
    pub name: Id<DnsText>,
    /// Its type, such as `A`, `CNAME`, `NS`, `TXT` or `CAA`.
    pub kind: String,
    /// For how many seconds others may remember it; none for an alias, which has its target's.
    pub ttl: Option<i64>,
    /// What it says: for TXT the bare text, without quotation marks; names without a last dot. None for an alias.
    pub values: BTreeSet<Id<DnsText>>,
    /// Something of AWS's that it stands for, instead of values.
    pub alias: Option<Alias>,
}

/// What an alias stands for, such as a load balancer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Alias {
    /// Its name in DNS.
    pub name: Id<DnsText>,
    /// The id of the zone that AWS has that name in.
    pub zone: Id<DnsText>,
    /// Whether nothing is answered while the target is not healthy.
    pub evaluate_target_health: bool,
}

impl Resource for DnsRecord {
    const KIND: &'static str = "dns-record";
    const FIXED: &'static [&'static str] = &["zone", "name", "kind"];
    const TAGGED: bool = false;
    type Cloud = Account;
    /// Its name and type, such as `dev.cms.verb.example NS`.
    type Output = Id<Self>;

    async fn find(&self, cx: &Cx<'_, Account>) -> Result<Option<Found<Self>>> {
        let (Some(zone), Some(name)) = (self.zone.known(), self.name.known()) else { return Ok(None) };
        let all = all(zone, cx).await?;
        let mut sets = all.iter().filter(|set| is_called(set, name, &self.kind));
        let Some(set) = sets.next() else { return Ok(None) };
        if set.set_identifier.is_some() || sets.next().is_some() {
            let message = format!("the {} records of {name} in zone {zone} have a routing policy", self.kind);
            return Err(Error::new(Class::Invalid, message).hint(
                "only simple records are managed here: delete those, or give the one that is wanted another name",
            ));
        }
        Ok(Some(self.found(set)))
    }

    async fn create(&self, cx: &Cx<'_, Account>) -> Result<Id<Self>> {
        self.publish(cx).await?;
        self.id()
    }

    async fn update(&self, _: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        self.publish(cx).await
    }

    /// A deletion has to name all values, so what is there now is read first.
    async fn delete(found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let Self { zone, name, kind, .. } = &found.actual;
        let (zone, name) = (zone.get()?, name.get()?);
        let call = cx.route53().list_resource_record_sets().hosted_zone_id(zone).max_items(1);
        let answer = call.start_record_name(name).start_record_type(RrType::from(kind.as_str())).send().await.edge()?;
        let set = answer.resource_record_sets.into_iter().find(|set| is_called(set, name, kind));
        let set = set.ok_or_else(|| Error::new(Class::NotFound, format!("there is no {kind} record of {name}")))?;
        change(zone, ChangeAction::Delete, set, cx).await.map(drop)
    }
}

impl Permissions for DnsRecord {
    const READS: &'static [Grant] = &[Grant::on(ZONES, &["route53:ListResourceRecordSets"])];
    const CHANGES: &'static [Grant] = &[
        Grant::on(ZONES, &["route53:ChangeResourceRecordSets", "route53:ListResourceRecordSets"]),
        Grant::on(&["arn:aws:route53:::change/*"], &["route53:GetChange"]),
    ];
}

impl DnsRecord {
    /// A record with values.
    pub fn simple<V: Into<Id<DnsText>>>(
        zone: Id<HostedZone>,
        name: impl Into<Id<DnsText>>,
        kind: &str,
        ttl: i64,
        values: impl IntoIterator<Item = V>,
    ) -> Self {
        let values = values.into_iter().map(Into::into).collect();
        Self { zone, name: name.into(), kind: kind.to_owned(), ttl: Some(ttl), values, alias: None }
    }

    fn id(&self) -> Result<Id<Self>> {
        Ok(Id::new(format!("{} {}", self.name.get()?, self.kind)))
    }

    fn found(&self, set: &ResourceRecordSet) -> Found<Self> {
        let kind = set.r#type.as_str();
        let alias = set.alias_target().map(|target| Alias {
            name: Id::new(normal(&target.dns_name)),
            zone: Id::new(target.hosted_zone_id.as_str()),
            evaluate_target_health: target.evaluate_target_health,
        });
        let values = set.resource_records().iter().map(|record| Id::new(value_of(kind, &record.value))).collect();
        let name = normal(&set.name);
        let output = Id::new(format!("{name} {kind}"));
        let (name, kind) = (Id::new(name), kind.to_owned());
        let actual = Self { zone: self.zone.clone(), name, kind, ttl: set.ttl, values, alias };
        Found { output, actual, tags: None }
    }

    /// Makes the record what it should be, whatever is there, and returns when all name servers know it. A run that is
    /// stopped before that leaves nothing to be done: they will.
    async fn publish(&self, cx: &Cx<'_, Account>) -> Result<()> {
        let made = change(self.zone.get()?, ChangeAction::Upsert, self.to_sdk()?, cx).await?;
        if made.status == ChangeStatus::Insync {
            return Ok(());
        }
        cx.waiting(format!("the name servers to know {}", self.id()?));
        cx.follow_up(|| Box::pin(is_known_everywhere(&made, cx))).await
    }

    fn to_sdk(&self) -> Result<ResourceRecordSet> {
        let kind = RrType::from(self.kind.as_str());
        let set = ResourceRecordSet::builder().name(self.name.get()?).r#type(kind).set_ttl(self.ttl);
        self.with_content(set)?.build().map_err(unbuilt)
    }

    fn with_content(&self, set: ResourceRecordSetBuilder) -> Result<ResourceRecordSetBuilder> {
        if let Some(Alias { name, zone, evaluate_target_health }) = &self.alias {
            let target = AliasTarget::builder().dns_name(name.get()?).hosted_zone_id(zone.get()?);
            let target = target.evaluate_target_health(*evaluate_target_health).build().map_err(unbuilt)?;
            return Ok(set.alias_target(target));
        }
        self.values.iter().try_fold(set, |set, value| {
            let value = value_to(&self.kind, value.get()?);
            Ok(set.resource_records(ResourceRecord::builder().value(value).build().map_err(unbuilt)?))
        })
    }
}

fn is_called(set: &ResourceRecordSet, name: &str, kind: &str) -> bool {
    set.r#type.as_str() == kind && normal(&set.name) == normal(name)
}

/// Every record of a zone, listed once for all nodes in it. A zone that is gone has none.
async fn all(zone: &str, cx: &Cx<'_, Account>) -> Result<Arc<Vec<ResourceRecordSet>>> {
    let fetch = async { Ok(unless_missing(of_zone(zone, cx).await)?.unwrap_or_default()) };
    list(cx, format!("records of {zone}"), fetch).await
}

/// Every record of a zone, fresh.
pub(super) async fn of_zone(zone: &str, cx: &Cx<'_, Account>) -> Result<Vec<ResourceRecordSet>> {
    let call = cx.route53().list_resource_record_sets().hosted_zone_id(zone);
    let (mut all, mut next) = (Vec::new(), call.clone());
    loop {
        let page = next.send().await.edge()?;
        all.extend(page.resource_record_sets);
        if !page.is_truncated {
            return Ok(all);
        }
        let from = call.clone().set_start_record_name(page.next_record_name);
        next =
            from.set_start_record_type(page.next_record_type).set_start_record_identifier(page.next_record_identifier);
    }
}

async fn change(zone: &str, action: ChangeAction, set: ResourceRecordSet, cx: &Cx<'_, Account>) -> Result<ChangeInfo> {
    let change = Change::builder().action(action).resource_record_set(set).build().map_err(unbuilt)?;
    let batch = ChangeBatch::builder().changes(change).build().map_err(unbuilt)?;
    let call = cx.route53().change_resource_record_sets().hosted_zone_id(zone).change_batch(batch);
    let made = call.send().await.edge().map_err(refused)?;
    made.change_info.ok_or_else(|| Error::new(Class::Other, "Route 53 answered without the id of the change"))
}

/// What is wrong with a change is told apart by its words alone: a list, as in `[Tried to delete resource record set
/// [name='a.verb.example.', type='A'] but it was not found]` (seen in aws-sdk-kotlin, issue 1433).
fn refused(error: Error) -> Error {
    let class = match &*error.message {
        _ if error.code.as_deref() != Some("InvalidChangeBatch") => error.class,
        message if message.contains("but it was not found") => Class::NotFound,
        // What was read is older than the last change.
        message if message.contains("do not match the current values") => Class::NotYet,
        _ => error.class,
    };
    Error { class, ..error }
}

async fn is_known_everywhere(change: &ChangeInfo, cx: &Cx<'_, Account>) -> Result<()> {
    let answer = cx.route53().get_change().id(&change.id).send().await.edge()?;
    match answer.change_info.map(|change| change.status) {
        Some(ChangeStatus::Insync) => Ok(()),
        _ => Err(Error::new(Class::NotYet, "not all name servers know the record yet")
            .hint("Route 53 needs a minute as a rule; run again to go on")),
    }
}

fn unbuilt(error: impl std::fmt::Display) -> Error {
    Error::new(Class::Invalid, format!("a DNS record: {error}"))
}
