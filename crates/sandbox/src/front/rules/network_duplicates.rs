//! What a network has only once, where the local AWS takes a second one.

use async_trait::async_trait;

use super::Rule;
use super::locks::Locks;
use super::look;
use crate::front::answer::Answer;
use crate::front::call::Request;
use crate::front::upstream::Broken;
use crate::front::world::World;
use crate::front::xml::{says, text};

/// See the module.
#[derive(Default)]
pub(super) struct NetworkDuplicates {
    locks: Locks,
}

#[async_trait]
impl Rule for NetworkDuplicates {
    async fn before(&self, request: &mut Request, world: &World) -> Result<Option<Answer>, Broken> {
        let call = request.call.clone();
        let operations = ["AttachInternetGateway", "AssociateRouteTable", "CreateVpcEndpoint"];
        if call.service != "ec2" || !operations.contains(&call.operation.as_str()) {
            return Ok(None);
        }
        // Of two at once, the later one sees the earlier one.
        self.locks.hold(request, format!("{} {} {}", call.account, call.region, call.operation)).await;
        let refusal = match call.operation.as_str() {
            "AttachInternetGateway" => attachment(request, world).await?,
            "AssociateRouteTable" => association(request, world).await?,
            _ => endpoint(request, world).await?,
        };
        Ok(refusal.map(|(code, message)| Answer::refusal(request.protocol, 400, code, &message)))
    }
}

type Refusal = Option<(&'static str, String)>;

/// VPC user guide, "Internet gateways": a VPC has one at a time. The words are EC2's. That the same one is attached
/// already (`Resource.AlreadyAssociated`) the local AWS refuses itself.
async fn attachment(request: &Request, world: &World) -> Result<Refusal, Broken> {
    let Some(vpc) = request.parameters.text("VpcId") else { return Ok(None) };
    let filters = [("attachment.vpc-id", vpc)];
    let attached = look::ec2(world, &request.call, "DescribeInternetGateways", &filters).await?;
    let gateway = request.parameters.text("InternetGatewayId");
    let is_taken = attached.iter().any(|other| text(other, "internetGatewayId").as_deref() != gateway);
    Ok(is_taken.then(|| ("InvalidParameterValue", format!("Network {vpc} already has an internet gateway attached"))))
}

/// VPC user guide, "Subnet route tables": a subnet has one at a time (EC2 API reference, "Error codes",
/// `Resource.AlreadyAssociated`).
async fn association(request: &Request, world: &World) -> Result<Refusal, Broken> {
    let of = |name| request.parameters.text(name);
    let (Some(subnet), Some(table)) = (of("SubnetId"), of("RouteTableId")) else { return Ok(None) };
    let tables = look::ec2(world, &request.call, "DescribeRouteTables", &[("association.subnet-id", subnet)]).await?;
    let is_other = tables.iter().any(|other| text(other, "routeTableId").as_deref() != Some(table));
    let message =
        || format!("the specified association for route table {table} conflicts with an existing association");
    Ok(is_other.then(|| ("Resource.AlreadyAssociated", message())))
}

/// VPC user guide, "Gateway endpoints": a route table has one route to a service (EC2 API reference, "Error codes",
/// `RouteAlreadyExists`).
async fn endpoint(request: &Request, world: &World) -> Result<Refusal, Broken> {
    let of = |name| request.parameters.text(name);
    if of("VpcEndpointType").is_some_and(|kind| kind != "Gateway") {
        return Ok(None);
    }
    let there = look::ec2(world, &request.call, "DescribeVpcEndpoints", &[]).await?;
    let same = |endpoint: &&xmltree::Element| {
        text(endpoint, "serviceName").as_deref() == of("ServiceName") && look::is_alive(endpoint)
    };
    let same: Vec<_> = there.iter().filter(same).collect();
    let texts = request.parameters.texts();
    let mut tables = texts.iter().filter(|(name, _)| name.starts_with("RouteTableId."));
    let taken = tables.find(|(_, table)| same.iter().any(|endpoint| says(endpoint, "item", table)));
    let message =
        |table| format!("route table {table} already has a route with destination-prefix-list-id of the service");
    Ok(taken.map(|(_, table)| ("RouteAlreadyExists", message(table))))
}
