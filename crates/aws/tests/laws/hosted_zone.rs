//! The law of hosted zones.

use aws::resources::{DnsRecord, HostedZone};
use engine::{Action, Class, Key, Resource};
use serde_json::json;
use testing::{Law, SCOPE, World, step};

use crate::given;

const DOMAIN: &str = "dev.cms.verb.example";

const OUTSIDE: &str = r#"
def tags_of_zone(zone):
    found = route53.list_tags_for_resource(ResourceType="hostedzone", ResourceId=zone["Id"].split("/")[-1])
    return tags_of(found["ResourceTagSet"])

[{
    "comment": zone["Config"].get("Comment"),
    "tags": tags_of_zone(zone),
} for zone in every(route53, "list_hosted_zones", "HostedZones") if zone["Name"] == name + "."]
"#;

fn law() -> Law<(), HostedZone> {
    let desired =
        |(), variant: testing::Variant| HostedZone { comment: variant.change(Some("the CMS".to_owned()), None) };
    // The tags are of another list, and the name servers of none.
    Law::new(DOMAIN, |_| (), desired, OUTSIDE).reads_per_object(2)
}

fn key() -> Key {
    Key::new(SCOPE, HostedZone::KIND, DOMAIN)
}

#[tokio::test(flavor = "multi_thread")]
async fn it_holds() {
    let (world, law) = (World::new().await, law());
    law.holds(&world).await;
    one_that_somebody_made_is_taken_over(&world).await;
    with_records_of_others_it_stays(&world).await;
    world.needed_all_declared_by::<HostedZone>();
}

async fn one_that_somebody_made_is_taken_over(world: &World) {
    let graph = world.graph(|scope| {
        given::zone(scope, DOMAIN);
    });
    let id = world.boto3(&format!(
        "route53.create_hosted_zone(Name='{DOMAIN}', CallerReference='by hand')['HostedZone']['Id'].split('/')[-1]"
    ));
    let plan = world.planned(&graph, &key(), Action::Update).await;
    assert_eq!(step(&plan, &key()).id.as_deref(), id.as_str());
    assert_eq!(step(&plan, &key()).diffs.iter().map(|diff| diff.field.as_str()).collect::<Vec<_>>(), ["tags"]);
    world.converge(&graph, &plan).await;
    world.in_sync(&graph).await;
}

