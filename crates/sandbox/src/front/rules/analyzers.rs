//! IAM Access Analyzer, which the local AWS does not have: analyzers with their names, tags and tokens, and how many an
//! account takes (IAM Access Analyzer API reference).

use async_trait::async_trait;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::Rule;
use super::clock::Clock;
use super::locks::Locks;
use crate::front::answer::Answer;
use crate::front::call::{Call, Request};
use crate::front::upstream::Broken;
use crate::front::world::World;

/// See the module.
#[derive(Default)]
pub(super) struct Analyzers {
    locks: Locks,
    /// New ones, by their ARNs.
    made: Clock,
}

/// A refusal: status, code and message.
type Refusal = (u16, &'static str, String);

#[async_trait]
impl Rule for Analyzers {
    async fn before(&self, request: &mut Request, world: &World) -> Result<Option<Answer>, Broken> {
        let call = request.call.clone();
        if call.service != "access-analyzer" {
            return Ok(None);
        }
        let key = format!("analyzers {} {}", call.account, call.region);
        self.locks.hold(request, key.clone()).await;
        let mut all = world.recall(&key).await?.and_then(|all| all.as_array().cloned()).unwrap_or_default();
        let before = all.clone();
        let body = request.parameters.json().unwrap_or_default();
        let argument = call.argument.as_deref().unwrap_or_default();
        let answer = match call.operation.as_str() {
            "CreateAnalyzer" => create(&mut all, &call, &body).inspect(|made| {
                self.made.begin(made["arn"].as_str().unwrap_or_default(), world.weather().pending(&call));
            }),
            "ListAnalyzers" => {
                let wanted = request.parameters.text("type");
                let fits = |one: &&Value| wanted.is_none_or(|wanted| one["type"] == wanted);
                Ok(json!({"analyzers": all.iter().filter(fits).map(|one| self.shown(one)).collect::<Vec<_>>()}))
            }
            "GetAnalyzer" => at(&all, "name", argument).map(|at| json!({"analyzer": self.shown(&all[at])})),
            "DeleteAnalyzer" => at(&all, "name", argument).map(|at| {
                all.remove(at);
                json!({})
            }),
            "ListTagsForResource" => at(&all, "arn", argument).map(|at| json!({"tags": all[at]["tags"]})),
            "TagResource" => at(&all, "arn", argument).map(|at| {
                for (tag, value) in body["tags"].as_object().into_iter().flatten() {
                    all[at]["tags"][tag] = value.clone();
                }
                json!({})
            }),
            "UntagResource" => at(&all, "arn", argument).map(|at| {
                let texts = request.parameters.texts();
                let gone = texts.iter().filter(|(name, _)| name == "tagKeys").map(|(_, tag)| tag);
                if let Some(tags) = all[at]["tags"].as_object_mut() {
                    gone.for_each(|tag| drop(tags.remove(tag)));
                }
                json!({})
            }),
            _ => return Ok(None),
        };
        if all != before {
            world.remember(&key, all.into()).await?;
        }
        Ok(Some(match answer {
            Ok(answer) => Answer::success_json(&answer),
            Err((status, code, message)) => Answer::refusal(request.protocol, status, code, &message),
        }))
    }
}

impl Analyzers {
    /// An analyzer as it is described: without what is remembered for the front itself.
    fn shown(&self, one: &Value) -> Value {
        let arn = one["arn"].as_str().unwrap_or_default();
        let status = if self.made.is_running(arn) { "CREATING" } else { "ACTIVE" };
        let mut shown = json!({"status": status});
        for field in ["arn", "name", "type", "createdAt", "tags"] {
            shown[field] = one[field].clone();
        }
        shown
    }
}

fn at(all: &[Value], field: &str, wanted: &str) -> Result<usize, Refusal> {
    let found = all.iter().position(|one| one[field] == wanted);
    found.ok_or_else(|| (404, "ResourceNotFoundException", format!("The analyzer {wanted} does not exist")))
}

fn create(all: &mut Vec<Value>, call: &Call, body: &Value) -> Result<Value, Refusal> {
    let text = |name: &str| body[name].as_str().unwrap_or_default();
    let (name, kind, token) = (text("analyzerName"), text("type"), text("clientToken"));
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.len() <= 255
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c));
    if !is_name || kind.is_empty() {
        return Err((400, "ValidationException", format!("{name:?} of type {kind:?} cannot be an analyzer")));
    }
    let mut parameters = body.clone();
    parameters["clientToken"].take();
    if let Some(first) = all.iter().find(|one| !token.is_empty() && one["token"] == token) {
        if first["parameters"] == parameters {
            return Ok(json!({"arn": first["arn"]}));
        }
        return Err((409, "ConflictException", "The client token was used with other parameters".into()));
    }
    if all.iter().any(|one| one["name"] == name) {
        return Err((409, "ConflictException", format!("An analyzer {name} exists already")));
    }
    // `CreateAnalyzer`: one per account and region.
    if kind == "ACCOUNT" && all.iter().any(|one| one["type"] == kind) {
        let message = "The maximum number of analyzers of type ACCOUNT is 1 in a region".into();
        return Err((402, "ServiceQuotaExceededException", message));
    }
    let arn = format!("arn:aws:access-analyzer:{}:{}:analyzer/{name}", call.region, call.account);
    let tags = if body["tags"].is_object() { body["tags"].clone() } else { json!({}) };
    all.push(json!({
        "arn": arn, "name": name, "type": kind, "tags": tags, "createdAt": Timestamp::now().to_string(),
        "token": token, "parameters": parameters,
    }));
    Ok(json!({"arn": arn}))
}
