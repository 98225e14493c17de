//! The moment at which a certificate can be used.

use std::time::Duration;

use aws_sdk_acm::types::{CertificateDetail, CertificateStatus, DomainStatus, FailureReason};
use engine::{Class, Cx, Error, Found, Id, Nature, Resource, Result};
use serde::Serialize;

use super::certificate::{CERTIFICATES, described};
use super::{Certificate, unless_missing};
use crate::wait::Wait;
use crate::{Account, Grant, Permissions};

/// Some minutes are usual once the records are published (ACM user guide, "DNS validation").
const PATIENCE: Duration = Duration::from_mins(20);
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
        let (arn, mut wait) = (output.get()?, Wait::with_pauses_up_to(LONGEST_PAUSE));
        loop {
            // A new one may not be seen yet.
            let detail = unless_missing(described(arn, cx).await)?;
            if let Some(detail) = &detail
                && is_issued(detail)?
            {
                return Ok(());
            }
            let missing = detail.as_ref().map_or_else(|| arn.to_owned(), unproven);
            let waited = wait.waited();
            if waited >= PATIENCE {
                let minutes = waited.as_secs() / 60;
                let message = format!("{arn} is not issued after {minutes} min: ACM has not seen {missing}");
                return Err(Error::new(Class::Other, message).hint(
                    "ACM goes on looking for 72 hours: see that the domain is delegated to the zone of these records, \
                     and run again to go on",
                ));
            }
            cx.waiting(format!("the certificate to be issued: ACM looks for {missing}, {} s", waited.as_secs()));
            wait.pause().await;
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

/// Whether a certificate is issued, or may be yet.
pub(super) fn is_alive(status: Option<&CertificateStatus>) -> bool {
    matches!(
        status,
        Some(CertificateStatus::Issued | CertificateStatus::PendingValidation | CertificateStatus::Inactive)
    )
}

/// Whether it is issued; an error if it never will be.
pub(super) fn is_issued(detail: &CertificateDetail) -> Result<bool> {
    let status = detail.status.as_ref();
    if is_alive(status) {
        return Ok(status == Some(&CertificateStatus::Issued));
    }
    let status = status.map_or("in no state", CertificateStatus::as_str);
    let reason = detail.failure_reason.as_ref().map(|reason| format!(": {}", reason.as_str())).unwrap_or_default();
    let (arn, domain) = (detail.certificate_arn().unwrap_or_default(), detail.domain_name().unwrap_or_default());
    let message = format!("{arn} of {domain} is {status}{reason}");
    Err(Error::new(Class::Other, message).hint(format!("{}, and run again: it is requested anew", remedy(detail))))
}

/// What to do about a failure (ACM user guide, "Certificate request fails").
fn remedy(detail: &CertificateDetail) -> &'static str {
    if detail.status == Some(CertificateStatus::ValidationTimedOut) {
        return "ACM did not find its records within 72 hours: see that the domain is delegated to its zone";
    }
    match &detail.failure_reason {
        Some(FailureReason::CaaError) => {
            "a CAA record of the domain, or of one above it, forbids Amazon: let it have `0 issue \"amazon.com\"`"
        }
        Some(FailureReason::AdditionalVerificationRequired) => "ask AWS Support to allow the domain",
        Some(FailureReason::InvalidPublicDomain) => "choose a domain below a public suffix",
        Some(FailureReason::DomainNotAllowed) => "the domain is reported as unsafe: have it taken off that list",
        _ => "see the certificate in the console of ACM, mend the reason",
    }
}

#[cfg(test)]
pub(super) mod tests {
    #![expect(clippy::unwrap_used, reason = "a test")]
    use super::*;

    pub(in crate::resources) fn detail(
        status: CertificateStatus,
    ) -> aws_sdk_acm::types::builders::CertificateDetailBuilder {
        CertificateDetail::builder().certificate_arn("arn:1").domain_name("a.verb.example").status(status)
    }

    #[test]
    fn what_will_never_be_issued_says_why_and_what_to_do() {
        assert!(is_issued(&detail(CertificateStatus::Issued).build()).unwrap());
        assert!(!is_issued(&detail(CertificateStatus::PendingValidation).build()).unwrap());
        let failed = detail(CertificateStatus::Failed).failure_reason(FailureReason::CaaError).build();
        let error = is_issued(&failed).unwrap_err();
        assert_eq!(&*error.message, "arn:1 of a.verb.example is FAILED: CAA_ERROR");
        assert!(error.hint.unwrap().contains("0 issue \"amazon.com\""));
        let late = is_issued(&detail(CertificateStatus::ValidationTimedOut).build()).unwrap_err();
        assert!(late.hint.unwrap().contains("delegated"));
    }
}
