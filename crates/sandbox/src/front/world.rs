//! What the front knows about the world behind it: it may look into any account, it remembers things beside the world
//! that they are about, and it knows who calls.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use hyper::header::{AUTHORIZATION, CONTENT_TYPE};
use hyper::{HeaderMap, Method};
use serde_json::{Value, json};
use tokio::sync::OnceCell;
use xmltree::Element;

use super::answer::Answer;
use super::upstream::{Broken, Upstream};
use super::weather::Weather;
use super::xml::descendant;
use crate::{ACCESS_KEY_ID, ACCOUNT_ID};

/// The region of the front's own calls to services that have none.
const REGION: &str = "us-east-1";

/// Who makes a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Principal {
    /// The account's id.
    pub(crate) account: String,
    /// `arn:aws:iam::123456789012:user/moto`, or a role session's.
    pub(crate) arn: String,
}

impl Principal {
    /// Whether it is a session of a role, so that another role is entered by chaining.
    pub(crate) fn is_session(&self) -> bool {
        self.arn.contains(":assumed-role/")
    }
}

/// See the module.
pub(crate) struct World {
    upstream: Upstream,
    weather: Mutex<Weather>,
    principals: Mutex<HashMap<String, Principal>>,
    keys: Mutex<HashMap<String, std::sync::Arc<OnceCell<String>>>>,
    began: Instant,
}

impl World {
    pub(crate) fn new(upstream: &str, weather: Weather) -> Self {
        Self {
            upstream: Upstream::new(upstream),
            weather: Mutex::new(weather),
            principals: Mutex::default(),
            keys: Mutex::default(),
            began: Instant::now(),
        }
    }

    /// The weather now.
    pub(crate) fn weather(&self) -> Weather {
        self.weather.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn set_weather(&self, weather: Weather) {
        *self.weather.lock().unwrap_or_else(PoisonError::into_inner) = weather;
    }

    /// How long the front has been there.
    pub(crate) fn age(&self) -> Duration {
        self.began.elapsed()
    }

    pub(crate) fn upstream(&self) -> &Upstream {
        &self.upstream
    }

    /// Who signs with an access key: the local AWS knows, whoever gave it out.
    pub(crate) async fn principal(&self, access_key: &str) -> Result<Principal, Broken> {
        let known = self.principals.lock().unwrap_or_else(PoisonError::into_inner).get(access_key).cloned();
        if let Some(principal) = known {
            return Ok(principal);
        }
        let answer = self.signed_form(access_key, REGION, "sts", &[("Action", "GetCallerIdentity")]).await?;
        let xml = answer.xml().ok_or("the local AWS does not say who calls")?;
        let text = |name| descendant(&xml, name).and_then(Element::get_text).map(Cow::into_owned);
        let (account, arn) = text("Account").zip(text("Arn")).ok_or("the local AWS does not say who calls")?;
        // moto puts its one user under STS; users are IAM's.
        let arn = arn.replace(":sts:", if arn.contains(":user/") { ":iam:" } else { ":sts:" });
        let principal = Principal { account, arn };
        self.principals.lock().unwrap_or_else(PoisonError::into_inner).insert(access_key.to_owned(), principal.clone());
        Ok(principal)
    }

    /// Makes a call of a query protocol in an account, for the front's own knowledge. An error of the service is an
    /// answer too.
    pub(crate) async fn form(
        &self,
        account: &str,
        region: &str,
        service: &str,
        parameters: &[(&str, &str)],
    ) -> Result<Answer, Broken> {
        let key = self.key_of(account).await?;
        self.signed_form(&key, region, service, parameters).await
    }

    /// The same for services that speak JSON: `target` is such as `Logs_20140328.DescribeLogGroups`.
    pub(crate) async fn json(
        &self,
        account: &str,
        region: &str,
        service: &str,
        target: &str,
        body: &Value,
    ) -> Result<Answer, Broken> {
        let key = self.key_of(account).await?;
        let mut headers = signed(&key, region, service)?;
        headers.insert(CONTENT_TYPE, "application/x-amz-json-1.1".parse()?);
        headers.insert("x-amz-target", target.parse()?);
        self.upstream.send(Method::POST, "/", &headers, body.to_string().into()).await
    }

    /// The same for services that put the operation in the path: a read, such as `/2013-04-01/hostedzone`.
    pub(crate) async fn get(&self, account: &str, region: &str, service: &str, target: &str) -> Result<Answer, Broken> {
        let key = self.key_of(account).await?;
        self.upstream.send(Method::GET, target, &signed(&key, region, service)?, bytes::Bytes::new()).await
    }

    async fn signed_form(
        &self,
        key: &str,
        region: &str,
        service: &str,
        parameters: &[(&str, &str)],
    ) -> Result<Answer, Broken> {
        let mut headers = signed(key, region, service)?;
        headers.insert(CONTENT_TYPE, "application/x-www-form-urlencoded".parse()?);
        let version = match service {
            "ec2" => "2016-11-15",
            "elasticloadbalancing" => "2015-12-01",
            _ => "2010-05-08",
        };
        let version = [("Version", version)];
        let body =
            form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).extend_pairs(version).finish();
        self.upstream.send(Method::POST, "/", &headers, body.into()).await
    }

