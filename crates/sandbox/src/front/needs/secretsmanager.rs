//! What calls to Secrets Manager are about (service authorization reference, "AWS Secrets Manager"; Secrets Manager API
//! reference, "Required permissions" of each operation).

use serde_json::Value;

use super::Need;
use crate::front::call::{Call, Parameters, Request};

/// What stands for the six characters that a new secret's ARN will end in. Policies have to reckon with them:
/// `secret:NAME-*` and `secret:NAME*` let a secret be made, `secret:NAME` does not (iann0036/iam-dataset, pull request 22).
const SUFFIX: &str = "-??????";

/// The secrets; of what is about none, `*`.
pub(super) fn objects(request: &Request) -> Vec<String> {
    let Call { operation, account, region, .. } = &request.call;
    let arn = |id: &str| {
        if id.starts_with("arn:") {
            return id.to_owned();
        }
        format!("arn:aws:secretsmanager:{region}:{account}:secret:{id}")
    };
    match operation.as_str() {
        "CreateSecret" => vec![arn(&format!("{}{SUFFIX}", request.parameters.text("Name").unwrap_or_default()))],
        _ => vec![request.parameters.text("SecretId").map_or_else(|| "*".to_owned(), arn)],
    }
}

/// What else a call needs, and the condition keys of the service.
pub(super) fn complete(request: &Request, needs: &mut Vec<Need>) {
    let Parameters::Json(body) = &request.parameters else { return };
    let object = || objects(request).remove(0);
    if request.call.operation == "CreateSecret" && is_list(&body["AddReplicaRegions"]) {
        needs.push(Need::new("secretsmanager:ReplicateSecretToRegions", object()));
    }
    if request.call.operation == "BatchGetSecretValue" {
        let Call { account, region, .. } = &request.call;
        for id in body["SecretIdList"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            let arn = format!("arn:aws:secretsmanager:{region}:{account}:secret:{id}");
            let arn = if id.starts_with("arn:") { id.to_owned() } else { arn };
            needs.push(Need::new("secretsmanager:GetSecretValue", arn));
        }
    }
    for need in needs {
        for (key, parameter) in KEYS {
            let value = match &body[parameter] {
                Value::Null | Value::Array(_) | Value::Object(_) => None,
                Value::String(text) => Some(text.clone()),
                other => Some(other.to_string()),
            };
            need.set(&format!("secretsmanager:{key}"), value.into_iter().collect());
        }
    }
}

/// Condition keys, with the parameters that they have their values from (service authorization reference, "AWS Secrets
/// Manager").
const KEYS: [(&str, &str); 9] = [
    ("BlockPublicPolicy", "BlockPublicPolicy"),
    ("Description", "Description"),
    ("ForceDeleteWithoutRecovery", "ForceDeleteWithoutRecovery"),
    ("KmsKeyId", "KmsKeyId"),
    ("Name", "Name"),
    ("RecoveryWindowInDays", "RecoveryWindowInDays"),
    ("SecretId", "SecretId"),
    ("VersionId", "VersionId"),
    ("VersionStage", "VersionStage"),
];

fn is_list(value: &Value) -> bool {
    value.as_array().is_some_and(|items| !items.is_empty())
}
