//! The law of organizational units: made in their parents, known by their names, and removed when they are empty.

use aws::resources::{Organization, OrganizationRoot, OrganizationalUnit};
use aws::{Account, MANAGEMENT};
use engine::{Action, Class, Graph, Handle, Key, Plan, Resource, Scope, Step};
use serde_json::{Value, json};
use testing::{World, step};

/// Every unit as boto3 sees it: its path, and its tags.
const UNITS: &str = "
def below(parent, path):
    units = every(organizations, 'list_organizational_units_for_parent', 'OrganizationalUnits', ParentId=parent)
    for unit in sorted(units, key=lambda unit: unit['Name']):
        yield [path + unit['Name'], tags_of(organizations.list_tags_for_resource(ResourceId=unit['Id']))]
        yield from below(unit['Id'], path + unit['Name'] + '/')

root = organizations.list_roots()['Roots'][0]['Id']
list(below(root, ''))
";

fn key(path: &str) -> Key {
    Key::new(MANAGEMENT, OrganizationalUnit::KIND, path)
}

fn root(management: &mut Scope<'_, Account>) -> Handle<OrganizationRoot> {
    let organization = management.add("main", (), |()| Organization::default());
    management.add("main", organization, |organization| OrganizationRoot { organization })
}

/// The units of these paths; parents come before children.
fn graph(world: &World, paths: &[&str]) -> Graph<Account> {
    world.management(|management| {
        management.watch::<OrganizationalUnit>();
        let root = root(management);
        let mut units: Vec<(&str, Handle<OrganizationalUnit>)> = Vec::new();
        for path in paths {
            let (above, name) = path.rsplit_once('/').unwrap_or(("", path));
            let name = name.to_owned();
            let parent = units.iter().find(|(path, _)| *path == above).map(|(_, unit)| *unit);
            let unit = match parent {
                Some(parent) => {
                    management.add(*path, parent, move |parent| OrganizationalUnit { parent, name: name.clone() })
                }
                None => management.add(*path, root, move |parent| OrganizationalUnit { parent, name: name.clone() }),
            };
            units.push((path, unit));
        }
    })
}

fn seen(paths: &[&str]) -> Value {
    paths.iter().map(|path| json!([path, World::tags_of(&key(path))])).collect()
}

/// Plans until it would delete so many.
async fn deletions(world: &World, graph: &Graph<Account>, count: usize) -> Plan {
    let has_all = |plan: &Plan| plan.changes().filter(|step| is_deletion(step)).count() == count;
    world.plan_until(graph, &format!("{count} to delete"), has_all).await
}

fn is_deletion(step: &Step) -> bool {
    step.action == Some(Action::Delete)
}

#[tokio::test]
async fn they_are_made_listed_together_and_removed() {
    // The plan of everything comes before there is an organization.
    let world = World::without_organization().await;
    let paths = ["Workloads", "Workloads/Dev", "Workloads/Prod", "Sandbox"];
    let all = graph(&world, &paths);
    let plan = world.planned(&all, &key("Workloads/Dev"), Action::Create).await;
    let created = step(&plan, &key("Workloads/Dev"));
    let parent = created.diffs.iter().find(|diff| diff.field == "parent").unwrap();
    assert_eq!(parent.desired, json!({"pending": key("Workloads")}));

    world.settle(&all).await;
    let sorted = seen(&["Sandbox", "Workloads", "Workloads/Dev", "Workloads/Prod"]);
    assert_eq!(world.boto3(UNITS), sorted);
    // A call for the organization, the root, the accounts, the tags, the root's children and those of each unit.
    assert_eq!(calls(&world, &all).await, 5 + 4);

    // A tag that somebody changed is mended.
    let id = step(&world.plan(&all).await, &key("Sandbox")).id.clone().unwrap();
    world.boto3(&format!("organizations.tag_resource(ResourceId='{id}', Tags=tag_list({{'Name': 'other'}}))"));
    world.planned(&all, &key("Sandbox"), Action::Update).await;
    world.settle(&all).await;
    assert_eq!(world.boto3(UNITS), sorted);

    // What no node wants goes, children first.
    let few = graph(&world, &["Sandbox"]);
    let plan = deletions(&world, &few, 3).await;
    world.delete(&few, &plan, is_deletion).await;
    world.in_sync(&few).await;
    assert_eq!(world.boto3(UNITS), seen(&["Sandbox"]));
}

