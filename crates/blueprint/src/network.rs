//! The network of an account: public and private subnets over several zones, their ways out, and a record of what
//! passes.

use std::collections::{BTreeMap, BTreeSet};

use aws::Account;
use aws::resources::{
    AccountReady, AvailabilityZones, DefaultSecurityGroup, ElasticIp, FlowLog, InternetGateway,
    InternetGatewayAttachment, LogGroup, ManagedPolicy, Member, NatGateway, Role, RouteTable, RouteTableAssociation,
    Subnet, Target, Vpc, VpcEndpoint, Wanted,
};
use engine::{Handle, Id, Scope};
use fleet::{Fleet, MOST_ZONES, Nat, Network, RenderError, Zones};
use ipnet::Ipv4Net;

use crate::templates::Templates;

/// Everything that is not the network's own.
const ANYWHERE: &str = "0.0.0.0/0";

/// The documents of the role that writes flow logs.
const FLOW_LOGS: &str = "flow-logs";
const FLOW_LOGS_TRUST: &str = "flow-logs-trust";

/// The positions of zones, as they are called in names: the zones themselves differ from account to account.
const SLOTS: [&str; MOST_ZONES] = ["a", "b", "c", "d"];

/// What others build on.
pub(crate) struct Place {
    pub(crate) vpc: Handle<Vpc>,
    pub(crate) public: Vec<Handle<Subnet>>,
    pub(crate) private: Vec<Handle<Subnet>>,
    /// The routes of the public subnets, by which the world reaches what is in them.
    pub(crate) ways_in: Vec<Handle<RouteTableAssociation>>,
    /// The routes of the private subnets, by which their tasks reach the outside.
    pub(crate) ways_out: Vec<Handle<RouteTableAssociation>>,
}

/// Adds the account's network, if it has one.
pub(crate) fn add(
    scope: &mut Scope<'_, Account>,
    fleet: &Fleet,
    account: &fleet::Account,
    member: Handle<AccountReady>,
    boundary: Handle<ManagedPolicy>,
) -> Result<Option<Place>, RenderError> {
    let Some(network) = &account.network else { return Ok(None) };
    let place = addresses_and_routes(scope, network, &account.region);
    flow_logs(scope, fleet, account, network, place.vpc, (member, boundary))?;
    Ok(Some(place))
}

fn addresses_and_routes(scope: &mut Scope<'_, Account>, network: &Network, region: &str) -> Place {
    let slots = &SLOTS[..network.zone_count()];
    let cidr = network.cidr;
    let vpc = scope.add("main", (), move |()| Vpc { cidr: Some(cidr), dns_hostnames: true, dns_support: true });
    scope.add("main", vpc, |vpc| DefaultSecurityGroup { vpc, ingress: BTreeSet::new(), egress: BTreeSet::new() });
    let gateway = scope.add("main", (), |()| InternetGateway {});
    let attached = scope.add("main", (gateway, vpc), |(gateway, vpc)| InternetGatewayAttachment { gateway, vpc });
    let public_routes = scope.add("public", (vpc, attached), |(vpc, gateway)| RouteTable {
        vpc,
        routes: BTreeMap::from([(ANYWHERE.into(), Target::InternetGateway(gateway))]),
    });

    let wanted = match &network.zones {
        Zones::Count(count) => Wanted::Count(usize::from(*count)),
        Zones::Names(names) => Wanted::Names(names.clone()),
    };
    let subnets: Vec<_> = slots.iter().map(|slot| vec![format!("public-{slot}"), format!("private-{slot}")]).collect();
    let zones = scope.add("main", (), move |()| AvailabilityZones { wanted: wanted.clone(), subnets: subnets.clone() });
    let slot_numbers = || slots.iter().enumerate();
    let (public, ways_in): (Vec<_>, Vec<_>) = slot_numbers()
        .map(|(at, slot)| {
            add_subnet(scope, format!("public-{slot}"), (vpc, zones), at, network.public_subnet(at), public_routes)
        })
        .unzip();
    let nats = nat_gateways(scope, network.nat, slots, &public, attached);

    let mut route_tables = vec![public_routes];
    let (mut private, mut ways_out) = (Vec::new(), Vec::new());
    for (at, slot) in slot_numbers() {
        let nat = nats.get(at % nats.len().max(1)).copied();
        let routes = scope.add(format!("private-{slot}"), (vpc, nat), |(vpc, nat): (_, Option<Id<NatGateway>>)| {
            let out = nat.map(|nat| (ANYWHERE.to_owned(), Target::NatGateway(nat)));
            RouteTable { vpc, routes: out.into_iter().collect() }
        });
        route_tables.push(routes);
        let cidr = network.private_subnet(at);
        let (subnet, route) = add_subnet(scope, format!("private-{slot}"), (vpc, zones), at, cidr, routes);
        private.push(subnet);
        ways_out.push(route);
    }
    let service = format!("com.amazonaws.{region}.s3");
    scope.add("s3", (vpc, route_tables), move |(vpc, tables)| VpcEndpoint {
        vpc,
        service: service.clone(),
        route_tables: tables.into_iter().collect(),
    });
    Place { vpc, public, private, ways_in, ways_out }
}

