//! Who administers a service for the organization: it has to have trusted access first, which the local AWS does not ask
//! for.

use async_trait::async_trait;
use serde_json::json;

use super::{Rule, look};
use crate::front::answer::Answer;
use crate::front::call::Request;
use crate::front::upstream::Broken;
use crate::front::world::World;

/// Organizations API reference, `RegisterDelegatedAdministrator`, and `ConstraintViolationException`'s reason
/// `SERVICE_ACCESS_NOT_ENABLED`. The local AWS itself refuses the management account and what is registered already.
pub(super) struct Delegation;

#[async_trait]
impl Rule for Delegation {
    async fn before(&self, request: &mut Request, world: &World) -> Result<Option<Answer>, Broken> {
        if !request.call.is("organizations.RegisterDelegatedAdministrator") {
            return Ok(None);
        }
        let (operation, list) = ("ListAWSServiceAccessForOrganization", "EnabledServicePrincipals");
        let enabled = look::organization(world, &request.call, operation, json!({}), list).await?;
        let service = request.parameters.text("ServicePrincipal").unwrap_or_default();
        if enabled.iter().any(|one| one["ServicePrincipal"] == service) {
            return Ok(None);
        }
        let message = "SERVICE_ACCESS_NOT_ENABLED: You must enable service access before you register a delegated \
                       administrator for this service.";
        Ok(Some(Answer::refusal(request.protocol, 400, "ConstraintViolationException", message)))
    }
}
