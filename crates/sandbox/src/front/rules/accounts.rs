//! New accounts: their creation is only begun by the call for it, an e-mail address has one account, and until it is
//! there an account is neither listed nor entered (Organizations API reference, `CreateAccount`).

use async_trait::async_trait;
use std::time::SystemTime;

use serde_json::{Value, json};

use super::Rule;
use super::clock::Clock;
use super::locks::Locks;
use super::look;
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
                taken(request, world).await
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
        if !self.made.is_running(role.split(':').nth(4).unwrap_or_default()) {
            return Ok(None);
        }
        let caller = world.principal(&request.access_key).await?.arn;
        let message = format!("User: {caller} is not authorized to perform: sts:AssumeRole on resource: {role}");
        Ok(Some(Answer::refusal(request.protocol, 403, "AccessDenied", &message)))
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
            Value::from(look::pages(world, &request.call, LIST_STATUSES, json!({}), "CreateAccountStatuses").await?);
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
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
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

async fn failed(world: &World, call: &Call) -> Result<Vec<Value>, Broken> {
    let all = world.recall(&key(call)).await?;
    Ok(all.and_then(|all| all.as_array().cloned()).unwrap_or_default())
}

fn key(call: &Call) -> String {
    format!("{FAILED} {}", call.account)
}
