//! Who has entered an account by a role may do there what the role's policies, its boundary and the object's own policy
//! allow (IAM user guide, "Policy evaluation logic"); and what is about an object of another account, everybody may do what
//! both sides allow ("Cross-account policy evaluation logic"). The local AWS lets everybody do everything, in the caller's
//! own account.
//!
//! Users and the management account's made-up one are not looked at in their own account.

mod context;
mod owner;
mod refusal;
mod resolved;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use policy::{Caller, Context, Decision, Document, Key, Outcome, Policies, decide};

use self::context::Asked;
use super::iam::{self, Found, Permissions};
use super::objects::{self, Arn};
use super::session::Session;
use super::{Rule, organization, session};
use crate::front::answer::Answer;
use crate::front::call::Request;
use crate::front::needs::Need;
use crate::front::upstream::Broken;
use crate::front::world::{Principal, World};

/// How long policies that others than the front may have changed are believed: AWS's own take seconds to spread too.
const BELIEVED: Duration = Duration::from_secs(3);

/// See the module.
#[derive(Default)]
pub(crate) struct Authorization {
    known: Mutex<HashMap<String, (Instant, Arc<Known>)>>,
    /// Held by who looks.
    looking: tokio::sync::Mutex<()>,
}

/// What the front knows of a role or user.
struct Known {
    caller: Option<(Caller, Option<Found>)>,
    permissions: Permissions,
    /// Where its account is in the organization.
    place: Context,
    /// Whether the tags of objects matter to its policies.
    reads_tags: bool,
}

#[async_trait]
impl Rule for Authorization {
    async fn before(&self, request: &mut Request, world: &World) -> Result<Option<Answer>, Broken> {
        owner::enter(request, world).await?;
        request.needs = resolved::needs(request, world).await?;
        if request.needs.is_empty() {
            return Ok(None);
        }
        let principal = world.principal(&request.access_key).await?;
        let is_elsewhere = principal.account != request.call.account;
        if !principal.is_session() && !is_elsewhere {
            return Ok(None);
        }
        let known = self.known(&principal, world).await?;
        let session = session::recall(world, &request.access_key).await?;
        // The local AWS gives sessions of roles that there are not; such a one was not begun through the front.
        if known.caller.is_none() && session.is_none() {
            return Ok(None);
        }
        let session = session.unwrap_or_default();
        let limit = session.policy.as_deref().and_then(|text| Document::parse(text).ok());
        for need in request.needs.clone() {
            let need = with_boundary_of_role(need, request, world).await?;
            let outcome = known.decide(&need, limit.as_ref(), &session, request, world).await?;
            if outcome.as_ref().is_none_or(|outcome| outcome.decision != Decision::Allow) {
                return Ok(Some(refusal::answer(request, &principal, &need, outcome.as_ref())));
            }
        }
        if is_elsewhere && has_default_key(request, world).await? {
            return Ok(Some(refusal::default_key(request.protocol)));
        }
        Ok(None)
    }

    async fn after(&self, request: &Request, _: &mut Answer, _: &World) -> Result<(), Broken> {
        if ["iam", "organizations"].contains(&request.call.service.as_str()) && request.call.is_change() {
            self.known.lock().unwrap_or_else(PoisonError::into_inner).clear();
        }
        Ok(())
    }
}

impl Authorization {
    /// What was looked up a moment ago.
    fn believed(&self, role: &str) -> Option<Arc<Known>> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(role).cloned();
        known.filter(|(since, _)| since.elapsed() < BELIEVED).map(|(_, known)| known)
    }

    async fn known(&self, principal: &Principal, world: &World) -> Result<Arc<Known>, Broken> {
        // All sessions of a role may do the same.
        let of_role = principal.arn.rsplit_once('/').filter(|_| principal.is_session());
        let role = of_role.map_or(principal.arn.as_str(), |(role, _)| role).to_owned();
        if let Some(known) = self.believed(&role) {
            return Ok(known);
        }
        // Of many calls that come at once, one looks.
        let _looking = self.looking.lock().await;
        if let Some(known) = self.believed(&role) {
            return Ok(known);
        }
        let since = Instant::now();
        let caller = iam::caller(world, principal).await?;
        let permissions = iam::permissions(world, principal).await?;
        let mut place = organization::context(world, &principal.account).await?;
        place.set(Key::new("aws:PrincipalAccount"), vec![principal.account.clone()]);
        let reads_tags = permissions.policies.iter().chain(&permissions.boundary).any(reads_tags);
        let known = Arc::new(Known { caller, permissions, place, reads_tags });
        self.known.lock().unwrap_or_else(PoisonError::into_inner).insert(role, (since, Arc::clone(&known)));
        Ok(known)
    }
}

