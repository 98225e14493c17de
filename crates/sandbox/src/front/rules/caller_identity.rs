//! Users are IAM's (STS API reference, `GetCallerIdentity`). The local AWS puts its one user under STS.

use async_trait::async_trait;

use super::Rule;
use crate::front::answer::Answer;
use crate::front::call::Request;
use crate::front::upstream::Broken;
use crate::front::world::World;

/// See the module.
pub(super) struct CallerIdentity;

#[async_trait]
impl Rule for CallerIdentity {
    async fn after(&self, request: &Request, answer: &mut Answer, world: &World) -> Result<(), Broken> {
        if !request.call.is("sts.GetCallerIdentity") || !answer.is_success() {
            return Ok(());
        }
        let principal = world.principal(&request.access_key).await?;
        if !principal.is_session() {
            let text =
                String::from_utf8_lossy(&answer.body).replace(&principal.arn.replace(":iam:", ":sts:"), &principal.arn);
            answer.body = text.into_bytes().into();
        }
        Ok(())
    }
}
