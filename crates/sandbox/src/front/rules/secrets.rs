//! Secrets Manager: a name stays taken while its secret is to be deleted, and such a secret takes no new value.

use async_trait::async_trait;
use serde_json::json;

use super::Rule;
use super::look;
use crate::front::answer::Answer;
use crate::front::call::{Parameters, Request};
use crate::front::upstream::Broken;
use crate::front::world::World;

/// See the module. The local AWS keeps the versions' tokens itself.
#[derive(Default)]
pub(super) struct Secrets;

#[async_trait]
impl Rule for Secrets {
    async fn before(&self, request: &mut Request, world: &World) -> Result<Option<Answer>, Broken> {
        let (call, Parameters::Json(body)) = (&request.call, &request.parameters) else { return Ok(None) };
        let (is_new, id) = match call.operation.as_str() {
            "CreateSecret" => (true, &body["Name"]),
            "PutSecretValue" | "UpdateSecret" => (false, &body["SecretId"]),
            _ => return Ok(None),
        };
        if call.service != "secretsmanager" {
            return Ok(None);
        }
        let secret = look::json(world, call, "secretsmanager.DescribeSecret", &json!({"SecretId": id})).await?;
        // As Secrets Manager words it: API reference, "InvalidRequestException".
        if !secret["DeletedDate"].is_null() {
            let message = if is_new {
                "You can't create this secret because a secret with this name is already scheduled for deletion."
            } else {
                "You can't perform this operation on the secret because it was marked for deletion."
            };
            return Ok(Some(Answer::refusal(request.protocol, 400, "InvalidRequestException", message)));
        }
        Ok(None)
    }
}
