//! ACM: a certificate is issued when the records that prove its domains can be found, and no listener takes it before
//! (ACM user guide, "DNS validation").

use async_trait::async_trait;
use serde_json::{Value, json};

use super::Rule;
use super::clock::Clock;
use super::look;
use super::records;
use crate::front::answer::Answer;
use crate::front::call::{Call, Request};
use crate::front::upstream::Broken;
use crate::front::world::World;

/// See the module.
#[derive(Default)]
pub(super) struct Certificates {
    requested: Clock,
}

#[async_trait]
impl Rule for Certificates {
    async fn before(&self, request: &mut Request, world: &World) -> Result<Option<Answer>, Broken> {
        let takes = ["AddListenerCertificates", "CreateListener", "ModifyListener"];
        if request.call.service != "elasticloadbalancing" || !takes.contains(&request.call.operation.as_str()) {
            return Ok(None);
        }
        let texts = request.parameters.texts();
        for (_, arn) in texts.iter().filter(|(name, text)| name.ends_with("CertificateArn") && text.contains(":acm:")) {
            let call = Call { service: "acm".to_owned(), ..request.call.clone() };
            let status = self.status(arn, &call, world).await?;
            if status.is_some_and(|status| status != "ISSUED") {
                // As Elastic Load Balancing words it (API reference, CreateListener, `UnsupportedCertificate`).
                let message = format!(
                    "The certificate '{arn}' must have a fully-qualified domain name, a supported signature, and a \
                     supported key size."
                );
                return Ok(Some(Answer::refusal(request.protocol, 400, "UnsupportedCertificate", &message)));
            }
        }
        Ok(None)
    }

    async fn after(&self, request: &Request, answer: &mut Answer, world: &World) -> Result<(), Broken> {
        let call = &request.call;
        if call.service != "acm" || !answer.is_success() {
            return Ok(());
        }
        let Some(mut json) = answer.json() else { return Ok(()) };
        match call.operation.as_str() {
            "RequestCertificate" => {
                let arn = json["CertificateArn"].as_str().unwrap_or_default();
                // A repeated call begins nothing.
                if !self.requested.knows(arn) {
                    self.requested.begin(arn, world.weather().pending(call));
                }
                return Ok(());
            }
            "DescribeCertificate" => self.show(&mut json["Certificate"], call, world).await?,
            "ListCertificates" => {
                for certificate in json["CertificateSummaryList"].as_array_mut().into_iter().flatten() {
                    let arn = certificate["CertificateArn"].as_str().unwrap_or_default().to_owned();
                    if let Some(status) = self.status(&arn, call, world).await? {
                        certificate["Status"] = status;
                    }
                }
                let wanted: Vec<Value> = statuses(request);
                if let Some(all) = json["CertificateSummaryList"].as_array_mut() {
                    all.retain(|certificate| wanted.is_empty() || wanted.contains(&certificate["Status"]));
                }
            }
            _ => return Ok(()),
        }
        answer.set_json(&json);
        Ok(())
    }
}

impl Certificates {
    /// The status of a certificate, if there is one.
    async fn status(&self, arn: &str, call: &Call, world: &World) -> Result<Option<Value>, Broken> {
        let target = "CertificateManager.DescribeCertificate";
        let mut known = look::json(world, call, target, &json!({"CertificateArn": arn})).await?;
        let certificate = &mut known["Certificate"];
        self.show(certificate, call, world).await?;
        Ok(Some(certificate["Status"].take()).filter(|status| !status.is_null()))
    }

    /// Shows a certificate as it would be.
    async fn show(&self, certificate: &mut Value, call: &Call, world: &World) -> Result<(), Broken> {
        let arn = certificate["CertificateArn"].as_str().unwrap_or_default().to_owned();
        if certificate["Type"] != "AMAZON_ISSUED" || world.recall(&issued(&arn)).await?.is_some() {
            return Ok(());
        }
        let is_new = self.requested.is_running(&arn);
        let options = certificate["DomainValidationOptions"].as_array().cloned().unwrap_or_default();
        let mut is_proven = !is_new;
        let mut shown = Vec::new();
        for mut option in options {
            let found = !is_new && records::exist(world, call, &option["ResourceRecord"]).await?;
            is_proven &= found;
            option["ValidationStatus"] = json!(if found { "SUCCESS" } else { "PENDING_VALIDATION" });
            // The records are known a few seconds after the request.
            if is_new && let Some(option) = option.as_object_mut() {
                option.remove("ResourceRecord");
            }
            shown.push(option);
        }
        if is_proven && certificate["Status"] == "ISSUED" {
            // It stays so, whatever becomes of the records.
            return world.remember(&issued(&arn), json!(true)).await;
        }
        if let Some(certificate) = certificate.as_object_mut() {
            certificate.insert("Status".to_owned(), json!("PENDING_VALIDATION"));
            certificate.insert("DomainValidationOptions".to_owned(), Value::from(shown));
            for later in ["IssuedAt", "NotBefore", "NotAfter", "Serial"] {
                certificate.remove(later);
            }
        }
        Ok(())
    }
}

fn issued(arn: &str) -> String {
    format!("issued {arn}")
}

/// The states that a list is asked for.
fn statuses(request: &Request) -> Vec<Value> {
    let texts = request.parameters.texts();
    let wanted = texts.iter().filter(|(name, _)| name.starts_with("CertificateStatuses."));
    wanted.map(|(_, status)| json!(status)).collect()
}
