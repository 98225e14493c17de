//! What of a network cannot be deleted because something depends on it (EC2 API reference, "Error codes":
//! `DependencyViolation`). The messages are EC2's own.

use async_trait::async_trait;

use super::Rule;
use super::clock::Clock;
use super::look::{self, is_alive};
use crate::front::answer::Answer;
use crate::front::call::{Call, Request};
use crate::front::upstream::Broken;
use crate::front::world::World;
use crate::front::xml::{children, descendant, says, text};

/// See the module. What the local AWS refuses itself is not looked for: a VPC's subnets and route tables, an attached
/// internet gateway, an associated route table.
#[derive(Default)]
pub(super) struct NetworkDependencies {
    /// Security groups and subnets of load balancers that were deleted a moment ago: their network interfaces go later
    /// (Elastic Load Balancing user guide, "Delete an Application Load Balancer").
    left: Clock,
}

#[async_trait]
impl Rule for NetworkDependencies {
    async fn before(&self, request: &mut Request, world: &World) -> Result<Option<Answer>, Broken> {
        if request.call.is("elasticloadbalancing.DeleteLoadBalancer") {
            self.leave(request, world).await?;
        }
        if request.call.service != "ec2" {
            return Ok(None);
        }
        let (call, of) = (&request.call, |name| request.parameters.text(name));
        let refusal = match call.operation.as_str() {
            "DeleteVpc" => vpc(world, call, of("VpcId")).await?,
            "DeleteSubnet" => subnet(world, call, of("SubnetId")).await?,
            "DeleteSecurityGroup" => security_group(world, call, of("GroupId")).await?,
            "DeleteRouteTable" => route_table(world, call, of("RouteTableId")).await?,
            "DetachInternetGateway" => detachment(world, call, of("VpcId")).await?,
            "ReleaseAddress" => address(world, call, of("AllocationId")).await?,
            _ => None,
        };
        let left = || ["SubnetId", "GroupId"].into_iter().filter_map(of).find(|id| self.left.is_running(id));
        let refusal = match left().filter(|_| call.operation.starts_with("Delete")) {
            Some(id) => Some(("DependencyViolation", format!("resource {id} has a dependent object"))),
            None => refusal,
        };
        Ok(refusal.map(|(code, message)| Answer::refusal(request.protocol, 400, code, &message)))
    }
}

impl NetworkDependencies {
    /// Notes what a load balancer that is to be deleted stands in.
    async fn leave(&self, request: &Request, world: &World) -> Result<(), Broken> {
        let arn = request.parameters.text("LoadBalancerArn").unwrap_or_default();
        let pending = world.weather().pending(&request.call);
        for balancer in look::balancing(world, &request.call, "DescribeLoadBalancers", &[]).await? {
            if says(&balancer, "LoadBalancerArn", arn) {
                let groups = descendant(&balancer, "SecurityGroups").into_iter().flat_map(children);
                let groups = groups.filter_map(|group| Some(group.get_text()?.trim().to_owned()));
                let zones = descendant(&balancer, "AvailabilityZones").into_iter().flat_map(children);
                for id in groups.chain(zones.filter_map(|zone| text(zone, "SubnetId"))) {
                    self.left.begin(&id, pending);
                }
            }
        }
        Ok(())
    }
}

