//! The states of NAT gateways: `pending` at first, `deleting` before `deleted`, and listed as that for about an hour
//! (VPC user guide, "NAT gateway basics"; EC2 API reference, `NatGateway`).

use async_trait::async_trait;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use xmltree::{Element, XMLNode};

use super::Rule;
use super::clock::Clock;
use super::look;
use crate::front::answer::Answer;
use crate::front::call::Request;
use crate::front::upstream::Broken;
use crate::front::world::World;
use crate::front::xml::{children_mut, descendant, each, says, set, text};

/// See the module.
#[derive(Default)]
pub(super) struct NatGateways {
    made: Clock,
    deleted: Clock,
    /// Each one that was deleted, as it was: while it goes, it holds its subnet, its address and the way out.
    going: Mutex<HashMap<String, Element>>,
}

const LISTED: Duration = Duration::from_hours(1);

#[async_trait]
impl Rule for NatGateways {
    async fn before(&self, request: &mut Request, world: &World) -> Result<Option<Answer>, Broken> {
        let (call, of) = (&request.call, |name| request.parameters.text(name));
        let held = match (call.service.as_str(), call.operation.as_str()) {
            ("ec2", "DeleteNatGateway") => {
                let id = of("NatGatewayId").unwrap_or_default();
                let found = look::ec2(world, call, "DescribeNatGateways", &[("nat-gateway-id", id)]).await?;
                let mut going = self.going.lock().unwrap_or_else(PoisonError::into_inner);
                going.retain(|id, _| self.deleted.ended(id).is_none());
                going.extend(found.into_iter().map(|gateway| (id.to_owned(), gateway)));
                None
            }
            ("ec2", "DeleteSubnet") => self.holds("subnetId", of("SubnetId")).map(|id| {
                ("DependencyViolation", format!("The subnet '{id}' has dependencies and cannot be deleted."))
            }),
            ("ec2", "ReleaseAddress") => self
                .holds("allocationId", of("AllocationId"))
                .map(|id| ("InvalidIPAddress.InUse", format!("Address {id} is in use."))),
            ("ec2", "DetachInternetGateway") => self.holds("vpcId", of("VpcId")).map(|id| {
                let message = format!(
                    "Network {id} has some mapped public address(es). Please unmap those public address(es) before \
                     detaching the gateway."
                );
                ("DependencyViolation", message)
            }),
            _ => None,
        };
        Ok(held.map(|(code, message)| Answer::refusal(request.protocol, 400, code, &message)))
    }

    async fn after(&self, request: &Request, answer: &mut Answer, world: &World) -> Result<(), Broken> {
        if request.call.service == "ec2" && answer.is_success() {
            self.show(request, answer, world);
        }
        Ok(())
    }
}

impl NatGateways {
    fn show(&self, request: &Request, answer: &mut Answer, world: &World) {
        let (call, pending) = (&request.call, world.weather().pending(&request.call));
        match call.operation.as_str() {
            "CreateNatGateway" => change(answer, |id, gateway| {
                self.made.begin(id, pending);
                // It never begins as `available`.
                set(gateway, "state", "pending");
            }),
            "DeleteNatGateway" => {
                self.deleted.begin(request.parameters.text("NatGatewayId").unwrap_or_default(), pending);
            }
            "DescribeNatGateways" => {
                let Some(mut root) = answer.xml() else { return };
                each(&mut root, "natGatewayId", &mut |id, gateway| {
                    if self.deleted.is_running(id) {
                        set(gateway, "state", "deleting");
                    } else if self.made.is_running(id) && text(gateway, "state").as_deref() == Some("available") {
                        set(gateway, "state", "pending");
                    }
                });
                let states = wanted_states(request);
                for list in children_mut(&mut root) {
                    list.children.retain(|node| self.is_listed(node, &states));
                }
                answer.set_xml(&root);
            }
            _ => {}
        }
    }

    fn is_listed(&self, node: &XMLNode, states: &[String]) -> bool {
        let Some(gateway) = node.as_element() else { return true };
        let Some(id) = text(gateway, "natGatewayId") else { return true };
        let is_forgotten = self.deleted.ended(&id).is_some_and(|since| since > LISTED);
        let is_wanted = states.is_empty() || text(gateway, "state").is_some_and(|state| states.contains(&state));
        !is_forgotten && is_wanted
    }

    /// The id back if a gateway that is being deleted still holds what it is of.
    fn holds<'i>(&self, name: &str, id: Option<&'i str>) -> Option<&'i str> {
        let going = self.going.lock().unwrap_or_else(PoisonError::into_inner);
        let mut going = going.iter().filter(|(gateway, _)| self.deleted.is_running(gateway));
        // A private one has no address.
        let is_held = |gateway: &Element, id: &str| {
            says(gateway, name, id) && (name == "subnetId" || descendant(gateway, "allocationId").is_some())
        };
        id.filter(|id| going.any(|(_, gateway)| is_held(gateway, id)))
    }
}

fn change(answer: &mut Answer, mut act: impl FnMut(&str, &mut Element)) {
    if let Some(mut root) = answer.xml() {
        each(&mut root, "natGatewayId", &mut act);
        answer.set_xml(&root);
    }
}

/// The states that a call filters by.
fn wanted_states(request: &Request) -> Vec<String> {
    let texts = request.parameters.texts();
    let name = texts.iter().find(|(name, text)| name.ends_with(".Name") && text == "state").map(|(name, _)| name);
    let prefix = name.map(|name| name.replace(".Name", ".Value."));
    let values = texts.iter().filter(|(name, _)| prefix.as_ref().is_some_and(|prefix| name.starts_with(prefix)));
    values.map(|(_, value)| value.clone()).collect()
}
