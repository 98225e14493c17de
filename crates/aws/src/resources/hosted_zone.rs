//! A domain whose records are published.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_route53::types::{HostedZone as Route53Zone, HostedZoneConfig, RrType, Tag, TagResourceType};
use engine::{Class, Cx, Error, Found, Id, Key, Output, Resource, Result, Tags, only_one};
use serde::Serialize;

use super::dns::{DnsText, normal};
use super::{creation, dns_record, unless_missing};
use crate::edge::{Edge, not_yet_if_unseen};
use crate::inventory::list;
use crate::token::token;
use crate::wait::Wait;
use crate::{Account, FLEET_TAG, Grant, KEY_TAG, Permissions};

/// A public hosted zone. Its domain is its node's name. Route 53 takes no tags when a zone is made, and gives back the
/// reference that it was made under: so a zone is known by its tags, and by that reference as long as it has none. One
/// that somebody made by hand is taken over, as long as it belongs to no other node or fleet: a second one of the same
/// name would be asked by nobody.
#[derive(Debug, Serialize)]
pub struct HostedZone {
    /// What people are told about it.
    pub comment: Option<String>,
}

/// What others use of a zone.
#[derive(Clone, Debug)]
pub struct PublicZone {
    /// The zone's id, such as `Z0123456789`.
    pub id: Id<HostedZone>,
    /// The servers that answer for it, which the zone above has to name. One pending text while the zone is planned.
    pub name_servers: BTreeSet<Id<DnsText>>,
}

impl Output for PublicZone {
    fn pending(key: &Key) -> Self {
        Self { id: Id::pending(key.clone()), name_servers: BTreeSet::from([Id::pending(key.clone())]) }
    }

    fn id(&self) -> Option<&str> {
        self.id.known()
    }
}

/// Zones whose tags one call gives (Route 53 API `ListTagsForResources`).
const TAGS_AT_ONCE: usize = 10;

/// How long a zone may take until it is listed.
const UNTIL_LISTED: Duration = Duration::from_secs(20);

impl Resource for HostedZone {
    const KIND: &'static str = "hosted-zone";
    const NOTED: bool = true;
    type Cloud = Account;
    type Output = PublicZone;

    /// Without their name servers, which would be a call for each.
    async fn owned(cx: &Cx<'_, Account>) -> Result<Vec<(Key, Found<Self>)>> {
        let all = all(cx).await?;
        Ok(all.iter().filter_map(|zone| Some((zone.owner(cx)?, zone.found()))).collect())
    }

    async fn find(&self, cx: &Cx<'_, Account>) -> Result<Option<Found<Self>>> {
        let found = match only_one(cx.key, Self::owned(cx).await?)? {
            Some(found) => found,
            None => match to_take_over(cx).await? {
                Some(found) => found,
                None => return Ok(None),
            },
        };
        // It may be deleted, which the list does not show yet.
        let Some((output, actual)) = unless_missing(described(found.output.id.get()?, cx).await)? else {
            return Ok(None);
        };
        Ok(Some(Found { output, actual, tags: found.tags }))
    }

    /// No reference is taken twice, not even after its zone is gone, so each creation has its own. It is noted before, so
    /// that a creation whose answer was lost is the same call again.
    async fn create(&self, cx: &Cx<'_, Account>) -> Result<PublicZone> {
        let id = match self.made(cx).await? {
            Some(id) => id,
            // What was made under that reference is gone.
            None => self.made(cx).await?.ok_or_else(|| {
                Error::new(Class::Other, format!("Route 53 knows two references for {} and no zone", cx.key.name))
            })?,
        };
        // A run that is killed here leaves a zone without tags, which the next run finishes.
        cx.follow_up(|| Box::pin(tag(&id, cx.tags, cx))).await?;
        cx.follow_up(|| Box::pin(async { Ok(described(&id, cx).await?.0) })).await
    }

    async fn update(&self, found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let call = cx.route53().update_hosted_zone_comment().id(found.output.id.get()?);
        call.set_comment(self.comment.clone()).send().await.edge().map(drop)
    }

    async fn tag(found: &Found<Self>, tags: &Tags, cx: &Cx<'_, Account>) -> Result<()> {
        tag(found.output.id.get()?, tags, cx).await
    }

    async fn delete(found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let id = found.output.id.get()?;
        match cx.route53().delete_hosted_zone().id(id).send().await.edge() {
            Err(error) if error.code.as_deref() == Some("HostedZoneNotEmpty") => Err(not_empty(id, error, cx).await?),
            deleted => deleted.map(drop),
        }
    }
}