async fn with_records_of_others_it_stays(world: &World) {
    let graph = world.graph(|scope| {
        given::zone(scope, DOMAIN);
    });
    let plan = world.settle(&graph).await;
    let change = |action: &str| {
        world.boto3(&format!(
            "zone = [z['Id'] for z in route53.list_hosted_zones()['HostedZones'] if z['Name'] == '{DOMAIN}.'][0]\n\
             record = {{'Name': 'ours.{DOMAIN}', 'Type': 'NS', 'TTL': 60, 'ResourceRecords': [{{'Value': 'ns.verb.example'}}]}}\n\
             changes = [{{'Action': '{action}', 'ResourceRecordSet': record}}]\n\
             route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={{'Changes': changes}})['ChangeInfo']['Status']"
        ))
    };
    change("UPSERT");
    let failures = world.undeletable(&graph, &plan, |step| step.key == key()).await;
    let [(_, error)] = failures.as_slice() else { panic!("one error: {failures:?}") };
    assert_eq!(error.code.as_deref(), Some("HostedZoneNotEmpty"), "{error}");
    assert!(error.message.ends_with(&format!("nothing here manages: ours.{DOMAIN} NS")), "{error}");
    assert!(error.hint.as_ref().is_some_and(|hint| hint.contains("delete them")), "{error:?}");
    change("DELETE");
    world.delete(&graph, &plan, |step| step.key == key()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_was_half_made_is_finished() {
    let (mut world, law) = (World::new().await, law());
    let graph = law.graph(&world, testing::Variant::First);
    world.settle(&graph).await;
    // As if the run had been killed before it set the tags.
    let code = "zone = route53.list_hosted_zones()['HostedZones'][0]['Id'].split('/')[-1]\n\
                route53.change_tags_for_resource(ResourceType='hostedzone', ResourceId=zone, RemoveTagKeys=list(tags))\n\
                zone";
    let id = world.boto3_about(&key(), &World::tags_of(&key()), code);
    world.restart();
    let plan = world.planned(&graph, &key(), Action::Update).await;
    assert_eq!(step(&plan, &key()).id.as_deref(), id.as_str());
    // It is known by its reference, also when nothing wants it.
    let unwanted = world.graph(|scope| {
        scope.watch::<HostedZone>();
    });
    let plan = world.planned(&unwanted, &key(), Action::Delete).await;
    assert_eq!(step(&plan, &key()).id.as_deref(), id.as_str());
    world.settle(&graph).await;
    assert_eq!(world.boto3("len(route53.list_hosted_zones()['HostedZones'])"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_makes_no_second_zone() {
    let (world, law) = (World::new().await, law());
    let graph = law.graph(&world, testing::Variant::First);
    let plan = world.planned(&graph, &key(), Action::Create).await;
    // Each call of the SDK that is repeated has had its effect.
    world.set_weather("route53.CreateHostedZone:close-after=50%, stale=3/1500ms, seed=3".parse().unwrap());
    world.converge(&graph, &plan).await;
    world.in_sync(&graph).await;
    assert_eq!(world.boto3("len(route53.list_hosted_zones()['HostedZones'])"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_of_one_name_and_one_of_another_fleet_are_errors() {
    let (world, law) = (World::new().await, law());
    let make = |reference: &str, tags: &str| {
        world.boto3(&format!(
            "zone = route53.create_hosted_zone(Name='{DOMAIN}', CallerReference='{reference}')['HostedZone']['Id'].split('/')[-1]\n\
             route53.change_tags_for_resource(ResourceType='hostedzone', ResourceId=zone, AddTags=tag_list({tags}))\n\
             zone"
        ))
    };
    let graph = law.graph(&world, testing::Variant::First);
    let other = make("1", "{'orgstrap:fleet': 'other', 'orgstrap:key': 'a/hosted-zone/b'}");
    let error = world.refusal(&graph).await;
    assert_eq!(error.class, Class::Invalid, "{error}");
    assert!(error.message.contains("belongs to a/hosted-zone/b of fleet other"), "{error}");
    world.boto3(&format!("route53.delete_hosted_zone(Id={other})['ChangeInfo']['Id']"));

    let ids = [make("2", "{'team': 'cms'}"), make("3", "{'team': 'shop'}")];
    let error = world.refusal(&graph).await;
    assert!(ids.iter().all(|id| error.message.contains(id.as_str().unwrap())), "{error}");
    assert!(error.hint.is_some_and(|hint| hint.contains(&format!("orgstrap:key={}", key()))));
    for id in ids {
        world.boto3(&format!("route53.delete_hosted_zone(Id={id})['ChangeInfo']['Id']"));
    }

    let code = format!(
        "import time\n\
         zone = route53.create_hosted_zone(Name='{DOMAIN}', CallerReference=str(time.time()))['HostedZone']['Id'].split('/')[-1]\n\
         route53.change_tags_for_resource(ResourceType='hostedzone', ResourceId=zone, AddTags=tag_list(tags))\n\
         zone"
    );
    law.refuses_twins(&world, &code).await;
}

/// The zone above names the servers of a zone that was made in the same run.
#[tokio::test(flavor = "multi_thread")]
async fn its_name_servers_can_be_published() {
    let world = World::new().await;
    let graph = world.graph(|scope| {
        let (parent, child) = (given::zone(scope, "verb.example"), given::zone(scope, DOMAIN));
        scope.add("cms", (parent, child), |(parent, child)| {
            DnsRecord::simple(parent.id, DOMAIN, "NS", 3600, child.name_servers)
        });
    });
    let record = Key::new(SCOPE, DnsRecord::KIND, "cms");
    let plan = world.planned(&graph, &record, Action::Create).await;
    let pending = step(&plan, &record).diffs.iter().find(|diff| diff.field == "values").unwrap();
    assert_eq!(pending.desired, json!([{"pending": key()}]));
    world.settle(&graph).await;
    let seen = world.boto3(&format!(
        "zones = {{z['Name']: z['Id'] for z in route53.list_hosted_zones()['HostedZones']}}\n\
         servers = route53.get_hosted_zone(Id=zones['{DOMAIN}.'])['DelegationSet']['NameServers']\n\
         sets = route53.list_resource_record_sets(HostedZoneId=zones['verb.example.'])['ResourceRecordSets']\n\
         values = [r['Value'] for s in sets if s['Name'] == '{DOMAIN}.' for r in s['ResourceRecords']]\n\
         [len(values) > 1, sorted(values) == sorted(servers)]"
    ));
    assert_eq!(seen, json!([true, true]));
}
