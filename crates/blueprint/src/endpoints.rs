//! How tasks reach AWS in a network without a way out: an endpoint in each private subnet for each service of AWS that they
//! need. Images' layers come from S3, whose endpoint every network has.

use std::collections::BTreeSet;

use aws::Account;
use aws::resources::InterfaceEndpoint;
use engine::{Handle, Scope};

use crate::network::Place;
use crate::security_groups::Groups;

/// What Fargate pulls images, writes logs and reads secrets by (ECR user guide, "Amazon ECR interface VPC endpoints";
/// ECS developer guide, "Amazon ECS interface VPC endpoints").
const SERVICES: [&str; 4] = ["ecr.api", "ecr.dkr", "logs", "secretsmanager"];

/// What commands are executed by in containers.
const EXEC: &str = "ssmmessages";

/// Adds them, if the account has no other way out.
pub(crate) fn add(
    scope: &mut Scope<'_, Account>,
    account: &fleet::Account,
    place: &Place,
    groups: &Groups,
) -> Vec<Handle<InterfaceEndpoint>> {
    let Some(group) = groups.endpoints else { return Vec::new() };
    let exec = account.services.values().any(|service| service.exec).then_some(EXEC);
    let endpoints = SERVICES.into_iter().chain(exec).map(|name| {
        let service = format!("com.amazonaws.{}.{name}", account.region);
        let inputs = (place.vpc, place.private.clone(), group);
        scope.add(name, inputs, move |(vpc, subnets, group): (_, Vec<_>, _)| InterfaceEndpoint {
            vpc,
            service: service.clone(),
            subnets: subnets.into_iter().collect(),
            security_groups: BTreeSet::from([group]),
            private_dns: true,
        })
    });
    endpoints.collect()
}