/// The zones of the account, whoever made them: their ids say nothing.
impl Permissions for HostedZone {
    const READS: &'static [Grant] = &[
        Grant::everywhere(&["route53:ListHostedZones"]),
        Grant::on(ZONES, &["route53:GetHostedZone", "route53:ListTagsForResources"]),
    ];
    const CHANGES: &'static [Grant] = &[
        Grant::everywhere(&["route53:CreateHostedZone"]),
        Grant::on(
            ZONES,
            &[
                "route53:ChangeTagsForResource",
                "route53:DeleteHostedZone",
                "route53:ListResourceRecordSets",
                "route53:UpdateHostedZoneComment",
            ],
        ),
    ];
}

/// Route 53 is one for all regions, and its ARNs name no account (Service authorization reference, "Amazon Route 53").
pub(super) const ZONES: &[&str] = &["arn:aws:route53:::hostedzone/*"];

impl HostedZone {
    /// Makes the zone under its reference, or finds what an earlier attempt made under it; nothing: that is gone.
    async fn made(&self, cx: &Cx<'_, Account>) -> Result<Option<String>> {
        let reference = format!("{}-{}", reference_of(cx.key, cx), creation::reference(cx).await?);
        let call = cx.route53().create_hosted_zone().name(&cx.key.name).caller_reference(&reference);
        let config = self.comment.as_ref().map(|comment| HostedZoneConfig::builder().comment(comment).build());
        match call.set_hosted_zone_config(config).send().await.edge() {
            Err(error) if error.code.as_deref() == Some("HostedZoneAlreadyExists") => {
                let id = cx.unless_cancelled(Box::pin(listed_under(&reference, cx))).await?;
                if id.is_none() {
                    cx.end_note().await;
                }
                Ok(id)
            }
            made => {
                let zone = made.map_err(creation::look_again)?.hosted_zone;
                let id = zone.map(|zone| bare(&zone.id).to_owned());
                id.map(Some).ok_or_else(|| Error::new(Class::Other, "Route 53 answered without the id of the zone"))
            }
        }
    }
}

/// A zone, as the list has it, and its tags.
struct Listed {
    id: String,
    name: String,
    reference: String,
    comment: Option<String>,
    tags: Tags,
}

impl Listed {
    /// The node that it belongs to: its tags say so, and for one that has none the reference.
    fn owner(&self, cx: &Cx<'_, Account>) -> Option<Key> {
        let by_reference = || {
            let key = Key::new(cx.scope(), HostedZone::KIND, self.name.as_str());
            let is_ours = self.reference.starts_with(&format!("{}-", reference_of(&key, cx)));
            (is_ours && !self.tags.contains_key(FLEET_TAG)).then_some(key)
        };
        cx.owner(&self.tags).filter(|key| key.kind == HostedZone::KIND).or_else(by_reference)
    }

    fn found(&self) -> Found<HostedZone> {
        let output = PublicZone { id: Id::new(self.id.as_str()), name_servers: BTreeSet::new() };
        let actual = HostedZone { comment: self.comment.clone() };
        Found { output, actual, tags: Some(self.tags.clone()) }
    }
}

/// What the references of a node begin with.
fn reference_of(key: &Key, cx: &Cx<'_, Account>) -> String {
    format!("orgstrap-{}", token(key, &[cx.fleet()]))
}

/// Every public zone of the account.
async fn all(cx: &Cx<'_, Account>) -> Result<Arc<Vec<Listed>>> {
    list(cx, HostedZone::KIND, async {
        let mut all: Vec<Listed> = zones(cx).await?.into_iter().map(listed).collect();
        for zones in all.chunks_mut(TAGS_AT_ONCE) {
            let ids = zones.iter().map(|zone| zone.id.clone()).collect();
            let call = cx.route53().list_tags_for_resources().resource_type(TagResourceType::Hostedzone);
            // One of them may be gone, which the list of zones does not show yet.
            let answer = call.set_resource_ids(Some(ids)).send().await.edge().map_err(not_yet_if_unseen)?;
            for set in answer.resource_tag_sets {
                let tags = set.tags().iter().filter_map(|tag| Some((tag.key()?.to_owned(), tag.value()?.to_owned())));
                if let Some(zone) = zones.iter_mut().find(|zone| Some(zone.id.as_str()) == set.resource_id()) {
                    zone.tags = tags.collect();
                }
            }
        }
        Ok(all)
    })
    .await
}

async fn zones(cx: &Cx<'_, Account>) -> Result<Vec<Route53Zone>> {
    let (mut all, mut marker) = (Vec::new(), None);
    loop {
        let page = cx.route53().list_hosted_zones().set_marker(marker).send().await.edge()?;
        let is_public = |zone: &Route53Zone| !zone.config().is_some_and(HostedZoneConfig::private_zone);
        all.extend(page.hosted_zones.into_iter().filter(is_public));
        marker = page.next_marker;
        if !page.is_truncated || marker.is_none() {
            return Ok(all);
        }
    }
}