    /// An access key by which the front looks into an account: the local AWS lets anybody in.
    pub(crate) async fn key_of(&self, account: &str) -> Result<String, Broken> {
        if account == ACCOUNT_ID {
            return Ok(ACCESS_KEY_ID.to_owned());
        }
        let cell = {
            let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
            std::sync::Arc::clone(keys.entry(account.to_owned()).or_default())
        };
        let enter = || async {
            let arn = format!("arn:aws:iam::{account}:role/the-front-looks");
            let parameters = [("Action", "AssumeRole"), ("RoleArn", arn.as_str()), ("RoleSessionName", "front")];
            let answer = self.signed_form(ACCESS_KEY_ID, REGION, "sts", &parameters).await?;
            let xml = answer.xml().ok_or("the local AWS does not let the front in")?;
            let key = descendant(&xml, "AccessKeyId").and_then(Element::get_text);
            key.map(Cow::into_owned).ok_or_else(|| Broken::from("the local AWS gave no access key"))
        };
        cell.get_or_try_init(enter).await.cloned()
    }

    /// What is remembered under a key. The memory is the local AWS's: it is as old as the world, and is emptied with it.
    pub(crate) async fn recall(&self, key: &str) -> Result<Option<Value>, Broken> {
        let mut answer = self.memory(&json!({"op": "get", "key": key})).await?;
        Ok(Some(answer["value"].take()).filter(|value| !value.is_null()))
    }

    /// Remembers a value under a key, instead of any that was there.
    pub(crate) async fn remember(&self, key: &str, value: Value) -> Result<(), Broken> {
        self.memory(&json!({"op": "put", "key": key, "value": value})).await.map(drop)
    }

    async fn memory(&self, question: &Value) -> Result<Value, Broken> {
        self.launcher("/orgstrap/memory", question).await
    }

    /// Changes an account of the local AWS in a way that it has no operation for: `{"op": "join" | "rename", ...}`.
    pub(crate) async fn change_account(&self, change: &Value) -> Result<(), Broken> {
        self.launcher("/orgstrap/account", change).await.map(drop)
    }

    /// Asks what serves the local AWS, beside it.
    async fn launcher(&self, path: &str, question: &Value) -> Result<Value, Broken> {
        let answer = self.upstream.send(Method::POST, path, &HeaderMap::new(), question.to_string().into()).await?;
        if !answer.is_success() {
            return Err(format!("the local AWS does not serve {path} (status {})", answer.status).into());
        }
        answer.json().ok_or_else(|| format!("what the local AWS says at {path} is unreadable").into())
    }
}

/// Headers with the scope of a signature. The local AWS does not check the signature itself.
fn signed(key: &str, region: &str, service: &str) -> Result<HeaderMap, Broken> {
    let mut headers = HeaderMap::new();
    let scope = format!(
        "AWS4-HMAC-SHA256 Credential={key}/20260101/{region}/{service}/aws4_request, SignedHeaders=host, Signature=0"
    );
    headers.insert(AUTHORIZATION, scope.parse()?);
    Ok(headers)
}
