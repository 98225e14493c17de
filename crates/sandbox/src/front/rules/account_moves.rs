//! From where to where an account is moved: the local AWS does not look where it is.

use async_trait::async_trait;
use serde_json::json;

use super::locks::Locks;
use super::{Rule, look};
use crate::front::answer::Answer;
use crate::front::call::Request;
use crate::front::upstream::Broken;
use crate::front::world::World;

/// Organizations API reference, `MoveAccount`, "Errors".
#[derive(Default)]
pub(super) struct AccountMoves {
    locks: Locks,
}

#[async_trait]
impl Rule for AccountMoves {
    async fn before(&self, request: &mut Request, world: &World) -> Result<Option<Answer>, Broken> {
        if !request.call.is("organizations.MoveAccount") {
            return Ok(None);
        }
        let account = request.parameters.text("AccountId").unwrap_or_default().to_owned();
        self.locks.hold(request, account.clone()).await;
        let child = json!({"ChildId": account});
        let parents = look::organization(world, &request.call, "ListParents", child, "Parents").await?;
        let Some(parent) = parents.first().and_then(|parent| parent["Id"].as_str()) else { return Ok(None) };
        let of = |name| request.parameters.text(name).unwrap_or_default();
        let refusal = if of("DestinationParentId") == parent {
            Some(("DuplicateAccountException", "That account is already present in the specified destination."))
        } else if of("SourceParentId") != parent {
            Some(("SourceParentNotFoundException", "The account is not in the specified source parent."))
        } else {
            None
        };
        Ok(refusal.map(|(code, message)| Answer::refusal(request.protocol, 400, code, message)))
    }
}
