//! What AWS does to a policy that it stores: it refuses what is malformed, too large, or names principals that do not
//! exist, and keeps what it was told in a form of its own.

mod arranged;
pub(super) mod ids;
mod lockout;
mod place;
mod principals;
mod refusal;

use async_trait::async_trait;
use policy::{Document, Kind, read_json};

use self::place::Place;
pub(crate) use self::place::written as written_document;
use self::refusal::Reason;
use super::{Rule, iam};
use crate::front::answer::Answer;
use crate::front::call::Request;
use crate::front::upstream::Broken;
use crate::front::world::World;

/// See the module.
pub(super) struct StoredPolicies;

#[async_trait]
impl Rule for StoredPolicies {
    async fn before(&self, request: &mut Request, world: &World) -> Result<Option<Answer>, Broken> {
        let Some(place) = Place::written_by(request, world).await? else { return Ok(None) };
        let Some(text) = place.text(request) else { return Ok(None) };
        match stored(&place, &text, request, world).await? {
            Ok(stored) => {
                place.set_text(request, stored);
                Ok(None)
            }
            Err(reason) => Ok(Some(refusal::answer(request, &place, &reason))),
        }
    }

    async fn after(&self, request: &Request, answer: &mut Answer, world: &World) -> Result<(), Broken> {
        if answer.is_success() && place::shows_policies(&request.call) {
            let body = String::from_utf8_lossy(&answer.body).into_owned();
            answer.body = ids::shown_in(world, &body).await?.into();
        }
        Ok(())
    }
}

/// A policy as it is stored, or why it is not.
async fn stored(place: &Place, text: &str, request: &Request, world: &World) -> Result<Result<String, Reason>, Broken> {
    let document = match Document::parse(text) {
        Ok(document) => document,
        Err(mistakes) => return Ok(Err(Reason::Malformed(mistakes))),
    };
    // The policies of endpoints are of no kind that is checked further.
    let Some(kind) = place.kind else { return Ok(Ok(text.to_owned())) };
    let maximum = kind.limit().maximum;
    if kind.count(text) + others(kind, request, world).await? > maximum {
        return Ok(Err(Reason::TooLarge(maximum)));
    }
    if let Err(mistakes) = document.check(kind) {
        return Ok(Err(Reason::Malformed(mistakes)));
    }
    // AWS gives back the very text of an identity's policy.
    let Some(written) = read_json(text).ok().filter(|_| !place.is_of_identity()) else {
        return Ok(Ok(text.to_owned()));
    };
    let value = match principals::stored(written, world).await? {
        Ok(value) => value,
        Err(principal) => return Ok(Err(Reason::NoSuchPrincipal(principal))),
    };
    if let Some(reason) = lockout::reason(&document, kind, request, world).await? {
        return Ok(Err(reason));
    }
    Ok(Ok(arranged::arranged(value, world.weather().seed).to_string()))
}

/// What the other inline policies of the same role, user or group use of the size that they share.
async fn others(kind: Kind, request: &Request, world: &World) -> Result<usize, Broken> {
    let noun = match kind {
        Kind::InlineOfRole => "Role",
        Kind::InlineOfUser => "User",
        Kind::InlineOfGroup => "Group",
        _ => return Ok(0),
    };
    let text = |name: &str| request.parameters.text(name).unwrap_or_default();
    let (holder, own) = (text(&format!("{noun}Name")), text("PolicyName"));
    let policies = iam::inline(world, &request.call.account, noun, holder).await?;
    Ok(policies.iter().filter(|(name, _)| name != own).map(|(_, text)| kind.count(text)).sum())
}
