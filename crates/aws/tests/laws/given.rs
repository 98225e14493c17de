//! What several kinds are built on.

use aws::Account;
use aws::resources::{AvailabilityZones, HostedZone, InternetGateway, InternetGatewayAttachment, Subnet, Vpc, Wanted};
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
    scope.add(name, vpc, move |vpc| Subnet {
        vpc,
        cidr: format!("10.20.{third}.0/24").parse().ok(),
        zone: "us-west-1a".into(),
        map_public_ip_on_launch: false,
    })
}

/// A public zone.
pub(crate) fn zone(scope: &mut Scope<'_, Account>, domain: &str) -> Handle<HostedZone> {
    scope.add(domain, (), |()| HostedZone { comment: None })
}
