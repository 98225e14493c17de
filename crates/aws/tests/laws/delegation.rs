//! Whether a domain is delegated, as far as the local AWS can tell: what the records of the zone above say.

use std::collections::BTreeSet;

use aws::Account;
use aws::resources::{Delegation, DnsRecord, ParentZone};
use engine::{Class, Graph, Id};
use testing::World;

use crate::given;

const DOMAIN: &str = "dev.verb.example";

/// Who is named by the zone above.
#[derive(Clone, Copy)]
enum Named {
    Nobody,
    Others,
    Us,
}

fn graph(world: &World, named: Named) -> Graph<Account> {
    world.graph(move |scope| {
        let (parent, child) = (given::zone(scope, "verb.example"), given::zone(scope, DOMAIN));
        let record = (!matches!(named, Named::Nobody)).then(|| {
            scope.add("dev", (parent, child), move |(parent, child)| {
                let others = BTreeSet::from([Id::new("ns.other.example")]);
                let servers = if matches!(named, Named::Others) { others } else { child.name_servers };
                DnsRecord::simple(parent.id, DOMAIN, "NS", 300, servers)
            })
        });
        scope.add(DOMAIN, (parent, child, record), |(parent, child, _)| Delegation {
            domain: DOMAIN.into(),
            name_servers: child.name_servers,
            parent: Some(ParentZone {
                domain: "verb.example".into(),
                id: parent.id,
                name_servers: parent.name_servers,
            }),
        });
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_domain_that_is_not_delegated_is_named() {
    let world = World::new().await;
    for (named, found) in [(Named::Nobody, "no name servers"), (Named::Others, "ns.other.example")] {
        let graph = graph(&world, named);
        let plan = world.plan(&graph).await;
        let error = world.failure(&graph, &plan).await;
        assert_eq!(error.class, Class::NotYet, "{error}");
        for part in ["dev.verb.example is not delegated", "zone verb.example (", "in account dev (", found, "ns-2048."]
        {
            assert!(error.message.contains(part), "{error} does not say {part}");
        }
        assert!(error.hint.is_some_and(|hint| hint.contains("its NS record of dev.verb.example is ns-2048.")));
    }
    world.settle(&graph(&world, Named::Us)).await;
    world.needed_all_declared_by::<Delegation>();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_zone_above_that_is_elsewhere_holds_up_no_rehearsal() {
    let world = World::new().await;
    let graph = world.graph(|scope| {
        let child = given::zone(scope, DOMAIN);
        scope.add(DOMAIN, child, |child| Delegation {
            domain: DOMAIN.into(),
            name_servers: child.name_servers,
            parent: None,
        });
    });
    world.settle(&graph).await;
}
