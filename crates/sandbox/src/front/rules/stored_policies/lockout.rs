//! Policies that would let too many in, or keep their own writer out.

use policy::{Caller, Context, Decision, Document, Kind, Policies, decide};

use super::refusal::Reason;
use crate::front::call::{Parameters, Request};
use crate::front::rules::iam;
use crate::front::rules::organization;
use crate::front::upstream::Broken;
use crate::front::world::World;

/// Why a policy is not stored, if it is one of those.
pub(super) async fn reason(
    document: &Document,
    kind: Kind,
    request: &Request,
    world: &World,
) -> Result<Option<Reason>, Broken> {
    let text = |name: &str| request.parameters.text(name).unwrap_or("new");
    let (region, account) = (&request.call.region, &request.call.account);
    Ok(match kind {
        // "The key policy must allow the calling principal to make a subsequent `PutKeyPolicy` request on the KMS key"
        // (KMS API reference, `PutKeyPolicy` and `CreateKey`).
        Kind::Key if !flag(request, "BypassPolicyLockoutSafetyCheck") => {
            let id = text("KeyId").rsplit('/').next().unwrap_or_default();
            let key = format!("arn:aws:kms:{region}:{account}:key/{id}");
            let decision = decided(document, "kms:PutKeyPolicy", key, request, world).await?;
            (decision != Decision::Allow).then_some(Reason::LockedOut)
        }
        // "If the policy you are attempting to set on a repository policy would prevent you from setting another policy
        // in the future, you must force" it (ECR API reference, `SetRepositoryPolicy`).
        Kind::EcrRepository if !flag(request, "force") => {
            let repository = format!("arn:aws:ecr:{region}:{account}:repository/{}", text("repositoryName"));
            let decision = decided(document, "ecr:SetRepositoryPolicy", repository, request, world).await?;
            (decision == Decision::ExplicitDeny).then_some(Reason::LockedOut)
        }
        Kind::Secret if flag(request, "BlockPublicPolicy") => is_public(document).then_some(Reason::Public),
        _ => None,
    })
}

fn flag(request: &Request, name: &str) -> bool {
    matches!(&request.parameters, Parameters::Json(value) if value[name] == true)
}

/// Whether the caller may do something to an object of its account that has the new policy.
async fn decided(
    document: &Document,
    action: &str,
    object: String,
    request: &Request,
    world: &World,
) -> Result<Decision, Broken> {
    let principal = world.principal(&request.access_key).await?;
    let Some((caller, _)) = iam::caller(world, &principal).await? else { return Ok(Decision::ImplicitDeny) };
    let permissions = iam::permissions(world, &principal).await?;
    let context = organization::context(world, &principal.account).await?;
    let asked = policy::Request::new(caller, action, object, Some(principal.account), context);
    let policies = Policies {
        identity: permissions.policies.iter().collect(),
        resource: Some(document),
        boundary: permissions.boundary.as_ref(),
        ..Policies::default()
    };
    Ok(decide(&asked, &policies).decision)
}

/// Whether anybody may read the secret. AWS asks a prover; what it calls broad is what anybody may do unconditionally
/// (Secrets Manager API reference, `PutResourcePolicy`, `BlockPublicPolicy`).
fn is_public(document: &Document) -> bool {
    let policies = Policies { resource: Some(document), ..Policies::default() };
    let secret = "arn:aws:secretsmanager:us-east-1:111122223333:secret:any";
    let asked =
        policy::Request::new(Caller::Anonymous, "secretsmanager:GetSecretValue", secret, None, Context::default());
    decide(&asked, &policies).decision == Decision::Allow
}
