//! The law of the organization: it is made once, and never deleted.

use aws::resources::Organization;
use aws::{Account, MANAGEMENT};
use engine::{Action, Class, Key, Resource, Scope};
use serde_json::json;
use testing::{World, step};

const FEATURE_SET: &str = "organizations.describe_organization()['Organization']['FeatureSet']";

fn organization(scope: &mut Scope<'_, Account>) {
    scope.add("main", (), |()| Organization::default());
}

#[tokio::test]
async fn it_is_made_once_and_stays() {
    let world = World::without_organization().await;
    let graph = world.management(organization);
    let key = Key::new(MANAGEMENT, Organization::KIND, "main");
    let plan = world.plan(&graph).await;
    let created = step(&plan, &key);
    assert_eq!(created.action, Some(Action::Create));
    let shown: Vec<_> = created.diffs.iter().map(|diff| (diff.field.as_str(), &diff.desired)).collect();
    assert_eq!(shown, [("feature_set", &json!("ALL"))]);
    world.settle(&graph).await;
    assert_eq!(world.boto3(FEATURE_SET), "ALL");

    let plan = world.plan(&graph).await;
    let report = world.delete(&graph, &plan, |_| true).await;
    assert!(report.outcomes.is_empty(), "{report:?}");
    assert_eq!(world.boto3(FEATURE_SET), "ALL");
}

#[tokio::test]
async fn one_for_billing_only_is_for_a_person_to_change() {
    let world = World::without_organization().await;
    world.boto3("organizations.create_organization(FeatureSet='CONSOLIDATED_BILLING')['Organization']['Id']");
    let graph = world.management(organization);
    let plan = world.plan(&graph).await;
    assert_eq!(step(&plan, &Key::new(MANAGEMENT, Organization::KIND, "main")).action, Some(Action::Update));
    let error = world.failure(&graph, &plan).await;
    assert_eq!(error.class, Class::Invalid, "{error}");
    assert!(error.message.contains("consolidated billing only"), "{error}");
    assert_eq!(world.boto3(FEATURE_SET), "CONSOLIDATED_BILLING");
}

#[tokio::test]
async fn that_of_another_account_is_refused() {
    let world = World::new().await;
    let error = world.refusal(&world.graph(organization)).await;
    assert_eq!(error.class, Class::Invalid, "{error}");
    let (here, management) = (world.account().known().unwrap(), sandbox::ACCOUNT_ID);
    assert_eq!(*error.message, format!("account {here} belongs to the organization of account {management}"));
}
