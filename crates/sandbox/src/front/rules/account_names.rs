//! Names of accounts, as the Account Management service changes them; the local AWS has no such operation. From the
//! management account it takes a member's id, if the organization trusts the service (Account Management API reference,
//! `PutAccountName`, `AccountId`).

use async_trait::async_trait;
use serde_json::{Value, json};

use super::{Rule, look};
use crate::front::answer::Answer;
use crate::front::call::{Call, Parameters, Request};
use crate::front::upstream::Broken;
use crate::front::world::World;

/// See the module.
pub(super) struct AccountNames;

const SERVICE: &str = "account.amazonaws.com";

#[async_trait]
impl Rule for AccountNames {
    async fn before(&self, request: &mut Request, world: &World) -> Result<Option<Answer>, Broken> {
        let call = &request.call;
        let is_put = call.is("account.PutAccountName");
        if !is_put && !call.is("account.GetAccountInformation") {
            return Ok(None);
        }
        let Parameters::Rest { body, .. } = &request.parameters else { return Ok(None) };
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        // Organizations is where names are, whoever asks for them.
        let of_organizations = Call { service: "organizations".into(), ..call.clone() };
        let refusal = |status, code, message: &str| Ok(Some(Answer::refusal(request.protocol, status, code, message)));
        let id = match body["AccountId"].as_str() {
            None => call.account.clone(),
            Some(id) if id == call.account => {
                return refusal(400, "ValidationException", "The management account can't specify its own AccountId.");
            }
            Some(id) => {
                let list = "EnabledServicePrincipals";
                let operation = "ListAWSServiceAccessForOrganization";
                let trusted = look::organization(world, &of_organizations, operation, json!({}), list).await?;
                if !trusted.iter().any(|one| one["ServicePrincipal"] == SERVICE) {
                    let message = format!("User is not authorized to perform: {} on account {id}", call.operation);
                    return refusal(403, "AccessDeniedException", &message);
                }
                id.to_owned()
            }
        };
        let all = look::organization(world, &of_organizations, "ListAccounts", json!({}), "Accounts").await?;
        let Some(account) = all.iter().find(|account| account["Id"] == id.as_str()) else {
            return refusal(404, "ResourceNotFoundException", "The account does not exist.");
        };
        if is_put {
            let name = body["AccountName"].as_str().unwrap_or_default();
            if name.is_empty() || name.len() > 50 {
                return refusal(400, "ValidationException", "AccountName has 1 to 50 characters.");
            }
            let change = json!({"op": "rename", "management": call.account, "id": id, "name": name});
            world.change_account(&change).await?;
            return Ok(Some(Answer::success_json(&json!({}))));
        }
        let information = json!({"AccountId": id, "AccountName": account["Name"], "AccountState": account["State"]});
        Ok(Some(Answer::success_json(&information)))
    }
}