type Refusal = Option<(&'static str, String)>;

/// EC2 API reference, `DeleteVpc`: "You must detach or delete all gateways and resources that are associated with the
/// VPC before you can delete it".
async fn vpc(world: &World, call: &Call, id: Option<&str>) -> Result<Refusal, Broken> {
    let Some(id) = id else { return Ok(None) };
    let of_vpc = [("vpc-id", id)];
    let groups = look::ec2(world, call, "DescribeSecurityGroups", &of_vpc).await?;
    let is_in_use = groups.iter().any(|group| text(group, "groupName").as_deref() != Some("default"))
        || !look::ec2(world, call, "DescribeInternetGateways", &[("attachment.vpc-id", id)]).await?.is_empty()
        || !look::ec2(world, call, "DescribeNetworkInterfaces", &of_vpc).await?.is_empty()
        || look::ec2(world, call, "DescribeVpcEndpoints", &of_vpc).await?.iter().any(is_alive)
        || look::ec2(world, call, "DescribeNatGateways", &of_vpc).await?.iter().any(is_alive);
    Ok(is_in_use.then(|| ("DependencyViolation", format!("The vpc '{id}' has dependencies and cannot be deleted."))))
}

async fn subnet(world: &World, call: &Call, id: Option<&str>) -> Result<Refusal, Broken> {
    let Some(id) = id else { return Ok(None) };
    let of_subnet = [("subnet-id", id)];
    let has = |all: Vec<xmltree::Element>, name: &str| all.iter().any(|one| is_alive(one) && says(one, name, id));
    let is_in_use = !look::ec2(world, call, "DescribeNetworkInterfaces", &of_subnet).await?.is_empty()
        || has(look::ec2(world, call, "DescribeNatGateways", &of_subnet).await?, "subnetId")
        || has(look::ec2(world, call, "DescribeVpcEndpoints", &[]).await?, "item")
        || has(look::balancing(world, call, "DescribeLoadBalancers", &[]).await?, "SubnetId")
        || has(look::databases(world, call, "DescribeDBInstances").await?, "SubnetIdentifier");
    let message = || format!("The subnet '{id}' has dependencies and cannot be deleted.");
    Ok(is_in_use.then(|| ("DependencyViolation", message())))
}

/// EC2 API reference, `DeleteSecurityGroup`: not one that "is associated with an instance or network interface, is
/// referenced by another security group in the same VPC"; and "Error codes", `CannotDelete`, for the default one.
async fn security_group(world: &World, call: &Call, id: Option<&str>) -> Result<Refusal, Broken> {
    let Some(id) = id else { return Ok(None) };
    let groups = look::ec2(world, call, "DescribeSecurityGroups", &[]).await?;
    let is_it = |group: &&xmltree::Element| text(group, "groupId").as_deref() == Some(id);
    if groups.iter().find(is_it).is_some_and(|group| text(group, "groupName").as_deref() == Some("default")) {
        let message = format!("the specified group: \"{id}\" name: \"default\" cannot be deleted by a user");
        return Ok(Some(("CannotDelete", message)));
    }
    let others = groups.iter().filter(|group| !is_it(group));
    let is_in_use = others.into_iter().any(|group| says(group, "groupId", id) && !is_it(&group))
        || !look::ec2(world, call, "DescribeNetworkInterfaces", &[("group-id", id)]).await?.is_empty()
        || look::ec2(world, call, "DescribeVpcEndpoints", &[])
            .await?
            .iter()
            .any(|one| is_alive(one) && says(one, "groupId", id))
        || look::balancing(world, call, "DescribeLoadBalancers", &[]).await?.iter().any(|one| says(one, "member", id))
        || look::databases(world, call, "DescribeDBInstances")
            .await?
            .iter()
            .any(|one| says(one, "VpcSecurityGroupId", id));
    Ok(is_in_use.then(|| ("DependencyViolation", format!("resource {id} has a dependent object"))))
}

/// The main one goes with its VPC. For others, the local AWS sees to their associations.
async fn route_table(world: &World, call: &Call, id: Option<&str>) -> Result<Refusal, Broken> {
    let Some(id) = id else { return Ok(None) };
    let tables = look::ec2(world, call, "DescribeRouteTables", &[("association.main", "true")]).await?;
    let is_main = tables.iter().any(|table| text(table, "routeTableId").as_deref() == Some(id));
    let message = || format!("The routeTable '{id}' has dependencies and cannot be deleted.");
    Ok(is_main.then(|| ("DependencyViolation", message())))
}

/// EC2 API reference, `DetachInternetGateway`: "The VPC must not contain any running instances with Elastic IP
/// addresses or public IPv4 addresses"; NAT gateways and internet-facing load balancers have such, too.
async fn detachment(world: &World, call: &Call, vpc: Option<&str>) -> Result<Refusal, Broken> {
    let Some(vpc) = vpc else { return Ok(None) };
    let interfaces = look::ec2(world, call, "DescribeNetworkInterfaces", &[("vpc-id", vpc)]).await?;
    let interfaces: Vec<String> = interfaces.iter().filter_map(|one| text(one, "networkInterfaceId")).collect();
    let addresses = look::ec2(world, call, "DescribeAddresses", &[]).await?;
    let mut mapped = addresses.iter().filter_map(|address| text(address, "networkInterfaceId"));
    let gateways = look::ec2(world, call, "DescribeNatGateways", &[("vpc-id", vpc)]).await?;
    let mut gateways = gateways.iter().filter(|gateway| is_alive(gateway));
    let is_mapped = mapped.any(|interface| interfaces.contains(&interface))
        || gateways.any(|gateway| descendant(gateway, "allocationId").is_some())
        || balances(world, call, vpc).await?;
    let message = || {
        format!(
            "Network {vpc} has some mapped public address(es). Please unmap those public address(es) before detaching \
             the gateway."
        )
    };
    Ok(is_mapped.then(|| ("DependencyViolation", message())))
}

/// Whether an internet-facing load balancer stands in a VPC.
async fn balances(world: &World, call: &Call, vpc: &str) -> Result<bool, Broken> {
    let balancers = look::balancing(world, call, "DescribeLoadBalancers", &[]).await?;
    let balancers: Vec<_> = balancers.iter().filter(|one| !says(one, "Scheme", "internal")).collect();
    let subnets = look::ec2(world, call, "DescribeSubnets", &[("vpc-id", vpc)]).await?;
    let mut subnets = subnets.iter().filter_map(|subnet| text(subnet, "subnetId"));
    Ok(subnets.any(|subnet| balancers.iter().any(|balancer| says(balancer, "SubnetId", &subnet))))
}

/// EC2 API reference, `ReleaseAddress`: "You must use `DisassociateAddress` to disassociate the Elastic IP address
/// before you can release it. Otherwise, Amazon EC2 returns an error (InvalidIPAddress.InUse)".
async fn address(world: &World, call: &Call, allocation: Option<&str>) -> Result<Refusal, Broken> {
    let Some(id) = allocation else { return Ok(None) };
    let addresses = look::ec2(world, call, "DescribeAddresses", &[("allocation-id", id)]).await?;
    let used = addresses.iter().find(|address| text(address, "associationId").is_some());
    let message = |address| format!("Address {} is in use.", text(address, "publicIp").unwrap_or_default());
    Ok(used.map(|address| ("InvalidIPAddress.InUse", message(address))))
}
