//! Who may talk to whom in an account's network: the world to the load balancer, that to the services, these to each
//! other and to the database. Each rule is a node of its own, so that groups may name each other.

use std::collections::BTreeMap;

use aws::Account;
use aws::resources::{Direction, Peer, SecurityGroup, SecurityGroupRule, Vpc};
use engine::{Handle, Id, Scope};
use fleet::{Engine, Nat};

/// Every address of IPv4.
const ANYWHERE: &str = "0.0.0.0/0";

const HTTP: i32 = 80;
const HTTPS: i32 = 443;

/// The groups of an account.
pub(crate) struct Groups {
    pub(crate) load_balancer: Handle<SecurityGroup>,
    /// By service.
    pub(crate) services: BTreeMap<String, Handle<SecurityGroup>>,
    pub(crate) database: Option<Handle<SecurityGroup>>,
    /// Of the interface endpoints, where there is no other way out.
    pub(crate) endpoints: Option<Handle<SecurityGroup>>,
}

/// Adds the groups and their rules.
pub(crate) fn add(scope: &mut Scope<'_, Account>, account: &fleet::Account, vpc: Handle<Vpc>) -> Groups {
    let load_balancer = group(scope, "load-balancer", vpc, "The load balancer");
    let services: BTreeMap<String, Handle<SecurityGroup>> = account
        .services
        .keys()
        .map(|name| {
            let what = format!("The tasks of the service {name}");
            (name.clone(), group(scope, &format!("service-{name}"), vpc, &what))
        })
        .collect();
    let is_closed = account.network.as_ref().is_some_and(|network| network.nat == Nat::None);
    let endpoints = is_closed.then(|| group(scope, "endpoints", vpc, "The interface endpoints"));
    let database = account.database.as_ref().map(|_| group(scope, "database", vpc, "The database"));

    let mut rules = Rules { scope };
    rules.world(load_balancer, "load-balancer");
    for (name, service) in &account.services {
        let (tasks, node, port) = (services[name], format!("service-{name}"), i32::from(service.port));
        rules.between((load_balancer, "load-balancer"), (tasks, &node), port);
        rules.out(tasks, &node, is_closed);
        for (other, group) in services.iter().filter(|(other, _)| *other != name) {
            rules.between((*group, &format!("service-{other}")), (tasks, &node), port);
        }
        if let (true, Some(database), Some(declared)) = (service.database, database, &account.database) {
            rules.between((tasks, &node), (database, "database"), port_of(declared.engine));
        }
        if let Some(endpoints) = endpoints {
            rules.between((tasks, &node), (endpoints, "endpoints"), HTTPS);
        }
    }
    Groups { load_balancer, services, database, endpoints }
}

/// The port that RDS gives an engine (RDS user guide, "Settings for DB instances").
fn port_of(engine: Engine) -> i32 {
    match engine {
        Engine::Postgres => 5432,
        Engine::MySql => 3306,
    }
}

fn group(scope: &mut Scope<'_, Account>, node: &str, vpc: Handle<Vpc>, what: &str) -> Handle<SecurityGroup> {
    let description = what.to_owned();
    scope.add(node, vpc, move |vpc| SecurityGroup::new(vpc, description.clone()))
}

struct Rules<'s, 'g> {
    scope: &'s mut Scope<'g, Account>,
}

impl Rules<'_, '_> {
    /// HTTP is let in too, to be told the address under HTTPS.
    fn world(&mut self, group: Handle<SecurityGroup>, node: &str) {
        for (port, name) in [(HTTPS, "https"), (HTTP, "http")] {
            self.scope.add(format!("{node}:from:anywhere-{name}"), group, move |group| {
                rule(group, Direction::Ingress, Some(port), Peer::Cidr(ANYWHERE.to_owned()), "From everywhere")
            });
        }
    }

    /// What is out there is for the service to know. Without a NAT gateway that is AWS itself: S3 behind the gateway
    /// endpoint has public addresses.
    fn out(&mut self, group: Handle<SecurityGroup>, node: &str, is_closed: bool) {
        self.scope.add(format!("{node}:to:anywhere"), group, move |group| {
            let port = is_closed.then_some(HTTPS);
            rule(group, Direction::Egress, port, Peer::Cidr(ANYWHERE.to_owned()), "To everywhere")
        });
    }

    /// Out of the one and into the other.
    fn between(&mut self, from: (Handle<SecurityGroup>, &str), to: (Handle<SecurityGroup>, &str), port: i32) {
        let ((from, from_node), (to, to_node)) = (from, to);
        let (outgoing, incoming) = (format!("To {to_node}"), format!("From {from_node}"));
        self.scope.add(format!("{from_node}:to:{to_node}"), (from, to), move |(from, to)| {
            rule(from, Direction::Egress, Some(port), Peer::Group(to), &outgoing)
        });
        self.scope.add(format!("{to_node}:from:{from_node}"), (from, to), move |(from, to)| {
            rule(to, Direction::Ingress, Some(port), Peer::Group(from), &incoming)
        });
    }
}

/// A rule for one port of TCP, or for everything.
fn rule(
    group: Id<SecurityGroup>,
    direction: Direction,
    port: Option<i32>,
    peer: Peer,
    description: &str,
) -> SecurityGroupRule {
    SecurityGroupRule {
        group,
        direction,
        protocol: if port.is_some() { "tcp" } else { "-1" }.to_owned(),
        ports: port.map(|port| (port, port)),
        peer,
        description: description.to_owned(),
    }
}
