//! The parts of a service, in the words of ECS and in ours.

use aws_sdk_ecs::types::{
    AssignPublicIp, AvailabilityZoneRebalancing, AwsVpcConfiguration, Deployment, DeploymentCircuitBreaker,
    DeploymentConfiguration, DeploymentController, DeploymentControllerType, LoadBalancer, NetworkConfiguration,
    Service, ServiceConnectClientAlias, ServiceConnectConfiguration, ServiceConnectService,
};
use engine::{Id, Result};

use crate::resources::containers::unbuilt;
use crate::resources::ecs_service::{ClientAlias, Controller, EcsService, ServiceConnect, ServiceTarget};

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

pub(in crate::resources) fn deployment(service: &EcsService) -> DeploymentConfiguration {
    let breaker = DeploymentCircuitBreaker::builder();
    let breaker = breaker.enable(service.circuit_breaker).rollback(service.circuit_breaker).build();
    DeploymentConfiguration::builder().deployment_circuit_breaker(breaker).build()
}

pub(in crate::resources) fn controller(controller: Controller) -> DeploymentControllerType {
    match controller {
        Controller::Rolling => DeploymentControllerType::Ecs,
        Controller::CodeDeploy => DeploymentControllerType::CodeDeploy,
    }
}

pub(in crate::resources) fn connect(service: &EcsService) -> Result<ServiceConnectConfiguration> {
    let Some(connect) = &service.connect else {
        return Ok(ServiceConnectConfiguration::builder().enabled(false).build());
    };
    let services = connect.services.iter().map(|(port, alias)| {
        let alias = ServiceConnectClientAlias::builder().dns_name(&alias.name).port(alias.port).build();
        let service = ServiceConnectService::builder().port_name(port).client_aliases(alias.map_err(unbuilt)?);
        service.build().map_err(unbuilt)
    });
    let all = ServiceConnectConfiguration::builder().enabled(true).namespace(connect.namespace.get()?);
    Ok(all.set_services(Some(services.collect::<Result<_>>()?)).build())
}

/// A service as it is; of what it runs, somebody else knows the content.
pub(in crate::resources) fn actual(service: &Service, content: String) -> EcsService {
    let controller = service.deployment_controller().map(DeploymentController::r#type);
    let network = service.network_configuration().and_then(NetworkConfiguration::awsvpc_configuration);
    let breaker = service.deployment_configuration().and_then(DeploymentConfiguration::deployment_circuit_breaker);
    EcsService {
        cluster: Id::new(service.cluster_arn().unwrap_or_default()),
        controller: match controller {
            Some(DeploymentControllerType::CodeDeploy) => Controller::CodeDeploy,
            _ => Controller::Rolling,
        },
        task_definition: Id::new(family(service.task_definition().unwrap_or_default())),
        content,
        desired_count: service.desired_count(),
        scaled_from: None,
        waits_for_image: false,
        subnets: network.into_iter().flat_map(AwsVpcConfiguration::subnets).map(|id| Id::new(id.as_str())).collect(),
        security_groups: network
            .into_iter()
            .flat_map(AwsVpcConfiguration::security_groups)
            .map(|id| Id::new(id.as_str()))
            .collect(),
        public_address: network.and_then(|place| place.assign_public_ip()) == Some(&AssignPublicIp::Enabled),
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
    }
}

/// The deployment that is wanted, beside those that it replaces.
pub(in crate::resources) fn primary(service: &Service) -> Option<&Deployment> {
    service.deployments().iter().find(|deployment| deployment.status() == Some("PRIMARY"))
}

fn connected(connect: &ServiceConnectConfiguration) -> Option<ServiceConnect> {
    let services = connect.services().iter().map(|service| {
        let alias = service.client_aliases().first();
        let name = alias.and_then(ServiceConnectClientAlias::dns_name).unwrap_or_default().to_owned();
        (service.port_name().to_owned(), ClientAlias { name, port: alias.map_or(0, ServiceConnectClientAlias::port) })
    });
    let namespace = Id::new(connect.namespace().unwrap_or_default());
    connect.enabled().then(|| ServiceConnect { namespace, services: services.collect() })
}

/// The family of a revision's ARN.
fn family(revision: &str) -> &str {
    let name = revision.rsplit_once('/').map_or(revision, |(_, name)| name);
    name.rsplit_once(':').map_or(name, |(family, _)| family)
}
