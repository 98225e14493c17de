//! One call to AWS as the front understands it, whatever protocol it came in.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use hyper::HeaderMap;
use serde_json::Value;
use tokio::sync::OwnedMutexGuard;

use super::needs::Need;
use super::protocol::Protocol;

/// Which operation is called, where, and on what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The service by the name that it is signed for, such as `ec2` or `organizations`; `s3control` for S3 Control, which
    /// is signed for as `s3`.
    pub service: String,
    /// The operation, such as `CreateVpc`.
    pub operation: String,
    /// The id of the account whose credentials the call carries.
    pub account: String,
    /// The region that it is signed for.
    pub region: String,
    /// What it is about: the key of ours that it tags something with, or the first name or id among its parameters.
    pub argument: Option<String>,
}

/// Operations that only read begin with one of these. `AssumeRole` and its like make nothing that stays.
const READS: [&str; 15] = [
    "Assume",
    "BatchCheck",
    "BatchGet",
    "Check",
    "Decode",
    "Describe",
    "Filter",
    "Get",
    "Head",
    "List",
    "Lookup",
    "Search",
    "Simulate",
    "Test",
    "Validate",
];

impl Call {
    /// Whether it would change something.
    #[must_use]
    pub fn is_change(&self) -> bool {
        !READS.iter().any(|prefix| self.operation.starts_with(prefix))
    }

    /// Whether it is a call of this operation, written `ec2.CreateVpc`, or of this service, written `ec2`.
    #[must_use]
    pub fn is(&self, pattern: &str) -> bool {
        match pattern.split_once('.') {
            Some((service, operation)) => self.service == service && self.operation == operation,
            None => self.service == pattern,
        }
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.service, self.operation)?;
        self.argument.as_ref().map_or(Ok(()), |argument| write!(f, " {argument}"))
    }
}

/// A call with all that is needed to change it and to pass it on.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// Of a call about another account's object, the account becomes the object's; the record keeps the caller's.
    pub(crate) call: Call,
    pub(crate) protocol: Protocol,
    /// The access key id that it is signed with.
    pub(crate) access_key: String,
    pub(crate) method: hyper::Method,
    /// Path and query.
    pub(crate) target: String,
    pub(crate) headers: HeaderMap,
    pub(crate) parameters: Parameters,
    /// What whoever makes it has to be allowed.
    pub(crate) needs: Vec<Need>,
    /// What no other call may hold until this one has had its effect.
    pub(crate) held: Vec<Arc<OwnedMutexGuard<()>>>,
    /// How many changes there were before it, of which an answer shows all (see `visibility`).
    pub(crate) seen: usize,
}

/// What a call says, in the shape of its protocol.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Parameters {
    /// Names and values of the query protocols, such as `Filter.1.Name`.
    Form(Vec<(String, String)>),
    /// A JSON object.
    Json(Value),
    /// A body that is passed on as it is, and what its path and query say.
    Rest { named: Vec<(String, String)>, body: Bytes },
}

impl Parameters {
    /// A parameter that holds a text, by its name at the top.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        match self {
            Self::Form(pairs) | Self::Rest { named: pairs, .. } => {
                pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
            }
            Self::Json(value) => value.get(name)?.as_str(),
        }
    }

    /// A number, in either spelling.
    pub(crate) fn number(&self, name: &str) -> Option<i64> {
        match self {
            Self::Json(value) => value.get(name)?.as_i64(),
            _ => self.text(name)?.parse().ok(),
        }
    }

    /// The body, if it is JSON.
    pub(crate) fn json(&self) -> Option<Value> {
        match self {
            Self::Json(value) => Some(value.clone()),
            Self::Rest { body, .. } => serde_json::from_slice(body).ok(),
            Self::Form(_) => None,
        }
    }

    /// Sets a text at the top.
    pub(crate) fn set(&mut self, name: &str, text: String) {
        match self {
            Self::Form(pairs) | Self::Rest { named: pairs, .. } => {
                match pairs.iter_mut().find(|(key, _)| key == name) {
                    Some((_, value)) => *value = text,
                    None => pairs.push((name.to_owned(), text)),
                }
            }
            Self::Json(value) => {
                if let Some(object) = value.as_object_mut() {
                    object.insert(name.to_owned(), Value::String(text));
                }
            }
        }
    }

    /// Every text in it, with the way to it, such as `Filter.1.Name`.
    pub(crate) fn texts(&self) -> Vec<(String, String)> {
        match self {
            Self::Form(pairs) | Self::Rest { named: pairs, .. } => pairs.clone(),
            Self::Json(value) => {
                let mut texts = Vec::new();
                collect(value, String::new(), &mut texts);
                texts
            }
        }
    }

    /// The body to pass on.
    pub(crate) fn body(&self) -> Bytes {
        match self {
            Self::Form(pairs) => form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish().into(),
            Self::Json(value) => value.to_string().into(),
            Self::Rest { body, .. } => body.clone(),
        }
    }
}

fn collect(value: &Value, path: String, texts: &mut Vec<(String, String)>) {
    let below = |step: &str| if path.is_empty() { step.to_owned() } else { format!("{path}.{step}") };
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                collect(value, below(key), texts);
            }
        }
        Value::Array(items) => {
            for (position, value) in items.iter().enumerate() {
                collect(value, below(&(position + 1).to_string()), texts);
            }
        }
        Value::Null => {}
        Value::String(text) => texts.push((path, text.clone())),
        other => texts.push((path, other.to_string())),
    }
}
