//! Services that act for anyone.

use super::limit::{Fixes, fixes_source, is_fixed, is_limited, prefix};
use super::place::Place;
use super::{Report, Rule, Severity};
use crate::context::Key;
use crate::document::{ConditionValue, service_of};
use crate::principal::Principal;

/// IAM user guide, "The confused deputy problem", section "Cross-service confused deputy prevention".
pub(super) const CONFUSED_DEPUTY: Rule = Rule {
    id: "confused-deputy",
    severity: Severity::Warning,
    summary: "a service is allowed on behalf of anyone",
    explanation: "A service acts for all customers of AWS. Unless the statement says for which account or resource it \
        may act, a stranger can have the service use this object or role for a resource of theirs.",
};

/// Services that take a role of their caller's own account and give it to the customer's own code. Who configures them
/// needs `iam:PassRole`, which is not given across accounts (IAM user guide, "Grant a user permissions to pass a role
/// to an AWS service"), and the guides of these services show trust policies without conditions.
const OWN_CODE: [&str; 13] = [
    "apprunner",
    "build.apprunner",
    "codebuild",
    "codedeploy",
    "codepipeline",
    "ec2",
    "edgelambda",
    "eks",
    "elasticbeanstalk",
    "elasticmapreduce",
    "glue",
    "lambda",
    "pods.eks",
];

/// Services whose guides ask for the condition in a role's trust policy: Amazon VPC ("IAM role for publishing flow logs
/// to `CloudWatch` Logs"), `CloudWatch` Logs ("Log group level subscription filters"), `EventBridge` Scheduler
/// ("Confused deputy prevention"), AWS Step Functions ("Prevent cross-service confused deputy issue"), and under
/// "Cross-service confused deputy prevention" Amazon EC2 Auto Scaling, Bedrock, Fraud Detector and Personalize and AWS
/// `IoT`.
const ASKED_FOR: [&str; 9] =
    ["autoscaling", "bedrock", "frauddetector", "iot", "logs", "personalize", "scheduler", "states", "vpc-flow-logs"];

pub(super) fn check(place: &Place<'_>, report: &mut Report) {
    let services: Vec<_> = place
        .named()
        .into_iter()
        .filter_map(|(path, principal)| match principal {
            // One with a wildcard is refused anyway.
            Principal::Service(name) if !name.contains('*') => Some((path, name)),
            _ => None,
        })
        .collect();
    if !place.is_allow() || services.is_empty() {
        return;
    }
    let is_trust = place.actions().iter().all(|(_, action)| service_of(action.as_str()) == "sts");
    let fixes: Fixes<'_> = if is_trust { &fixes_role } else { &fixes_object };
    if is_limited(place, fixes) {
        return;
    }
    for (path, service) in services {
        let name = service.split(".amazonaws.com").next().unwrap_or_default();
        let severity = match (is_trust, OWN_CODE.contains(&name), ASKED_FOR.contains(&name)) {
            (true, true, _) => continue,
            // The ECS developer guide recommends it in "Amazon ECS task IAM role" and shows "Amazon ECS task execution
            // IAM role" without; of most others the guides say nothing.
            (true, false, false) => Severity::Note,
            (true, false, true) | (false, _, _) => Severity::Warning,
        };
        let what = if is_trust { "assume the role" } else { "act" };
        let message = format!("{} lets {service} {what} on behalf of any account", place.name());
        let remedy = "add the condition `\"StringEquals\": {\"aws:SourceAccount\": \"ACCOUNT\"}` with the account whose \
            resources the service acts for, or better `\"ArnLike\": {\"aws:SourceArn\": ...}` with their ARNs";
        report.add_as(severity, &CONFUSED_DEPUTY, path, message, remedy);
    }
}

/// Services without the global keys ask for the account's id as external id (Amazon Data Firehose developer guide).
fn fixes_role(key: &Key, value: &ConditionValue) -> bool {
    fixes_source(key, value) || (key.folded() == "sts:externalid" && is_fixed(value))
}

/// `CloudWatch` Logs tells the log group by the encryption context (its user guide, "Encrypt log data in `CloudWatch`
/// Logs using AWS KMS").
fn fixes_object(key: &Key, value: &ConditionValue) -> bool {
    let by_context = || key.folded().starts_with("kms:encryptioncontext:") && prefix(value).matches(':').count() >= 5;
    fixes_source(key, value) || by_context()
}
