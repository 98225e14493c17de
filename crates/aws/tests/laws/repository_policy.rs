//! The law of the policies of repositories.

use aws::resources::{EcrRepository, Lifecycle, RepositoryPolicy};
use aws::{Account, PolicyDocument};
use engine::{Action, Graph, Handle, Key, Plan, Resource, Scope};
use serde_json::{Value, json};
use testing::{Law, SCOPE, Variant, World, step};

const NAME: &str = "headless-cms/backend";

const OUTSIDE: &str = r#"
import json
try:
    text = ecr.get_repository_policy(repositoryName=name)["policyText"]
    found = [{"document": json.loads(text), "tags": tags}]
except (ecr.exceptions.RepositoryPolicyNotFoundException, ecr.exceptions.RepositoryNotFoundException):
    found = []
found
"#;

/// In the form in which the document is stored, so that boto3 sees the same.
fn document(accounts: &[&str]) -> PolicyDocument {
    let roots: Vec<_> = accounts.iter().map(|account| format!("arn:aws:iam::{account}:root")).collect();
    let principal = if let [one] = roots.as_slice() { json!(one) } else { json!(roots) };
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": principal},
        "Action": "ecr:BatchGetImage"}]})
    .into()
}

fn repository(scope: &mut Scope<'_, Account>, name: &str) -> Handle<EcrRepository> {
    scope.add(name, (), |()| EcrRepository {
        mutable_tags: ["latest".to_owned()].into(),
        scan_on_push: true,
        lifecycle: Some(Lifecycle { keep: 20, untagged_days: 14 }.into()),
        key: None,
    })
}

fn law() -> Law<Handle<EcrRepository>, RepositoryPolicy> {
    let desired = |repository, variant: Variant| RepositoryPolicy {
        repository,
        document: variant.change(document(&["111122223333"]), document(&["444455556666"])),
    };
    Law::new(NAME, |scope| repository(scope, NAME), desired, OUTSIDE).untagged()
}

fn key(name: &str) -> Key {
    Key::new(SCOPE, RepositoryPolicy::KIND, name)
}

#[tokio::test(flavor = "multi_thread")]
async fn it_holds() {
    let world = World::new().await;
    law().holds(&world).await;
    world.needed_all_declared_by::<RepositoryPolicy>();
}

/// A graph of these repositories, each with a policy.
fn graph(world: &World, names: &'static [&'static str]) -> Graph<Account> {
    world.graph(|scope| {
        scope.watch::<RepositoryPolicy>();
        for name in names {
            let repository = repository(scope, name);
            scope.add(*name, repository, |repository| RepositoryPolicy {
                repository,
                document: document(&["111122223333", "444455556666"]),
            });
        }
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn what_aws_rewrites_is_no_difference_and_what_somebody_adds_is_one() {
    let world = World::new().await;
    let graph = graph(&world, &[NAME]);
    world.settle(&graph).await;
    world.boto3(&format!(
        "import json\n\
         policy = json.loads(ecr.get_repository_policy(repositoryName='{NAME}')['policyText'])\n\
         policy['Statement'] = dict(policy['Statement'][0], Principal={{'AWS': ['444455556666', '111122223333']}})\n\
         ecr.set_repository_policy(repositoryName='{NAME}', policyText=json.dumps(policy))['repositoryName']"
    ));
    world.in_sync(&graph).await;
    world.boto3(&format!(
        "policy['Statement']['Principal']['AWS'].append('777788889999')\n\
         ecr.set_repository_policy(repositoryName='{NAME}', policyText=json.dumps(policy))['repositoryName']"
    ));
    let plan = world.planned(&graph, &key(NAME), Action::Update).await;
    assert_eq!(step(&plan, &key(NAME)).diffs[0].field, "document");
    world.settle(&graph).await;
}

/// What is taken over has no tags of ours yet.
#[tokio::test(flavor = "multi_thread")]
async fn that_of_a_repository_that_is_taken_over_is_found() {
    let world = World::new().await;
    world.boto3(&format!(
        "import json\n\
         ecr.create_repository(repositoryName='{NAME}')\n\
         statement = {{'Effect': 'Allow', 'Principal': '*', 'Action': 'ecr:*'}}\n\
         text = json.dumps({{'Version': '2012-10-17', 'Statement': [statement]}})\n\
         ecr.set_repository_policy(repositoryName='{NAME}', policyText=text)['repositoryName']"
    ));
    let graph = graph(&world, &[NAME]);
    let plan = world.planned(&graph, &key(NAME), Action::Update).await;
    assert_ne!(step(&plan, &key(NAME)).diffs[0].actual, Value::Null);
    world.settle(&graph).await;
}

/// A repository goes after its policy, and takes nothing of another with it.
#[tokio::test(flavor = "multi_thread")]
async fn of_two_one_goes_with_its_repository() {
    let world = World::new().await;
    world.settle(&graph(&world, &["one", "two"])).await;
    let one = world.graph(|scope| {
        aws::resources::watch_common(scope);
        let repository = repository(scope, "one");
        scope.add("one", repository, |repository| RepositoryPolicy {
            repository,
            document: document(&["111122223333", "444455556666"]),
        });
    });
    let deletes = |plan: &Plan| {
        let doomed = plan.changes().filter(|step| step.action == Some(Action::Delete));
        doomed.map(|step| step.key.clone()).collect::<Vec<_>>()
    };
    let both = [Key::new(SCOPE, EcrRepository::KIND, "two"), key("two")];
    let plan = world.plan_until(&one, "two deletions", |plan| deletes(plan).len() == 2).await;
    let mut doomed = deletes(&plan);
    doomed.sort();
    assert_eq!(doomed, both);
    world.delete(&one, &plan, |step| step.action == Some(Action::Delete)).await;
    world.in_sync(&one).await;
    let names = "[one['repositoryName'] for one in ecr.describe_repositories()['repositories']]";
    assert_eq!(world.boto3(names), json!(["one"]));
}
