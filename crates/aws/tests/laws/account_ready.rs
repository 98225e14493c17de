//! The law of readiness: a new account is asked until every service has answered, and no other is asked at all.

use std::sync::Arc;

use aws::resources::{AccountReady, Member, Organization, Service};
use aws::{Account, MANAGEMENT, Sessions};
use engine::{Graph, Key, Outcome, Resource};
use testing::{SCOPE, World};

const SERVICES: [Service; 10] = [
    Service::AccessAnalyzer,
    Service::Account,
    Service::Budgets,
    Service::Ec2,
    Service::Ecr,
    Service::Ecs,
    Service::ElasticLoadBalancing,
    Service::Iam,
    Service::Logs,
    Service::S3Control,
];

fn ready(member: Member, sessions: &Arc<Sessions>, services: &[Service]) -> AccountReady {
    let (scope, region) = (SCOPE.to_owned(), "us-west-1".to_owned());
    let services = services.iter().copied().collect();
    AccountReady { member, sessions: Arc::clone(sessions), scope, region, services }
}

fn graph(world: &World, services: &'static [Service]) -> Graph<Account> {
    let sessions = Arc::clone(world.sessions());
    world.management(|management| {
        let organization = management.add("main", (), |()| Organization::default());
        let member = management.add(SCOPE, organization, |organization| World::member(organization, SCOPE));
        management.add(SCOPE, member, move |member| ready(member, &sessions, services));
    })
}

/// How often each account was called.
fn calls(world: &World) -> u64 {
    world.sessions().stats().of_account(SCOPE)
}

/// How often a service was called in the account.
fn calls_to(service: &str, world: &World) -> u64 {
    let all = world.sessions().stats().all();
    all.iter().filter(|calls| calls.account == SCOPE && calls.service == service).map(|calls| calls.calls).sum()
}

/// Makes the account, and waits for it.
async fn it_becomes_ready(world: &World, services: &'static [Service]) {
    let graph = graph(world, services);
    let plan = world.plan(&graph).await;
    let report = world.converge(&graph, &plan).await;
    let key = Key::new(MANAGEMENT, AccountReady::KIND, SCOPE);
    let outcome = report.outcomes.iter().find(|(of, _)| *of == key).map(|(_, outcome)| outcome);
    assert!(matches!(outcome, Some(Outcome::Kept)), "{outcome:?}");
}

/// Each service refuses in its own words: S3's are understood where nobody else makes the account wait.
#[tokio::test]
async fn a_new_account_is_asked_until_s3_has_answered() {
    let world = World::without_organization().await;
    world.set_weather("organizations.CreateAccount:young=6s".parse().unwrap());
    it_becomes_ready(&world, &[Service::Iam, Service::S3Control]).await;
    let [s3, iam] = ["s3control", "iam"].map(|service| calls_to(service, &world));
    assert!(s3 > iam && iam >= 1, "S3 refused for longer: {:#?}", world.sessions().stats().all());
}

// boto3 calls the front, which answers in this process.
#[tokio::test(flavor = "multi_thread")]
async fn a_new_account_is_asked_until_all_its_services_have_answered() {
    let world = World::without_organization().await;
    world.set_weather("organizations.CreateAccount:young=6s".parse().unwrap());
    it_becomes_ready(&world, &SERVICES).await;
    // Everybody refused at first, IAM less long, and who has answered is asked no more.
    let [ec2, iam] = ["ec2", "iam"].map(|service| calls_to(service, &world));
    assert!(ec2 >= 2 && iam >= 1 && iam < ec2, "{:#?}", world.sessions().stats().all());
    let id = world.boto3("next(a['Id'] for a in organizations.list_accounts()['Accounts'] if a['Name'] == 'dev')");
    let seen =
        world.boto3(&format!("enter('{}'); len(in_front('ec2').describe_vpcs()['Vpcs']) > 0", id.as_str().unwrap()));
    assert_eq!(seen, true, "its services answer now");
}

#[tokio::test]
async fn an_account_that_is_not_new_is_not_asked() {
    let world = World::new().await;
    let member = Member { id: world.account().clone(), young: false };
    let sessions = Arc::clone(world.sessions());
    let graph = world.management(|management| {
        management.add(SCOPE, (), move |()| ready(member.clone(), &sessions, &SERVICES));
    });
    let before = calls(&world);
    world.in_sync(&graph).await;
    assert_eq!(calls(&world), before, "{:#?}", world.sessions().stats().all());
}
