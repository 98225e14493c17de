//! Who has entered an account by a role may do there what the role's policies and its boundary allow (IAM user guide,
//! "Policy evaluation logic"). The local AWS lets everybody do everything.
//!
//! Users and the management account's made-up one are not looked at.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use policy::{Caller, Decision, Key, Policies, decide};

use super::iam::{self, Found, Permissions};
use super::{Rule, session};
use crate::front::answer::Answer;
use crate::front::call::Request;
use crate::front::needs::{self, Need};
use crate::front::protocol::Protocol;
use crate::front::upstream::Broken;
use crate::front::world::{Principal, World};

/// How long policies that others than the front may have changed are believed: AWS's own take seconds to spread too.
const BELIEVED: Duration = Duration::from_secs(3);

/// See the module.
#[derive(Default)]
pub(super) struct Authorization {
    known: Mutex<HashMap<String, (Instant, Arc<Known>)>>,
}

/// What the front knows of a role.
struct Known {
    caller: Option<(Caller, Option<Found>)>,
    permissions: Permissions,
}

#[async_trait]
impl Rule for Authorization {
    async fn before(&self, request: &mut Request, world: &World) -> Result<Option<Answer>, Broken> {
        let needs = needs::needs(request);
        if needs.is_empty() {
            return Ok(None);
        }
        let principal = world.principal(&request.access_key).await?;
        if !principal.is_session() {
            return Ok(None);
        }
        let known = self.known(&principal, world).await?;
        let session = session::recall(world, &request.access_key).await?;
        // The local AWS gives sessions of roles that there are not; such a one was not begun through the front.
        if known.caller.is_none() && session.is_none() {
            return Ok(None);
        }
        let session = session.unwrap_or_default();
        let session = session.policy.as_deref().and_then(|text| policy::Document::parse(text).ok());
        for need in needs {
            let need = with_boundary_of_role(need, request, world).await?;
            if !is_allowed(&known, &need, session.as_ref(), request) {
                return Ok(Some(refusal(request.protocol, &principal.arn, &need)));
            }
        }
        Ok(None)
    }

    async fn after(&self, request: &Request, _: &mut Answer, _: &World) -> Result<(), Broken> {
        if request.call.service == "iam" && request.call.is_change() {
            self.known.lock().unwrap_or_else(PoisonError::into_inner).clear();
        }
        Ok(())
    }
}

impl Authorization {
    async fn known(&self, principal: &Principal, world: &World) -> Result<Arc<Known>, Broken> {
        // All sessions of a role may do the same.
        let role = principal.arn.rsplit_once('/').map_or(principal.arn.as_str(), |(role, _)| role).to_owned();
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(&role).cloned();
        if let Some((_, known)) = known.filter(|(since, _)| since.elapsed() < BELIEVED) {
            return Ok(known);
        }
        let since = Instant::now();
        let caller = iam::caller(world, principal).await?;
        let known = Arc::new(Known { caller, permissions: iam::permissions(world, principal).await? });
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

fn is_allowed(known: &Known, need: &Need, session: Option<&policy::Document>, request: &Request) -> bool {
    let Some((caller, _)) = &known.caller else { return false };
    let mut context = need.context.clone();
    context.set(Key::new("aws:RequestedRegion"), vec![request.call.region.clone()]);
    let asked = policy::Request::new(caller.clone(), &need.action, &need.resource, None, context);
    let policies = Policies {
        identity: known.permissions.policies.iter().collect(),
        resource: None,
        boundary: known.permissions.boundary.as_ref(),
        session,
        scps: Vec::new(),
    };
    decide(&asked, &policies).decision == Decision::Allow
}

/// As each kind of service says it (EC2 API reference, "Error codes", `UnauthorizedOperation`; IAM user guide,
/// "Troubleshoot access denied error messages").
fn refusal(protocol: Protocol, who: &str, need: &Need) -> Answer {
    let Need { action, resource, .. } = need;
    let said = format!("User: {who} is not authorized to perform: {action} on resource: {resource}");
    let (status, code, message) = match protocol {
        Protocol::Ec2 => {
            (403, "UnauthorizedOperation", format!("You are not authorized to perform this operation. {said}"))
        }
        Protocol::Query | Protocol::RestXml | Protocol::S3 => (403, "AccessDenied", said),
        Protocol::RestJson => (403, "AccessDeniedException", said),
        Protocol::Json | Protocol::Cbor => (400, "AccessDeniedException", said),
    };
    Answer::refusal(protocol, status, code, &message)
}
