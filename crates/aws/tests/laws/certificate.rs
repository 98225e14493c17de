//! The law of certificates.

use std::collections::BTreeSet;

use aws::Account;
use aws::resources::{Certificate, CertificateIssued, DnsRecord};
use engine::{Action, Graph, Key, Resource};
use serde_json::json;
use testing::{Law, SCOPE, Variant, World, step};

use crate::given;

const DOMAIN: &str = "dev.verb.example";

const OUTSIDE: &str = r#"
kinds = ["RSA_2048", "EC_prime256v1"]
every_one = every(acm, "list_certificates", "CertificateSummaryList", Includes={"keyTypes": kinds})
described = [acm.describe_certificate(CertificateArn=one["CertificateArn"])["Certificate"] for one in every_one]
[{
    "domain": one["DomainName"],
    "alternative_names": sorted(set(one["SubjectAlternativeNames"]) - {one["DomainName"]}),
    "key_algorithm": one["KeyAlgorithm"],
    "tags": tags_of(acm.list_tags_for_certificate(CertificateArn=one["CertificateArn"])),
} for one in described]
"#;

fn law() -> Law<(), Certificate> {
    let law = Law::new(
        "main",
        |_| (),
        |(), variant| Certificate {
            domain: variant.fix("domain", DOMAIN, "test.verb.example").into(),
            alternative_names: BTreeSet::from([variant
                .fix("alternative_names", "*.dev.verb.example", "www.verb.example")
                .into()]),
            key_algorithm: variant.fix("key_algorithm", "EC_prime256v1", "RSA_2048").into(),
        },
        OUTSIDE,
    );
    // The tags are of another list, and the records of none.
    law.reads_per_object(2)
}

#[tokio::test(flavor = "multi_thread")]
async fn it_holds() {
    let (world, law) = (World::new().await, law());
    law.holds(&world).await;
    world.needed_all_declared_by::<Certificate>();
}

#[tokio::test(flavor = "multi_thread")]
async fn two_with_one_key_are_an_error() {
    let world = World::new().await;
    let code = "acm.request_certificate(DomainName='dev.verb.example', ValidationMethod='DNS', Tags=tag_list(tags))['CertificateArn']";
    law().refuses_twins(&world, code).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_makes_no_second_one() {
    let (world, law) = (World::new().await, law());
    let graph = law.graph(&world, Variant::First);
    let plan = world.planned(&graph, &law.key(), Action::Create).await;
    world.set_weather("acm.RequestCertificate:close-after=50%, stale=3/1500ms, seed=3".parse().unwrap());
    world.converge(&graph, &plan).await;
    world.in_sync(&graph).await;
    assert_eq!(
        world.boto3("len(acm.list_certificates(Includes={'keyTypes': ['EC_prime256v1']})['CertificateSummaryList'])"),
        1
    );
}

/// A certificate, the record that proves it, and the wait.
fn issued(world: &World, is_proven: bool) -> Graph<Account> {
    world.graph(move |scope| {
        let zone = given::zone(scope, DOMAIN);
        let certificate = scope.add("main", (), |()| Certificate {
            domain: DOMAIN.into(),
            alternative_names: BTreeSet::from([format!("*.{DOMAIN}")]),
            key_algorithm: "RSA_2048".into(),
        });
        let record = is_proven.then(|| {
            scope.add("proof", (zone, certificate), |(zone, certificate)| {
                let (name, value) = certificate.record(DOMAIN);
                DnsRecord::simple(zone.id, name, "CNAME", 300, [value])
            })
        });
        scope.add("main", (certificate, record), |(certificate, _)| CertificateIssued { certificate: certificate.arn });
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_issued_when_its_records_are_published() {
    let world = World::new().await;
    let graph = issued(&world, true);
    let record = Key::new(SCOPE, DnsRecord::KIND, "proof");
    let plan = world.planned(&graph, &record, Action::Create).await;
    let name = step(&plan, &record).diffs.iter().find(|diff| diff.field == "name").unwrap();
    assert_eq!(name.desired, json!({"pending": Key::new(SCOPE, Certificate::KIND, "main")}));
    world.converge(&graph, &plan).await;
    let shown = "[one['Status'] for one in acm.list_certificates()['CertificateSummaryList']]";
    assert_eq!(world.boto3(shown), json!(["ISSUED"]));
    world.in_sync(&graph).await;
}
