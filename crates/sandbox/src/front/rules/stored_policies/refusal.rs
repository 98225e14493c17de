//! How each service refuses a policy.

use policy::{Kind, Mistakes};
use serde_json::json;

use super::place::Place;
use crate::front::answer::Answer;
use crate::front::call::Request;

/// Why a policy is not stored.
pub(super) enum Reason {
    Malformed(Mistakes),
    /// It is larger than this.
    TooLarge(usize),
    /// This principal does not exist, as far as the service knows.
    NoSuchPrincipal(String),
    /// Nobody who writes it could write another.
    LockedOut,
    /// Everybody may read the secret.
    Public,
}

/// The refusal of the policy in a call, in the service's own words.
pub(super) fn answer(request: &Request, place: &Place, reason: &Reason) -> Answer {
    let (status, code, message) = match place.kind {
        Some(kind @ (Kind::EcrRepository | Kind::EcrRegistry)) => ecr(kind, reason),
        Some(Kind::Secret) => secret(reason),
        Some(Kind::Key) => key(reason),
        Some(Kind::Bucket) => bucket(reason),
        Some(Kind::ServiceControl) => service_control(reason),
        Some(kind) => iam(kind, request, reason),
        // terraform-provider-aws, issue 42291.
        None => (400, "InvalidPolicyDocument", "The Policy Document is not valid.".to_owned()),
    };
    let mut answer = Answer::refusal(request.protocol, status, code, &message);
    if code == "ConstraintViolationException" {
        answer.set_json(&json!({"__type": code, "Message": message, "Reason": "POLICY_CONTENT_LIMIT_EXCEEDED"}));
    }
    answer
}

type Refusal = (u16, &'static str, String);

/// IAM API reference, `MalformedPolicyDocument` and `LimitExceeded`; the messages are as users report them (kops, issue
/// 12558; kubeflow, issue 6687; terraform-aws-ecs, issue 108; terraform-provider-aws, issue 8905).
fn iam(kind: Kind, request: &Request, reason: &Reason) -> Refusal {
    match reason {
        Reason::TooLarge(maximum) => {
            let holder = |name: &str| request.parameters.text(name).unwrap_or_default().to_owned();
            let inline =
                |what: &str, name: String| format!("Maximum policy size of {maximum} bytes exceeded for {what} {name}");
            let message = match kind {
                Kind::Trust => format!("Cannot exceed quota for ACLSizePerRole: {maximum}"),
                Kind::InlineOfRole => inline("role", holder("RoleName")),
                Kind::InlineOfUser => inline("user", holder("UserName")),
                Kind::InlineOfGroup => inline("group", holder("GroupName")),
                _ => format!("Cannot exceed quota for PolicySize: {maximum}"),
            };
            (409, "LimitExceeded", message)
        }
        Reason::NoSuchPrincipal(principal) => {
            (400, "MalformedPolicyDocument", format!("Invalid principal in policy: \"AWS\":\"{principal}\""))
        }
        Reason::Malformed(mistakes) => (400, "MalformedPolicyDocument", mistake_of_iam(kind, mistakes).to_owned()),
        Reason::LockedOut | Reason::Public => (400, "MalformedPolicyDocument", "Syntax errors in policy.".to_owned()),
    }
}

/// The message of IAM for the first mistake.
fn mistake_of_iam(kind: Kind, mistakes: &Mistakes) -> &'static str {
    let text = mistakes.to_string();
    let says = |part: &str| text.contains(part);
    match kind {
        Kind::Trust if says("takes no `Resource`") => "Has prohibited field Resource",
        Kind::Trust if says("takes only actions of") => "AssumeRole policy may only specify STS AssumeRole actions.",
        _ if says("takes no `Principal`") => "Policy document should not specify a principal.",
        _ if says("needs `Resource`") || says("`Resource` is empty") => "Policy statement must contain resources.",
        _ if says("needs `Action`") || says("`Action` is empty") => "Policy statement must contain actions.",
        _ => "Syntax errors in policy.",
    }
}

