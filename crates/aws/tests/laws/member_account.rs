//! The law of accounts: made, known by their e-mail address, adopted by their id, and closed.

use aws::resources::{MemberAccount, Organization, OrganizationRoot, OrganizationalUnit};
use aws::{Account, MANAGEMENT};
use engine::{Action, Class, Graph, Id, Key, Plan, Resource};
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

/// The fields in which it is not as desired.
fn differing(plan: &Plan) -> Vec<&str> {
    step(plan, &key()).diffs.iter().map(|diff| diff.field.as_str()).collect()
}

fn tags(world: &World, id: &str) -> Value {
    world.boto3(&format!("tags_of(organizations.list_tags_for_resource(ResourceId='{id}'))"))
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
    assert_eq!(self::tags(world, &id), json!(tags));
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
    // It carries the tags of another node.
    let adopting = graph(&world, adopting);
    let plan = world.planned(&adopting, &key(), Action::Update).await;
    assert_eq!(differing(&plan), ["tags"]);
    let plan = world.settle(&adopting).await;
    assert_eq!(step(&plan, &key()).id.as_ref(), Some(&id));
    assert_eq!(accounts(&world), json!([]), "its name stays its own");
    assert_eq!(tags(&world, &id), json!(World::tags_of(&key())));

    let wrong = |organization| MemberAccount { adopt: Some("999999999999".into()), ..shop(organization) };
    let error = world.refusal(&graph(&world, wrong)).await;
    assert_eq!(error.class, Class::Invalid, "{error}");
    assert_eq!(*error.message, *"account 999999999999 of shop-dev is not in this organization");
}

#[tokio::test]
async fn it_is_renamed_and_moved_and_tagged_in_place() {
    let world = World::without_organization().await;
    // Made in the root, and moved by the same creation.
    world.settle(&placed(&world, "shop-dev", "Dev")).await;
    world.boto3("organizations.enable_aws_service_access(ServicePrincipal='account.amazonaws.com')");
    let id = accounts(&world)[0]["Id"].as_str().unwrap().to_owned();
    assert_eq!(unit(&world, &id), "Dev");
    world.boto3(&format!("organizations.untag_resource(ResourceId='{id}', TagKeys=['orgstrap:key'])"));

    let changed = placed(&world, "shop-test", "Test");
    let is_so = |plan: &Plan| differing(plan) == ["name", "unit", "tags"];
    let plan = world.plan_until(&changed, "another name, unit and key", is_so).await;
    assert_eq!(step(&plan, &key()).action, Some(Action::Update));
    world.settle(&changed).await;
    assert_eq!(accounts(&world), json!([]), "nothing has the old name");
    let seen = world.boto3(&format!("organizations.describe_account(AccountId='{id}')['Account']['Name']"));
    assert_eq!((seen, unit(&world, &id)), (json!("shop-test"), json!("Test")));
    assert_eq!(tags(&world, &id), json!(World::tags_of(&key())));
}

/// The account under a name, in a unit of the root.
fn placed(world: &World, name: &'static str, unit: &'static str) -> Graph<Account> {
    world.management(|management| {
        let organization = management.add("main", (), |()| Organization::default());
        let root = management.add("main", organization, |organization| OrganizationRoot { organization });
        let unit = management.add(unit, root, move |parent| OrganizationalUnit { parent, name: unit.into() });
        management.add("shop-dev", (organization, unit), move |(organization, unit)| MemberAccount {
            name: Some(name.into()),
            unit: Some(unit),
            ..shop(organization)
        });
    })
}

/// The name of the unit that boto3 sees an account in.
fn unit(world: &World, id: &str) -> Value {
    world.boto3(&format!(
        "parent = organizations.list_parents(ChildId='{id}')['Parents'][0]['Id']\n\
         organizations.describe_organizational_unit(OrganizationalUnitId=parent)['OrganizationalUnit']['Name']"
    ))
}

#[tokio::test]
async fn an_address_that_belongs_to_another_node_is_refused_before_anything_is_made() {
    let world = World::without_organization().await;
    world.settle(&graph(&world, shop)).await;
    let id = accounts(&world)[0]["Id"].as_str().unwrap().to_owned();
    let other = world.management(|management| {
        let organization = management.add("main", (), |()| Organization::default());
        management.add("shop-test", organization, shop);
    });
    let error = world.refusal(&other).await;
    assert_eq!(error.class, Class::Invalid, "{error}");
    let meant = format!(
        "the address aws+shop-dev@verb.example belongs to account {id}, which is management/account/shop-dev's"
    );
    assert_eq!(*error.message, *meant);

    let elsewhere = |organization| MemberAccount { email: "aws+new@verb.example".into(), ..shop(organization) };
    let error = world.refusal(&graph(&world, elsewhere)).await;
    assert!(error.message.ends_with("has the address aws+shop-dev@verb.example, not aws+new@verb.example"), "{error}");
    assert_eq!(world.boto3("len(every(organizations, 'list_accounts', 'Accounts'))"), 2, "none was made");
}