/// A subnet with the routes that it follows.
fn add_subnet(
    scope: &mut Scope<'_, Account>,
    name: String,
    place: (Handle<Vpc>, Handle<AvailabilityZones>),
    slot: usize,
    cidr: Ipv4Net,
    routes: Handle<RouteTable>,
) -> (Handle<Subnet>, Handle<RouteTableAssociation>) {
    let subnet = scope.add(name.as_str(), place, move |(vpc, zones)| Subnet {
        vpc,
        cidr: Some(cidr),
        zone: zones.at(slot),
        map_public_ip_on_launch: false,
    });
    let association =
        scope.add(name, (subnet, routes), |(subnet, route_table)| RouteTableAssociation { subnet, route_table });
    (subnet, association)
}

/// One for all zones, one for each, or none. EC2 refuses one in a network that has no internet gateway attached, so the
/// attachment is an input although nothing of it is used.
fn nat_gateways(
    scope: &mut Scope<'_, Account>,
    nat: Nat,
    slots: &[&str],
    public: &[Handle<Subnet>],
    attached: Handle<InternetGatewayAttachment>,
) -> Vec<Handle<NatGateway>> {
    let count = match nat {
        Nat::None => 0,
        Nat::Single => 1,
        Nat::PerZone => slots.len(),
    };
    let places = slots.iter().zip(public).take(count);
    let gateways = places.map(|(slot, subnet)| {
        let address = scope.add(format!("nat-{slot}"), (), |()| ElasticIp {});
        scope.add(*slot, (*subnet, address, attached), |(subnet, address, _)| NatGateway {
            subnet,
            address: Some(address),
        })
    });
    gateways.collect()
}

fn flow_logs(
    scope: &mut Scope<'_, Account>,
    fleet: &Fleet,
    account: &fleet::Account,
    network: &Network,
    vpc: Handle<Vpc>,
    bounded: (Handle<AccountReady>, Handle<ManagedPolicy>),
) -> Result<(), RenderError> {
    let templates = Templates::new(fleet, account);
    templates.check(&[FLOW_LOGS, FLOW_LOGS_TRUST])?;
    let role = scope.add("flow-logs", bounded, move |(member, boundary): (Member, _)| {
        let templates = templates.of_account(&member.id.to_string());
        Role {
            trust: templates.document(FLOW_LOGS_TRUST, &[]),
            policies: BTreeMap::from([(FLOW_LOGS.to_owned(), templates.document(FLOW_LOGS, &[]))]),
            attached: BTreeSet::new(),
            boundary: Some(boundary),
        }
    });
    let days = network.flow_log_days;
    let group = scope.add("flow-logs", (), move |()| LogGroup { retention_days: Some(days), key: None });
    scope.add("main", (vpc, group, role), |(vpc, log_group, role)| FlowLog {
        vpc,
        traffic: "ALL".into(),
        log_group,
        role,
    });
    Ok(())
}
