//! How services say that something is not allowed.

use policy::{Decision, Outcome, PolicyType};
use serde_json::json;

use crate::front::answer::Answer;
use crate::front::call::Request;
use crate::front::needs::Need;
use crate::front::protocol::Protocol;
use crate::front::world::Principal;

/// As each kind of service says it (EC2 API reference, "Error codes", `UnauthorizedOperation`; IAM user guide,
/// "Troubleshoot access denied error messages").
pub(super) fn answer(request: &Request, who: &Principal, need: &Need, outcome: Option<&Outcome>) -> Answer {
    let (protocol, Need { action, resource, .. }) = (request.protocol, need);
    let said = format!("User: {} is not authorized to perform: {action} on resource: {resource}", who.arn);
    if action.starts_with("kms:") && request.call.service != "kms" {
        return through_service(request, &said);
    }
    let (status, code, message) = match protocol {
        Protocol::Ec2 => {
            (403, "UnauthorizedOperation", format!("You are not authorized to perform this operation. {said}"))
        }
        Protocol::Query | Protocol::RestXml | Protocol::S3 => (403, "AccessDenied", said),
        Protocol::RestJson => (403, "AccessDeniedException", said),
        Protocol::Json | Protocol::Cbor => {
            // Nothing else can allow what is about another account's object, or about a key.
            let is_on_object = who.account != request.call.account || action.starts_with("kms:");
            let because = outcome.map(|outcome| because(outcome, action, is_on_object)).unwrap_or_default();
            (400, "AccessDeniedException", said + &because)
        }
    };
    Answer::refusal(protocol, status, code, &message)
}

/// What a service says when the caller may not use a key through it: Secrets Manager (kubernetes-external-secrets, issue
/// 838), ECR (API reference, `CreateRepository`, `KmsException`).
fn through_service(request: &Request, said: &str) -> Answer {
    if request.call.service == "secretsmanager" {
        return Answer::refusal(request.protocol, 400, "AccessDeniedException", "Access to KMS is not allowed");
    }
    let (code, reason) = ("KmsException", "AccessDeniedException");
    let mut answer = Answer::refusal(request.protocol, 400, code, said);
    answer.set_json(&json!({"__type": code, "message": said, "kmsError": reason}));
    answer
}

/// "You can't use the AWS managed key (aws/secretsmanager) for cross-account access" (Secrets Manager user guide, "Access
/// secrets from a different account"). The words are as users report them.
pub(super) fn default_key(protocol: Protocol) -> Answer {
    let message = "You can't access a secret from a different AWS account if you encrypt the secret with the default KMS \
                   service key.";
    Answer::refusal(protocol, 400, "InvalidRequestException", message)
}

/// Which kind of policy is at fault (IAM user guide, "Troubleshoot access denied error messages").
fn because(outcome: &Outcome, action: &str, is_on_object: bool) -> String {
    let of = |policy| outcome.statements.iter().any(|decider| decider.policy == policy);
    let kind = |policy: PolicyType| match policy {
        PolicyType::Identity => "identity-based policy",
        PolicyType::Resource => "resource-based policy",
        PolicyType::Boundary => "permissions boundary",
        PolicyType::Session => "session policy",
        PolicyType::Scps => "service control policy",
    };
    if outcome.decision == Decision::ExplicitDeny {
        let policy = outcome.statements.first().map_or(PolicyType::Identity, |decider| decider.policy);
        let article = if policy == PolicyType::Identity { "an" } else { "a" };
        return format!(" with an explicit deny in {article} {}", kind(policy));
    }
    let lacking = match (of(PolicyType::Identity), of(PolicyType::Resource)) {
        (false, _) => PolicyType::Identity,
        (true, false) if is_on_object => PolicyType::Resource,
        (true, _) if of(PolicyType::Boundary) => PolicyType::Session,
        (true, _) => PolicyType::Boundary,
    };
    format!(" because no {} allows the {action} action", kind(lacking))
}
