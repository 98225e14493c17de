//! Idempotency tokens: a call that is repeated with its token is answered with the first answer, and has no second
//! effect, also when what it made was deleted since (EC2 developer guide, "Ensuring idempotency in Amazon EC2 API
//! requests").

use async_trait::async_trait;
use std::time::{Duration, SystemTime};

use hyper::StatusCode;
use hyper::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use serde_json::{Value, json};

use super::Rule;
use super::locks::Locks;
use crate::front::answer::Answer;
use crate::front::call::Request;
use crate::front::chance;
use crate::front::upstream::Broken;
use crate::front::world::World;

/// See the module.
#[derive(Default)]
pub(super) struct Idempotency {
    locks: Locks,
}

/// Which calls carry a token, and what the service makes of it.
struct Kind {
    /// A service, or an operation of one.
    calls: &'static str,
    /// The parameter that the token is in.
    parameter: &'static str,
    /// How long it is known.
    valid: Duration,
    /// What a token is refused with that comes with other parameters.
    mismatch: (&'static str, &'static str),
}

const MINUTES: Duration = Duration::from_mins(5);
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);
const EVER: Duration = Duration::MAX;

const KINDS: [Kind; 6] = [
    // EC2 developer guide, "Ensuring idempotency": the code; the message is as EC2 words it.
    Kind {
        calls: "ec2",
        parameter: "ClientToken",
        valid: EVER,
        mismatch: (
            "IdempotentParameterMismatch",
            "Arguments on this idempotent request are inconsistent with arguments used in previous request(s).",
        ),
    },
    // ACM API reference, RequestCertificate: "Idempotency tokens time out after one hour". Other parameters have another
    // token by then, see below; the local AWS breaks when the first certificate is gone.
    Kind {
        calls: "acm.RequestCertificate",
        parameter: ACM_TOKEN,
        valid: HOUR,
        mismatch: ("ValidationException", "The idempotency token was used with other parameters."),
    },
    // ECS API reference, "Ensuring idempotency": RunTask has the code and the day.
    Kind {
        calls: "ecs.RunTask",
        parameter: "clientToken",
        valid: DAY,
        mismatch: ("ConflictException", "The client token is in use with other parameters."),
    },
    // As ECS words it for a service that is there with other parameters.
    Kind {
        calls: "ecs.CreateService",
        parameter: "clientToken",
        valid: EVER,
        mismatch: ("InvalidParameterException", "Creation of service was not idempotent."),
    },
    // CodeBuild API reference, StartBuild: "valid for 5 minutes", and "a parameter mismatch error" for other
    // parameters; its only client error that fits is this one.
    Kind {
        calls: "codebuild.StartBuild",
        parameter: "idempotencyToken",
        valid: MINUTES,
        mismatch: ("InvalidInputException", "The idempotency token was used with other parameters."),
    },
    Kind {
        calls: "codebuild.StartBuildBatch",
        parameter: "idempotencyToken",
        valid: MINUTES,
        mismatch: ("InvalidInputException", "The idempotency token was used with other parameters."),
    },
];

#[async_trait]
impl Rule for Idempotency {
    async fn before(&self, request: &mut Request, world: &World) -> Result<Option<Answer>, Broken> {
        if request.call.is("acm.RequestCertificate") {
            tell_certificates_apart(request);
        }
        let Some((kind, key)) = token(request) else { return Ok(None) };
        self.locks.hold(request, key.clone()).await;
        let Some(known) = world.recall(&key).await? else { return Ok(None) };
        if !is_valid(&known, kind.valid, now()) {
            return Ok(None);
        }
        if known["parameters"] == parameters(request, kind.parameter) {
            return Ok(first_answer(&known));
        }
        let (code, message) = kind.mismatch;
        Ok(Some(Answer::refusal(request.protocol, 400, code, message)))
    }

    async fn after(&self, request: &Request, answer: &mut Answer, world: &World) -> Result<(), Broken> {
        let Some((kind, key)) = token(request).filter(|_| answer.is_success()) else { return Ok(()) };
        let Ok(body) = std::str::from_utf8(&answer.body) else { return Ok(()) };
        let content = answer.headers.get(CONTENT_TYPE).and_then(|content| content.to_str().ok());
        let parameters = parameters(request, kind.parameter);
        let first = json!({
            "at": now(),
            "parameters": parameters,
            "status": answer.status.as_u16(),
            "content": content,
            "body": body,
        });
        world.remember(&key, first).await
    }
}

/// The token of a call, as the key that its first answer is remembered under. What is only tried uses up none.
fn token(request: &Request) -> Option<(&'static Kind, String)> {
    let call = &request.call;
    let kind = KINDS.iter().find(|kind| call.is(kind.calls))?;
    let token = request.parameters.text(kind.parameter).filter(|token| !token.is_empty())?;
    if !call.is_change() || request.parameters.text("DryRun") == Some("true") {
        return None;
    }
    Some((kind, format!("token {} {} {} {} {token}", call.account, call.region, call.service, call.operation)))
}

/// What must be the same when a token is: everything but itself and, in EC2, the Availability Zone (EC2 developer
/// guide, "Ensuring idempotency").
fn parameters(request: &Request, token: &str) -> Value {
    let is_free = |name: &str| name == token || name.starts_with("AvailabilityZone");
    let mut texts = request.parameters.texts();
    texts.retain(|(name, _)| !is_free(name));
    texts.sort();
    json!(texts)
}

/// Where ACM has its token.
const ACM_TOKEN: &str = "IdempotencyToken";

/// In ACM the same token with other
/// parameters gives another certificate (seen in the Terraform provider's issue 7760), so it gets another token here.
fn tell_certificates_apart(request: &mut Request) {
    let Some(token) = request.parameters.text(ACM_TOKEN) else { return };
    let own = chance::hash(0, &[token, &parameters(request, ACM_TOKEN).to_string()]);
    request.parameters.set(ACM_TOKEN, format!("{own:016x}"));
}

fn first_answer(known: &Value) -> Option<Answer> {
    let status = known["status"].as_u64().and_then(|status| u16::try_from(status).ok())?;
    let mut headers = HeaderMap::new();
    if let Some(content) = known["content"].as_str() {
        headers.insert(CONTENT_TYPE, HeaderValue::from_str(content).ok()?);
    }
    let body = known["body"].as_str()?.to_owned().into();
    Some(Answer { status: StatusCode::from_u16(status).ok()?, headers, body })
}

fn is_valid(known: &Value, valid: Duration, now: u64) -> bool {
    known["at"].as_u64().is_some_and(|at| now.saturating_sub(at) < valid.as_secs())
}

/// Seconds since 1970: what is remembered outlives the process.
fn now() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_forgotten_in_time() {
        let known = json!({"at": 1_000_000});
        assert!(is_valid(&known, MINUTES, 1_000_000));
        assert!(is_valid(&known, MINUTES, 1_000_299));
        assert!(!is_valid(&known, MINUTES, 1_000_300));
        assert!(is_valid(&known, EVER, u64::MAX / 2));
    }
}
