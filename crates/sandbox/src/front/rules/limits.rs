//! Quotas as they are in a new account (VPC user guide, "Amazon VPC quotas"; EC2 user guide, "Elastic IP address
//! quota").

use async_trait::async_trait;
use std::collections::HashMap;

use super::Rule;
use super::locks::Locks;
use super::look::{self, is_alive};
use crate::front::answer::Answer;
use crate::front::call::{Call, Request};
use crate::front::upstream::Broken;
use crate::front::world::World;
use crate::front::xml::text;

/// See the module.
#[derive(Default)]
pub(super) struct Limits {
    locks: Locks,
}

/// So many of each in a region; of NAT gateways, in an Availability Zone.
const MOST: usize = 5;

/// What makes one more, what lists them, and how one too many is refused (EC2 API reference, "Error codes").
const QUOTAS: [(&str, &str, &str, &str); 4] = [
    ("CreateVpc", "DescribeVpcs", "VpcLimitExceeded", "The maximum number of VPCs has been reached."),
    (
        "AllocateAddress",
        "DescribeAddresses",
        "AddressLimitExceeded",
        "The maximum number of addresses has been reached.",
    ),
    (
        "CreateInternetGateway",
        "DescribeInternetGateways",
        "InternetGatewayLimitExceeded",
        "The maximum number of internet gateways has been reached.",
    ),
    (
        "CreateNatGateway",
        "DescribeNatGateways",
        "NatGatewayLimitExceeded",
        "Performing this operation would exceed the limit of 5 NAT gateways",
    ),
];

#[async_trait]
impl Rule for Limits {
    async fn before(&self, request: &mut Request, world: &World) -> Result<Option<Answer>, Broken> {
        let call = request.call.clone();
        let quota = QUOTAS.iter().find(|(operation, ..)| call.operation == *operation);
        let Some((operation, list, code, message)) = quota.filter(|_| call.service == "ec2") else {
            return Ok(None);
        };
        // Of two at once, the later one counts the earlier one, too.
        self.locks.hold(request, format!("{} {} {operation}", call.account, call.region)).await;
        let count = if *operation == "CreateNatGateway" {
            beside(world, &call, request.parameters.text("SubnetId").unwrap_or_default()).await?
        } else {
            look::ec2(world, &call, list, &[]).await?.len()
        };
        Ok((count >= MOST).then(|| Answer::refusal(request.protocol, 400, code, message)))
    }
}

/// How many NAT gateways are in a subnet's zone.
async fn beside(world: &World, call: &Call, subnet: &str) -> Result<usize, Broken> {
    let subnets = look::ec2(world, call, "DescribeSubnets", &[]).await?;
    let place = |subnet| Some((text(subnet, "subnetId")?, text(subnet, "availabilityZone")?));
    let zones: HashMap<String, String> = subnets.iter().filter_map(place).collect();
    let Some(zone) = zones.get(subnet) else { return Ok(0) };
    let gateways = look::ec2(world, call, "DescribeNatGateways", &[]).await?;
    let is_there = |gateway: &&xmltree::Element| {
        is_alive(gateway) && text(gateway, "subnetId").and_then(|subnet| zones.get(&subnet)) == Some(zone)
    };
    Ok(gateways.iter().filter(is_there).count())
}
