//! A role is assumed only where it exists, where its trust policy and the caller's own policies allow it, and for as
//! long as it allows (IAM user guide, "Cross-account policy evaluation logic"; STS API reference, `AssumeRole`).
//!
//! `AssumeRoleWithSAML` and `AssumeRoleWithWebIdentity` are passed on: nobody can check a token here.

use async_trait::async_trait;
use policy::{Caller, Context, Decision, Document, Key, Policies, decide};

use super::Rule;
use super::iam::{self, Found, Permissions};
use super::organization;
use super::session::{self, Session};
use crate::front::answer::Answer;
use crate::front::call::Request;
use crate::front::protocol::Protocol;
use crate::front::upstream::Broken;
use crate::front::world::{Principal, World};

/// "the new credentials are limited to a maximum duration of one hour" (IAM user guide, "Role chaining").
const LONGEST_CHAINED: i64 = 3600;

/// See the module.
pub(super) struct AssumeRole;

#[async_trait]
impl Rule for AssumeRole {
    async fn before(&self, request: &mut Request, world: &World) -> Result<Option<Answer>, Broken> {
        if request.call.is("sts.AssumeRole") { refusal(request, world).await } else { Ok(None) }
    }
}

async fn refusal(request: &Request, world: &World) -> Result<Option<Answer>, Broken> {
    let target = request.parameters.text("RoleArn").unwrap_or_default();
    let seconds = request.parameters.number("DurationSeconds");
    if !matches!(Caller::parse(target), Some(Caller::Role { .. })) {
        return Ok(Some(invalid(&format!("{target} is invalid"))));
    }
    let principal = world.principal(&request.access_key).await?;
    if principal.arn.ends_with(":root") {
        return Ok(Some(denied("Roles may not be assumed by root accounts.")));
    }
    let role = iam::by_arn(world, target).await?.filter(|role| !role.is_unknown(world));
    let session = session::recall(world, &request.access_key).await?.unwrap_or_default();
    let wanted = Wanted { request, target, principal: &principal, session: &session };
    // A role that is not there is refused as one that is not allowed: nobody learns which roles exist.
    let Some(role) = role else { return Ok(Some(wanted.denied("sts:AssumeRole"))) };
    if let Some(action) = wanted.not_allowed(&role, world).await? {
        return Ok(Some(wanted.denied(action)));
    }
    let seconds = seconds.unwrap_or_default();
    if principal.is_session() && seconds > LONGEST_CHAINED {
        let message =
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.";
        return Ok(Some(invalid(message)));
    }
    if seconds > role.longest_session {
        let message = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.";
        return Ok(Some(invalid(message)));
    }
    Ok(None)
}

fn invalid(message: &str) -> Answer {
    Answer::refusal(Protocol::Query, 400, "ValidationError", message)
}

fn denied(message: &str) -> Answer {
    Answer::refusal(Protocol::Query, 403, "AccessDenied", message)
}

/// Who wants to assume what.
struct Wanted<'a> {
    request: &'a Request,
    target: &'a str,
    principal: &'a Principal,
    /// The caller's session, if it is one.
    session: &'a Session,
}

