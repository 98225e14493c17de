//! Quotas, as they are in a new account unless they were raised (VPC user guide, "Amazon VPC quotas"; EC2 user guide, "Elastic IP address
//! quota").

use async_trait::async_trait;
use std::collections::HashMap;

use super::locks::Locks;
use super::look::{self, is_alive};
use super::{Rule, service_quotas};
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

/// What makes one more, what lists them, its quota, and how one too many is refused (EC2 API reference, "Error codes").
const QUOTAS: [(&str, &str, &str, &str, &str); 4] = [
    (
        "CreateVpc",
        "DescribeVpcs",
        service_quotas::VPCS,
        "VpcLimitExceeded",
        "The maximum number of VPCs has been reached.",
    ),
    (
        "AllocateAddress",
        "DescribeAddresses",
        service_quotas::ADDRESSES,
        "AddressLimitExceeded",
        "The maximum number of addresses has been reached.",
    ),
    (
        "CreateInternetGateway",
        "DescribeInternetGateways",
        service_quotas::INTERNET_GATEWAYS,
        "InternetGatewayLimitExceeded",
        "The maximum number of internet gateways has been reached.",
    ),
    (
        "CreateNatGateway",
        "DescribeNatGateways",
        service_quotas::NAT_GATEWAYS,
        "NatGatewayLimitExceeded",
        "Performing this operation would exceed the limit of NAT gateways",
    ),
];

#[async_trait]
impl Rule for Limits {
    async fn before(&self, request: &mut Request, world: &World) -> Result<Option<Answer>, Broken> {
        let call = request.call.clone();
        let quota = QUOTAS.iter().find(|(operation, ..)| call.operation == *operation);
        let Some((operation, list, quota, code, message)) = quota.filter(|_| call.service == "ec2") else {
            return Ok(None);
        };
        // Of two at once, the later one counts the earlier one, too.
        self.locks.hold(request, format!("{} {} {operation}", call.account, call.region)).await;
        let count = if *operation == "CreateNatGateway" {
            beside(world, &call, request.parameters.text("SubnetId").unwrap_or_default()).await?
        } else {
            look::ec2(world, &call, list, &[]).await?.len()
        };
        let most = service_quotas::applied(world, &call, quota).await?;
        #[expect(clippy::cast_precision_loss, reason = "a few objects")]
        Ok((count as f64 >= most).then(|| Answer::refusal(request.protocol, 400, code, message)))
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
