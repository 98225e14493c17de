//! The law of accounts: made, known by their e-mail address, adopted by their id, and closed.

use aws::resources::{MemberAccount, Organization};
use aws::{Account, MANAGEMENT};
use engine::{Action, Class, Graph, Id, Key, Resource};
use serde_json::{Value, json};
use testing::{World, step};

fn graph(world: &World, account: impl Fn(Id<Organization>) -> MemberAccount + Send + Sync + 'static) -> Graph<Account> {
    world.management(|management| {
        let organization = management.add("main", (), |()| Organization::default());
        management.add("shop-dev", organization, account);
    })
}

fn shop(organization: Id<Organization>) -> MemberAccount {
    World::member(organization, "shop-dev")
}

fn key() -> Key {
    Key::new(MANAGEMENT, MemberAccount::KIND, "shop-dev")
}

/// The accounts that boto3 sees under this name.
fn accounts(world: &World) -> Value {
    world.boto3("[it for it in every(organizations, 'list_accounts', 'Accounts') if it['Name'] == 'shop-dev']")
}

#[tokio::test]
async fn it_holds() {
    let world = World::without_organization().await;
    it_is_made(&world).await;
    its_email_is_its_identity(&world).await;
    it_is_closed_and_not_made_again(&world).await;
}

async fn it_is_made(world: &World) {
    let graph = graph(world, shop);
    let plan = world.planned(&graph, &key(), Action::Create).await;
    let created = step(&plan, &key());
    assert_eq!(created.id, None);
    let shown: Value = created.diffs.iter().map(|diff| (diff.field.clone(), diff.desired.clone())).collect();
    let tags = World::tags_of(&key());
    assert_eq!(shown, json!({"name": "shop-dev", "email": "aws+shop-dev@verb.example", "tags": tags}));

    world.apply(&graph).await;
    // Right after it, so that the account may not be listed: no second one is made.
    let plan = world.settle(&graph).await;
    let id = step(&plan, &key()).id.clone().unwrap();
    let listed = accounts(world);
    assert_eq!((&listed[0]["Id"], listed.as_array().map(Vec::len)), (&json!(id), Some(1)));
    assert_eq!(listed[0]["Email"], "aws+shop-dev@verb.example");
    let listed = world.boto3(&format!("tags_of(organizations.list_tags_for_resource(ResourceId='{id}'))"));
    assert_eq!(listed, json!(tags));
}

async fn it_is_closed_and_not_made_again(world: &World) {
    let graph = graph(world, shop);
    let plan = world.plan(&graph).await;
    let id = step(&plan, &key()).id.clone().unwrap();
    world.delete(&graph, &plan, |step| step.key == key()).await;
    let error = world.refusal(&graph).await;
    assert_eq!(error.class, Class::NotFound, "{error}");
    assert!(error.message.starts_with(&format!("account {id} (aws+shop-dev@verb.example) is ")), "{error}");
    assert!(error.hint.is_some_and(|hint| hint.contains("email")));
    assert_eq!(accounts(world).as_array().map(Vec::len), Some(1), "no second one is made");
}

async fn its_email_is_its_identity(world: &World) {
    let shouting = |organization| MemberAccount { email: "AWS+Shop-Dev@verb.example".into(), ..shop(organization) };
    // The case of an address means nothing.
    world.in_sync(&graph(world, shouting)).await;
}

#[tokio::test]
async fn one_that_exists_is_adopted_by_its_id() {
    let world = World::new().await;
    let id = world.account().known().unwrap().to_owned();
    let adopting = {
        let id = id.clone();
        move |organization| MemberAccount { adopt: Some(id.clone()), name: None, ..shop(organization) }
    };
    let plan = world.in_sync(&graph(&world, adopting)).await;
    assert_eq!(step(&plan, &key()).id, Some(id));
    assert_eq!(accounts(&world), json!([]), "its name stays its own");

    let wrong = |organization| MemberAccount { adopt: Some("999999999999".into()), ..shop(organization) };
    let error = world.refusal(&graph(&world, wrong)).await;
    assert_eq!(error.class, Class::Invalid, "{error}");
    assert_eq!(*error.message, *"account 999999999999 of shop-dev is not in this organization");
}
