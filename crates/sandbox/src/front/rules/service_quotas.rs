//! Service Quotas: the local AWS knows the defaults of VPC alone, and lists no applied values.
//!
//! A value that was raised is remembered under `quota ACCOUNT REGION CODE`, for rehearsals and tests; the front's own limits
//! keep to it.

use async_trait::async_trait;
use serde_json::{Value, json};

use super::Rule;
use crate::front::answer::Answer;
use crate::front::call::{Call, Request};
use crate::front::upstream::Broken;
use crate::front::world::World;

/// See the module.
pub(super) struct ServiceQuotas;

/// The code of the service, its name, the quota's code, its name, and AWS's default (Organizations, VPC, EC2, Elastic Load
/// Balancing and ECS guides, the page on quotas of each).
const QUOTAS: [(&str, &str, &str, &str, u32); 7] = [
    ("organizations", "AWS Organizations", "L-E619E033", "Default maximum number of accounts", 10),
    ("vpc", "Amazon Virtual Private Cloud (Amazon VPC)", VPCS, "VPCs per Region", 5),
    ("vpc", "Amazon Virtual Private Cloud (Amazon VPC)", INTERNET_GATEWAYS, "Internet gateways per Region", 5),
    ("vpc", "Amazon Virtual Private Cloud (Amazon VPC)", NAT_GATEWAYS, "NAT gateways per Availability Zone", 5),
    ("ec2", "Amazon Elastic Compute Cloud (Amazon EC2)", ADDRESSES, "EC2-VPC Elastic IPs", 5),
    ("elasticloadbalancing", "Elastic Load Balancing (ELB)", "L-53DA6B97", "Application Load Balancers per Region", 50),
    ("fargate", "AWS Fargate", "L-3032A538", "Fargate On-Demand vCPU resource count", 6),
];

pub(super) const VPCS: &str = "L-F678F1CE";
pub(super) const INTERNET_GATEWAYS: &str = "L-A4707A72";
pub(super) const NAT_GATEWAYS: &str = "L-FE5A380F";
pub(super) const ADDRESSES: &str = "L-0263D0A3";

/// Where those of a global service are.
const GLOBAL: &str = "us-east-1";

/// What a quota is set to in the account and region of a call.
pub(super) async fn applied(world: &World, call: &Call, code: &str) -> Result<f64, Broken> {
    let default = QUOTAS.iter().find(|(_, _, known, ..)| *known == code).map_or(0, |(.., default)| *default);
    let raised = world.recall(&format!("quota {} {} {code}", call.account, call.region)).await?;
    Ok(raised.and_then(|raised| raised.as_f64()).unwrap_or_else(|| f64::from(default)))
}

#[async_trait]
impl Rule for ServiceQuotas {
    async fn before(&self, request: &mut Request, world: &World) -> Result<Option<Answer>, Broken> {
        let call = request.call.clone();
        if call.service != "servicequotas" || !["GetServiceQuota", "ListServiceQuotas"].contains(&&*call.operation) {
            return Ok(None);
        }
        let text = |name| request.parameters.text(name).unwrap_or_default();
        let (service, code) = (text("ServiceCode"), text("QuotaCode"));
        let is_global = |service: &str| service == "organizations";
        let of_service = QUOTAS.iter().filter(|(known, ..)| *known == service);
        // Service Quotas API reference, `GetServiceQuota`: what it does not know is no resource.
        let missing = || {
            let message = "The request failed because the specified service or quota does not exist.";
            Ok(Some(Answer::refusal(request.protocol, 400, "NoSuchResourceException", message)))
        };
        if is_global(service) && call.region != GLOBAL || of_service.clone().next().is_none() {
            return missing();
        }
        let mut quotas = Vec::new();
        for quota in of_service {
            quotas.push(shown(quota, applied(world, &call, quota.2).await?, &call));
        }
        if call.operation == "ListServiceQuotas" {
            return Ok(Some(Answer::success_json(&json!({"Quotas": quotas}))));
        }
        match quotas.into_iter().find(|quota| quota["QuotaCode"] == code) {
            Some(quota) => Ok(Some(Answer::success_json(&json!({"Quota": quota})))),
            None => missing(),
        }
    }
}

fn shown((service, service_name, code, name, _): &(&str, &str, &str, &str, u32), value: f64, call: &Call) -> Value {
    let Call { account, region, .. } = call;
    json!({
        "ServiceCode": service,
        "ServiceName": service_name,
        "QuotaArn": format!("arn:aws:servicequotas:{region}:{account}:{service}/{code}"),
        "QuotaCode": code,
        "QuotaName": name,
        "Value": value,
        "Unit": "None",
        "Adjustable": true,
        "GlobalQuota": *service == "organizations",
        "QuotaAppliedAtLevel": "ACCOUNT",
    })
}