/// Of a role that is there, `iam:PermissionsBoundary` is the one that it has (service authorization reference, "AWS
/// Identity and Access Management").
async fn with_boundary_of_role(mut need: Need, request: &Request, world: &World) -> Result<Need, Broken> {
    let key = Key::new("iam:PermissionsBoundary");
    let is_about_role =
        need.action.starts_with("iam:") && need.resource.contains(":role/") && need.action != "iam:PassRole";
    if is_about_role && request.call.operation != "CreateRole" && need.context.get(&key).is_none() {
        let role = iam::by_arn(world, &need.resource).await?;
        if let Some(boundary) = role.and_then(|role| role.boundary) {
            need.context.set(key, vec![boundary]);
        }
    }
    Ok(need)
}

impl Known {
    /// What becomes of a need; nothing of one of somebody who is gone.
    async fn decide(
        &self,
        need: &Need,
        limit: Option<&Document>,
        session: &Session,
        request: &Request,
        world: &World,
    ) -> Result<Option<Outcome>, Broken> {
        let Some((caller, _)) = &self.caller else { return Ok(None) };
        let object = Arn::parse(&need.resource);
        let resource = match &object {
            Some(object) => resource_policy(object, caller, world).await?,
            None => None,
        };
        let policies = Policies {
            identity: self.permissions.policies.iter().collect(),
            resource: resource.as_ref(),
            boundary: self.permissions.boundary.as_ref(),
            session: limit,
            scps: Vec::new(),
        };
        let own = policies.resource.into_iter().chain(limit).any(reads_tags);
        let by_tags = own || self.reads_tags;
        let asked = Asked { need, place: &self.place, session, request, object: object.as_ref(), by_tags };
        let context = context::of(&asked, world).await?;
        let asked = policy::Request::new(caller.clone(), &need.action, &need.resource, None, context);
        Ok(Some(decide(&asked, &policies)))
    }
}

/// Whether the tags of objects matter to a policy: in a condition, or as a variable.
fn reads_tags(document: &Document) -> bool {
    document.to_value().to_string().to_lowercase().contains("resourcetag/")
}

/// The policy of an object. A key that is not there is one's own account's to speak of: whoever may use keys there is told
/// that there is no such key.
async fn resource_policy(object: &Arn, caller: &Caller, world: &World) -> Result<Option<Document>, Broken> {
    let found = objects::policy_of(world, object).await?;
    let is_own = caller.account() == Some(object.account.as_str());
    if found.is_some() || object.kind != "key" || !is_own {
        return Ok(found);
    }
    let text = format!(
        r#"{{"Statement":{{"Effect":"Allow","Principal":{{"AWS":"{}"}},"Action":"kms:*","Resource":"*"}}}}"#,
        object.account
    );
    Ok(Document::parse(&text).ok())
}

/// Whether a call is about a value that AWS's own key encrypts.
async fn has_default_key(request: &Request, world: &World) -> Result<bool, Broken> {
    let call = &request.call;
    if call.service != "secretsmanager" || !["GetSecretValue", "PutSecretValue"].contains(&call.operation.as_str()) {
        return Ok(false);
    }
    let id = request.parameters.text("SecretId").unwrap_or_default();
    let secret = objects::secret(world, &call.account, &call.region, id).await?;
    Ok(secret.as_ref().is_some_and(resolved::has_default_key))
}
