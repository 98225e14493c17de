//! A certificate for the domains of a service.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use aws_sdk_acm::types::{
    CertificateDetail, CertificateStatus, CertificateSummary, Filters, KeyAlgorithm, Tag, ValidationMethod,
};
use engine::{Class, Cx, Error, Found, Id, Key, Output, Resource, Result, Tags, only_one};
use futures_util::{FutureExt, future};
use serde::Serialize;

use super::certificate_issued::{is_alive, is_issued};
use super::dns::{DnsText, normal};
use super::{account_tags, creation, unless_missing};
use crate::edge::Edge;
use crate::inventory::list;
use crate::{Account, Grant, Permissions};

/// A public certificate, validated by DNS records. Nothing of it can be changed. One that will never be issued, or that is
/// used up, is none any more: it is requested anew.
#[derive(Debug, Serialize)]
pub struct Certificate {
    /// The domain, in lower case.
    pub domain: String,
    /// More domains, such as `*.dev.cms.verb.example`.
    pub alternative_names: BTreeSet<String>,
    /// Such as `RSA_2048` or `EC_prime256v1`.
    pub key_algorithm: String,
}

/// A certificate that was requested, and the records that prove its domains.
#[derive(Clone, Debug)]
pub struct RequestedCertificate {
    /// Its ARN.
    pub arn: Id<Certificate>,
    /// The records by domain, without `*.`: a domain and its wildcard have the same one.
    records: BTreeMap<String, (String, String)>,
}

impl RequestedCertificate {
    /// Name and value of the `CNAME` record that proves a domain of the certificate.
    pub fn record(&self, domain: &str) -> (Id<DnsText>, Id<DnsText>) {
        match self.records.get(&proven(domain)) {
            Some((name, value)) => (Id::new(name.as_str()), Id::new(value.as_str())),
            None => (self.arn.cast(), self.arn.cast()),
        }
    }
}

impl Output for RequestedCertificate {
    fn pending(key: &Key) -> Self {
        Self { arn: Id::pending(key.clone()), records: BTreeMap::new() }
    }

    fn id(&self) -> Option<&str> {
        self.arn.known()
    }
}

/// ACM lists only certificates with RSA keys of up to 2048 bits unless it is told all kinds (ACM API `ListCertificates`).
const KEY_TYPES: [KeyAlgorithm; 7] = [
    KeyAlgorithm::Rsa1024,
    KeyAlgorithm::Rsa2048,
    KeyAlgorithm::Rsa3072,
    KeyAlgorithm::Rsa4096,
    KeyAlgorithm::EcPrime256v1,
    KeyAlgorithm::EcSecp384r1,
    KeyAlgorithm::EcSecp521r1,
];

/// Until when a certificate is asked for its tags that the tagging API does not list, in seconds after it was requested.
const UNTIL_TAGS_ARE_LISTED: i64 = 3600;

/// ACM takes no longer tokens (ACM API `RequestCertificate`).
const LONGEST_TOKEN: usize = 32;

