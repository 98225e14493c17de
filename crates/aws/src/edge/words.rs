//! What an error means whose code alone does not say it.

use engine::Class;

use super::not_found;

/// What is not possible yet and has no code of its own: the words say it. A new account or role is not known everywhere at
/// once (IAM user guide, "Changes that I make are not always immediately visible"). ECR's words are those of
/// terraform-provider-aws, issue 39064, and KMS's, Secrets Manager's, IAM's and S3's those of issue 24696 and of what it
/// repeats; ECS's are those that its users report, as in terraform, issue 5442, and amazon-ecs-cli, issue 733;
/// terraform-provider-aws, issues 9777 and 11285; copilot-cli, issue 5431. Those of Application Auto Scaling are in
/// terraform-provider-aws, pull request 11693, and terraform-aws-rds-aurora, issue 420.
const NOT_YET: [(&str, &str); 19] = [
    ("InvalidParameterException", "'Principal not found'"),
    ("MalformedPolicyDocumentException", "invalid principals"),
    ("MalformedPolicyDocumentException", "unsupported principal"),
    ("MalformedPolicyDocument", "Invalid principal in policy"),
    ("MalformedPolicy", "Invalid principal in policy"),
    ("InvalidParameterException", "Unable to assume the service linked role"),
    ("InvalidParameterException", "does not have an associated load balancer"),
    ("InvalidParameterException", "still Draining"),
    // A service of this name was made a moment ago and is not listed yet.
    ("InvalidParameterException", "Creation of service was not idempotent"),
    // The namespace lets go of the name of a deleted service somewhat later.
    ("InvalidParameterException", "SC service is already used"),
    ("ClientException", "Role is not valid"),
    // It was attached a moment ago.
    ("InvalidSubnet", "has no internet gateway"),
    ("ClientException", "Cluster was not ACTIVE"),
    ("ClientException", "Too many concurrent attempts"),
    ("ValidationException", "ECS service doesn't exist"),
    // A registration whose answer was lost.
    ("ValidationException", "scalable target that you tried to tag already exists"),
    // The role of RDS is made with the first group or database of an account (terraform-aws-rds, issue 364, and
    // terraform-provider-aws, pull request 10100).
    ("InvalidParameterValue", "create service linked role"),
    ("InvalidParameterValue", "ServiceLinkedRole"),
    // A key's policy was set a moment ago (CloudWatch Logs, `CreateLogGroup`).
    ("InvalidParameterException", "is not allowed to be used with Arn"),
];

/// The same for what is not there.
const NOT_FOUND: [(&str, &str); 2] =
    [("ClientException", "Unable to describe task definition"), ("ClientException", "TaskDefinition is inactive")];

/// The class that an error has by its words, if it has one.
pub(super) fn class(code: &str, message: Option<&str>, operation: &str) -> Option<Class> {
    let is_in = |table: &[(&str, &str)]| {
        table.iter().any(|(coded, words)| *coded == code && message.is_some_and(|message| message.contains(words)))
    };
    if is_in(&NOT_FOUND) || is_of_deleted_secret(code, message) {
        return Some(not_found(operation));
    }
    is_in(&NOT_YET).then_some(Class::NotYet)
}

/// Whether a call is refused because its secret is to be deleted, which is as good as gone. The code stands for more than that
/// (Secrets Manager API reference, `InvalidRequestException`), so the words decide.
fn is_of_deleted_secret(code: &str, message: Option<&str>) -> bool {
    let words = ["marked deleted", "marked for deletion", "scheduled for deletion", "because it was deleted"];
    code == "InvalidRequestException" && words.iter().any(|words| message.is_some_and(|text| text.contains(words)))
}
