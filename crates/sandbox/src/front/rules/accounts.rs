//! New accounts: their creation is only begun by the call for it, a few at a time, an e-mail address has one account, and
//! until it is there an account is neither listed nor entered (Organizations API reference, `CreateAccount`). Closed ones
//! are not entered any more, and only so many can be closed.

use async_trait::async_trait;
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use super::Rule;
use super::clock::Clock;
use super::locks::Locks;
use super::{look, organization};
use crate::front::answer::Answer;
use crate::front::call::{Call, Parameters, Request};
use crate::front::chance;
use crate::front::upstream::Broken;
use crate::front::world::World;

/// See the module.
#[derive(Default)]
pub(super) struct Accounts {
    locks: Locks,
    /// Until when accounts, and the requests for them, are in progress.
    made: Clock,
}

/// What the local AWS knows nothing of: requests that failed.
const FAILED: &str = "failed accounts";
/// How many can be in creation at a time (Organizations user guide, "Quotas for AWS Organizations").
const MOST_IN_CREATION: usize = 5;
/// When accounts were closed.
const CLOSURES: &str = "closed accounts";
/// "Within a rolling 30 day period you can close the higher of either 250 or 20% of the member accounts in your
/// organization, up to a maximum of 1,000" (Organizations API reference, `CloseAccount`).
const FEWEST_CLOSURES: usize = 250;
const CLOSURES_COUNT_FOR: u64 = 30 * 24 * 60 * 60;

const LIST_STATUSES: &str = "AWSOrganizationsV20161128.ListCreateAccountStatus";
const LIST_ACCOUNTS: &str = "AWSOrganizationsV20161128.ListAccounts";

#[async_trait]
impl Rule for Accounts {
    async fn before(&self, request: &mut Request, world: &World) -> Result<Option<Answer>, Broken> {
        if request.call.is("sts.AssumeRole") {
            return self.entered(request, world).await;
        }
        if request.call.service != "organizations" {
            return Ok(None);
        }
        match request.call.operation.as_str() {
            "CreateAccount" => {
                self.locks.hold(request, request.call.account.clone()).await;
                if let Some(refusal) = self.too_many(request, world).await? {
                    return Ok(Some(refusal));
                }
                taken(request, world).await
            }
            "CloseAccount" => {
                self.locks.hold(request, request.call.account.clone()).await;
                unclosable(request, world).await
            }
            "DescribeCreateAccountStatus" => {
                let failed = failed(world, &request.call).await?;
                let id = request.parameters.text("CreateAccountRequestId");
                let status = failed.into_iter().find(|status| status["Id"].as_str() == id);
                Ok(status.map(|status| Answer::success_json(&json!({"CreateAccountStatus": status}))))
            }
            "ListCreateAccountStatus" => self.statuses(request, world).await.map(Some),
            _ if self.is_about_one_that_is_not_there(request) => {
                let (code, message) = ("AccountNotFoundException", "You specified an account that doesn't exist.");
                Ok(Some(Answer::refusal(request.protocol, 400, code, message)))
            }
            _ => Ok(None),
        }
    }

    async fn after(&self, request: &Request, answer: &mut Answer, world: &World) -> Result<(), Broken> {
        if request.call.service != "organizations" || !answer.is_success() {
            return Ok(());
        }
        if request.call.operation == "CloseAccount" {
            let mut all = closures(world, &request.call).await?;
            all.push(json!(now().as_secs()));
            return world.remember(&closures_key(&request.call), Value::from(all)).await;
        }
        let Some(mut json) = answer.json() else { return Ok(()) };
        if request.call.operation == "CreateAccount" {
            let (status, time) = (&mut json["CreateAccountStatus"], world.weather().pending(&request.call));
            for id in ["Id", "AccountId"] {
                self.made.begin(status[id].as_str().unwrap_or_default(), time);
            }
            // It never says more at first: the status is to be asked for.
            begun(status);
        } else {
            self.show(&mut json);
        }
        answer.set_json(&json);
        Ok(())
    }
}

impl Accounts {
    /// STS: nobody enters an account that is not there yet.
    async fn entered(&self, request: &Request, world: &World) -> Result<Option<Answer>, Broken> {
        let role = request.parameters.text("RoleArn").unwrap_or_default();
        let account = role.split(':').nth(4).unwrap_or_default();
        if !self.made.is_running(account) && !organization::is_closed(world, account).await? {
            return Ok(None);
        }
        let caller = world.principal(&request.access_key).await?.arn;
        let message = format!("User: {caller} is not authorized to perform: sts:AssumeRole on resource: {role}");
        Ok(Some(Answer::refusal(request.protocol, 403, "AccessDenied", &message)))
    }

    /// Whether as many are being made as can be.
    async fn too_many(&self, request: &Request, world: &World) -> Result<Option<Answer>, Broken> {
        let all = look::pages(world, &request.call, LIST_STATUSES, everything(), "CreateAccountStatuses").await?;
        let going_on = all.iter().filter(|status| status["Id"].as_str().is_some_and(|id| self.made.is_running(id)));
        let reason = "ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED";
        let message = "You attempted to exceed the number of accounts that can be in progress at a time.";
        let refusal = || Answer::refusal_for("ConstraintViolationException", reason, message);
        Ok((going_on.count() >= MOST_IN_CREATION).then(refusal))
    }

    fn is_about_one_that_is_not_there(&self, request: &Request) -> bool {
        request.parameters.texts().iter().any(|(name, text)| name.ends_with("Id") && self.is_new(text))
    }

