//! The principals of a policy that is to be stored: they have to exist, and are stored by what does not change.

use serde_json::{Map, Value};

use super::ids;
use crate::front::rules::{iam, organization};
use crate::front::upstream::Broken;
use crate::front::world::World;

/// The policy with its principals as they are stored, or the first that does not exist.
pub(super) async fn stored(mut policy: Value, world: &World) -> Result<Result<Value, String>, Broken> {
    for statement in statements(&mut policy) {
        for element in ["Principal", "NotPrincipal"] {
            let Some(entry) = statement.get_mut(element).and_then(|principal| principal.get_mut("AWS")) else {
                continue;
            };
            let entries = match entry {
                Value::Array(entries) => entries.iter_mut().collect(),
                entry => vec![entry],
            };
            for entry in entries {
                let Some(text) = entry.as_str() else { continue };
                match stored_as(text, world).await? {
                    Some(stored) => *entry = Value::String(stored),
                    None => return Ok(Err(text.to_owned())),
                }
            }
        }
    }
    Ok(Ok(policy))
}

/// The statements of a policy: an array, or a single one.
pub(super) fn statements(policy: &mut Value) -> Vec<&mut Map<String, Value>> {
    match policy.get_mut("Statement") {
        Some(Value::Array(statements)) => statements.iter_mut().filter_map(Value::as_object_mut).collect(),
        Some(Value::Object(statement)) => vec![statement],
        _ => Vec::new(),
    }
}

/// A principal as it is stored; none if it does not exist (IAM user guide, "AWS JSON policy elements: Principal").
///
/// Accounts outside of this world, and who is in them, are taken to be there: nobody can look.
async fn stored_as(text: &str, world: &World) -> Result<Option<String>, Broken> {
    use policy::Caller::{FederatedUser, Role, Root, Session, User};
    let as_it_is = || Some(text.to_owned());
    if text == "*" {
        return Ok(as_it_is());
    }
    if text.starts_with("AROA") || text.starts_with("AIDA") {
        // The id of who is gone cannot be written again: it has to be removed (the same page).
        return Ok(ids::arn_of(world, text).await?.and(as_it_is()));
    }
    match policy::Caller::parse(text).filter(|_| !text.contains(['*', '?'])) {
        Some(caller @ Root { .. }) => Ok(Some(caller.arn())),
        Some(Session { .. } | FederatedUser { .. }) => Ok(as_it_is()),
        // Such as CloudFront's, `arn:aws:iam::cloudfront:user/...`.
        Some(Role { account, .. } | User { account, .. }) if account.parse::<u64>().is_err() => Ok(as_it_is()),
        Some(Role { account, .. } | User { account, .. }) => match iam::by_arn(world, text).await? {
            // Whoever was just made is not known everywhere at once (IAM user guide, "Changes that I make are not
            // always immediately visible"); in the same account too (terraform-provider-aws, issue 39064).
            Some(found) if found.is_unknown(world) => Ok(None),
            Some(found) => {
                ids::remember(world, &found).await?;
                Ok(Some(found.id))
            }
            None if organization::has(world, &account).await? => Ok(None),
            None => Ok(as_it_is()),
        },
        _ => Ok(None),
    }
}
