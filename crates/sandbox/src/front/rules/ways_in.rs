//! What the world is to reach stands in a network that has an internet gateway attached (Elastic Load Balancing user guide,
//! "Troubleshoot your Application Load Balancers"; the words are those in openshift/installer, issue 1110).

use async_trait::async_trait;

use super::Rule;
use super::look;
use crate::front::answer::Answer;
use crate::front::call::Request;
use crate::front::upstream::Broken;
use crate::front::world::World;
use crate::front::xml::text;

/// See the module.
pub(super) struct WaysIn;

#[async_trait]
impl Rule for WaysIn {
    async fn before(&self, request: &mut Request, world: &World) -> Result<Option<Answer>, Broken> {
        let call = &request.call;
        if !call.is("elasticloadbalancing.CreateLoadBalancer") || request.parameters.text("Scheme") == Some("internal")
        {
            return Ok(None);
        }
        let Some(subnet) = request.parameters.text("Subnets.member.1") else { return Ok(None) };
        let subnets = look::ec2(world, call, "DescribeSubnets", &[("subnet-id", subnet)]).await?;
        let Some(vpc) = subnets.first().and_then(|subnet| text(subnet, "vpcId")) else { return Ok(None) };
        let gateways = look::ec2(world, call, "DescribeInternetGateways", &[("attachment.vpc-id", &vpc)]).await?;
        let message = format!("VPC {vpc} has no internet gateway");
        Ok(gateways.is_empty().then(|| Answer::refusal(request.protocol, 400, "InvalidSubnet", &message)))
    }
}
