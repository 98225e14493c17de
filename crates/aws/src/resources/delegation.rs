//! Whether a domain is asked where its zone is.

use std::collections::BTreeSet;
use std::sync::Arc;

use aws_sdk_route53::types::ResourceRecordSet;
use engine::{Class, Cx, Error, Found, Id, Key, Nature, Output, Resource, Result};
use serde::Serialize;

use super::dns::{DnsText, normal, value_of};
use super::hosted_zone::ZONES;
use super::{HostedZone, dns_record, unless_missing};
use crate::{Account, Grant, Permissions, name_servers};

/// A domain that the zone above it delegates to the servers of its own zone: without that nobody finds its records, and a
/// certificate waits for hours. It stands in the account that has the zone above, if one of the organization has it; then
/// the record that delegates is another of its inputs, of which nothing is used but that it is there.
#[derive(Clone, Debug, Serialize)]
pub struct Delegation {
    /// The domain.
    pub domain: String,
    /// The servers of its zone.
    pub name_servers: BTreeSet<Id<DnsText>>,
    /// The zone above, if it is in this account; none: it is somewhere outside of the organization.
    pub parent: Option<ParentZone>,
}

/// The zone above a domain.
#[derive(Clone, Debug, Serialize)]
pub struct ParentZone {
    /// Its domain.
    pub domain: String,
    /// Its id.
    pub id: Id<HostedZone>,
    /// Its servers.
    pub name_servers: BTreeSet<Id<DnsText>>,
}

/// A domain that can be asked for; while planning, nothing is known of it.
#[derive(Clone, Debug)]
pub struct Delegated(Option<Arc<Expected>>);

impl Output for Delegated {
    fn pending(_: &Key) -> Self {
        Self(None)
    }
}

/// What is to be so.
#[derive(Debug)]
struct Expected {
    domain: String,
    servers: BTreeSet<String>,
    parent: Option<KnownParent>,
}

#[derive(Debug)]
struct KnownParent {
    domain: String,
    id: String,
    servers: BTreeSet<String>,
}

impl Resource for Delegation {
    const KIND: &'static str = "delegation";
    const NATURE: Nature = Nature::Lookup;
    type Cloud = Account;
    type Output = Delegated;

    /// Without a question: a plan does not wait.
    async fn find(&self, _: &Cx<'_, Account>) -> Result<Option<Found<Self>>> {
        let expected = self.expected();
        Ok(expected.map(|expected| Found {
            output: Delegated(Some(Arc::new(expected))),
            actual: self.clone(),
            tags: None,
        }))
    }

    async fn ready(output: &Delegated, cx: &Cx<'_, Account>) -> Result<()> {
        let Some(expected) = &output.0 else { return Ok(()) };
        let (parent, named) = match (&expected.parent, cx.has_own_endpoint()) {
            // Nobody resolves what is published in a rehearsal.
            (None, true) => {
                cx.tell(format!("it cannot be rehearsed: in AWS, {}", expected.remedy()));
                return Ok(());
            }
            (Some(parent), true) => (parent.described(cx), Some(parent.listed(&expected.domain, cx).await?)),
            (Some(parent), false) => {
                (parent.described(cx), name_servers::named_by(&parent.servers, &expected.domain).await)
            }
            (None, false) => match name_servers::named_above(&expected.domain).await {
                Some((zone, named)) => (format!("zone {zone}, which is not in this organization,"), Some(named)),
                None => (String::new(), None),
            },
        };
        let Some(named) = named else {
            cx.tell(format!(
                "no name server above {} answered, so its delegation is not checked: see that UDP port 53 is open",
                expected.domain
            ));
            return Ok(());
        };
        expected.compare(&parent, &named)
    }
}

impl Permissions for Delegation {
    const READS: &'static [Grant] = &[Grant::on(ZONES, &["route53:ListResourceRecordSets"])];
    const CHANGES: &'static [Grant] = &[];
}

impl Delegation {
    /// What is to be so, as soon as everything of it is known.
    fn expected(&self) -> Option<Expected> {
        let parent = match &self.parent {
            Some(parent) => Some(KnownParent {
                domain: normal(&parent.domain),
                id: parent.id.known()?.to_owned(),
                servers: known(&parent.name_servers)?,
            }),
            None => None,
        };
        Some(Expected { domain: normal(&self.domain), servers: known(&self.name_servers)?, parent })
    }
}

fn known(servers: &BTreeSet<Id<DnsText>>) -> Option<BTreeSet<String>> {
    servers.iter().map(|server| server.known().map(normal)).collect()
}

impl KnownParent {
    fn described(&self, cx: &Cx<'_, Account>) -> String {
        format!("zone {} ({}) in account {} ({})", self.domain, self.id, cx.scope(), cx.id())
    }

    /// The servers that its records name for a domain.
    async fn listed(&self, domain: &str, cx: &Cx<'_, Account>) -> Result<BTreeSet<String>> {
        let records = unless_missing(dns_record::of_zone(&self.id, cx).await)?.unwrap_or_default();
        let of_domain = records.iter().filter(|set| set.r#type.as_str() == "NS" && normal(&set.name) == domain);
        Ok(of_domain
            .flat_map(ResourceRecordSet::resource_records)
            .map(|record| value_of("NS", &record.value))
            .collect())
    }
}

impl Expected {
    /// Not yet, if others are named: what was changed a moment ago is not everywhere.
    fn compare(&self, parent: &str, named: &BTreeSet<String>) -> Result<()> {
        let Self { domain, servers, .. } = self;
        if named == servers {
            return Ok(());
        }
        let found = if named.is_empty() { "no name servers".to_owned() } else { listed(named) };
        let message =
            format!("{domain} is not delegated to its zone: {parent} names {found} for it, not {}", listed(servers));
        Err(Error::new(Class::NotYet, message).hint(format!("{}, and run again", self.remedy())))
    }

    fn remedy(&self) -> String {
        let (domain, servers) = (&self.domain, listed(&self.servers));
        match &self.parent {
            Some(parent) => {
                format!(
                    "see that zone {} is itself delegated, and that its NS record of {domain} is {servers}",
                    parent.domain
                )
            }
            None => format!("set the NS record of {domain}, in the zone above it, to {servers}"),
        }
    }
}

fn listed(servers: &BTreeSet<String>) -> String {
    servers.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test")]
    use super::*;

    #[test]
    fn what_is_wrong_names_zone_and_servers_and_the_record_to_set() {
        let delegation = Delegation {
            domain: "dev.verb.example".into(),
            name_servers: BTreeSet::from(["ns-1.example".into(), "ns-2.example".into()]),
            parent: None,
        };
        let expected = delegation.expected().unwrap();
        expected.compare("zone verb.example", &BTreeSet::from(["ns-1.example".into(), "ns-2.example".into()])).unwrap();
        let error = expected.compare("zone verb.example", &BTreeSet::new()).unwrap_err();
        assert_eq!(
            (&*error.message, error.hint.as_deref(), error.class),
            (
                "dev.verb.example is not delegated to its zone: zone verb.example names no name servers for it, not \
                 ns-1.example, ns-2.example",
                Some(
                    "set the NS record of dev.verb.example, in the zone above it, to ns-1.example, ns-2.example, and run again"
                ),
                Class::NotYet
            )
        );
    }

    #[test]
    fn nothing_is_expected_while_a_server_is_pending() {
        let pending = BTreeSet::from([Id::pending(Key::new("dev", "hosted-zone", "dev.verb.example"))]);
        let delegation = Delegation { domain: "dev.verb.example".into(), name_servers: pending, parent: None };
        assert!(delegation.expected().is_none());
    }
}
