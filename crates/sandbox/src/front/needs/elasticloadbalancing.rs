//! What calls to Elastic Load Balancing are about (service authorization reference, "AWS Elastic Load Balancing V2").

use crate::front::call::{Call, Request};

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
