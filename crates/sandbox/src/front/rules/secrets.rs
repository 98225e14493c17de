//! Secrets Manager: a name stays taken while its secret is to be deleted, and nothing is done with such a secret but to
//! look at it, to restore it and to delete it for good. A value needs a key that can be used.

use async_trait::async_trait;
use serde_json::{Value, json};

use super::{Rule, look, objects};
use crate::front::answer::Answer;
use crate::front::call::{Parameters, Request};
use crate::front::upstream::Broken;
use crate::front::world::World;

/// See the module.
#[derive(Default)]
pub(super) struct Secrets;

/// What can be done with a secret that is to be deleted: operations without an `InvalidRequestException` for that (Secrets
/// Manager API reference), and those that end the state. The local AWS refuses a second deletion itself.
const WHILE_DELETED: [&str; 4] = ["DeleteSecret", "DescribeSecret", "ListSecretVersionIds", "RestoreSecret"];

#[async_trait]
impl Rule for Secrets {
    async fn before(&self, request: &mut Request, world: &World) -> Result<Option<Answer>, Broken> {
        let (call, Parameters::Json(body)) = (&request.call, &request.parameters) else { return Ok(None) };
        let is_new = call.operation == "CreateSecret";
        let id = if is_new { &body["Name"] } else { &body["SecretId"] };
        if call.service != "secretsmanager" || id.is_null() || WHILE_DELETED.contains(&call.operation.as_str()) {
            return Ok(None);
        }
        let refused = |code: &str, message: &str| Ok(Some(Answer::refusal(request.protocol, 400, code, message)));
        let secret = look::json(world, call, "secretsmanager.DescribeSecret", &json!({"SecretId": id})).await?;
        // As Secrets Manager words it: API reference, "InvalidRequestException".
        if !secret["DeletedDate"].is_null() {
            let message = if is_new {
                "You can't create this secret because a secret with this name is already scheduled for deletion."
            } else {
                "You can't perform this operation on the secret because it was marked for deletion."
            };
            return refused("InvalidRequestException", message);
        }
        let key = if body["KmsKeyId"].is_null() { &secret["KmsKeyId"] } else { &body["KmsKeyId"] };
        let has_value = !body["SecretString"].is_null() || !body["SecretBinary"].is_null();
        let is_read = call.operation == "GetSecretValue";
        if (is_read || has_value) && !is_usable(key, request, world).await? {
            // Secrets Manager API reference, `DecryptionFailure` and `EncryptionFailure`.
            return if is_read {
                let message = "Secrets Manager can't decrypt the protected secret text using the provided KMS key.";
                refused("DecryptionFailure", message)
            } else {
                let message = "Secrets Manager can't encrypt the protected secret text using the provided KMS key. Check \
                               that the KMS key is available, enabled, and not in an invalid state.";
                refused("EncryptionFailure", message)
            };
        }
        Ok(None)
    }
}

/// Whether a key is there and enabled. AWS's own is.
async fn is_usable(id: &Value, request: &Request, world: &World) -> Result<bool, Broken> {
    let Some(id) = id.as_str().filter(|id| !id.contains("alias/aws/")) else { return Ok(true) };
    let key = objects::key(world, &request.call.account, &request.call.region, id).await?;
    Ok(key.is_some_and(|key| key["KeyState"] == "Enabled"))
}
