//! Where an account is in its organization, as condition keys.

use policy::{Context, Key};
use serde_json::{Value, json};

use crate::ACCOUNT_ID;
use crate::front::upstream::Broken;
use crate::front::world::World;

/// The region of the service.
const REGION: &str = "us-east-1";

/// `aws:PrincipalOrgID`, `aws:PrincipalOrgPaths` and `aws:PrincipalOrgMasterAccount` of callers of an account (IAM user
/// guide, "AWS global condition context keys"). An account outside of any organization has none of them.
pub(super) async fn context(world: &World, account: &str) -> Result<Context, Broken> {
    let mut context = Context::default();
    let answer = ask(world, account, "DescribeOrganization", &json!({})).await?;
    let text = |name: &str| answer["Organization"][name].as_str().unwrap_or_default().to_owned();
    let (id, management) = (text("Id"), text("MasterAccountId"));
    if id.is_empty() {
        return Ok(context);
    }
    // `o-a1b2/r-ab12/ou-ab12-11111111/`, from the organization down to the account's unit.
    let (mut path, mut child) = (String::new(), account.to_owned());
    while !child.starts_with("r-") {
        let answer = ask(world, &management, "ListParents", &json!({"ChildId": child})).await?;
        let Some(parent) = answer["Parents"][0]["Id"].as_str() else { break };
        path = format!("{parent}/{path}");
        parent.clone_into(&mut child);
    }
    context.set(Key::new("aws:PrincipalOrgPaths"), vec![format!("{id}/{path}")]);
    context.set(Key::new("aws:PrincipalOrgMasterAccount"), vec![management]);
    context.set(Key::new("aws:PrincipalOrgID"), vec![id]);
    Ok(context)
}

/// Whether an account is one of this world's: the management account or one of its organization.
pub(super) async fn has(world: &World, account: &str) -> Result<bool, Broken> {
    if account == ACCOUNT_ID {
        return Ok(true);
    }
    let answer = ask(world, ACCOUNT_ID, "DescribeAccount", &json!({"AccountId": account})).await?;
    Ok(answer["Account"].is_object())
}

/// Whether an account of the organization is closed, or is being closed.
pub(super) async fn is_closed(world: &World, account: &str) -> Result<bool, Broken> {
    let answer = ask(world, ACCOUNT_ID, "DescribeAccount", &json!({"AccountId": account})).await?;
    Ok(matches!(answer["Account"]["Status"].as_str(), Some("SUSPENDED" | "PENDING_CLOSURE")))
}

async fn ask(world: &World, account: &str, operation: &str, body: &Value) -> Result<Value, Broken> {
    let target = format!("AWSOrganizationsV20161128.{operation}");
    let answer = world.json(account, REGION, "organizations", &target, body).await?;
    Ok(answer.json().filter(|_| answer.is_success()).unwrap_or_default())
}