impl Resource for Certificate {
    const KIND: &'static str = "certificate";
    const FIXED: &'static [&'static str] = &["domain", "alternative_names", "key_algorithm"];
    const NOTED: bool = true;
    type Cloud = Account;
    type Output = RequestedCertificate;

    /// Without the records, which would be a call for each.
    async fn owned(cx: &Cx<'_, Account>) -> Result<Vec<(Key, Found<Self>)>> {
        let all = all(cx).await?;
        let alive = all.iter().filter(|one| is_alive(one.summary.status.as_ref()));
        Ok(alive.filter_map(|one| Some((one.owner(cx)?, one.found()))).collect())
    }

    async fn find(&self, cx: &Cx<'_, Account>) -> Result<Option<Found<Self>>> {
        let Some(found) = only_one(cx.key, Self::owned(cx).await?)? else { return Ok(None) };
        let arn = found.output.arn.get()?;
        // It may be deleted, which the list does not show yet.
        let Some(detail) = unless_missing(described(arn, cx).await)? else { return Ok(None) };
        if !is_alive(detail.status.as_ref()) {
            return Ok(None);
        }
        let as_wanted = |tags: &Tags| cx.tags.iter().all(|(key, value)| tags.get(key) == Some(value));
        let listed = found.tags.unwrap_or_default();
        let tags = if as_wanted(&listed) {
            listed
        } else {
            // The list is late.
            unless_missing(tags_of(arn, cx).await)?.unwrap_or(listed)
        };
        let names = detail.subject_alternative_names().iter().map(String::as_str);
        let actual = Self::new(detail.domain_name(), names, detail.key_algorithm.as_ref());
        Ok(Some(Found { output: requested(arn, &detail)?, actual, tags: Some(tags) }))
    }

    async fn create(&self, cx: &Cx<'_, Account>) -> Result<RequestedCertificate> {
        let dead = self.clear_away(cx).await?;
        let tags = tags_to(cx.tags)?;
        let names: Vec<String> = self.alternative_names.iter().cloned().collect();
        // One of the same names may have been deleted within the hour for which ACM remembers a token, and still be described.
        let reference = creation::reference(cx).await?;
        let own = [self.domain.as_str(), &self.key_algorithm, &reference];
        let parameters: Vec<&str> = own.into_iter().chain(names.iter().map(String::as_str)).collect();
        let create = |token: String| {
            let call =
                cx.acm().request_certificate().domain_name(&self.domain).idempotency_token(&token[..LONGEST_TOKEN]);
            let call = call.set_subject_alternative_names((!names.is_empty()).then(|| names.clone()));
            let call = call.key_algorithm(KeyAlgorithm::from(self.key_algorithm.as_str()));
            let call = call.validation_method(ValidationMethod::Dns).set_tags(Some(tags.clone()));
            async move {
                let arn = call.send().await.edge()?.certificate_arn.map(Id::new);
                arn.ok_or_else(|| Error::new(Class::Other, "ACM answered without the ARN of the certificate"))
            }
            .boxed()
        };
        let is_there =
            |id: Id<Self>| async move { Ok(is_alive(described(id.get()?, cx).await?.status.as_ref())) }.boxed();
        let arn = creation::with_token(cx, &parameters, dead, create, is_there).await?;
        let told = async |arn: &str| {
            let detail = described(arn, cx).await?;
            is_issued(&detail)?;
            requested(arn, &detail)
        };
        cx.follow_up(|| Box::pin(async { told(arn.get()?).await })).await
    }

    async fn tag(found: &Found<Self>, tags: &Tags, cx: &Cx<'_, Account>) -> Result<()> {
        let call = cx.acm().add_tags_to_certificate().certificate_arn(found.output.arn.get()?);
        call.set_tags(Some(tags_to(tags)?)).send().await.edge().map(drop)
    }

    async fn delete(found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        cx.acm().delete_certificate().certificate_arn(found.output.arn.get()?).send().await.edge().map(drop)
    }
}

/// The certificates of the account, whoever made them: their ARNs have no names.
impl Permissions for Certificate {
    const READS: &'static [Grant] = &[
        Grant::everywhere(&["acm:ListCertificates", "tag:GetResources"]),
        Grant::on(CERTIFICATES, &["acm:DescribeCertificate", "acm:ListTagsForCertificate"]),
    ];
    const CHANGES: &'static [Grant] = &[
        Grant::everywhere(&["acm:RequestCertificate"]),
        Grant::on(CERTIFICATES, &["acm:AddTagsToCertificate", "acm:DeleteCertificate"]),
    ];
}

/// The certificates of the account.
pub(super) const CERTIFICATES: &[&str] = &["arn:aws:acm:{region}:{account}:certificate/*"];

impl Certificate {
    /// What ACM says of a certificate, in the shape of what is wanted: the domain is one of its names there, and the
    /// algorithm is written in two ways (ACM API `RequestCertificate` has `RSA_2048`, the example of
    /// `DescribeCertificate` `RSA-2048`).
    fn new<'n>(domain: Option<&str>, names: impl Iterator<Item = &'n str>, key: Option<&KeyAlgorithm>) -> Self {
        let domain = normal(domain.unwrap_or_default());
        let alternative_names = names.map(normal).filter(|name| *name != domain).collect();
        let key_algorithm = key.map(|key| key.as_str().replace('-', "_")).unwrap_or_default();
        Self { domain, alternative_names, key_algorithm }
    }

    /// Deletes those of this node that are none any more; gives their ARNs. One that is in use still stays.
    async fn clear_away(&self, cx: &Cx<'_, Account>) -> Result<Vec<String>> {
        let all = all(cx).await?;
        let mut dead = Vec::new();
        for one in all.iter().filter(|one| !is_alive(one.summary.status.as_ref())) {
            if one.owner(cx).as_ref() != Some(cx.key) {
                continue;
            }
            let (arn, status) = (one.arn(), one.summary.status.as_ref().map_or("gone", CertificateStatus::as_str));
            match cx.acm().delete_certificate().certificate_arn(arn).send().await.edge() {
                Err(error) if matches!(error.class, Class::InUse | Class::NotFound) => {}
                deleted => {
                    deleted?;
                    cx.tell(format!("{arn} was {status}, and is deleted"));
                }
            }
            dead.push(arn.to_owned());
        }
        dead.sort_unstable();
        Ok(dead)
    }
}

/// A certificate, as the list has it, and its tags.
struct Listed {
    summary: CertificateSummary,
    tags: Tags,
}

impl Listed {
    fn arn(&self) -> &str {
        self.summary.certificate_arn().unwrap_or_default()
    }

    fn owner(&self, cx: &Cx<'_, Account>) -> Option<Key> {
        cx.owner(&self.tags).filter(|key| key.kind == Certificate::KIND)
    }

