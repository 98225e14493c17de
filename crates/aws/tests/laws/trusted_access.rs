//! The laws of trusted access and of delegated administrators.

use aws::resources::{DelegatedAdministrator, MemberAccount, Organization, TrustedAccess};
use aws::{Account, MANAGEMENT};
use engine::{Action, Graph, Key, Resource};
use serde_json::{Value, json};
use testing::{World, step};

const ANALYZER: &str = "access-analyzer.amazonaws.com";

fn services(world: &World) -> Value {
    let (operation, list) = ("list_aws_service_access_for_organization", "EnabledServicePrincipals");
    world.boto3(&format!("sorted(it['ServicePrincipal'] for it in every(organizations, '{operation}', '{list}'))"))
}

fn administrators(world: &World) -> Value {
    world.boto3(
        "[it['Name'] for it in every(organizations, 'list_delegated_administrators', 'DelegatedAdministrators')]",
    )
}

fn graph(world: &World, service: &'static str, account: Option<&'static str>) -> Graph<Account> {
    world.management(|management| {
        let organization = management.add("main", (), |()| Organization::default());
        let trusted = management
            .add(service, organization, move |organization| TrustedAccess { organization, service: service.into() });
        if let Some(name) = account {
            let account = management.add(name, organization, move |organization| World::member(organization, name));
            management.add(service, (trusted, account), |(service, account)| DelegatedAdministrator {
                service,
                account: account.id,
            });
        }
    })
}

#[tokio::test]
async fn access_is_enabled_and_never_taken_away() {
    let world = World::without_organization().await;
    let first = graph(&world, "account.amazonaws.com", None);
    let key = Key::new(MANAGEMENT, TrustedAccess::KIND, "account.amazonaws.com");
    let plan = world.planned(&first, &key, Action::Create).await;
    assert_eq!(step(&plan, &key).diffs.len(), 1);
    world.settle(&first).await;
    assert_eq!(services(&world), json!(["account.amazonaws.com"]));

    let second = graph(&world, ANALYZER, None);
    world.settle(&second).await;
    let plan = world.plan(&second).await;
    let report = world.delete(&second, &plan, |_| true).await;
    assert!(report.outcomes.is_empty(), "{report:?}");
    assert_eq!(services(&world), json!([ANALYZER, "account.amazonaws.com"]));
}

#[tokio::test]
async fn an_account_administers_what_is_trusted() {
    let world = World::without_organization().await;
    let graph = graph(&world, ANALYZER, Some("dev"));
    let key = Key::new(MANAGEMENT, DelegatedAdministrator::KIND, ANALYZER);
    let plan = world.planned(&graph, &key, Action::Create).await;
    let account = json!({"pending": Key::new(MANAGEMENT, MemberAccount::KIND, "dev")});
    assert!(step(&plan, &key).diffs.iter().any(|diff| diff.field == "account" && diff.desired == account));
    world.settle(&graph).await;
    assert_eq!(administrators(&world), json!(["dev"]));

    let plan = world.plan(&graph).await;
    world.delete(&graph, &plan, |step| step.key == key).await;
    assert_eq!(administrators(&world), json!([]));
    // As a run does that was planned while another deleted.
    world.delete(&graph, &plan, |step| step.key == key).await;
    world.planned(&graph, &key, Action::Create).await;
    world.settle(&graph).await;
}
