//! Keys of KMS: what can be done with one in which state, and names that are AWS's own.

use async_trait::async_trait;
use serde_json::{Value, json};

use super::{Rule, objects};
use crate::front::answer::Answer;
use crate::front::call::{Parameters, Request};
use crate::front::upstream::Broken;
use crate::front::world::World;

/// See the module.
pub(super) struct Keys;

/// What can be done with a key that is to be deleted; all else is refused (KMS developer guide, "Key states of AWS KMS
/// keys").
const WHILE_DELETED: [&str; 14] = [
    "CancelKeyDeletion",
    "DeleteAlias",
    "DeleteImportedKeyMaterial",
    "DescribeKey",
    "GetKeyPolicy",
    "GetKeyRotationStatus",
    "ListAliases",
    "ListGrants",
    "ListKeyPolicies",
    "ListKeyRotations",
    "ListResourceTags",
    "PutKeyPolicy",
    "RetireGrant",
    "RevokeGrant",
];

/// What cannot be done with a disabled one (the same page).
const NOT_WHILE_DISABLED: [&str; 14] = [
    "CreateGrant",
    "Decrypt",
    "DisableKeyRotation",
    "EnableKeyRotation",
    "Encrypt",
    "GenerateDataKey",
    "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext",
    "GenerateDataKeyWithoutPlaintext",
    "GenerateMac",
    "ReEncrypt",
    "Sign",
    "Verify",
    "VerifyMac",
];

/// Days, of `ScheduleKeyDeletion` and `EnableKeyRotation` (KMS API reference).
const DAYS: [(&str, &str, i64, i64); 2] =
    [("ScheduleKeyDeletion", "PendingWindowInDays", 7, 30), ("EnableKeyRotation", "RotationPeriodInDays", 90, 2560)];

#[async_trait]
impl Rule for Keys {
    async fn before(&self, request: &mut Request, world: &World) -> Result<Option<Answer>, Broken> {
        let Parameters::Json(body) = &request.parameters else { return Ok(None) };
        if request.call.service != "kms" {
            return Ok(None);
        }
        let operation = request.call.operation.clone();
        let operation = operation.as_str();
        let protocol = request.protocol;
        let refused = |code: &str, message: &str| Some(Answer::refusal(protocol, 400, code, message));
        if let Some((code, message)) = alias(operation, body).or_else(|| days(operation, body)) {
            return Ok(refused(code, &message));
        }
        let Some(key) = key(request, world).await? else { return Ok(None) };
        let (arn, state) = (key["Arn"].as_str().unwrap_or_default(), key["KeyState"].as_str().unwrap_or_default());
        let answer = match state {
            "PendingDeletion" if !WHILE_DELETED.contains(&operation) => {
                refused("KMSInvalidStateException", &format!("{arn} is pending deletion."))
            }
            "Disabled" if NOT_WHILE_DISABLED.contains(&operation) => {
                refused("DisabledException", &format!("{arn} is disabled."))
            }
            state if operation == "CancelKeyDeletion" && state != "PendingDeletion" => {
                refused("KMSInvalidStateException", &format!("{arn} is not pending deletion."))
            }
            _ => None,
        };
        // The local AWS fails for some changes where a key is named by its ARN.
        for parameter in ["KeyId", "TargetKeyId"] {
            if request.call.is_change() && request.parameters.text(parameter) == Some(arn) {
                request.parameters.set(parameter, key["KeyId"].as_str().unwrap_or_default().to_owned());
            }
        }
        Ok(answer)
    }

    async fn after(&self, request: &Request, answer: &mut Answer, world: &World) -> Result<(), Broken> {
        let operation = request.call.operation.as_str();
        let is_meant = ["EnableKeyRotation", "GetKeyRotationStatus", "ScheduleKeyDeletion"].contains(&operation);
        if request.call.service != "kms" || !answer.is_success() || !is_meant {
            return Ok(());
        }
        let Some(key) = key(request, world).await? else { return Ok(()) };
        let arn = key["Arn"].as_str().unwrap_or_default();
        let (memory, mut said) = (format!("rotation {arn}"), answer.json().unwrap_or_default());
        match operation {
            "EnableKeyRotation" => {
                let days = request.parameters.number("RotationPeriodInDays").unwrap_or(365);
                return world.remember(&memory, days.into()).await;
            }
            // KMS API reference, `GetKeyRotationStatus`, "Response Elements".
            "GetKeyRotationStatus" => {
                said["KeyId"] = arn.into();
                if said["KeyRotationEnabled"] == true {
                    said["RotationPeriodInDays"] = world.recall(&memory).await?.unwrap_or_else(|| json!(365));
                }
            }
            // KMS API reference, `ScheduleKeyDeletion`, "Response Elements".
            _ => {
                said["KeyId"] = arn.into();
                said["KeyState"] = "PendingDeletion".into();
                said["PendingWindowInDays"] = request.parameters.number("PendingWindowInDays").unwrap_or(30).into();
            }
        }
        answer.set_json(&said);
        Ok(())
    }
}

/// The key that a call is about.
async fn key(request: &Request, world: &World) -> Result<Option<Value>, Broken> {
    let text = |name| request.parameters.text(name);
    let blob = || {
        let need = request.needs.iter().find(|need| need.resource.contains(":key/"))?;
        Some(need.resource.as_str()).filter(|_| text("CiphertextBlob").is_some())
    };
    let Some(id) = text("TargetKeyId").or_else(|| text("KeyId")).or_else(blob) else { return Ok(None) };
    // To ask for an alias of AWS's own would make its key.
    if id.contains("alias/aws/") {
        return Ok(None);
    }
    objects::key(world, &request.call.account, &request.call.region, id).await
}

/// Names of aliases that KMS does not take (KMS API reference, `CreateAlias`, `AliasName`). The local AWS knows some of
/// AWS's own.
fn alias(operation: &str, body: &Value) -> Option<(&'static str, String)> {
    let name = body["AliasName"].as_str().filter(|_| operation.ends_with("Alias"))?;
    if name.starts_with("alias/aws/") {
        return Some(("NotAuthorizedException", String::new()));
    }
    let constraint = if name == "alias/" || !name.starts_with("alias/") {
        "Member must satisfy regular expression pattern: ^alias/[a-zA-Z0-9/_-]+$"
    } else if name.len() > 256 {
        "Member must have length less than or equal to 256"
    } else {
        return None;
    };
    Some(invalid("aliasName", name, constraint))
}

fn days(operation: &str, body: &Value) -> Option<(&'static str, String)> {
    let (_, parameter, least, most) = DAYS.iter().find(|(wanted, ..)| *wanted == operation)?;
    let days = body[*parameter].as_i64()?;
    let member = format!("{}{}", parameter[..1].to_lowercase(), &parameter[1..]);
    if days < *least {
        let constraint = format!("Member must have value greater than or equal to {least}");
        return Some(invalid(&member, &days.to_string(), &constraint));
    }
    let constraint = format!("Member must have value less than or equal to {most}");
    (days > *most).then(|| invalid(&member, &days.to_string(), &constraint))
}

fn invalid(member: &str, value: &str, constraint: &str) -> (&'static str, String) {
    let message = format!(
        "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: {constraint}"
    );
    ("ValidationException", message)
}
