//! The role that a new account is entered by may do everything in it: Organizations "creates an IAM role [...] in the
//! member account [...] that grants full administrative permissions" (Organizations user guide, "Accessing a member
//! account that has `OrganizationAccountAccessRole`"). The local AWS makes the role without any permission.

use async_trait::async_trait;

use super::Rule;
use crate::front::answer::Answer;
use crate::front::call::Request;
use crate::front::upstream::Broken;
use crate::front::world::World;

/// The role's name unless another is asked for (Organizations API reference, `CreateAccount`).
const NAME: &str = "OrganizationAccountAccessRole";
const ADMINISTRATOR: &str = "arn:aws:iam::aws:policy/AdministratorAccess";

/// See the module.
pub(super) struct AccountRole;

#[async_trait]
impl Rule for AccountRole {
    async fn after(&self, request: &Request, answer: &mut Answer, world: &World) -> Result<(), Broken> {
        if !request.call.is("organizations.CreateAccount") || !answer.is_success() {
            return Ok(());
        }
        let Some(json) = answer.json() else { return Ok(()) };
        let Some(account) = json["CreateAccountStatus"]["AccountId"].as_str() else { return Ok(()) };
        let name = request.parameters.text("RoleName").unwrap_or(NAME);
        let attach = [("Action", "AttachRolePolicy"), ("RoleName", name), ("PolicyArn", ADMINISTRATOR)];
        world.form(account, "us-east-1", "iam", &attach).await.map(drop)
    }
}