/// ECR API reference, `SetRepositoryPolicy`; terraform-provider-aws, issue 39064; amazon-ecr-user-guide, pull request
/// 20. The words for a lock-out are ours: no source has AWS's.
fn ecr(kind: Kind, reason: &Reason) -> Refusal {
    let registry = kind == Kind::EcrRegistry;
    let constraint = match reason {
        Reason::NoSuchPrincipal(_) => "Principal not found".to_owned(),
        Reason::TooLarge(maximum) => format!("must have length less than or equal to {maximum}"),
        Reason::LockedOut => "The policy would prevent you from setting another policy in the future".to_owned(),
        _ if registry => "Invalid registry policy provided".to_owned(),
        _ => "Invalid repository policy provided".to_owned(),
    };
    let message = format!("Invalid parameter at 'PolicyText' failed to satisfy constraint: '{constraint}'");
    (400, "InvalidParameterException", message)
}

/// Secrets Manager API reference, `PutResourcePolicy`; the messages are those of its user guide, "Managing a
/// resource-based policy for a secret".
fn secret(reason: &Reason) -> Refusal {
    let malformed = |message: &str| (400, "MalformedPolicyDocumentException", message.to_owned());
    match reason {
        Reason::NoSuchPrincipal(_) => malformed("This resource policy contains an unsupported principal."),
        Reason::Public => {
            let message = "You can't attach a resource-based policy that allows broad access to the secret.";
            (400, "PublicPolicyException", message.to_owned())
        }
        Reason::TooLarge(maximum) => {
            let message = format!(
                "1 validation error detected: Value at 'resourcePolicy' failed to satisfy constraint: Member must have \
                 length less than or equal to {maximum}"
            );
            (400, "ValidationException", message)
        }
        _ => malformed("This resource policy contains a syntax error."),
    }
}

/// KMS API reference, `PutKeyPolicy`; terraform-aws-kms, issue 14.
fn key(reason: &Reason) -> Refusal {
    let malformed = |message: &str| (400, "MalformedPolicyDocumentException", message.to_owned());
    match reason {
        Reason::NoSuchPrincipal(_) => malformed("Policy contains a statement with one or more invalid principals."),
        Reason::LockedOut => malformed("The new key policy will not allow you to update the key policy in the future."),
        Reason::TooLarge(maximum) => {
            (400, "LimitExceededException", format!("The key policy size limit is {maximum} bytes."))
        }
        Reason::Malformed(mistakes) if mistakes.to_string().contains("needs `Principal`") => {
            malformed("Policy contains a statement with no principal.")
        }
        _ => malformed("The provided policy document is malformed."),
    }
}

/// S3 API reference, "Error responses", `MalformedPolicy`, which has no code of its own for what is too large;
/// cloudposse/terraform-aws-cloudfront-s3-cdn, issue 50.
fn bucket(reason: &Reason) -> Refusal {
    let message = match reason {
        Reason::NoSuchPrincipal(_) => "Invalid principal in policy",
        Reason::TooLarge(_) => "Policy exceeds the maximum allowed document size.",
        Reason::Malformed(mistakes) if mistakes.to_string().contains("needs `") => {
            "Statement is missing required element"
        }
        _ => "Policies must be valid JSON and the first byte must be '{'",
    };
    (400, "MalformedPolicy", message.to_owned())
}

/// Organizations API reference, `CreatePolicy`; terraform-provider-aws, issue 12597; org-formation-cli, issue 225.
fn service_control(reason: &Reason) -> Refusal {
    if matches!(reason, Reason::TooLarge(_)) {
        let message = "You have exceeded the maximum policy size.";
        return (400, "ConstraintViolationException", message.to_owned());
    }
    let message = "The provided policy document does not meet the requirements of the specified policy type.";
    (400, "MalformedPolicyDocumentException", message.to_owned())
}
