//! What a call needs, with what it is about as it is there: a secret's ARN for its name, the key of an alias, and the keys
//! that a service uses for the caller.

use serde_json::Value;

use crate::front::call::{Parameters, Request};
use crate::front::needs::Need;
use crate::front::rules::objects::{self, Arn};
use crate::front::upstream::Broken;
use crate::front::world::World;

/// The encryption context by which Secrets Manager finds out whether a key may be used (Secrets Manager user guide,
/// "Secret encryption and decryption", "Validating access to the KMS key").
const VALIDATION: &str = "RequestToValidateKeyAccess";

/// Everything that a call needs.
pub(super) async fn needs(request: &Request, world: &World) -> Result<Vec<Need>, Broken> {
    let mut all = Vec::new();
    for need in request.needs.clone() {
        all.push(resolved(need, request, world).await?);
    }
    if request.call.is("kms.UpdateAlias") || request.call.is("kms.DeleteAlias") {
        // The alias and the key that it leaves (KMS developer guide, "Controlling access to aliases").
        let alias = request.parameters.text("AliasName").unwrap_or_default();
        if let Some(arn) = arn_of_key(alias, request, world).await? {
            all.push(Need::new(format!("kms:{}", request.call.operation), arn));
        }
    }
    all.extend(of_repository(request, world).await?);
    all.extend(of_secret(request, world, &all).await?);
    let caller = world.principal(&request.access_key).await?.account;
    for need in all.iter_mut().filter(|need| need.action.starts_with("kms:")) {
        need.set("kms:CallerAccount", vec![caller.clone()]);
    }
    Ok(all)
}

/// A need of an object under its own ARN.
async fn resolved(mut need: Need, request: &Request, world: &World) -> Result<Need, Broken> {
    let Some(object) = Arn::parse(&need.resource) else { return Ok(need) };
    let is_of_alias = request.call.operation.ends_with("Alias");
    match object.kind.as_str() {
        // Found by the name too, as an ARN without its last characters.
        "secret" => {
            let found = objects::secret(world, &object.account, &object.region, &need.resource).await?;
            if let Some(arn) = found.as_ref().and_then(|secret| secret["ARN"].as_str()) {
                arn.clone_into(&mut need.resource);
            }
        }
        "alias" if !is_of_alias => {
            if let Some(arn) = arn_of_key(&need.resource, request, world).await? {
                need.set("kms:RequestAlias", vec![format!("alias/{}", object.name)]);
                need.resource = arn;
            }
        }
        _ => {}
    }
    let body = request.parameters.json().filter(|_| object.service == "kms").unwrap_or_default();
    for (key, value) in body["EncryptionContext"].as_object().into_iter().flatten() {
        need.set(&format!("kms:EncryptionContext:{key}"), value.as_str().map(str::to_owned).into_iter().collect());
    }
    Ok(need)
}

/// The ARN of the key with an id, ARN or alias.
async fn arn_of_key(id: &str, request: &Request, world: &World) -> Result<Option<String>, Broken> {
    let key = objects::key(world, &request.call.account, &request.call.region, id).await?;
    Ok(key.and_then(|key| key["Arn"].as_str().map(str::to_owned)))
}

/// The key that a new repository is encrypted with: ECR gives itself grants on it, for the caller, who may also retire
/// them (ECR user guide, "Encryption at rest", "Required IAM permissions").
async fn of_repository(request: &Request, world: &World) -> Result<Vec<Need>, Broken> {
    let Parameters::Json(body) = &request.parameters else { return Ok(Vec::new()) };
    let id = body["encryptionConfiguration"]["kmsKey"].as_str().filter(|id| !is_of_aws(id));
    let Some(id) = id.filter(|_| request.call.is("ecr.CreateRepository")) else { return Ok(Vec::new()) };
    let Some(arn) = arn_of_key(id, request, world).await? else { return Ok(Vec::new()) };
    let via = format!("ecr.{}.amazonaws.com", request.call.region);
    let need = |action: &str| Need::new(action, arn.clone()).with("kms:ViaService", Some(&via));
    let grant = need("kms:CreateGrant").with("kms:GrantIsForAWSResource", Some("true"));
    Ok(vec![need("kms:DescribeKey"), grant, need("kms:RetireGrant")])
}