    fn found(&self) -> Found<Certificate> {
        let names = self.summary.subject_alternative_name_summaries().iter().map(String::as_str);
        let actual = Certificate::new(self.summary.domain_name(), names, self.summary.key_algorithm.as_ref());
        let output = RequestedCertificate { arn: Id::new(self.arn()), records: BTreeMap::new() };
        Found { output, actual, tags: Some(self.tags.clone()) }
    }
}

/// Every certificate of the account, with the tags of what is ours.
async fn all(cx: &Cx<'_, Account>) -> Result<Arc<Vec<Listed>>> {
    list(cx, Certificate::KIND, async {
        let filter = Filters::builder().set_key_types(Some(KEY_TYPES.to_vec())).build();
        let pages = cx.acm().list_certificates().includes(filter).into_paginator().items().send();
        let (all, tagged) = future::try_join(async { pages.try_collect().await.edge() }, account_tags::all(cx)).await?;
        let all: Vec<CertificateSummary> = all;
        let now = aws_smithy_types::DateTime::from(std::time::SystemTime::now()).secs();
        let is_young =
            |one: &CertificateSummary| one.created_at.is_some_and(|made| now - made.secs() < UNTIL_TAGS_ARE_LISTED);
        let with_tags = all.into_iter().map(async |summary| {
            let arn = summary.certificate_arn().unwrap_or_default();
            let tags = match tagged.get(arn) {
                Some(tags) => tags.clone(),
                // The list of tags is late.
                None if is_young(&summary) => unless_missing(tags_of(arn, cx).await)?.unwrap_or_default(),
                None => Tags::new(),
            };
            Ok(Listed { summary, tags })
        });
        future::try_join_all(with_tags).await
    })
    .await
}

/// One certificate, fresh.
pub(super) async fn described(arn: &str, cx: &Cx<'_, Account>) -> Result<CertificateDetail> {
    let answer = cx.acm().describe_certificate().certificate_arn(arn).send().await.edge()?;
    answer.certificate.ok_or_else(|| Error::new(Class::Other, format!("ACM answered without the certificate {arn}")))
}

/// The output of a certificate: not yet, as long as ACM has not told all records. It does seconds after the request (ACM API
/// `RequestCertificate`, "After successful completion ... there is a delay of several seconds").
fn requested(arn: &str, detail: &CertificateDetail) -> Result<RequestedCertificate> {
    let record = |option: &aws_sdk_acm::types::DomainValidation| {
        let record = option.resource_record()?;
        Some((proven(&option.domain_name), (normal(&record.name), normal(&record.value))))
    };
    let records: Option<BTreeMap<_, _>> = detail.domain_validation_options().iter().map(record).collect();
    let records = records.filter(|records| !records.is_empty()).ok_or_else(|| {
        Error::new(Class::NotYet, format!("ACM does not tell the records that prove {arn} yet"))
            .hint("it does so within seconds as a rule: run again")
    })?;
    Ok(RequestedCertificate { arn: Id::new(arn), records })
}

/// The domain that a record proves, for the wildcard below it too.
fn proven(domain: &str) -> String {
    let domain = normal(domain);
    domain.strip_prefix("*.").map(str::to_owned).unwrap_or(domain)
}

async fn tags_of(arn: &str, cx: &Cx<'_, Account>) -> Result<Tags> {
    let answer = cx.acm().list_tags_for_certificate().certificate_arn(arn).send().await.edge()?;
    let tags = answer.tags.unwrap_or_default().into_iter();
    Ok(tags.map(|tag| (tag.key, tag.value.unwrap_or_default())).collect())
}

fn tags_to(tags: &Tags) -> Result<Vec<Tag>> {
    let tags = tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build());
    tags.collect::<Result<_, _>>().map_err(|error| Error::new(Class::Invalid, format!("tags: {error}")))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test")]
    use aws_sdk_acm::types::{DomainValidation, RecordType, ResourceRecord};

    use super::super::certificate_issued::tests::detail;
    use super::*;

    #[test]
    fn a_domain_and_its_wildcard_have_one_record() {
        let option = |domain: &str, record: bool| {
            let value = ResourceRecord::builder().name("_1.Verb.example.").r#type(RecordType::Cname).value("_2.aws.");
            let option = DomainValidation::builder().domain_name(domain);
            option.set_resource_record(record.then(|| value.build().unwrap())).build().unwrap()
        };
        let pending =
            || detail(CertificateStatus::PendingValidation).domain_validation_options(option("verb.example", true));
        let early = requested("arn:1", &pending().domain_validation_options(option("*.verb.example", false)).build());
        assert_eq!(early.unwrap_err().class, Class::NotYet);
        let whole = requested("arn:1", &pending().domain_validation_options(option("*.verb.example", true)).build());
        let (name, value) = whole.unwrap().record("*.verb.example");
        assert_eq!((name.known(), value.known()), (Some("_1.verb.example"), Some("_2.aws")));
    }
}
