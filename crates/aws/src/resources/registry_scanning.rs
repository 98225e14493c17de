//! Which images of the registry are scanned, by what, and when.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ecr::types::{
    RegistryScanningConfiguration, RegistryScanningRule, ScanFrequency, ScanType, ScanningRepositoryFilter,
    ScanningRepositoryFilterType,
};
use engine::{Class, Cx, Error, Found, Nature, Resource, Result};
use serde::Serialize;

use crate::edge::Edge;
use crate::inventory::list;
use crate::{Account, Grant, Permissions};

/// The scanning configuration of the account's registry in its region. What is scanned here when it is pushed is, whatever
/// its repository says (Amazon ECR user guide, "Scan images for software vulnerabilities").
#[derive(Clone, Debug, Serialize)]
pub struct RegistryScanning {
    /// Whether Amazon Inspector scans, at a price: packages of programming languages too, and again when a vulnerability
    /// becomes known.
    pub enhanced: bool,
    /// Patterns of names of repositories, by how often they are scanned, such as `SCAN_ON_PUSH`.
    pub rules: BTreeMap<String, BTreeSet<String>>,
}

impl RegistryScanning {
    /// All images are scanned: as they are pushed, or all the time if Amazon Inspector does it.
    pub fn of_all(enhanced: bool) -> Self {
        let frequency = if enhanced { ScanFrequency::ContinuousScan } else { ScanFrequency::ScanOnPush };
        let all = BTreeSet::from(["*".to_owned()]);
        Self { enhanced, rules: BTreeMap::from([(frequency.as_str().to_owned(), all)]) }
    }
}

/// Enhanced scanning is switched on and off at Amazon Inspector by whoever sets it (Amazon ECR user guide, "IAM permissions
/// required for enhanced scanning").
impl Permissions for RegistryScanning {
    const READS: &'static [Grant] = &[Grant::everywhere(&["ecr:GetRegistryScanningConfiguration"])];
    const CHANGES: &'static [Grant] = &[
        Grant::everywhere(&[
            "ecr:PutRegistryScanningConfiguration",
            "inspector2:Disable",
            "inspector2:Enable",
            "inspector2:ListAccountPermissions",
        ]),
        // Amazon Inspector user guide, "Using service-linked roles for Amazon Inspector".
        Grant::on(
            &["arn:aws:iam::{account}:role/aws-service-role/inspector2.amazonaws.com/AWSServiceRoleForAmazonInspector2"],
            &["iam:CreateServiceLinkedRole"],
        )
        .when(&[("StringEquals", "iam:AWSServiceName", "inspector2.amazonaws.com")]),
    ];
}

impl Resource for RegistryScanning {
    const KIND: &'static str = "registry-scanning";
    const NATURE: Nature = Nature::Setting;
    type Cloud = Account;
    type Output = ();

    async fn find(&self, cx: &Cx<'_, Account>) -> Result<Option<Found<Self>>> {
        let actual = list(cx, Self::KIND, async {
            let answer = cx.ecr().get_registry_scanning_configuration().send().await.edge()?;
            let found = answer.scanning_configuration;
            let mut rules: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
            for rule in found.iter().flat_map(RegistryScanningConfiguration::rules) {
                let patterns = rule.repository_filters().iter().map(|filter| filter.filter().to_owned());
                rules.entry(rule.scan_frequency().as_str().to_owned()).or_default().extend(patterns);
            }
            // A rule for no repository says nothing.
            rules.retain(|_, patterns| !patterns.is_empty());
            Ok(Self { enhanced: found.and_then(|found| found.scan_type) == Some(ScanType::Enhanced), rules })
        });
        Ok(Some(Found { output: (), actual: Self::clone(&*actual.await?), tags: None }))
    }

    async fn update(&self, _: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let kind = if self.enhanced { ScanType::Enhanced } else { ScanType::Basic };
        let rules = self.rules.iter().map(|(frequency, patterns)| {
            let filters = patterns.iter().map(|pattern| {
                let filter = ScanningRepositoryFilter::builder().filter(pattern);
                filter.filter_type(ScanningRepositoryFilterType::Wildcard).build()
            });
            let rule = RegistryScanningRule::builder().scan_frequency(frequency.as_str().into());
            rule.set_repository_filters(Some(filters.collect::<Result<_, _>>()?)).build()
        });
        let rules: Result<Vec<_>, aws_smithy_types::error::operation::BuildError> = rules.collect();
        let rules = rules.map_err(|error| Error::new(Class::Invalid, format!("rules of scanning: {error}")))?;
        let call = cx.ecr().put_registry_scanning_configuration().scan_type(kind);
        call.set_rules(Some(rules)).send().await.edge().map(drop)
    }
}
