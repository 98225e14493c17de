//! Where policies of the organization can be attached, and when: the local AWS attaches and detaches whatever it is asked
//! to, and enables a type at once.

use async_trait::async_trait;
use serde_json::{Value, json};

use super::clock::Clock;
use super::locks::Locks;
use super::{Rule, look};
use crate::front::answer::Answer;
use crate::front::call::Request;
use crate::front::upstream::Broken;
use crate::front::world::World;

/// See the module. The local AWS itself refuses a second policy of a name, to delete one that is attached, and to enable a
/// type twice.
#[derive(Default)]
pub(super) struct ControlPolicies {
    locks: Locks,
    /// Until when a type is being enabled, by the root's id and the type.
    enabled: Clock,
}

/// So many policies of a type can be attached to the root, a unit or an account, and one has to be (Organizations user
/// guide, "Quotas and service limits for AWS Organizations"; AWS, "What's New" of 2026-05-15, which made 10 of 5).
const MOST: usize = 10;

#[async_trait]
impl Rule for ControlPolicies {
    async fn before(&self, request: &mut Request, world: &World) -> Result<Option<Answer>, Broken> {
        if request.call.service != "organizations" {
            return Ok(None);
        }
        let operation = request.call.operation.clone();
        if !matches!(operation.as_str(), "AttachPolicy" | "DetachPolicy" | "UpdatePolicy") {
            return Ok(None);
        }
        // Of two at once, the later one sees the earlier one.
        self.locks.hold(request, request.call.account.clone()).await;
        let refusal = match operation.as_str() {
            "AttachPolicy" => self.attachment(request, world).await?,
            "DetachPolicy" => detachment(request, world).await?,
            _ => name(request, world).await?,
        };
        Ok(refusal.map(|(code, message)| Answer::refusal(request.protocol, 400, code, message)))
    }

    async fn after(&self, request: &Request, answer: &mut Answer, world: &World) -> Result<(), Broken> {
        let call = &request.call;
        if !answer.is_success() {
            return Ok(());
        }
        if call.is("organizations.EnablePolicyType") {
            let of = |name| request.parameters.text(name).unwrap_or_default();
            self.enabled.begin(&format!("{} {}", of("RootId"), of("PolicyType")), world.weather().pending(call));
        } else if !call.is("organizations.ListRoots") {
            return Ok(());
        }
        let Some(mut json) = answer.json() else { return Ok(()) };
        self.show(&mut json["Root"]);
        json["Roots"].as_array_mut().into_iter().flatten().for_each(|root| self.show(root));
        // What was not there before is none of an answer.
        if let Some(object) = json.as_object_mut() {
            object.retain(|_, value| !value.is_null());
        }
        answer.set_json(&json);
        Ok(())
    }
}

/// Organizations API reference, "Errors" of each operation.
type Refusal = Option<(&'static str, &'static str)>;

impl ControlPolicies {
    /// Shows the types of a root that are still being enabled as what they are.
    fn show(&self, root: &mut Value) {
        let id = root["Id"].as_str().unwrap_or_default().to_owned();
        for one in root["PolicyTypes"].as_array_mut().into_iter().flatten() {
            if self.is_pending(&id, &one["Type"]) {
                one["Status"] = json!("PENDING_ENABLE");
            }
        }
    }

    fn is_pending(&self, root: &str, kind: &Value) -> bool {
        self.enabled.is_running(&format!("{root} {}", kind.as_str().unwrap_or_default()))
    }

    async fn attachment(&self, request: &Request, world: &World) -> Result<Refusal, Broken> {
        let Some((kind, policy)) = kind_of(request, world).await? else { return Ok(None) };
        let roots = look::organization(world, &request.call, "ListRoots", json!({}), "Roots").await?;
        let is_enabled = roots.iter().any(|root| {
            let mut types = root["PolicyTypes"].as_array().into_iter().flatten();
            types.any(|one| one["Type"] == kind && !self.is_pending(root["Id"].as_str().unwrap_or_default(), &kind))
        });
        if !is_enabled {
            let message = "This operation can be performed only for enabled policy types.";
            return Ok(Some(("PolicyTypeNotEnabledException", message)));
        }
        let attached = attached(request, &kind, world).await?;
        if attached.contains(&policy) {
            let message = "A policy with the same name is already attached to the target.";
            return Ok(Some(("DuplicatePolicyAttachmentException", message)));
        }
        let message = "MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED: You have attached the maximum number of policies of \
                       this type to the specified target.";
        Ok((attached.len() >= MOST).then_some(("ConstraintViolationException", message)))
    }
}

async fn detachment(request: &Request, world: &World) -> Result<Refusal, Broken> {
    let Some((kind, policy)) = kind_of(request, world).await? else { return Ok(None) };
    let attached = attached(request, &kind, world).await?;
    if !attached.contains(&policy) {
        return Ok(Some(("PolicyNotAttachedException", "The policy isn't attached to the specified target.")));
    }
    let message = "MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED: You cannot remove the last policy of this type from the \
                   specified target.";
    Ok((attached.len() == 1).then_some(("ConstraintViolationException", message)))
}

/// Another policy's name is refused also when a policy is renamed.
async fn name(request: &Request, world: &World) -> Result<Refusal, Broken> {
    let (Some((kind, policy)), Some(name)) = (kind_of(request, world).await?, request.parameters.text("Name")) else {
        return Ok(None);
    };
    let body = json!({"Filter": kind});
    let policies = look::organization(world, &request.call, "ListPolicies", body, "Policies").await?;
    let is_taken = policies.iter().any(|other| other["Name"] == name && other["Id"] != policy);
    Ok(is_taken.then_some(("DuplicatePolicyException", "A policy with the same name already exists.")))
}

/// The type and the id of the policy that a call is about, if there is one.
async fn kind_of(request: &Request, world: &World) -> Result<Option<(Value, Value)>, Broken> {
    let id = request.parameters.text("PolicyId").unwrap_or_default();
    let target = "AWSOrganizationsV20161128.DescribePolicy";
    let answer = look::json(world, &request.call, target, &json!({"PolicyId": id})).await?;
    let kind = &answer["Policy"]["PolicySummary"]["Type"];
    Ok((!kind.is_null()).then(|| (kind.clone(), json!(id))))
}

/// The ids of the policies of a type that are attached to a call's target.
async fn attached(request: &Request, kind: &Value, world: &World) -> Result<Vec<Value>, Broken> {
    let body = json!({"TargetId": request.parameters.text("TargetId"), "Filter": kind});
    let policies = look::organization(world, &request.call, "ListPoliciesForTarget", body, "Policies").await?;
    Ok(policies.into_iter().map(|policy| policy["Id"].clone()).collect())
}
