//! Versions of secrets: a token is a version, which has one value for ever, and a label is on one version at a time (Secrets
//! Manager API reference, `CreateSecret` and `PutSecretValue`, `ClientRequestToken`; `UpdateSecretVersionStage`).

use async_trait::async_trait;
use serde_json::{Value, json};

use super::locks::Locks;
use super::{Rule, look};
use crate::front::answer::Answer;
use crate::front::call::{Parameters, Request};
use crate::front::upstream::Broken;
use crate::front::world::World;

/// See the module. The local AWS remembers the tokens, and refuses some of what does not fit.
#[derive(Default)]
pub(super) struct SecretVersions {
    locks: Locks,
}

const CURRENT: &str = "AWSCURRENT";

#[async_trait]
impl Rule for SecretVersions {
    async fn before(&self, request: &mut Request, world: &World) -> Result<Option<Answer>, Broken> {
        let (call, Parameters::Json(body)) = (request.call.clone(), request.parameters.clone()) else {
            return Ok(None);
        };
        let id = if call.operation == "CreateSecret" { &body["Name"] } else { &body["SecretId"] };
        let operations = ["CreateSecret", "PutSecretValue", "UpdateSecret", "UpdateSecretVersionStage"];
        if call.service != "secretsmanager" || !operations.contains(&call.operation.as_str()) {
            return Ok(None);
        }
        // Of two at once, the later one sees what the earlier one has made.
        let name = id.as_str().unwrap_or_default();
        self.locks.hold(request, format!("{} {} {name}", call.account, call.region)).await;
        let secret = look::json(world, &call, "secretsmanager.DescribeSecret", &json!({"SecretId": id})).await?;
        if secret["ARN"].is_null() {
            return Ok(None);
        }
        if call.operation == "UpdateSecretVersionStage" {
            return Ok(moved(request, &body, &secret));
        }
        repeated(request, &body, &secret, world).await
    }

    async fn after(&self, request: &Request, answer: &mut Answer, world: &World) -> Result<(), Broken> {
        if request.call.service != "secretsmanager" || !answer.is_success() {
            return Ok(());
        }
        let Some(mut said) = answer.json() else { return Ok(()) };
        match request.call.operation.as_str() {
            "DescribeSecret" => shown(&mut said, &request.call.region),
            "ListSecrets" => {
                let secrets = said["SecretList"].as_array_mut().into_iter().flatten();
                secrets.for_each(|secret| shown(secret, &request.call.region));
            }
            // The local AWS gives back what the secret was named by.
            "ListSecretVersionIds" | "ReplicateSecretToRegions" | "RemoveRegionsFromReplication" => {
                let id = json!({"SecretId": request.parameters.text("SecretId")});
                said["ARN"] =
                    look::json(world, &request.call, "secretsmanager.DescribeSecret", &id).await?["ARN"].take();
                let with_old =
                    matches!(&request.parameters, Parameters::Json(body) if body["IncludeDeprecated"] == true);
                if let Some(versions) = said["Versions"].as_array_mut().filter(|_| !with_old) {
                    versions.retain(|version| !is_old(&version["VersionStages"]));
                }
            }
            _ => return Ok(()),
        }
        answer.set_json(&said);
        Ok(())
    }
}

/// "Versions that don't have staging labels are considered deprecated", and are not shown (`DescribeSecret`). A secret with
/// replicas says where it is from, too.
fn shown(secret: &mut Value, region: &str) {
    for versions in ["VersionIdsToStages", "SecretVersionsToStages"] {
        if let Some(versions) = secret[versions].as_object_mut() {
            versions.retain(|_, labels| !is_old(labels));
        }
    }
    let has_replicas = secret["ReplicationStatus"].as_array().is_some_and(|replicas| !replicas.is_empty());
    if has_replicas && secret["PrimaryRegion"].is_null() {
        secret["PrimaryRegion"] = region.into();
    }
}

fn is_old(labels: &Value) -> bool {
    labels.as_array().is_none_or(Vec::is_empty)
}

/// A label that is moved: from the version that has it, which the call names.
fn moved(request: &Request, body: &Value, secret: &Value) -> Option<Answer> {
    let text = |name: &str| body[name].as_str();
    let label = text("VersionStage")?;
    let has = |labels: &Value| labels.as_array().is_some_and(|labels| labels.iter().any(|one| one == label));
    let versions = secret["VersionIdsToStages"].as_object()?;
    let holder = versions.iter().find(|(_, labels)| has(labels)).map(|(id, _)| id.as_str());
    let refused = |message: &str| Some(Answer::refusal(request.protocol, 400, "InvalidParameterException", message));
    let (from, to) = (text("RemoveFromVersionId"), text("MoveToVersionId"));
    match (holder, to) {
        (Some(holder), Some(to)) if holder == to => {
            Some(Answer::success_json(&json!({"ARN": secret["ARN"], "Name": secret["Name"]})))
        }
        // As the local AWS has it for AWSCURRENT.
        (Some(holder), Some(_)) if from != Some(holder) => refused(&format!(
            "The parameter RemoveFromVersionId can't be empty. Staging label {label} is currently attached to version \
             {holder}, so you must explicitly reference that version in RemoveFromVersionId."
        )),
        (Some(_), None) if label == CURRENT => refused(
            "You can only move staging label AWSCURRENT to a different secret version. It can't be completely removed.",
        ),
        _ => None,
    }
}

/// A token that came before: with the same value it has no second effect, with another it is refused.
async fn repeated(request: &Request, body: &Value, secret: &Value, world: &World) -> Result<Option<Answer>, Broken> {
    let has_value = !body["SecretString"].is_null() || !body["SecretBinary"].is_null();
    let token = body["ClientRequestToken"].as_str().filter(|_| has_value).unwrap_or_default();
    let labels = &secret["VersionIdsToStages"][token];
    if labels.is_null() {
        return Ok(None);
    }
    let wanted = json!({"SecretId": secret["ARN"], "VersionId": token});
    let known = look::json(world, &request.call, "secretsmanager.GetSecretValue", &wanted).await?;
    // One that a rotation has made waits for its value.
    if known["SecretString"].is_null() && known["SecretBinary"].is_null() {
        return Ok(None);
    }
    if known["SecretString"] != body["SecretString"] || known["SecretBinary"] != body["SecretBinary"] {
        let arn = secret["ARN"].as_str().unwrap_or_default();
        let message = format!(
            "You can't use ClientRequestToken {token} because that value is already in use for a version of secret {arn}."
        );
        return Ok(Some(Answer::refusal(request.protocol, 400, "ResourceExistsException", &message)));
    }
    let mut said = json!({"ARN": secret["ARN"], "Name": secret["Name"], "VersionId": token});
    if request.call.operation == "PutSecretValue" {
        said["VersionStages"] = labels.clone();
    }
    Ok(Some(Answer::success_json(&said)))
}
