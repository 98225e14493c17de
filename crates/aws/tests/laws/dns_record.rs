//! The law of DNS records.

use std::collections::BTreeSet;

use aws::resources::{Alias, DnsRecord, HostedZone};
use engine::{Action, Class, Handle, Key, Resource};
use serde_json::json;
use testing::{Law, SCOPE, Variant, World, step};

use crate::given;

const NAME: &str = "*.dev.verb.example";

/// The record of the law, with its names in the form of ours.
const OUTSIDE: &str = r#"
def plain(name):
    return name.rstrip(".").replace("\\052", "*").lower()

def alias(found):
    target = found.get("AliasTarget")
    return target and {"name": plain(target["DNSName"]), "zone": target["HostedZoneId"],
                       "evaluate_target_health": target["EvaluateTargetHealth"]}

[{
    "zone": zone["Id"].split("/")[-1],
    "name": plain(found["Name"]),
    "kind": found["Type"],
    "ttl": found.get("TTL"),
    "values": [record["Value"] for record in found.get("ResourceRecords", [])],
    "alias": alias(found),
} for zone in every(route53, "list_hosted_zones", "HostedZones")
  for found in every(route53, "list_resource_record_sets", "ResourceRecordSets", HostedZoneId=zone["Id"])
  if found["Type"] not in ("NS", "SOA")]
"#;

fn law() -> Law<Handle<HostedZone>, DnsRecord> {
    Law::new(
        "wildcard",
        |scope| given::zone(scope, "dev.verb.example"),
        |zone, variant| DnsRecord {
            zone: zone.id,
            name: NAME.into(),
            kind: "A".into(),
            ttl: variant.change(Some(60), None),
            values: variant.change(BTreeSet::from(["192.0.2.1".into(), "192.0.2.2".into()]), BTreeSet::new()),
            alias: variant.change(
                None,
                Some(Alias {
                    name: "web-1.us-west-1.elb.amazonaws.com".into(),
                    zone: "Z368ELLRRE2KJ0".into(),
                    evaluate_target_health: true,
                }),
            ),
        },
        OUTSIDE,
    )
    .known_by(&["zone", "name", "kind"])
}

#[tokio::test(flavor = "multi_thread")]
async fn it_holds() {
    let (world, law) = (World::new().await, law());
    law.holds(&world).await;
    world.needed_all_declared_by::<DnsRecord>();
}

/// Its key in these tests.
fn key() -> Key {
    Key::new(SCOPE, DnsRecord::KIND, "a")
}

fn graph(world: &World, kind: &'static str, values: &'static [&'static str]) -> engine::Graph<aws::Account> {
    world.graph(move |scope| {
        let zone = given::zone(scope, "dev.verb.example");
        scope.add("a", zone, move |zone| {
            DnsRecord::simple(zone.id, "a.dev.verb.example", kind, 60, values.iter().copied())
        });
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn text_is_quoted_and_names_have_one_form() {
    let world = World::new().await;
    let text = graph(&world, "TXT", &["v=spf1 -all", "say \"hi\""]);
    world.settle(&text).await;
    let values = "[[r['Value'] for r in s['ResourceRecords']]\n    \
                   for z in route53.list_hosted_zones()['HostedZones']\n    \
                   for s in route53.list_resource_record_sets(HostedZoneId=z['Id'])['ResourceRecordSets'] if s['Type'] == 'TXT']";
    assert_eq!(world.boto3(values), json!([[r#""say \"hi\"""#, r#""v=spf1 -all""#]]));
    let authority = graph(&world, "CAA", &[r#"0 issue "amazon.com""#]);
    world.settle(&authority).await;

    let upper = "zone = route53.list_hosted_zones()['HostedZones'][0]['Id']\n\
                 record = {'Name': 'B.dev.verb.example', 'Type': 'CNAME', 'TTL': 60, 'ResourceRecords': [{'Value': 'C.verb.example.'}]}\n\
                 changes = [{'Action': 'CREATE', 'ResourceRecordSet': record}]\n\
                 route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={'Changes': changes})['ChangeInfo']['Status']";
    world.boto3(upper);
    let name = world.graph(|scope| {
        let zone = given::zone(scope, "dev.verb.example");
        scope.add("b", zone, |zone| DnsRecord::simple(zone.id, "b.dev.verb.example", "CNAME", 60, ["c.verb.example"]));
    });
    world.in_sync(&name).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_others_published_is_shown_and_taken_over() {
    let world = World::new().await;
    let empty = world.graph(|scope| {
        given::zone(scope, "dev.verb.example");
    });
    world.settle(&empty).await;
    let publish = |more: &str| {
        world.boto3(&format!(
            "zone = route53.list_hosted_zones()['HostedZones'][0]['Id']\n\
             record = {{'Name': 'a.dev.verb.example', 'Type': 'A', 'TTL': 60, 'ResourceRecords': [{{'Value': '192.0.2.9'}}], {more}}}\n\
             changes = [{{'Action': 'UPSERT', 'ResourceRecordSet': record}}]\n\
             route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={{'Changes': changes}})['ChangeInfo']['Status']"
        ))
    };
    publish("");
    let graph = graph(&world, "A", &["192.0.2.1"]);
    let plan = world.planned(&graph, &key(), Action::Update).await;
    assert_eq!(step(&plan, &key()).diffs[0].actual, json!(["192.0.2.9"]));
    world.settle(&graph).await;

    publish("'SetIdentifier': 'one', 'Weight': 1");
    let error = world.refusal(&graph).await;
    assert_eq!(error.class, Class::Invalid, "{error}");
    assert!(error.message.contains("have a routing policy"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_outside_of_the_zone_is_refused_in_the_words_of_aws() {
    let world = World::new().await;
    let graph = world.graph(|scope| {
        let zone = given::zone(scope, "dev.verb.example");
        scope.add("a", zone, |zone| DnsRecord::simple(zone.id, "a.overb.example", "A", 60, ["192.0.2.1"]));
    });
    let plan = world.planned(&graph, &key(), Action::Create).await;
    let error = world.failure(&graph, &plan).await;
    assert_eq!((error.class, error.code.as_deref()), (Class::Invalid, Some("InvalidChangeBatch")), "{error}");
    assert!(error.message.contains("is not permitted in zone dev.verb.example."), "{error}");
}

/// All name servers know it before anything goes on; the weather of the law has that last for a moment.
#[tokio::test(flavor = "multi_thread")]
async fn it_is_waited_for() {
    let world = World::new().await;
    world.settle(&law().givens(&world)).await;
    world.set_weather("pending=2s".parse().unwrap());
    let graph = law().graph(&world, Variant::First);
    let (plan, began) = (world.plan(&graph).await, std::time::Instant::now());
    world.converge(&graph, &plan).await;
    assert!(began.elapsed().as_secs() >= 2, "{:?}", began.elapsed());
}
