//! The states of interface endpoints and load balancers: `pending` and `provisioning` at first.

use async_trait::async_trait;
use xmltree::Element;

use super::Rule;
use super::clock::Clock;
use crate::front::answer::Answer;
use crate::front::call::Request;
use crate::front::upstream::Broken;
use crate::front::world::World;
use crate::front::xml::{each, set, text};

/// See the module.
#[derive(Default)]
pub(super) struct NetworkStates {
    made: Clock,
}

#[async_trait]
impl Rule for NetworkStates {
    async fn after(&self, request: &Request, answer: &mut Answer, world: &World) -> Result<(), Broken> {
        let (call, pending) = (&request.call, world.weather().pending(&request.call));
        let kind = match (call.service.as_str(), call.operation.as_str()) {
            ("ec2", "CreateVpcEndpoint") => Some(("vpcEndpointId", true)),
            ("ec2", "DescribeVpcEndpoints") => Some(("vpcEndpointId", false)),
            ("elasticloadbalancing", "CreateLoadBalancer") => Some(("LoadBalancerArn", true)),
            ("elasticloadbalancing", "DescribeLoadBalancers") => Some(("LoadBalancerArn", false)),
            _ => None,
        };
        if let Some((id, is_new)) = kind.filter(|_| answer.is_success())
            && let Some(mut root) = answer.xml()
        {
            each(&mut root, id, &mut |id, element| {
                if is_new {
                    self.made.begin(id, pending);
                }
                if is_new || self.made.is_running(id) {
                    begin(element);
                }
            });
            answer.set_xml(&root);
        }
        Ok(())
    }
}

/// EC2 API reference, `VpcEndpoint`, and Elastic Load Balancing API reference, `LoadBalancerState`. Gateway endpoints
/// are there at once.
fn begin(element: &mut Element) {
    if text(element, "vpcEndpointType").is_some_and(|kind| kind != "Gateway") {
        set(element, "state", "pending");
    } else if let Some(state) = element.get_mut_child("State") {
        set(state, "Code", "provisioning");
    }
}
