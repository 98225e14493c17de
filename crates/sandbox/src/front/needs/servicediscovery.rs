//! What calls to Cloud Map are about, and what it does in Route 53 in the name of whoever calls (service authorization reference,
//! "AWS Cloud Map"; Cloud Map developer guide, "API permissions reference").

use super::Need;
use crate::front::call::{Call, Request};

/// The ARN of the namespace or service that a call names. Tags and lists are about all.
pub(super) fn object(request: &Request, action: &str) -> String {
    let Call { operation, account, region, .. } = &request.call;
    let arn = |kind: &str, id: &str| format!("arn:aws:servicediscovery:{region}:{account}:{kind}/{id}");
    let id = |name| request.parameters.text(name).and_then(|text| text.rsplit('/').next()).unwrap_or("*");
    match operation.as_str() {
        "DeleteNamespace" | "GetNamespace" => arn("namespace", id("Id")),
        "CreateService" if action == "servicediscovery:CreateService" => arn("namespace", id("NamespaceId")),
        "DeleteService" | "UpdateService" | "GetService" => arn("service", id("Id")),
        _ => "*".to_owned(),
    }
}

/// What Cloud Map does in Route 53, and what a call is about beside.
pub(super) fn beside(request: &Request) -> Vec<Need> {
    let zone = "arn:aws:route53:::hostedzone/*";
    // It is about the namespace, and about the service that it makes.
    let service = format!("arn:aws:servicediscovery:{}:{}:service/*", request.call.region, request.call.account);
    let needs: &[(&str, &str)] = match request.call.operation.as_str() {
        "CreatePrivateDnsNamespace" => {
            &[("ec2:DescribeVpcs", "*"), ("route53:CreateHostedZone", "*"), ("route53:ListHostedZonesByName", "*")]
        }
        "DeleteNamespace" => &[("route53:DeleteHostedZone", zone)],
        "CreateService" => &[("route53:GetHostedZone", zone), ("servicediscovery:CreateService", &service)],
        "UpdateService" => &[("route53:ChangeResourceRecordSets", zone), ("route53:GetHostedZone", zone)],
        _ => &[],
    };
    needs.iter().map(|(action, on)| Need::new(*action, *on)).collect()
}
