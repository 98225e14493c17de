//! Invitations into the organization: sent by the management account, accepted or declined by the invited one. The local
//! AWS has none of it.

use std::collections::BTreeMap;
use std::time::SystemTime;

use async_trait::async_trait;
use serde_json::{Value, json};

use super::locks::Locks;
use super::{Rule, look};
use crate::front::answer::Answer;
use crate::front::call::{Parameters, Request};
use crate::front::chance;
use crate::front::upstream::Broken;
use crate::front::world::World;

/// See the module.
#[derive(Default)]
pub(super) struct Handshakes {
    locks: Locks,
}

const MEMORY: &str = "handshakes";

/// "An invitation expires 15 days after it is sent" (Organizations user guide, "Managing account invitations").
const LIFE: u64 = 15 * 24 * 60 * 60;

#[async_trait]
impl Rule for Handshakes {
    async fn before(&self, request: &mut Request, world: &World) -> Result<Option<Answer>, Broken> {
        if request.call.service != "organizations" {
            return Ok(None);
        }
        let operation = request.call.operation.clone();
        let is_ours = operation.ends_with("Handshake")
            || operation.starts_with("ListHandshakesFor")
            || operation == "InviteAccountToOrganization";
        if !is_ours {
            return Ok(None);
        }
        // Of two at once, the later one sees the earlier one.
        self.locks.hold(request, MEMORY.to_owned()).await;
        let mut all = recall(world).await?;
        let answered = match operation.as_str() {
            "InviteAccountToOrganization" => invited(&mut all, request, world).await?,
            "ListHandshakesForOrganization" | "ListHandshakesForAccount" => Ok(listed(&all, request)),
            _ => moved(&mut all, &operation, request, world).await?,
        };
        Ok(Some(match answered {
            Ok(json) => {
                world.remember(MEMORY, Value::from(all)).await?;
                Answer::success_json(&json)
            }
            Err(refusal) => refusal,
        }))
    }
}

async fn recall(world: &World) -> Result<Vec<Value>, Broken> {
    let all = world.recall(MEMORY).await?;
    let mut all = all.and_then(|all| all.as_array().cloned()).unwrap_or_default();
    for handshake in &mut all {
        if handshake["State"] == "REQUESTED" && handshake["ExpirationTimestamp"].as_u64() <= Some(now()) {
            handshake["State"] = json!("EXPIRED");
        }
    }
    Ok(all)
}

async fn invited(all: &mut Vec<Value>, request: &Request, world: &World) -> Result<Result<Value, Answer>, Broken> {
    let Parameters::Json(body) = &request.parameters else { return Ok(Ok(Value::Null)) };
    let refused = |code: &str, message: &str| Ok(Err(Answer::refusal(request.protocol, 400, code, message)));
    let target = "AWSOrganizationsV20161128.DescribeOrganization";
    let organization = look::json(world, &request.call, target, &json!({})).await?["Organization"].clone();
    if organization["MasterAccountId"] != request.call.account.as_str() {
        return refused("AWSOrganizationsNotInUseException", "Your account is not a member of an organization.");
    }
    let id = body["Target"]["Id"].as_str().unwrap_or_default();
    let members = look::organization(world, &request.call, "ListAccounts", json!({}), "Accounts").await?;
    if members.iter().any(|account| account["Id"] == id) {
        return Ok(Err(Answer::refusal_for(
            "HandshakeConstraintViolationException",
            "ALREADY_IN_AN_ORGANIZATION",
            "The handshake request is invalid because the invited account is already a member of an organization.",
        )));
    }
    if all.iter().any(|one| one["State"] == "REQUESTED" && invitee(one) == id) {
        return refused("DuplicateHandshakeException", "A handshake for this account exists already.");
    }
    let (number, now) = (all.len().to_string(), now());
    let handshake = json!({
        "Id": format!("h-{:016x}", chance::hash(0, &[MEMORY, id, &number])),
        "Parties": [
            {"Id": organization["Id"], "Type": "ORGANIZATION"},
            {"Id": id, "Type": "ACCOUNT"},
        ],
        "State": "REQUESTED",
        "RequestedTimestamp": now,
        "ExpirationTimestamp": now + LIFE,
        "Action": "INVITE",
        "Resources": [],
        // What AWS does not show, and needs when it is accepted.
        "Hidden": {"management": request.call.account, "tags": tags(&body["Tags"])},
    });
    all.push(handshake.clone());
    Ok(Ok(json!({"Handshake": shown(&handshake)})))
}

fn listed(all: &[Value], request: &Request) -> Value {
    let of_organization = request.call.operation == "ListHandshakesForOrganization";
    let is_meant = |one: &&Value| {
        if of_organization {
            one["Hidden"]["management"] == request.call.account.as_str()
        } else {
            invitee(one) == request.call.account
        }
    };
    json!({"Handshakes": all.iter().filter(is_meant).map(shown).collect::<Vec<_>>()})
}

/// Describes one, or brings it to its end.
async fn moved(
    all: &mut [Value],
    operation: &str,
    request: &Request,
    world: &World,
) -> Result<Result<Value, Answer>, Broken> {
    let id = request.parameters.text("HandshakeId").unwrap_or_default();
    let refused = |code: &str, message: &str| Ok(Err(Answer::refusal(request.protocol, 400, code, message)));
    let Some(handshake) = all.iter_mut().find(|one| one["Id"] == id) else {
        return refused(
            "HandshakeNotFoundException",
            "We can't find a handshake with the HandshakeId that you specified.",
        );
    };
    let caller = request.call.account.as_str();
    let is_sender = handshake["Hidden"]["management"] == caller;
    let (allowed, state) = match operation {
        "AcceptHandshake" => (invitee(handshake) == caller, "ACCEPTED"),
        "DeclineHandshake" => (invitee(handshake) == caller, "DECLINED"),
        "CancelHandshake" => (is_sender, "CANCELED"),
        _ => return Ok(Ok(json!({"Handshake": shown(handshake)}))),
    };
    if !allowed {
        return refused("AccessDeniedException", "You don't have permissions to access this resource.");
    }
    if handshake["State"] != "REQUESTED" {
        let code = if handshake["State"] == state {
            "HandshakeAlreadyInStateException"
        } else {
            "InvalidHandshakeTransitionException"
        };
        return refused(code, "The handshake is not in a state in which this can be done.");
    }
    if operation == "AcceptHandshake" {
        let change = json!({
            "op": "join", "management": handshake["Hidden"]["management"], "id": caller, "name": format!("account-{caller}"),
            "email": format!("root@{caller}.example"), "tags": handshake["Hidden"]["tags"],
        });
        world.change_account(&change).await?;
    }
    handshake["State"] = json!(state);
    Ok(Ok(json!({"Handshake": shown(handshake)})))
}

fn invitee(handshake: &Value) -> &str {
    handshake["Parties"][1]["Id"].as_str().unwrap_or_default()
}

fn shown(handshake: &Value) -> Value {
    let mut handshake = handshake.clone();
    if let Some(object) = handshake.as_object_mut() {
        object.remove("Hidden");
    }
    handshake
}

fn tags(list: &Value) -> BTreeMap<String, String> {
    let tag = |tag: &Value| Some((tag["Key"].as_str()?.to_owned(), tag["Value"].as_str()?.to_owned()));
    list.as_array().into_iter().flatten().filter_map(tag).collect()
}

fn now() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs()
}
