//! What cannot be deleted because something depends on it, outside of the network: each service has its own code.

use async_trait::async_trait;
use serde_json::{Value, json};

use super::Rule;
use super::look;
use crate::front::answer::Answer;
use crate::front::call::{Call, Request};
use crate::front::upstream::Broken;
use crate::front::world::World;
use crate::front::xml::{children, descendant, says, text};

/// See the module. The local AWS itself refuses to delete a role that has policies or an instance profile, a target
/// group in use, an attached policy of the organization, a repository or bucket that is not
/// empty, and an ECS service that is not scaled down.
#[derive(Default)]
pub(super) struct Dependencies;

#[async_trait]
impl Rule for Dependencies {
    async fn before(&self, request: &mut Request, world: &World) -> Result<Option<Answer>, Broken> {
        let (call, of) = (&request.call, |name| request.parameters.text(name).unwrap_or_default());
        let refusal = match (call.service.as_str(), call.operation.as_str()) {
            ("iam", "DeletePolicy") => policy(world, call, of("PolicyArn")).await?,
            ("ecs", "DeleteCluster") => cluster(world, call, of("cluster")).await?,
            ("acm", "DeleteCertificate") => certificate(world, call, of("CertificateArn")).await?,
            ("elasticloadbalancing", "DeleteLoadBalancer") => balancer(world, call, of("LoadBalancerArn")).await?,
            ("organizations", "DeleteOrganizationalUnit") => unit(world, call, of("OrganizationalUnitId")).await?,
            _ => None,
        };
        Ok(refusal.map(|(status, code, message)| Answer::refusal(request.protocol, status, code, message)))
    }
}

type Refusal = Option<(u16, &'static str, &'static str)>;

/// IAM API reference, `DeletePolicy`: detach it from all users, groups and roles, and delete all its other versions
/// first.
async fn policy(world: &World, call: &Call, arn: &str) -> Result<Refusal, Broken> {
    let ask = |action| {
        let parameters = [("Action", action), ("PolicyArn", arn)];
        async move { world.form(&call.account, &call.region, "iam", &parameters).await }
    };
    let has = |answer: &Answer, list: &str| {
        let root = answer.xml();
        root.as_ref().and_then(|root| descendant(root, list)).map_or(0, |list| children(list).count())
    };
    let entities = ask("ListEntitiesForPolicy").await?;
    if ["PolicyRoles", "PolicyUsers", "PolicyGroups"].iter().any(|list| has(&entities, list) > 0) {
        return Ok(Some((409, "DeleteConflict", "Cannot delete a policy attached to entities.")));
    }
    let versions = ask("ListPolicyVersions").await?;
    let message = "This policy has more than one version. Before you delete a policy, you must delete the policy's \
                   versions. The default version is deleted with the policy.";
    Ok((has(&versions, "Versions") > 1).then_some((409, "DeleteConflict", message)))
}

/// ECS API reference, `DeleteCluster`, "Errors".
async fn cluster(world: &World, call: &Call, name: &str) -> Result<Refusal, Broken> {
    let ask = |operation: &'static str, body: Value| async move {
        let target = format!("AmazonEC2ContainerServiceV20141113.{operation}");
        look::json(world, call, &target, &body).await
    };
    // The local AWS lists services that are gone, too.
    let listed = ask("ListServices", json!({"cluster": name})).await?;
    let services = ask("DescribeServices", json!({"cluster": name, "services": listed["serviceArns"]})).await?;
    if services["services"].as_array().is_some_and(|all| all.iter().any(|one| one["status"] != "INACTIVE")) {
        let message = "The Cluster cannot be deleted while Services are active.";
        return Ok(Some((400, "ClusterContainsServicesException", message)));
    }
    let tasks = ask("ListTasks", json!({"cluster": name})).await?;
    let message = "The Cluster cannot be deleted while Tasks are active.";
    let has_tasks = tasks["taskArns"].as_array().is_some_and(|all| !all.is_empty());
    Ok(has_tasks.then_some((400, "ClusterContainsTasksException", message)))
}

/// ACM API reference, `DeleteCertificate`: "You cannot delete an ACM certificate that is being used by another AWS
/// service".
async fn certificate(world: &World, call: &Call, arn: &str) -> Result<Refusal, Broken> {
    let target = "CertificateManager.DescribeCertificate";
    let answer = look::json(world, call, target, &json!({"CertificateArn": arn})).await?;
    // The local AWS notes who uses a certificate, and never who does so no more: the listeners that there are decide.
    if answer["Certificate"]["InUseBy"].as_array().is_none_or(Vec::is_empty) {
        return Ok(None);
    }
    for balancer in look::balancing(world, call, "DescribeLoadBalancers", &[]).await? {
        let balancer = text(&balancer, "LoadBalancerArn").unwrap_or_default();
        let listeners = look::balancing(world, call, "DescribeListeners", &[("LoadBalancerArn", &balancer)]).await?;
        if listeners.iter().any(|listener| says(listener, "CertificateArn", arn)) {
            return Ok(Some((400, "ResourceInUseException", "Certificate is in use.")));
        }
    }
    Ok(None)
}

/// Elastic Load Balancing API reference, `DeleteLoadBalancer`: not "if deletion protection is enabled".
async fn balancer(world: &World, call: &Call, arn: &str) -> Result<Refusal, Broken> {
    let parameters = [("LoadBalancerArn", arn)];
    let attributes = look::balancing(world, call, "DescribeLoadBalancerAttributes", &parameters).await?;
    let is_protected =
        attributes.iter().any(|one| says(one, "Key", "deletion_protection.enabled") && says(one, "Value", "true"));
    let message = "Load balancer cannot be deleted because deletion protection is enabled";
    Ok(is_protected.then_some((400, "OperationNotPermitted", message)))
}

/// Organizations API reference, `DeleteOrganizationalUnit`: "You must first remove all accounts and child OUs".
async fn unit(world: &World, call: &Call, id: &str) -> Result<Refusal, Broken> {
    for kind in ["ACCOUNT", "ORGANIZATIONAL_UNIT"] {
        let body = json!({"ParentId": id, "ChildType": kind});
        let children = look::json(world, call, "AWSOrganizationsV20161128.ListChildren", &body).await?;
        if children["Children"].as_array().is_some_and(|children: &Vec<Value>| !children.is_empty()) {
            let message = "The specified OU is not empty. Move all accounts to another root or to other OUs, \
                           remove all child OUs, and try the operation again.";
            return Ok(Some((400, "OrganizationalUnitNotEmptyException", message)));
        }
    }
    Ok(None)
}
