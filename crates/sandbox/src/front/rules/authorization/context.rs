//! The condition keys of a call (service authorization reference, the pages of each service; IAM user guide, "AWS global
//! condition context keys").

use policy::{Context, Key};
use serde_json::Value;

use crate::front::call::Request;
use crate::front::needs::Need;
use crate::front::rules::objects::{self, Arn};
use crate::front::rules::organization;
use crate::front::rules::session::Session;
use crate::front::upstream::Broken;
use crate::front::world::World;

/// What is asked for, by whom.
pub(super) struct Asked<'a> {
    pub(super) need: &'a Need,
    /// Where the caller's account is in the organization.
    pub(super) place: &'a Context,
    pub(super) session: &'a Session,
    pub(super) request: &'a Request,
    /// The object, where it may have a policy of its own.
    pub(super) object: Option<&'a Arn>,
    /// Whether its tags matter, which are asked for then.
    pub(super) by_tags: bool,
}

/// All that is known of a need.
pub(super) async fn of(asked: &Asked<'_>, world: &World) -> Result<Context, Broken> {
    let Asked { need, place, session, request, object, by_tags } = asked;
    let mut context = need.context.clone();
    let mut set = |key: &str, values: Vec<String>| {
        if !values.is_empty() {
            context.set(Key::new(key), values);
        }
    };
    for (key, values) in place.iter() {
        set(key.as_str(), values.to_vec());
    }
    set("aws:RequestedRegion", vec![request.call.region.clone()]);
    set("aws:SecureTransport", vec!["true".to_owned()]);
    set("aws:SourceIdentity", session.source_identity.clone().into_iter().collect());
    for (key, value) in &session.tags {
        set(&format!("aws:PrincipalTag/{key}"), vec![value.clone()]);
    }
    let Some(object) = object else { return Ok(context) };
    let tags = request_tags(request);
    set("aws:TagKeys", tags.iter().map(|(key, _)| key.clone()).collect());
    for (key, value) in tags {
        set(&format!("aws:RequestTag/{key}"), vec![value]);
    }
    let tags = if *by_tags { objects::tags_of(world, object).await? } else { Vec::new() };
    for (key, value) in tags {
        set(&format!("aws:ResourceTag/{key}"), vec![value.clone()]);
        set(&format!("{}:ResourceTag/{key}", object.service), vec![value]);
    }
    let organization = Key::new("aws:PrincipalOrgID");
    let id = match place.get(&Key::new("aws:PrincipalAccount")) {
        Some([account]) if *account == object.account => place.get(&organization).map(<[_]>::to_vec),
        _ => organization::context(world, &object.account).await?.get(&organization).map(<[_]>::to_vec),
    };
    set("aws:ResourceOrgID", id.unwrap_or_default());
    Ok(context)
}

/// The tags that a call gives.
fn request_tags(request: &Request) -> Vec<(String, String)> {
    let body = request.parameters.json().unwrap_or_default();
    let tags = ["tags", "Tags"].iter().filter_map(|list| body[list].as_array()).flatten();
    let text = |tag: &Value, part: &str| tag[part].as_str().or(tag[format!("Tag{part}")].as_str()).map(str::to_owned);
    tags.filter_map(|tag| Some((text(tag, "Key")?, text(tag, "Value").unwrap_or_default()))).collect()
}