impl Wanted<'_> {
    fn denied(&self, action: &str) -> Answer {
        let (who, role) = (&self.principal.arn, self.target);
        denied(&format!("User: {who} is not authorized to perform: {action} on resource: {role}"))
    }

    /// What the caller lacks.
    async fn not_allowed(&self, role: &Found, world: &World) -> Result<Option<&'static str>, Broken> {
        let Some(caller) = self.caller(world).await? else { return Ok(Some("sts:AssumeRole")) };
        let trust = role.trust.as_deref().unwrap_or_default();
        let Ok(document) = Document::parse(trust) else { return Ok(Some("sts:AssumeRole")) };
        let Permissions { policies, boundary } = iam::permissions(world, self.principal).await?;
        let session = self.session.policy.as_deref().and_then(|text| Document::parse(text).ok());
        let all = Policies {
            identity: policies.iter().collect(),
            resource: Some(&document),
            boundary: boundary.as_ref(),
            session: session.as_ref(),
            scps: Vec::new(),
        };
        let context = self.context(role, world).await?;
        let is_allowed = |action: &str| {
            let request = policy::Request::new(caller.clone(), action, self.target, None, context.clone());
            decide(&request, &all).decision == Decision::Allow
        };
        Ok(self.actions().into_iter().find(|action| !is_allowed(action)))
    }

    /// The caller, if it is still the one that began its session.
    async fn caller(&self, world: &World) -> Result<Option<Caller>, Broken> {
        let same = |role: &Option<Found>| {
            role.as_ref().is_none_or(|role| ["", &role.id].contains(&self.session.role_id.as_str()))
        };
        let caller = iam::caller(world, self.principal).await?;
        Ok(caller.filter(|(_, role)| same(role)).map(|(caller, _)| caller))
    }

    /// "sts:TagSession" and "sts:SetSourceIdentity" have to be allowed beside "sts:AssumeRole" when tags or a source
    /// identity are passed, and a source identity goes on through a chain (IAM user guide, "Pass session tags in AWS
    /// STS", "Monitor and control actions taken with assumed roles").
    fn actions(&self) -> Vec<&'static str> {
        let mut actions = vec!["sts:AssumeRole"];
        if !session::tags(self.request).is_empty() {
            actions.push("sts:TagSession");
        }
        if self.source_identity().is_some() {
            actions.push("sts:SetSourceIdentity");
        }
        actions
    }

    fn source_identity(&self) -> Option<&str> {
        self.request.parameters.text("SourceIdentity").or(self.session.source_identity.as_deref())
    }

    /// The keys that policies on assuming a role have (service authorization reference, "AWS Security Token Service";
    /// IAM user guide, "AWS global condition context keys"). Nobody has a second factor here, so that
    /// `aws:MultiFactorAuthPresent` is absent.
    async fn context(&self, role: &Found, world: &World) -> Result<Context, Broken> {
        let mut context = organization::context(world, &self.principal.account).await?;
        let target = self.target.split(':').nth(4).unwrap_or_default();
        let of_role = organization::context(world, target).await?;
        if let Some(id) = of_role.get(&Key::new("aws:PrincipalOrgID")) {
            context.set(Key::new("aws:ResourceOrgID"), id.to_vec());
        }
        let mut set = |key: &str, values: Vec<String>| {
            if !values.is_empty() {
                context.set(Key::new(key), values);
            }
        };
        let texts = |text: Option<&str>| text.map(str::to_owned).into_iter().collect::<Vec<_>>();
        let parameter = |name| texts(self.request.parameters.text(name));
        set("sts:ExternalId", parameter("ExternalId"));
        set("sts:RoleSessionName", parameter("RoleSessionName"));
        set("sts:DurationSeconds", parameter("DurationSeconds"));
        set("sts:SourceIdentity", texts(self.source_identity()));
        set("aws:SourceIdentity", texts(self.session.source_identity.as_deref()));
        set("sts:TransitiveTagKeys", session::transitive(self.request));
        let tags = session::tags(self.request);
        set("aws:TagKeys", tags.iter().map(|(key, _)| key.clone()).collect());
        for (key, value) in tags {
            set(&format!("aws:RequestTag/{key}"), vec![value]);
        }
        for (key, value) in &role.tags {
            set(&format!("aws:ResourceTag/{key}"), vec![value.clone()]);
            set(&format!("iam:ResourceTag/{key}"), vec![value.clone()]);
        }
        for (key, value) in &self.session.tags {
            set(&format!("aws:PrincipalTag/{key}"), vec![value.clone()]);
        }
        if !self.session.role_id.is_empty() {
            let name = self.principal.arn.rsplit('/').next().unwrap_or_default();
            set("aws:userid", vec![format!("{}:{name}", self.session.role_id)]);
        }
        set("aws:CurrentTime", vec![jiff::Timestamp::now().to_string()]);
        set("aws:EpochTime", vec![jiff::Timestamp::now().as_second().to_string()]);
        set("aws:RequestedRegion", vec![self.request.call.region.clone()]);
        set("aws:SecureTransport", vec!["true".to_owned()]);
        set("aws:ViaAWSService", vec!["false".to_owned()]);
        Ok(context)
    }
}
