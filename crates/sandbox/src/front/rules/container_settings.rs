//! Account settings of ECS and ECR, one set for each region. The local AWS knows neither defaults nor effective values of
//! ECS's, and none of ECR's.

use async_trait::async_trait;
use serde_json::{Map, Value, json};

use super::Rule;
use super::locks::Locks;
use crate::front::answer::Answer;
use crate::front::call::Request;
use crate::front::upstream::Broken;
use crate::front::world::World;

/// See the module.
#[derive(Default)]
pub(super) struct ContainerSettings {
    locks: Locks,
}

const SWITCH: &[&str] = &["disabled", "enabled"];

/// Name, what holds where nobody has said anything, and what may be said (ECS API reference, `PutAccountSettingDefault`,
/// and ECS developer guide, "Access Amazon ECS features with account settings"). That of `GuardDuty` is not for users to set.
const ECS: [(&str, &str, &[&str]); 12] = [
    ("serviceLongArnFormat", "enabled", SWITCH),
    ("taskLongArnFormat", "enabled", SWITCH),
    ("containerInstanceLongArnFormat", "enabled", SWITCH),
    ("awsvpcTrunking", "disabled", SWITCH),
    ("containerInsights", "disabled", &["disabled", "enabled", "enhanced"]),
    ("dualStackIPv6", "enabled", SWITCH),
    ("fargateFIPSMode", "disabled", SWITCH),
    ("fargateTaskRetirementWaitPeriod", "7", &["0", "7", "14"]),
    ("fargateEventWindows", "disabled", SWITCH),
    ("guardDutyActivate", "off", &[]),
    ("tagResourceAuthorization", "off", &["off", "on"]),
    ("defaultLogDriverMode", "non-blocking", &["blocking", "non-blocking"]),
];

/// The same for ECR (ECR API reference, `PutAccountSetting`).
const ECR: [(&str, &str, &[&str]); 3] = [
    ("BASIC_SCAN_TYPE_VERSION", "AWS_NATIVE", &["AWS_NATIVE", "CLAIR"]),
    ("REGISTRY_POLICY_SCOPE", "V2", &["V1", "V2"]),
    ("BLOB_MOUNTING", "DISABLED", &["DISABLED", "ENABLED"]),
];

/// ECS API reference, `ListAccountSettings`, `maxResults`.
const PAGE: usize = 10;

#[async_trait]
impl Rule for ContainerSettings {
    async fn before(&self, request: &mut Request, world: &World) -> Result<Option<Answer>, Broken> {
        let call = request.call.clone();
        let Some(body) = request.parameters.json() else { return Ok(None) };
        let table: &[_] = match (call.service.as_str(), call.operation.as_str()) {
            ("ecs", "PutAccountSettingDefault") => &ECS,
            // Without this, the caller's own settings are asked for, which the local AWS has.
            ("ecs", "ListAccountSettings") if body["effectiveSettings"] == true => &ECS,
            ("ecr", "PutAccountSetting" | "GetAccountSetting") => &ECR,
            _ => return Ok(None),
        };
        let key = format!("{}-settings {} {}", call.service, call.account, call.region);
        self.locks.hold(request, key.clone()).await;
        let mut known = world.recall(&key).await?.and_then(|known| known.as_object().cloned()).unwrap_or_default();
        let refused = |message: &str| Answer::refusal(request.protocol, 400, "InvalidParameterException", message);

        let name = body["name"].as_str();
        let row = table.iter().find(|(known, ..)| Some(*known) == name);
        if name.is_some() && row.is_none() {
            return Ok(Some(refused("You specified an invalid account setting name")));
        }
        if call.operation == "ListAccountSettings" {
            return Ok(Some(listed(&body, &known)));
        }
        let Some((name, default, words)) = row else { return Ok(Some(refused("name must not be null"))) };
        if call.operation.starts_with("Put") {
            let Some(value) = body["value"].as_str().filter(|value| words.contains(value)) else {
                return Ok(Some(refused(&format!("You specified an invalid value for {name}"))));
            };
            known.insert((*name).to_owned(), value.into());
            world.remember(&key, Value::Object(known.clone())).await?;
        }
        let setting = json!({"name": name, "value": value_of(&known, name, default)});
        let answer = if call.service == "ecs" { json!({"setting": setting}) } else { setting };
        Ok(Some(Answer::success_json(&answer)))
    }
}

fn value_of(known: &Map<String, Value>, name: &str, default: &str) -> Value {
    known.get(name).cloned().unwrap_or_else(|| default.into())
}

/// A page of the values that hold.
fn listed(body: &Value, known: &Map<String, Value>) -> Answer {
    let wanted = body["name"].as_str();
    let begin: usize = body["nextToken"].as_str().and_then(|token| token.parse().ok()).unwrap_or_default();
    let rows = ECS.iter().filter(|(name, ..)| wanted.is_none_or(|wanted| wanted == *name));
    let all: Vec<Value> =
        rows.map(|(name, default, _)| json!({"name": name, "value": value_of(known, name, default)})).collect();
    let page: Vec<_> = all.iter().skip(begin).take(PAGE).collect();
    let mut answer = json!({"settings": page});
    if begin + PAGE < all.len() {
        answer["nextToken"] = (begin + PAGE).to_string().into();
    }
    Answer::success_json(&answer)
}
