//! The moment at which a certificate can be used.

use std::time::Duration;

use aws_sdk_acm::types::{CertificateDetail, DomainStatus};
use engine::{Class, Cx, Error, Found, Id, Nature, Resource, Result};
use serde::Serialize;
use tokio::time::{Instant, sleep};

use super::certificate::{CERTIFICATES, described, is_issued};
use super::{Certificate, unless_missing};
use crate::{Account, Grant, Permissions};

/// Some minutes are usual once the records are published (ACM user guide, "DNS validation").
const PATIENCE: Duration = Duration::from_mins(20);
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

/// A certificate that is issued. No listener takes one before. Its other inputs are the records that prove its domains,
/// of which nothing is used but that they are there.
#[derive(Debug, Serialize)]
pub struct CertificateIssued {
    /// The certificate's ARN.
    pub certificate: Id<Certificate>,
}

impl Resource for CertificateIssued {
    const KIND: &'static str = "certificate-issued";
    const NATURE: Nature = Nature::Lookup;
    type Cloud = Account;
    /// The certificate's ARN.
    type Output = Id<Self>;

    /// Without a call: a plan does not wait.
    async fn find(&self, _: &Cx<'_, Account>) -> Result<Option<Found<Self>>> {
        Ok(self.certificate.known().map(|_| Found {
            output: self.certificate.cast(),
            actual: Self { certificate: self.certificate.clone() },
            tags: None,
        }))
    }

    async fn ready(output: &Id<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let (arn, began, mut pause) = (output.get()?, Instant::now(), FIRST_PAUSE);
        loop {
            // A new one may not be seen yet.
            let detail = unless_missing(described(arn, cx).await)?;
            if let Some(detail) = &detail
                && is_issued(detail)?
            {
                return Ok(());
            }
            let missing = detail.as_ref().map_or_else(|| arn.to_owned(), unproven);
            let waited = began.elapsed();
            if waited >= PATIENCE {
                let minutes = waited.as_secs() / 60;
                let message = format!("{arn} is not issued after {minutes} min: ACM has not seen {missing}");
                return Err(Error::new(Class::Other, message).hint(
                    "ACM goes on looking for 72 hours: see that the domain is delegated to the zone of these records, \
                     and run again to go on",
                ));
            }
            cx.waiting(format!("the certificate to be issued: ACM looks for {missing}, {} s", waited.as_secs()));
            sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}

impl Permissions for CertificateIssued {
    const READS: &'static [Grant] = &[Grant::on(CERTIFICATES, &["acm:DescribeCertificate"])];
    const CHANGES: &'static [Grant] = &[];
}

/// The records that ACM has not found yet.
fn unproven(detail: &CertificateDetail) -> String {
    let open = detail.domain_validation_options().iter();
    let open = open.filter(|option| option.validation_status != Some(DomainStatus::Success));
    let mut names: Vec<&str> =
        open.map(|option| option.resource_record().map_or(option.domain_name(), |record| record.name())).collect();
    names.sort_unstable();
    names.dedup();
    names.join(", ")
}
