//! What the caller may do in the management account, decided by IAM without doing it.

use aws_sdk_iam::types::PolicyEvaluationDecisionType;
use engine::{Class, Error, Result};

use crate::sessions::Caller;
use crate::{Account, edge::Edge};

/// What making the organization takes. It makes a service-linked role (Organizations user guide, "AWS Organizations and
/// service-linked roles").
pub const CREATE_ORGANIZATION: &[&str] = &["organizations:CreateOrganization", "iam:CreateServiceLinkedRole"];

/// What making accounts in it takes, and putting them under units and policies.
pub const CREATE_ACCOUNTS: &[&str] = &[
    "organizations:AttachPolicy",
    "organizations:CreateAccount",
    "organizations:CreateOrganizationalUnit",
    "organizations:CreatePolicy",
    "organizations:DescribeCreateAccountStatus",
    "organizations:DescribePolicy",
    "organizations:DetachPolicy",
    "organizations:EnableAWSServiceAccess",
    "organizations:EnablePolicyType",
    "organizations:ListCreateAccountStatus",
    "organizations:MoveAccount",
    "organizations:TagResource",
    "organizations:UpdatePolicy",
];

/// What naming another account as the administrator of a service takes.
pub const DELEGATE: &[&str] = &["organizations:RegisterDelegatedAdministrator"];

/// Which of the actions the caller is denied on an object: its policies are simulated, with its boundary. Policies of the
/// organization do not hold in the management account (Organizations user guide, "Service control policies").
///
/// # Errors
/// When the simulation is refused, or the caller is none that can be simulated.
pub async fn simulate(home: &Account, caller: &Caller, actions: &[&str], object: &str) -> Result<Vec<String>> {
    let who = source(home, caller).await?;
    let call = home.iam().simulate_principal_policy().policy_source_arn(who).resource_arns(object);
    let call = call.set_action_names(Some(actions.iter().map(|action| (*action).to_owned()).collect()));
    let decided: Vec<_> = call.into_paginator().items().send().try_collect().await.edge()?;
    let denied = decided.iter().filter(|one| one.eval_decision() != &PolicyEvaluationDecisionType::Allowed);
    Ok(denied.map(|one| one.eval_action_name().to_owned()).collect())
}

/// The user or role whose policies are meant. A session's ARN does not say its role's path, so the role is looked up.
async fn source(home: &Account, caller: &Caller) -> Result<String> {
    if caller.arn.contains(":user/") {
        return Ok(caller.arn.clone());
    }
    let role = caller.arn.split_once(":assumed-role/").and_then(|(_, rest)| rest.split('/').next());
    let role = role.ok_or_else(|| {
        Error::new(Class::Invalid, format!("{} is neither a user nor a role's session", caller.arn))
            .hint("use a user or a role of the management account")
    })?;
    let answer = home.iam().get_role().role_name(role).send().await.edge()?;
    Ok(answer.role.map(|role| role.arn).unwrap_or_default())
}