fn listed(zone: Route53Zone) -> Listed {
    let (id, name, comment) = (bare(&zone.id).to_owned(), normal(&zone.name), comment_of(&zone));
    Listed { id, name, reference: zone.caller_reference, comment, tags: Tags::new() }
}

fn comment_of(zone: &Route53Zone) -> Option<String> {
    zone.config()?.comment().filter(|comment| !comment.is_empty()).map(str::to_owned)
}

/// Answers have `/hostedzone/Z0123456789`.
fn bare(id: &str) -> &str {
    id.rsplit('/').next().unwrap_or(id)
}

/// A zone of this domain that is nobody's.
async fn to_take_over(cx: &Cx<'_, Account>) -> Result<Option<Found<HostedZone>>> {
    let (all, domain) = (all(cx).await?, normal(&cx.key.name));
    let named: Vec<&Listed> = all.iter().filter(|zone| zone.name == domain).collect();
    let is_taken = |zone: &&&Listed| [FLEET_TAG, KEY_TAG].iter().any(|tag| zone.tags.contains_key(*tag));
    if let Some(zone) = named.iter().find(is_taken) {
        let tag = |name| zone.tags.get(name).map_or("(no name)", |tag: &String| tag);
        let message = format!(
            "zone {} of {domain} in account {} belongs to {} of fleet {}, and {} of fleet {} is called so too",
            zone.id,
            cx.id(),
            tag(KEY_TAG),
            tag(FLEET_TAG),
            cx.key,
            cx.fleet()
        );
        return Err(Error::new(Class::Invalid, message).hint(format!(
            "give one of the two another domain; if nothing else looks after the zone any more, remove its tags \
             {FLEET_TAG} and {KEY_TAG}, and run again"
        )));
    }
    match named.as_slice() {
        [] => Ok(None),
        [zone] => Ok(Some(zone.found())),
        several => {
            let ids: Vec<&str> = several.iter().map(|zone| zone.id.as_str()).collect();
            let message = format!("account {} has {} zones of {domain}: {}", cx.id(), ids.len(), ids.join(", "));
            Err(Error::new(Class::Invalid, message).hint(format!(
                "look which of them the zone above names, give that one the tags {FLEET_TAG}={} and {KEY_TAG}={}, and \
                 run again",
                cx.fleet(),
                cx.key
            )))
        }
    }
}

/// What was made under a reference, as soon as it is listed; nothing if it never is.
async fn listed_under(reference: &str, cx: &Cx<'_, Account>) -> Result<Option<String>> {
    let mut wait = Wait::with_pauses_up_to(UNTIL_LISTED / 2);
    loop {
        if let Some(zone) = zones(cx).await?.into_iter().find(|zone| zone.caller_reference == reference) {
            return Ok(Some(bare(&zone.id).to_owned()));
        }
        if wait.waited() >= UNTIL_LISTED {
            return Ok(None);
        }
        wait.pause().await;
    }
}

/// One zone, fresh.
async fn described(id: &str, cx: &Cx<'_, Account>) -> Result<(PublicZone, HostedZone)> {
    let answer = cx.route53().get_hosted_zone().id(id).send().await.edge()?;
    let servers = answer.delegation_set.into_iter().flat_map(|set| set.name_servers);
    let name_servers = servers.map(|server| Id::new(normal(&server))).collect();
    let comment = answer.hosted_zone.as_ref().and_then(comment_of);
    Ok((PublicZone { id: Id::new(id), name_servers }, HostedZone { comment }))
}

async fn tag(id: &str, tags: &Tags, cx: &Cx<'_, Account>) -> Result<()> {
    let tags = tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect();
    let call = cx.route53().change_tags_for_resource().resource_type(TagResourceType::Hostedzone).resource_id(id);
    call.set_add_tags(Some(tags)).send().await.edge().map(drop)
}

/// Says which records keep a zone from being deleted: all but the two that come with it.
async fn not_empty(id: &str, error: Error, cx: &Cx<'_, Account>) -> Result<Error> {
    let domain = normal(&cx.key.name);
    let records = unless_missing(dns_record::of_zone(id, cx).await)?.unwrap_or_default();
    let comes_with_it = |name: &str, kind: &RrType| *kind == RrType::Soa || (*kind == RrType::Ns && name == domain);
    let names: Vec<String> = records
        .iter()
        .map(|record| (normal(&record.name), &record.r#type))
        .filter(|(name, kind)| !comes_with_it(name, kind))
        .map(|(name, kind)| format!("{name} {kind}"))
        .collect();
    if names.is_empty() {
        return Ok(Error { class: Class::InUse, ..error });
    }
    let message = format!("zone {id} of {domain} has records that nothing here manages: {}", names.join(", "));
    Ok(Error { message: message.into(), ..error }
        .hint("a zone is deleted only when it is empty: see who still uses these records, delete them, and run again"))
}
