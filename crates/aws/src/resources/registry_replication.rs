//! Where else the images of the registry are kept.

use std::collections::BTreeSet;

use aws_sdk_ecr::types::{ReplicationConfiguration, ReplicationDestination, ReplicationRule};
use engine::{Class, Cx, Error, Found, Nature, Resource, Result};
use serde::Serialize;

use crate::edge::Edge;
use crate::inventory::list;
use crate::{Account, Grant, Permissions};

/// The replication of the account's registry to the account's registries in other regions. Only what is pushed from then on
/// is replicated, and what is deleted here stays there (Amazon ECR user guide, "Private image replication").
#[derive(Clone, Debug, Serialize)]
pub struct RegistryReplication {
    /// Regions that get every image; 25 at most. Of what exists, everything else that is replicated is here in words.
    pub regions: BTreeSet<String>,
}

impl Permissions for RegistryReplication {
    const READS: &'static [Grant] = &[Grant::everywhere(&["ecr:DescribeRegistry"])];
    const CHANGES: &'static [Grant] = &[
        Grant::everywhere(&["ecr:PutReplicationConfiguration"]),
        // The first replication of an account makes it (Amazon ECR user guide, "Amazon ECR service-linked role for
        // replication").
        Grant::on(
            &["arn:aws:iam::{account}:role/aws-service-role/replication.ecr.amazonaws.com/AWSServiceRoleForECRReplication"],
            &["iam:CreateServiceLinkedRole"],
        )
        .when(&[("StringEquals", "iam:AWSServiceName", "replication.ecr.amazonaws.com")]),
    ];
}

impl Resource for RegistryReplication {
    const KIND: &'static str = "registry-replication";
    const NATURE: Nature = Nature::Setting;
    type Cloud = Account;
    type Output = ();

    async fn find(&self, cx: &Cx<'_, Account>) -> Result<Option<Found<Self>>> {
        let actual = list(cx, Self::KIND, async {
            let found = cx.ecr().describe_registry().send().await.edge()?.replication_configuration;
            let rules = found.map(|found| found.rules).unwrap_or_default();
            Ok(Self { regions: rules.iter().flat_map(|rule| places(rule, cx.id())).collect() })
        });
        Ok(Some(Found { output: (), actual: Self::clone(&*actual.await?), tags: None }))
    }

    async fn update(&self, _: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let call = cx.ecr().put_replication_configuration();
        call.replication_configuration(self.configuration(cx.id())?).send().await.edge().map(drop)
    }
}

impl RegistryReplication {
    /// One rule, or none.
    fn configuration(&self, account: &str) -> Result<ReplicationConfiguration> {
        let unbuilt = |error| Error::new(Class::Invalid, format!("a replication: {error}"));
        let destinations = self.regions.iter().map(|region| {
            ReplicationDestination::builder().region(region).registry_id(account).build().map_err(unbuilt)
        });
        let destinations: Vec<_> = destinations.collect::<Result<_>>()?;
        let mut rules = Vec::new();
        if !destinations.is_empty() {
            rules.push(ReplicationRule::builder().set_destinations(Some(destinations)).build().map_err(unbuilt)?);
        }
        ReplicationConfiguration::builder().set_rules(Some(rules)).build().map_err(unbuilt)
    }
}

/// Where a rule sends images: a region alone if it sends all of them, and to this account.
fn places<'r>(rule: &'r ReplicationRule, account: &'r str) -> impl Iterator<Item = String> + 'r {
    let prefixes: Vec<_> = rule.repository_filters().iter().map(|filter| format!("{}*", filter.filter())).collect();
    let only = if prefixes.is_empty() { String::new() } else { format!(", only {}", prefixes.join(" and ")) };
    rule.destinations().iter().map(move |to| {
        let other =
            if to.registry_id() == account { String::new() } else { format!(" of account {}", to.registry_id()) };
        format!("{}{other}{only}", to.region())
    })
}
