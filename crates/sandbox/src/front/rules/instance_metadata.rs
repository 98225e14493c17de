//! The account's defaults of the instance metadata service, one set for each region, which the local AWS does not know
//! (EC2 API reference, `ModifyInstanceMetadataDefaults`, `GetInstanceMetadataDefaults`).

use async_trait::async_trait;
use serde_json::{Map, Value};

use super::Rule;
use super::locks::Locks;
use crate::front::answer::Answer;
use crate::front::call::Request;
use crate::front::upstream::Broken;
use crate::front::world::World;

/// See the module.
#[derive(Default)]
pub(super) struct InstanceMetadata {
    locks: Locks,
}

/// The parameter, the element that it reads back as, and the words that it may be; the hop limit is a number.
const DEFAULTS: [(&str, &str, &[&str]); 4] = [
    ("HttpTokens", "httpTokens", &["optional", "required"]),
    ("HttpPutResponseHopLimit", "httpPutResponseHopLimit", &[]),
    ("HttpEndpoint", "httpEndpoint", &["disabled", "enabled"]),
    ("InstanceMetadataTags", "instanceMetadataTags", &["disabled", "enabled"]),
];

#[async_trait]
impl Rule for InstanceMetadata {
    async fn before(&self, request: &mut Request, world: &World) -> Result<Option<Answer>, Broken> {
        let call = request.call.clone();
        let changes = call.is("ec2.ModifyInstanceMetadataDefaults");
        if !changes && !call.is("ec2.GetInstanceMetadataDefaults") {
            return Ok(None);
        }
        let key = format!("instance-metadata {} {}", call.account, call.region);
        self.locks.hold(request, key.clone()).await;
        let known = world.recall(&key).await?.and_then(|known| known.as_object().cloned()).unwrap_or_default();
        if !changes {
            return Ok(Some(Answer::success_ec2(
                &call.operation,
                &format!("<accountLevel>{}</accountLevel>", xml(&known)),
            )));
        }
        match changed(request, known) {
            Ok(now) => world.remember(&key, Value::Object(now)).await?,
            Err(message) => {
                return Ok(Some(Answer::refusal(request.protocol, 400, "InvalidParameterValue", &message)));
            }
        }
        Ok(Some(Answer::success_ec2(&call.operation, "<return>true</return>")))
    }
}

/// The defaults after the call: what it does not name stays, and no preference is not to be there.
fn changed(request: &Request, mut known: Map<String, Value>) -> Result<Map<String, Value>, String> {
    for (name, element, words) in DEFAULTS {
        let Some(value) = request.parameters.text(name) else { continue };
        let is_hop_limit = words.is_empty();
        let is_hops = is_hop_limit && value.parse::<u8>().is_ok_and(|hops| (1..=64).contains(&hops));
        if value == if is_hop_limit { "-1" } else { "no-preference" } {
            known.remove(element);
        } else if is_hops || words.contains(&value) {
            known.insert(element.to_owned(), value.into());
        } else {
            return Err(format!("Invalid value '{value}' for {name}."));
        }
    }
    Ok(known)
}

fn xml(known: &Map<String, Value>) -> String {
    let element = |(name, value): (&String, &Value)| format!("<{name}>{}</{name}>", value.as_str().unwrap_or_default());
    known.iter().map(element).collect()
}
