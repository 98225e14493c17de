//! What calls to Elastic Load Balancing are about (service authorization reference, "AWS Elastic Load Balancing V2").

use super::Need;
use crate::front::call::{Call, Request};

/// What it looks at in the name of whoever calls (Elastic Load Balancing user guide, "API permissions"; the last one is in
/// aws-load-balancer-controller, issue 3917).
const LOOKS: [&str; 7] = [
    "ec2:DescribeAccountAttributes",
    "ec2:DescribeAddresses",
    "ec2:DescribeInternetGateways",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcs",
    "ec2:GetSecurityGroupsForVpc",
];

/// What a call needs in EC2.
pub(super) fn beside(request: &Request) -> Vec<Need> {
    let looks = if request.call.operation == "CreateLoadBalancer" { &LOOKS[..] } else { &[] };
    looks.iter().map(|action| Need::new(*action, "*")).collect()
}

/// The ARN of the object that is changed; what is new has no id yet. Reads are about all.
pub(super) fn object(request: &Request, action: &str) -> String {
    let Call { operation, account, region, .. } = &request.call;
    if operation.starts_with("Describe") {
        return "*".to_owned();
    }
    let text = |name| request.parameters.text(name);
    let below = |parent: Option<&str>, from: &str, to: &str| Some(format!("{}/*", parent?.replace(from, to)));
    let named =
        |kind: &str| Some(format!("arn:aws:elasticloadbalancing:{region}:{account}:{kind}/{}/*", text("Name")?));
    let new = match operation.as_str() {
        "CreateLoadBalancer" => named("loadbalancer/app"),
        "CreateTargetGroup" => named("targetgroup"),
        // Tags are the new object's own, and the rest is about its parent.
        "CreateListener" if action.ends_with(":AddTags") => {
            below(text("LoadBalancerArn"), ":loadbalancer/", ":listener/")
        }
        "CreateRule" if action.ends_with(":AddTags") => below(text("ListenerArn"), ":listener/", ":listener-rule/"),
        _ => None,
    };
    let parameters = [
        "RuleArn",
        "ListenerArn",
        "TargetGroupArn",
        "LoadBalancerArn",
        "ResourceArns.member.1",
        "RulePriorities.member.1.RuleArn",
    ];
    new.or_else(|| parameters.iter().find_map(|name| text(name)).map(str::to_owned)).unwrap_or_else(|| "*".to_owned())
}
