//! The law of budgets.

use std::collections::{BTreeMap, BTreeSet};

use aws::resources::Budget;
use engine::{Action, Key, Resource};
use serde_json::json;
use testing::{Law, SCOPE, Variant, World};

const OUTSIDE: &str = r#"
ABOUT = {"actual 80%": ("ACTUAL", 80.0), "forecasted 100%": ("FORECASTED", 100.0)}
def told(about):
    kind, threshold = ABOUT[about]
    notification = {"NotificationType": kind, "ComparisonOperator": "GREATER_THAN", "Threshold": threshold}
    where = {"AccountId": own_id, "BudgetName": f"orgstrap-{name}", "Notification": notification}
    return sorted(s["Address"] for s in budgets.describe_subscribers_for_notification(**where)["Subscribers"])
found = [b for b in budgets.describe_budgets(AccountId=own_id)["Budgets"] if b["BudgetName"] == f"orgstrap-{name}"]
arn = f"arn:aws:budgets::{own_id}:budget/orgstrap-{name}"
[{"monthly": int(float(b["BudgetLimit"]["Amount"])), "notify": {about: told(about) for about in ABOUT},
  "tags": {t["Key"]: t["Value"] for t in budgets.list_tags_for_resource(ResourceARN=arn)["ResourceTags"]}}
 for b in found if b["TimeUnit"] == "MONTHLY" and b["BudgetType"] == "COST"]
"#;

fn emails(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| format!("{name}@verb.example")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn it_holds() {
    let world = World::new().await;
    let desired = |(), variant: Variant| {
        Budget::telling(variant.change(500, 700), &variant.change(emails(&["a", "b", "c"]), emails(&["b", "d"])))
    };
    // Who is told has to be asked for each of two notifications.
    Law::new("monthly", |_| (), desired, OUTSIDE).untagged().reads_per_object(2).holds(&world).await;
    world.needed_all_declared_by::<Budget>();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notification_that_is_gone_is_made_again() {
    let world = World::new().await;
    let graph = world.graph(|scope| {
        scope.add("monthly", (), |()| Budget::telling(5, &emails(&["a"])));
    });
    world.settle(&graph).await;
    world.boto3(
        "notification = {'NotificationType': 'ACTUAL', 'ComparisonOperator': 'GREATER_THAN', 'Threshold': 80.0}\n\
         where = {'AccountId': own_id, 'BudgetName': 'orgstrap-monthly', 'Notification': notification}\n\
         budgets.delete_notification(**where)\nNone",
    );
    let key = Key::new(SCOPE, Budget::KIND, "monthly");
    let plan = world.planned(&graph, &key, Action::Update).await;
    let shown: BTreeMap<_, _> =
        testing::step(&plan, &key).diffs.iter().map(|diff| (diff.field.as_str(), &diff.actual)).collect();
    assert_eq!(shown, BTreeMap::from([("notify", &json!({"forecasted 100%": ["a@verb.example"]}))]));
    world.converge(&graph, &plan).await;
    world.in_sync(&graph).await;
    let told =
        world.boto3("[s['Address'] for s in budgets.describe_subscribers_for_notification(**where)['Subscribers']]");
    assert_eq!(told, json!(["a@verb.example"]));
}
