//! The parts of a service, in the words of ECS and in ours.

use std::collections::BTreeSet;

use aws_sdk_ecs::types::{
    AssignPublicIp, AvailabilityZoneRebalancing, AwsVpcConfiguration, Deployment, DeploymentCircuitBreaker,
    DeploymentConfiguration, DeploymentController, DeploymentControllerType, LoadBalancer, NetworkConfiguration,
    Service, ServiceConnectClientAlias, ServiceConnectConfiguration, ServiceConnectService, ServiceRegistry, TaskSet,
};
use engine::{Id, Result};

use crate::resources::containers::unbuilt;
use crate::resources::ecs_service::{ClientAlias, Controller, EcsService, ServiceConnect, ServiceTarget};
use crate::resources::{SecurityGroup, Subnet};

pub(in crate::resources) fn network(service: &EcsService) -> Result<NetworkConfiguration> {
    let subnets = service.subnets.iter().map(|id| id.get().map(str::to_owned)).collect::<Result<_>>()?;
    let groups = service.security_groups.iter().map(|id| id.get().map(str::to_owned)).collect::<Result<_>>()?;
    let public = if service.public_address { AssignPublicIp::Enabled } else { AssignPublicIp::Disabled };
    let place = AwsVpcConfiguration::builder().set_subnets(Some(subnets)).set_security_groups(Some(groups));
    let place = place.assign_public_ip(public).build().map_err(unbuilt)?;
    Ok(NetworkConfiguration::builder().awsvpc_configuration(place).build())
}

/// None takes them away.
pub(in crate::resources) fn balancers(service: &EcsService) -> Result<Vec<LoadBalancer>> {
    let targets = service.target.iter().map(|target| {
        let balancer = LoadBalancer::builder().target_group_arn(target.group.get()?);
        Ok(balancer.container_name(&target.container).container_port(target.port).build())
    });
    targets.collect()
}

/// None takes it away.
pub(in crate::resources) fn registries(service: &EcsService) -> Result<Vec<ServiceRegistry>> {
    let registries =
        service.registry.iter().map(|registry| Ok(ServiceRegistry::builder().registry_arn(registry.get()?).build()));
    registries.collect()
}

pub(in crate::resources) fn deployment(service: &EcsService) -> DeploymentConfiguration {
    let breaker = DeploymentCircuitBreaker::builder();
    let breaker = breaker.enable(service.circuit_breaker).rollback(service.circuit_breaker).build();
    DeploymentConfiguration::builder().deployment_circuit_breaker(breaker).build()
}

pub(in crate::resources) fn controller(controller: &Controller) -> DeploymentControllerType {
    match controller {
        Controller::Rolling => DeploymentControllerType::Ecs,
        Controller::CodeDeploy { .. } => DeploymentControllerType::CodeDeploy,
    }
}

pub(in crate::resources) fn connect(service: &EcsService) -> Result<ServiceConnectConfiguration> {
    let Some(connect) = &service.connect else {
        return Ok(ServiceConnectConfiguration::builder().enabled(false).build());
    };
    let services = connect.services.iter().map(|(port, alias)| {
        let service = ServiceConnectService::builder().port_name(port).discovery_name(&alias.discovery);
        let alias = ServiceConnectClientAlias::builder().dns_name(&alias.name).port(alias.port).build();
        service.client_aliases(alias.map_err(unbuilt)?).build().map_err(unbuilt)
    });
    let all = ServiceConnectConfiguration::builder().enabled(true).namespace(connect.namespace.get()?);
    Ok(all.set_services(Some(services.collect::<Result<_>>()?)).build())
}