    /// Whether this is the id of an account that is not there yet, and not that of the request for it.
    fn is_new(&self, id: &str) -> bool {
        !id.starts_with("car-") && self.made.is_running(id)
    }

    /// Takes out of an answer what is not there yet.
    fn show(&self, value: &mut Value) {
        let is_new = |item: &Value| item["Id"].as_str().is_some_and(|id| self.is_new(id));
        match value {
            Value::Array(items) => {
                items.retain(|item| !is_new(item));
                for item in items {
                    self.show(item);
                }
            }
            Value::Object(object) => {
                if object.get("Id").and_then(Value::as_str).is_some_and(|id| self.made.is_running(id)) {
                    begun(value);
                } else {
                    object.values_mut().for_each(|value| self.show(value));
                }
            }
            _ => {}
        }
    }

    /// Every request for an account, in the states that are asked for.
    async fn statuses(&self, request: &Request, world: &World) -> Result<Answer, Broken> {
        let mut all =
            Value::from(look::pages(world, &request.call, LIST_STATUSES, everything(), "CreateAccountStatuses").await?);
        self.show(&mut all);
        let mut all = all.as_array().cloned().unwrap_or_default();
        all.extend(failed(world, &request.call).await?);
        if let Parameters::Json(body) = &request.parameters
            && let Some(states) = body["States"].as_array()
        {
            all.retain(|status| states.is_empty() || states.contains(&status["State"]));
        }
        Ok(Answer::success_json(&json!({"CreateAccountStatuses": all})))
    }
}

/// In one page: the local AWS's second one leads to itself.
fn everything() -> Value {
    json!({"MaxResults": 1_000_000})
}

/// A status as it is while an account is made.
fn begun(status: &mut Value) {
    if let Some(status) = status.as_object_mut() {
        status.insert("State".to_owned(), json!("IN_PROGRESS"));
        status.remove("AccountId");
        status.remove("CompletedTimestamp");
    }
}

/// An address that has an account, also a closed one, gets no other: the request is taken and fails (Organizations API
/// reference, `CreateAccountStatus`, `FailureReason`).
async fn taken(request: &Request, world: &World) -> Result<Option<Answer>, Broken> {
    let email = request.parameters.text("Email").unwrap_or_default().to_lowercase();
    let accounts = look::pages(world, &request.call, LIST_ACCOUNTS, json!({}), "Accounts").await?;
    if !accounts.iter().any(|account| account["Email"].as_str().is_some_and(|there| there.to_lowercase() == email)) {
        return Ok(None);
    }
    let now = now();
    let (salt, seconds) = (now.as_nanos().to_string(), now.as_secs());
    let half = |word| chance::hash(0, &[word, &email, &salt]);
    let mut status = json!({
        "Id": format!("car-{:016x}{:016x}", half("first"), half("second")),
        "AccountName": request.parameters.text("AccountName"),
        "State": "FAILED",
        "RequestedTimestamp": seconds,
        "CompletedTimestamp": seconds,
        "FailureReason": "EMAIL_ALREADY_EXISTS",
    });
    let mut all = failed(world, &request.call).await?;
    all.push(status.clone());
    world.remember(&key(&request.call), Value::from(all)).await?;
    begun(&mut status);
    if let Some(status) = status.as_object_mut() {
        status.remove("FailureReason");
    }
    Ok(Some(Answer::success_json(&json!({"CreateAccountStatus": status}))))
}

/// Whether the account is not closed because it is already, or because too many were of late.
async fn unclosable(request: &Request, world: &World) -> Result<Option<Answer>, Broken> {
    let id = request.parameters.text("AccountId").unwrap_or_default();
    if organization::is_closed(world, id).await? {
        let message = "You attempted to close an account that is already closed.";
        return Ok(Some(Answer::refusal(request.protocol, 400, "AccountAlreadyClosedException", message)));
    }
    let since = now().as_secs().saturating_sub(CLOSURES_COUNT_FOR);
    let late = closures(world, &request.call).await?;
    let late = late.iter().filter(|at| at.as_u64().is_some_and(|at| at > since)).count();
    if late < FEWEST_CLOSURES {
        return Ok(None);
    }
    let members =
        look::pages(world, &request.call, LIST_ACCOUNTS, json!({}), "Accounts").await?.len().saturating_sub(1);
    let most = (members / 5).clamp(FEWEST_CLOSURES, 1000);
    let message = "You have exceeded close account quota for the past 30 days.";
    let refusal = || Answer::refusal_for("ConstraintViolationException", "CLOSE_ACCOUNT_QUOTA_EXCEEDED", message);
    Ok((late >= most).then(refusal))
}

async fn closures(world: &World, call: &Call) -> Result<Vec<Value>, Broken> {
    let all = world.recall(&closures_key(call)).await?;
    Ok(all.and_then(|all| all.as_array().cloned()).unwrap_or_default())
}

fn closures_key(call: &Call) -> String {
    format!("{CLOSURES} {}", call.account)
}

/// The time of the world.
fn now() -> Duration {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default()
}

async fn failed(world: &World, call: &Call) -> Result<Vec<Value>, Broken> {
    let all = world.recall(&key(call)).await?;
    Ok(all.and_then(|all| all.as_array().cloned()).unwrap_or_default())
}

fn key(call: &Call) -> String {
    format!("{FAILED} {}", call.account)
}
