//! Route 53's caller references: none is ever taken twice, not even after its zone was deleted (Route 53 API reference,
//! `CreateHostedZone`: "You must use a unique `CallerReference` string every time you submit a `CreateHostedZone`
//! request").

use async_trait::async_trait;
use serde_json::json;
use xmltree::Element;

use super::Rule;
use super::locks::Locks;
use crate::front::answer::Answer;
use crate::front::call::{Parameters, Request};
use crate::front::upstream::Broken;
use crate::front::world::World;
use crate::front::xml::descendant;

/// See the module.
#[derive(Default)]
pub(super) struct CallerReferences {
    locks: Locks,
}

#[async_trait]
impl Rule for CallerReferences {
    async fn before(&self, request: &mut Request, world: &World) -> Result<Option<Answer>, Broken> {
        let Some(key) = key(request) else { return Ok(None) };
        self.locks.hold(request, key.clone()).await;
        let message = "A hosted zone has already been created with the specified caller reference.";
        let refusal = || Answer::refusal(request.protocol, 409, "HostedZoneAlreadyExists", message);
        Ok(world.recall(&key).await?.map(|_| refusal()))
    }

    async fn after(&self, request: &Request, answer: &mut Answer, world: &World) -> Result<(), Broken> {
        match key(request).filter(|_| answer.is_success()) {
            Some(key) => world.remember(&key, json!(true)).await,
            None => Ok(()),
        }
    }
}

fn key(request: &Request) -> Option<String> {
    let Parameters::Rest { body, .. } = &request.parameters else { return None };
    if !request.call.is("route53.CreateHostedZone") {
        return None;
    }
    let root = Element::parse(&body[..]).ok()?;
    let reference = descendant(&root, "CallerReference")?.get_text()?;
    Some(format!("caller reference {} {reference}", request.call.account))
}