async fn calls(world: &World, graph: &Graph<Account>) -> u64 {
    world
        .in_fair_weather(async {
            world.in_sync(graph).await;
            let before = world.sessions().stats().of_account(MANAGEMENT);
            world.plan(graph).await;
            // Who runs the command is asked once, before.
            world.sessions().stats().of_account(MANAGEMENT) - before
        })
        .await
}

/// Moves the world's account into the unit `Workloads/Dev`. Gives its id.
async fn with_account_inside(world: &World) -> String {
    world.settle(&graph(world, &["Workloads", "Workloads/Dev"])).await;
    let id = world.account().known().unwrap().to_owned();
    world.boto3(&format!(
        "{UNITS}\n\
         unit = every(organizations, 'list_organizational_units_for_parent', 'OrganizationalUnits', ParentId=root)[0]['Id']\n\
         dev = every(organizations, 'list_organizational_units_for_parent', 'OrganizationalUnits', ParentId=unit)[0]['Id']\n\
         organizations.move_account(AccountId='{id}', SourceParentId=root, DestinationParentId=dev)['ResponseMetadata']['HTTPStatusCode']"
    ));
    id
}

/// AWS keeps a closed account in its unit for 90 days: that is no reason for a plan that is never empty.
#[tokio::test]
async fn one_that_holds_only_what_was_closed_stays() {
    let world = World::new().await;
    let id = with_account_inside(&world).await;
    world.boto3(&format!("organizations.close_account(AccountId='{id}')['ResponseMetadata']['HTTPStatusCode']"));
    let sandbox = graph(&world, &["Sandbox"]);
    world.settle(&sandbox).await;
    let stays = world.in_fair_weather(world.told(&sandbox)).await;
    assert_eq!(stays.len(), 2, "both units: {stays:?}");
    assert!(stays.iter().all(|said| said.contains(&format!("90 days: dev ({id})"))), "{stays:?}");

    // Elsewhere it is in nobody's way.
    world.boto3(&format!(
        "organizations.move_account(AccountId='{id}', SourceParentId=dev, DestinationParentId=root)['ResponseMetadata']['HTTPStatusCode']"
    ));
    let plan = deletions(&world, &sandbox, 2).await;
    world.delete(&sandbox, &plan, is_deletion).await;
    assert_eq!(world.boto3(UNITS), seen(&["Sandbox"]));
}

#[tokio::test]
async fn one_that_is_not_empty_says_what_is_in_it() {
    let world = World::new().await;
    let id = with_account_inside(&world).await;
    let none = graph(&world, &[]);
    let plan = deletions(&world, &none, 2).await;
    let refused = world.undeletable(&none, &plan, is_deletion).await;
    for (_, error) in &refused {
        assert_eq!(error.class, Class::Invalid, "{error}");
        assert!(error.message.contains(&format!("the account dev ({id})")), "{error}");
        assert_eq!(error.code.as_deref(), Some("OrganizationalUnitNotEmptyException"));
    }
    assert_eq!(refused.iter().map(|(key, _)| key.name.as_str()).collect::<Vec<_>>(), ["Workloads", "Workloads/Dev"]);
    assert_eq!(world.boto3(UNITS), seen(&["Workloads", "Workloads/Dev"]));
}

#[tokio::test]
async fn one_that_somebody_else_made_is_used_and_left_alone() {
    let world = World::without_organization().await;
    world.settle(&graph(&world, &[])).await;
    world.boto3(&format!(
        "{UNITS}\norganizations.create_organizational_unit(ParentId=root, Name='Workloads')['OrganizationalUnit']['Id']"
    ));
    let mixed = graph(&world, &["Workloads", "Workloads/Dev"]);
    world.settle(&mixed).await;
    let theirs = json!(["Workloads", {}]);
    assert_eq!(world.boto3(UNITS)[0], theirs);
    assert_eq!(world.boto3(UNITS)[1][0], "Workloads/Dev");

    let none = graph(&world, &[]);
    let plan = deletions(&world, &none, 1).await;
    world.delete(&none, &plan, is_deletion).await;
    world.in_sync(&none).await;
    assert_eq!(world.boto3(UNITS), json!([theirs]));
}