/// A service as it is; of what it runs, somebody else knows the content.
pub(in crate::resources) fn actual(service: &Service, content: String) -> EcsService {
    let controller = service.deployment_controller().map(DeploymentController::r#type);
    let groups = set(service).map_or(service.load_balancers(), TaskSet::load_balancers).iter();
    let groups = groups.filter_map(LoadBalancer::target_group_arn).map(Id::new);
    let (subnets, security_groups, public_address) = place(service.network_configuration());
    let breaker = service.deployment_configuration().and_then(DeploymentConfiguration::deployment_circuit_breaker);
    EcsService {
        cluster: Id::new(service.cluster_arn().unwrap_or_default()),
        controller: match controller {
            Some(DeploymentControllerType::CodeDeploy) => Controller::CodeDeploy { target_groups: groups.collect() },
            _ => Controller::Rolling,
        },
        task_definition: Id::new(family(revision(service))),
        content,
        desired_count: service.desired_count(),
        scaled_from: None,
        waits_for_image: false,
        subnets,
        security_groups,
        public_address,
        platform_version: service.platform_version().unwrap_or("LATEST").to_owned(),
        target: service.load_balancers().first().map(|balancer| ServiceTarget {
            group: Id::new(balancer.target_group_arn().unwrap_or_default()),
            container: balancer.container_name().unwrap_or_default().to_owned(),
            port: balancer.container_port().unwrap_or_default(),
        }),
        grace_seconds: service.health_check_grace_period_seconds().unwrap_or_default(),
        circuit_breaker: breaker.is_some_and(|breaker| breaker.enable() && breaker.rollback()),
        execute_command: service.enable_execute_command(),
        zone_rebalancing: service.availability_zone_rebalancing() == Some(&AvailabilityZoneRebalancing::Enabled),
        connect: primary(service).and_then(Deployment::service_connect_configuration).and_then(connected),
        registry: service.service_registries().first().and_then(ServiceRegistry::registry_arn).map(Id::new),
    }
}

/// The tasks that get requests, of a service that `CodeDeploy` brings out.
pub(in crate::resources) fn set(service: &Service) -> Option<&TaskSet> {
    service.task_sets().iter().find(|set| set.status() == Some("PRIMARY"))
}

/// The revision that a service runs.
pub(in crate::resources) fn revision(service: &Service) -> &str {
    set(service).and_then(TaskSet::task_definition).or(service.task_definition()).unwrap_or_default()
}

/// Where tasks have their addresses: subnets, security groups, and whether they have public ones too.
pub(in crate::resources) fn place(
    network: Option<&NetworkConfiguration>,
) -> (BTreeSet<Id<Subnet>>, BTreeSet<Id<SecurityGroup>>, bool) {
    let Some(place) = network.and_then(NetworkConfiguration::awsvpc_configuration) else { return Default::default() };
    let subnets = place.subnets().iter().map(|id| Id::new(id.as_str())).collect();
    let groups = place.security_groups().iter().map(|id| Id::new(id.as_str())).collect();
    (subnets, groups, place.assign_public_ip() == Some(&AssignPublicIp::Enabled))
}

/// The deployment that is wanted, beside those that it replaces.
pub(in crate::resources) fn primary(service: &Service) -> Option<&Deployment> {
    service.deployments().iter().find(|deployment| deployment.status() == Some("PRIMARY"))
}

fn connected(connect: &ServiceConnectConfiguration) -> Option<ServiceConnect> {
    let services = connect.services().iter().map(|service| {
        let alias = service.client_aliases().first();
        let name = alias.and_then(ServiceConnectClientAlias::dns_name).unwrap_or_default().to_owned();
        let discovery = service.discovery_name().unwrap_or(service.port_name()).to_owned();
        let port = alias.map_or(0, ServiceConnectClientAlias::port);
        (service.port_name().to_owned(), ClientAlias { discovery, name, port })
    });
    let namespace = Id::new(connect.namespace().unwrap_or_default());
    connect.enabled().then(|| ServiceConnect { namespace, services: services.collect() })
}

/// The family of a revision's ARN.
fn family(revision: &str) -> &str {
    let name = revision.rsplit_once('/').map_or(revision, |(_, name)| name);
    name.rsplit_once(':').map_or(name, |(family, _)| family)
}
