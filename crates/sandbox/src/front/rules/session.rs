//! A session ends: after its time, every call with its key is refused. The weather may shorten sessions to less than
//! AWS gives, so that a test sees one end.

use async_trait::async_trait;
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use xmltree::Element;

use super::Rule;
use super::iam;
use crate::front::answer::Answer;
use crate::front::call::{Parameters, Request};
use crate::front::protocol::Protocol;
use crate::front::upstream::Broken;
use crate::front::world::World;
use crate::front::xml::descendant;

/// What is remembered of a session.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(super) struct Session {
    expires: Timestamp,
    /// The id of the role: a role that is made anew does not take over the sessions of the old one.
    pub(super) role_id: String,
    pub(super) source_identity: Option<String>,
    /// The policy that was passed when it began, which limits it.
    pub(super) policy: Option<String>,
    /// The session's tags, over those of its role: `aws:PrincipalTag`.
    pub(super) tags: Vec<(String, String)>,
    /// Which of them go on to a session that is begun with this one.
    transitive: Vec<String>,
}

/// What is remembered of the session with an access key. The management account's user has none.
pub(super) async fn recall(world: &World, access_key: &str) -> Result<Option<Session>, Broken> {
    if !is_temporary(access_key) {
        return Ok(None);
    }
    let value = world.recall(&memory(access_key)).await?;
    Ok(value.and_then(|value| serde_json::from_value(value).ok()))
}

/// Only keys that are given out for a time begin so (IAM user guide, "IAM identifiers").
fn is_temporary(access_key: &str) -> bool {
    access_key.starts_with("ASIA")
}

/// Whether a key is of a session that has not ended.
pub(crate) async fn is_open(world: &World, access_key: &str) -> Result<bool, Broken> {
    let session = recall(world, access_key).await?;
    Ok(session.is_some_and(|session| session.expires > Timestamp::now()))
}

fn memory(access_key: &str) -> String {
    format!("session/{access_key}")
}

/// The tags that a call passes to the session that it begins.
pub(super) fn tags(request: &Request) -> Vec<(String, String)> {
    let text = |name: String| request.parameters.text(&name).map(str::to_owned);
    let tag = |at: usize| {
        Some((text(format!("Tags.member.{at}.Key"))?, text(format!("Tags.member.{at}.Value")).unwrap_or_default()))
    };
    (1..).map_while(tag).collect()
}

/// The keys of those that go on.
pub(super) fn transitive(request: &Request) -> Vec<String> {
    let Parameters::Form(pairs) = &request.parameters else { return Vec::new() };
    let keys = pairs.iter().filter(|(name, _)| name.starts_with("TransitiveTagKeys.member."));
    keys.map(|(_, key)| key.clone()).collect()
}

/// See the module.
#[derive(Default)]
pub(crate) struct Sessions {
    /// When the sessions end whose keys were seen: what is remembered of a session never changes.
    ends: Mutex<HashMap<String, Option<Timestamp>>>,
}

impl Sessions {
    async fn end(&self, world: &World, access_key: &str) -> Result<Option<Timestamp>, Broken> {
        let known = self.ends.lock().unwrap_or_else(PoisonError::into_inner).get(access_key).copied();
        if let Some(known) = known {
            return Ok(known);
        }
        let end = recall(world, access_key).await?.map(|session| session.expires);
        self.ends.lock().unwrap_or_else(PoisonError::into_inner).insert(access_key.to_owned(), end);
        Ok(end)
    }
}

#[async_trait]
impl Rule for Sessions {
    async fn before(&self, request: &mut Request, world: &World) -> Result<Option<Answer>, Broken> {
        if !is_temporary(&request.access_key) {
            return Ok(None);
        }
        let is_over = self.end(world, &request.access_key).await?.is_some_and(|end| end <= Timestamp::now());
        Ok(is_over.then(|| over(request)))
    }

    async fn after(&self, request: &Request, answer: &mut Answer, world: &World) -> Result<(), Broken> {
        if request.call.service == "sts" && request.call.operation.starts_with("AssumeRole") && answer.is_success() {
            note(request, answer, world).await?;
        }
        Ok(())
    }
}

/// Remembers the session that an answer gives, and shortens it.
async fn note(request: &Request, answer: &mut Answer, world: &World) -> Result<(), Broken> {
    let Some(root) = answer.xml() else { return Ok(()) };
    let text = |name| descendant(&root, name).and_then(Element::get_text).map(Cow::into_owned);
    let (Some(access_key), Some(given)) = (text("AccessKeyId"), text("Expiration")) else { return Ok(()) };
    let mut expires: Timestamp = given.parse()?;
    if let Some(most) = world.weather().session(&request.call) {
        expires = expires.min(Timestamp::now() + SignedDuration::try_from(most)?);
        let body = String::from_utf8_lossy(&answer.body).replace(&given, &expires.to_string());
        answer.body = body.into();
    }
    let role = iam::by_arn(world, request.parameters.text("RoleArn").unwrap_or_default()).await?;
    let before = recall(world, &request.access_key).await?.unwrap_or_default();
    let passed = tags(request);
    let mut all: Vec<(String, String)> = Vec::new();
    let inherited = before.tags.into_iter().filter(|(key, _)| before.transitive.contains(key));
    // Of one key, what goes on through the chain counts before what is passed, and that before the role's own (IAM user
    // guide, "Pass session tags in AWS STS").
    let of_role = role.iter().flat_map(|role| role.tags.clone());
    for (key, value) in inherited.chain(passed).chain(of_role) {
        if all.iter().all(|(known, _)| *known != key) {
            all.push((key, value));
        }
    }
    let session = Session {
        expires,
        role_id: role.map(|role| role.id).unwrap_or_default(),
        source_identity: request.parameters.text("SourceIdentity").map(str::to_owned).or(before.source_identity),
        policy: request.parameters.text("Policy").map(str::to_owned),
        tags: all,
        transitive: before.transitive.into_iter().chain(transitive(request)).collect(),
    };
    world.remember(&memory(&access_key), serde_json::to_value(session)?).await
}

/// What a service says to a key whose time is over (EC2 API reference, "Error codes", `RequestExpired`; "Common errors"
/// of the others; S3 API reference, "Error responses", `ExpiredToken`).
fn over(request: &Request) -> Answer {
    let (status, code, message) = match request.protocol {
        Protocol::Ec2 => (400, "RequestExpired", "Request has expired."),
        Protocol::S3 => (400, "ExpiredToken", "The provided token has expired."),
        Protocol::Query | Protocol::RestXml => {
            (403, "ExpiredToken", "The security token included in the request is expired")
        }
        Protocol::RestJson => (403, "ExpiredTokenException", "The security token included in the request is expired"),
        Protocol::Json | Protocol::Cbor => {
            (400, "ExpiredTokenException", "The security token included in the request is expired")
        }
    };
    Answer::refusal(request.protocol, status, code, message)
}
