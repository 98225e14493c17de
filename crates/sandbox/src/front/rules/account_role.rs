//! The role that a new account is entered by may do everything in it: Organizations "creates an IAM role [...] in the
//! member account [...] that grants full administrative permissions" (Organizations user guide, "Accessing a member
//! account that has `OrganizationAccountAccessRole`"). The local AWS makes the role without any permission, which is mended
//! when it is entered: the account may have been made behind the front's back.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;

use super::{Rule, iam};
use crate::front::answer::Answer;
use crate::front::call::Request;
use crate::front::upstream::Broken;
use crate::front::world::World;

/// The role's name unless another is asked for (Organizations API reference, `CreateAccount`).
const NAME: &str = "OrganizationAccountAccessRole";
const ADMINISTRATOR: &str = "arn:aws:iam::aws:policy/AdministratorAccess";

/// See the module.
#[derive(Default)]
pub(super) struct AccountRole {
    /// The roles that have their permission.
    mended: Mutex<HashSet<String>>,
}

#[async_trait]
impl Rule for AccountRole {
    async fn before(&self, request: &mut Request, world: &World) -> Result<Option<Answer>, Broken> {
        let target = request.parameters.text("RoleArn").filter(|_| request.call.is("sts.AssumeRole"));
        let Some(arn) = target.filter(|arn| arn.ends_with(&format!(":role/{NAME}"))) else { return Ok(None) };
        if !self.mended.lock().unwrap_or_else(PoisonError::into_inner).insert(arn.to_owned()) {
            return Ok(None);
        }
        let account = arn.split(':').nth(4).unwrap_or_default();
        if iam::by_arn(world, arn).await?.is_some() && !iam::has_policies(world, account, NAME).await? {
            attach(world, account, NAME).await?;
        }
        Ok(None)
    }

    async fn after(&self, request: &Request, answer: &mut Answer, world: &World) -> Result<(), Broken> {
        if !request.call.is("organizations.CreateAccount") || !answer.is_success() {
            return Ok(());
        }
        let Some(json) = answer.json() else { return Ok(()) };
        let Some(account) = json["CreateAccountStatus"]["AccountId"].as_str() else { return Ok(()) };
        attach(world, account, request.parameters.text("RoleName").unwrap_or(NAME)).await
    }
}

async fn attach(world: &World, account: &str, role: &str) -> Result<(), Broken> {
    let attach = [("Action", "AttachRolePolicy"), ("RoleName", role), ("PolicyArn", ADMINISTRATOR)];
    world.form(account, "us-east-1", "iam", &attach).await.map(drop)
}