/// The keys that a secret's values are encrypted with, or will be: Secrets Manager uses them for the caller, where they are
/// not AWS's own (Secrets Manager API reference, "Required permissions" of each operation; user guide, "Permissions for the
/// KMS key").
async fn of_secret(request: &Request, world: &World, known: &[Need]) -> Result<Vec<Need>, Broken> {
    let (call, Parameters::Json(body)) = (&request.call, &request.parameters) else { return Ok(Vec::new()) };
    if call.service != "secretsmanager" {
        return Ok(Vec::new());
    }
    let mut needs = Vec::new();
    let (own, new) = (&["kms:GenerateDataKey", "kms:Decrypt"][..], body["KmsKeyId"].as_str());
    let has_value = !body["SecretString"].is_null() || !body["SecretBinary"].is_null();
    let on_secret: Vec<&str> = match call.operation.as_str() {
        "GetSecretValue" | "BatchGetSecretValue" | "ReplicateSecretToRegions" => vec!["kms:Decrypt"],
        "PutSecretValue" => own.to_vec(),
        "UpdateSecret" if has_value && new.is_none() => own.to_vec(),
        _ => Vec::new(),
    };
    let secrets: Vec<&Need> = known.iter().filter(|need| need.resource.contains(":secret:")).collect();
    for secret in secrets.iter().filter(|_| !on_secret.is_empty()) {
        needs.extend(on_key_of(&secret.resource, &on_secret, world).await?);
    }
    if let Some(id) = new.filter(|_| matches!(call.operation.as_str(), "CreateSecret" | "UpdateSecret")) {
        needs.extend(used(id, own, VALIDATION, (&call.account, &call.region), world).await?);
    }
    // AWS does without, and leaves the values under the key before: nobody would ever see that.
    if let Some(id) = new.filter(|_| call.operation == "UpdateSecret") {
        needs.extend(used(id, &["kms:Encrypt"], VALIDATION, (&call.account, &call.region), world).await?);
    }
    // "To encrypt the replicated secret with a KMS key other than aws/secretsmanager, you need kms:GenerateDataKey and
    // kms:Encrypt to the key."
    for replica in body["AddReplicaRegions"].as_array().into_iter().flatten() {
        if let (Some(id), Some(region)) = (replica["KmsKeyId"].as_str(), replica["Region"].as_str()) {
            let on_replica = ["kms:GenerateDataKey", "kms:Encrypt"];
            needs.extend(used(id, &on_replica, VALIDATION, (&call.account, region), world).await?);
        }
    }
    Ok(needs)
}

/// What is done with the key of a secret that is there.
async fn on_key_of(secret: &str, actions: &[&str], world: &World) -> Result<Vec<Need>, Broken> {
    let Some(object) = Arn::parse(secret) else { return Ok(Vec::new()) };
    let found = objects::secret(world, &object.account, &object.region, secret).await?.unwrap_or_default();
    match found["KmsKeyId"].as_str() {
        Some(id) => used(id, actions, secret, (&object.account, &object.region), world).await,
        None => Ok(Vec::new()),
    }
}

/// What is done with a key through Secrets Manager, in an account and region.
async fn used(
    id: &str,
    actions: &[&str],
    secret: &str,
    (account, region): (&str, &str),
    world: &World,
) -> Result<Vec<Need>, Broken> {
    if is_of_aws(id) {
        return Ok(Vec::new());
    }
    let key = objects::key(world, account, region, id).await?.unwrap_or_default();
    let Some(arn) = key["Arn"].as_str() else { return Ok(Vec::new()) };
    let via = format!("secretsmanager.{region}.amazonaws.com");
    let need = |action: &&str| {
        let need = Need::new(*action, arn).with("kms:ViaService", Some(&via));
        need.with("kms:EncryptionContext:SecretARN", Some(secret))
    };
    Ok(actions.iter().map(need).collect())
}

/// Whether a key is named by an alias of AWS's own, which everybody in the account may use through the service.
pub(super) fn is_of_aws(id: &str) -> bool {
    id.rsplit(':').next().is_some_and(|id| id.starts_with("alias/aws/"))
}

/// Whether the values of a secret are encrypted with AWS's own key, which nobody of another account may use.
pub(super) fn has_default_key(secret: &Value) -> bool {
    secret["KmsKeyId"].as_str().is_none_or(is_of_aws)
}
