//! What several kinds are built on.

use aws::Account;
use aws::resources::{
    AvailabilityZones, HealthCheck, HostedZone, InternetGateway, InternetGatewayAttachment, LoadBalancer,
    SecurityGroup, Subnet, TargetGroup, Vpc, Wanted,
};
use engine::{Handle, Scope};

/// A network. All have the same addresses, so that one can be changed for another.
pub(crate) fn vpc(scope: &mut Scope<'_, Account>, name: &str) -> Handle<Vpc> {
    scope.add(name, (), |()| Vpc { cidr: "10.20.0.0/16".parse().ok(), dns_hostnames: true, dns_support: true })
}

/// A network with a way to the internet.
pub(crate) fn vpc_with_gateway(scope: &mut Scope<'_, Account>) -> (Handle<Vpc>, Handle<InternetGatewayAttachment>) {
    let (vpc, gateway) = (vpc(scope, "main"), scope.add("main", (), |()| InternetGateway {}));
    let attached = scope.add("main", (gateway, vpc), |(gateway, vpc)| InternetGatewayAttachment { gateway, vpc });
    (vpc, attached)
}

/// Two zones.
pub(crate) fn zones(scope: &mut Scope<'_, Account>) -> Handle<AvailabilityZones> {
    scope.add("main", (), |()| AvailabilityZones { wanted: Wanted::Count(2), subnets: Vec::new() })
}

/// A subnet with the addresses `10.20.<third>.0/24`.
pub(crate) fn subnet(scope: &mut Scope<'_, Account>, name: &str, vpc: Handle<Vpc>, third: u8) -> Handle<Subnet> {
    subnet_in(scope, name, vpc, third, "us-west-1a")
}

/// The same in another zone.
pub(crate) fn subnet_in(
    scope: &mut Scope<'_, Account>,
    name: &str,
    vpc: Handle<Vpc>,
    third: u8,
    zone: &'static str,
) -> Handle<Subnet> {
    scope.add(name, vpc, move |vpc| Subnet {
        vpc,
        cidr: format!("10.20.{third}.0/24").parse().ok(),
        zone: zone.into(),
        map_public_ip_on_launch: false,
    })
}

/// A public zone.
pub(crate) fn zone(scope: &mut Scope<'_, Account>, domain: &str) -> Handle<HostedZone> {
    scope.add(domain, (), |()| HostedZone { comment: None })
}

/// Two load balancers inside a network.
pub(crate) fn load_balancers(scope: &mut Scope<'_, Account>, vpc: Handle<Vpc>) -> [Handle<LoadBalancer>; 2] {
    let subnets = [("a", "us-west-1a"), ("b", "us-west-1b")];
    let subnets: Vec<_> =
        subnets.into_iter().zip(0..).map(|((name, zone), third)| subnet_in(scope, name, vpc, third, zone)).collect();
    let group = security_group(scope, "alb", vpc);
    ["main", "other"].map(|name| {
        scope.add(name, (subnets.clone(), group), |(subnets, group)| LoadBalancer {
            subnets: subnets.into_iter().collect(),
            security_groups: [group].into(),
            scheme: "internal".into(),
            ip_type: "ipv4".into(),
            deletion_protected: false,
            drops_invalid_headers: true,
            idle_timeout_seconds: 60,
            access_logs: None,
        })
    })
}

/// A target group.
pub(crate) fn target_group(scope: &mut Scope<'_, Account>, name: &str, vpc: Handle<Vpc>) -> Handle<TargetGroup> {
    scope.add(name, vpc, |vpc| TargetGroup {
        vpc,
        port: 8080,
        protocol: "HTTP".into(),
        target_type: "ip".into(),
        health_check: HealthCheck {
            path: "/".into(),
            interval_seconds: 30,
            timeout_seconds: 5,
            healthy_after: 2,
            unhealthy_after: 2,
            good_statuses: "200".into(),
        },
        deregistration_delay_seconds: 30,
    })
}

/// A security group without rules.
pub(crate) fn security_group(scope: &mut Scope<'_, Account>, name: &str, vpc: Handle<Vpc>) -> Handle<SecurityGroup> {
    scope.add(name, vpc, |vpc| SecurityGroup::new(vpc, "a group"))
}
