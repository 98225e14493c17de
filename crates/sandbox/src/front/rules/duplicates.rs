//! What must be there only once, outside of the network: the local AWS makes a second one.

use async_trait::async_trait;
use serde_json::json;

use super::Rule;
use super::locks::Locks;
use super::look;
use crate::front::answer::Answer;
use crate::front::call::Request;
use crate::front::upstream::Broken;
use crate::front::world::World;
use crate::front::xml::{children, descendant, says, text};

/// See the module. The local AWS sees to log groups, repositories, policies, security groups, target groups, secrets
/// and to roles of exactly the same name.
#[derive(Default)]
pub(super) struct Duplicates {
    locks: Locks,
}

#[async_trait]
impl Rule for Duplicates {
    async fn before(&self, request: &mut Request, world: &World) -> Result<Option<Answer>, Broken> {
        let call = request.call.clone();
        let kind = (call.service.as_str(), call.operation.as_str());
        if !matches!(
            kind,
            ("elasticloadbalancing", "CreateListener" | "CreateLoadBalancer")
                | ("organizations", "CreateOrganizationalUnit")
                | ("iam", "CreateRole")
                | ("servicediscovery", "CreateHttpNamespace")
        ) {
            return Ok(None);
        }
        // Of two at once, the later one sees the earlier one.
        self.locks.hold(request, format!("{} {} {}", call.account, call.region, call.operation)).await;
        match kind.1 {
            "CreateListener" => listener(request, world).await,
            "CreateLoadBalancer" => balancer(request, world).await,
            "CreateOrganizationalUnit" => unit(request, world).await,
            "CreateHttpNamespace" => namespace(request, world).await,
            _ => role(request, world).await,
        }
    }
}

/// Cloud Map API reference, `CreateHttpNamespace`, "Errors".
async fn namespace(request: &Request, world: &World) -> Result<Option<Answer>, Broken> {
    let target = "Route53AutoNaming_v20170314.ListNamespaces";
    let there = look::pages(world, &request.call, target, json!({}), "Namespaces").await?;
    let name = request.parameters.text("Name").unwrap_or_default();
    let is_taken = there.iter().any(|other| other["Name"] == name);
    let message = "The namespace that you're trying to create already exists.";
    Ok(is_taken.then(|| Answer::refusal(request.protocol, 400, "NamespaceAlreadyExists", message)))
}

/// Elastic Load Balancing API reference, `CreateListener`, "Errors".
async fn listener(request: &Request, world: &World) -> Result<Option<Answer>, Broken> {
    let of = |name| request.parameters.text(name).unwrap_or_default();
    let (balancer, port) = (of("LoadBalancerArn"), of("Port"));
    let there = look::balancing(world, &request.call, "DescribeListeners", &[("LoadBalancerArn", balancer)]).await?;
    let is_taken = there.iter().any(|listener| text(listener, "Port").as_deref() == Some(port));
    let message = format!("A listener already exists on this port for this load balancer '{balancer}'");
    Ok(is_taken.then(|| Answer::refusal(request.protocol, 400, "DuplicateListener", &message)))
}

/// Elastic Load Balancing API reference, `CreateLoadBalancer`: "This operation is idempotent"; one of the same name
/// with other settings is refused.
async fn balancer(request: &Request, world: &World) -> Result<Option<Answer>, Broken> {
    let name = request.parameters.text("Name").unwrap_or_default();
    let there = look::balancing(world, &request.call, "DescribeLoadBalancers", &[]).await?;
    let Some(there) = there.into_iter().find(|balancer| text(balancer, "LoadBalancerName").as_deref() == Some(name))
    else {
        return Ok(None);
    };
    let texts = request.parameters.texts();
    let all = |prefix: &str| {
        texts.iter().filter(|(name, _)| name.starts_with(prefix)).map(|(_, text)| text).collect::<Vec<_>>()
    };
    let of = |name: &str, default: &str| request.parameters.text(name).unwrap_or(default).to_owned();
    let has = |list: &str| descendant(&there, list).map_or(0, |list| children(list).count());
    let (subnets, groups) = (all("Subnets.member."), all("SecurityGroups.member."));
    let is_same = says(&there, "Scheme", &of("Scheme", "internet-facing"))
        && says(&there, "Type", &of("Type", "application"))
        && (subnets.is_empty() || subnets.len() == has("AvailabilityZones"))
        && subnets.iter().all(|subnet| says(&there, "SubnetId", subnet))
        && (groups.is_empty() || groups.len() == has("SecurityGroups"))
        && groups.iter().all(|group| says(&there, "member", group));
    if !is_same {
        let message = format!("A load balancer with the same name '{name}' exists, but with different settings");
        return Ok(Some(Answer::refusal(request.protocol, 400, "DuplicateLoadBalancerName", &message)));
    }
    Ok(Some(Answer::success_query("CreateLoadBalancer", "LoadBalancers", vec![there])))
}

/// Organizations API reference, `CreateOrganizationalUnit`, "Errors".
async fn unit(request: &Request, world: &World) -> Result<Option<Answer>, Broken> {
    let of = |name| request.parameters.text(name).unwrap_or_default();
    let target = "AWSOrganizationsV20161128.ListOrganizationalUnitsForParent";
    let parent = json!({"ParentId": of("ParentId")});
    let units = look::pages(world, &request.call, target, parent, "OrganizationalUnits").await?;
    let message = "An OU with the same name already exists.";
    let refusal = || Answer::refusal(request.protocol, 400, "DuplicateOrganizationalUnitException", message);
    Ok(units.iter().any(|unit| unit["Name"] == of("Name")).then(refusal))
}

/// IAM API reference, `CreateRole`: names "must be unique within the account" and "are not distinguished by case".
async fn role(request: &Request, world: &World) -> Result<Option<Answer>, Broken> {
    let (call, name) = (&request.call, request.parameters.text("RoleName").unwrap_or_default());
    let all = [("Action", "ListRoles"), ("MaxItems", "1000")];
    let answer = world.form(&call.account, &call.region, "iam", &all).await?;
    let root = answer.xml();
    let roles = root.as_ref().and_then(|root| descendant(root, "Roles"));
    let names = roles.into_iter().flat_map(children).filter_map(|role| text(role, "RoleName"));
    let is_taken = names.into_iter().any(|there| there.eq_ignore_ascii_case(name));
    let message = format!("Role with name {name} already exists.");
    Ok(is_taken.then(|| Answer::refusal(request.protocol, 409, "EntityAlreadyExists", &message)))
}
