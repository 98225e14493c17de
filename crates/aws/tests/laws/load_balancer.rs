//! The law of load balancers.

use std::collections::BTreeSet;

use aws::resources::{AccessLogs, Bucket, LoadBalancer, SecurityGroup, Subnet};
use aws::{Account, Losses};
use engine::{Action, Class, Handle, Id, Key, Resource, Scope};
use serde_json::json;
use testing::{Law, SCOPE, Variant, World, step};

use crate::given;

const OUTSIDE: &str = r#"
def one(balancer):
    attributes = elbv2.describe_load_balancer_attributes(LoadBalancerArn=balancer["LoadBalancerArn"])["Attributes"]
    of = {attribute["Key"]: attribute["Value"] for attribute in attributes}
    logs = {"bucket": of["access_logs.s3.bucket"], "prefix": of["access_logs.s3.prefix"]}
    return {
        "subnets": sorted(zone["SubnetId"] for zone in balancer["AvailabilityZones"]),
        "security_groups": sorted(balancer["SecurityGroups"]),
        "scheme": balancer["Scheme"],
        "ip_type": balancer["IpAddressType"],
        "deletion_protected": of["deletion_protection.enabled"] == "true",
        "drops_invalid_headers": of["routing.http.drop_invalid_header_fields.enabled"] == "true",
        "idle_timeout_seconds": int(of["idle_timeout.timeout_seconds"]),
        "access_logs": logs if of["access_logs.s3.enabled"] == "true" else None,
        "tags": tags_of(balancer),
    }

[one(balancer) for balancer in balancing("describe_load_balancers", "LoadBalancers")]
"#;

type Given = (Vec<Handle<Subnet>>, Vec<Handle<SecurityGroup>>, Handle<Bucket>);

fn given(scope: &mut Scope<'_, Account>) -> Given {
    let (vpc, _) = given::vpc_with_gateway(scope);
    let subnets = [("public-a", 0, "us-west-1a"), ("public-b", 1, "us-west-1b"), ("other-b", 2, "us-west-1b")];
    let subnets = subnets.map(|(name, third, zone)| given::subnet_in(scope, name, vpc, third, zone));
    let groups = ["alb", "other"].map(|name| given::security_group(scope, name, vpc));
    (subnets.to_vec(), groups.to_vec(), scope.add("alb-logs", (), |()| Bucket::private(None)))
}

fn desired(
    (subnets, groups, bucket): (Vec<Id<Subnet>>, Vec<Id<SecurityGroup>>, Id<Bucket>),
    variant: Variant,
) -> LoadBalancer {
    LoadBalancer {
        subnets: BTreeSet::from([subnets[0].clone(), variant.change(subnets[1].clone(), subnets[2].clone())]),
        security_groups: BTreeSet::from([variant.change(groups[0].clone(), groups[1].clone())]),
        scheme: variant.fix("scheme", "internet-facing", "internal").into(),
        ip_type: variant.change("ipv4", "dualstack").into(),
        deletion_protected: variant.change(false, true),
        drops_invalid_headers: variant.change(true, false),
        idle_timeout_seconds: variant.change(60, 120),
        access_logs: variant.change(Some(AccessLogs { bucket, prefix: "alb".into() }), None),
    }
}

fn law() -> Law<Given, LoadBalancer> {
    // Its tags and its attributes are in no list.
    Law::new("main", given, desired, OUTSIDE).reads_per_object(2)
}

#[tokio::test(flavor = "multi_thread")]
async fn it_holds() {
    let (world, law) = (World::new().await, law());
    law.holds(&world).await;
    let first_call = "
groups = [g for g in ec2.describe_security_groups()['SecurityGroups'] if g['GroupName'] == 'orgstrap-alb']
subnets = [s['SubnetId'] for s in every(ec2, 'describe_subnets', 'Subnets') if tags_of(s).get(KEY, '').startswith(scope + '/subnet/public')]
elbv2.create_load_balancer(Name=name, Subnets=subnets, SecurityGroups=[groups[0]['GroupId']],
    Scheme='internet-facing', Tags=tag_list(tags))
name
";
    let fields = ["access_logs", "drops_invalid_headers"];
    law.finishes_half_made(&world, first_call, &fields).await;
    world.needed_all_declared_by::<LoadBalancer>();
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_protected_stays_and_one_of_this_name_is_taken_over() {
    let (mut world, law) = (World::new().await, law());
    let key = Key::new(SCOPE, LoadBalancer::KIND, "main");
    world.settle(&law.givens(&world)).await;
    let subnets = "[s['SubnetId'] for s in every(ec2, 'describe_subnets', 'Subnets') if '/subnet/public' in tags_of(s).get(KEY, '')]";
    world.boto3(&format!(
        "subnets = {subnets}\nelbv2.create_load_balancer(Name='main', Subnets=subnets, Scheme='internet-facing')['LoadBalancers'][0]['LoadBalancerArn']"
    ));
    let graph = law.graph(&world, Variant::Changed);
    let plan = world.planned(&graph, &key, Action::Update).await;
    assert!(step(&plan, &key).diffs.iter().any(|diff| diff.field == "tags"), "{plan:?}");
    let plan = world.settle(&graph).await;

    let failures = world.undeletable(&graph, &plan, |step| step.key == key).await;
    let [(_, error)] = failures.as_slice() else { panic!("{failures:?}") };
    assert_eq!((error.class, error.code.as_deref()), (Class::Invalid, Some("OperationNotPermitted")));
    assert!(error.hint.as_ref().is_some_and(|hint| hint.contains("--unprotect")));

    world.may_lose(Losses { protected: true, ..Losses::default() }).await;
    let graph = law.graph(&world, Variant::Changed);
    let plan = world.plan(&graph).await;
    world.delete(&graph, &plan, |step| step.key == key).await;
    assert_eq!(world.boto3("elbv2.describe_load_balancers()['LoadBalancers']"), json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_aws_does_not_take_is_told_before_anything_is_made() {
    let world = World::new().await;
    let graph = world.graph(|scope| {
        let inputs = given(scope);
        scope.add("m".repeat(33), inputs, |inputs| desired(inputs, Variant::First));
    });
    let error = world.refusal(&graph).await;
    assert!(error.message.contains("has 33 characters, and AWS takes 32"), "{error}");
}
