//! The law of secrets.

use std::collections::BTreeSet;

use aws::Account;
use aws::resources::{Content, KmsKey, Secret, SecretValues, Value};
use engine::{Action, Graph, Handle, Id, Key, Resource, Scope};
use serde_json::json;
use testing::{Law, SCOPE, Variant, World, step};

const OUTSIDE: &str = r#"
def described(name):
    secret = secretsmanager.describe_secret(SecretId=name)
    value = secretsmanager.get_secret_value(SecretId=name, VersionStage="AWSCURRENT")["SecretString"]
    return {"key": secret["KmsKeyId"], "replicas": sorted(r["Region"] for r in secret.get("ReplicationStatus", [])),
            "value": "set" if value in ("one", "two") else value,
            "tags": {t["Key"]: t["Value"] for t in secret["Tags"]}}
[described(s["Name"]) for s in every(secretsmanager, "list_secrets", "SecretList") if s["Name"] == name]
"#;

fn keys(scope: &mut Scope<'_, Account>) -> (Handle<KmsKey>, Handle<KmsKey>) {
    (scope.add("one", (), |()| KmsKey::named("one")), scope.add("two", (), |()| KmsKey::named("two")))
}

fn law() -> Law<(Handle<KmsKey>, Handle<KmsKey>), Secret> {
    let desired = |(one, two): (Id<KmsKey>, Id<KmsKey>), variant: Variant| Secret {
        key: Some(variant.change(one, two)),
        replicas: variant.change(BTreeSet::new(), BTreeSet::from(["us-east-1".to_owned()])),
        value: Value::Set,
        content: Content::Public(variant.change("one", "two").to_owned()),
    };
    Law::new("token", keys, desired, OUTSIDE).comes_back().reads_per_node(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn it_holds() {
    let world = World::new().await;
    law().holds(&world).await;
    world.needed_all_declared_by::<Secret>();
}

/// A secret whose value comes from outside.
fn given(world: &World, values: &SecretValues) -> Graph<Account> {
    let values = values.clone();
    world.graph(move |scope| {
        let key = scope.add("one", (), |()| KmsKey::named("one"));
        scope.add("token", key, move |key| Secret {
            key: Some(key),
            replicas: BTreeSet::new(),
            value: Value::Set,
            content: Content::Given(values.clone()),
        });
    })
}

fn node() -> Key {
    Key::new(SCOPE, Secret::KIND, "token")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_that_is_given_is_written_once_and_never_again() {
    let world = World::new().await;
    let values = SecretValues::default();
    let graph = given(&world, &values);
    values.insert(node(), "first".into());
    world.settle(&graph).await;
    let read = "secretsmanager.get_secret_value(SecretId='token')['SecretString']";
    assert_eq!(world.boto3(read), "first");
    // Another value, by whomever, is newer.
    values.insert(node(), "other".into());
    world.boto3("secretsmanager.put_secret_value(SecretId='token', SecretString='theirs')\nNone");
    world.in_sync(&graph).await;
    world.settle(&graph).await;
    assert_eq!(world.boto3(read), "theirs");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_typed_into_the_console_is_taken_over_with_its_value() {
    let world = World::new().await;
    world.boto3("secretsmanager.create_secret(Name='token', SecretString='typed')\nNone");
    let graph = given(&world, &SecretValues::default());
    let plan = world.planned(&graph, &node(), Action::Update).await;
    let fields: Vec<_> = step(&plan, &node()).diffs.iter().map(|diff| diff.field.as_str()).collect();
    assert_eq!(fields, ["key", "tags"]);
    world.settle(&graph).await;
    let seen = world.boto3(
        "s = secretsmanager.describe_secret(SecretId='token')\n\
         [secretsmanager.get_secret_value(SecretId='token')['SecretString'], {t['Key']: t['Value'] for t in s['Tags']}[KEY]]",
    );
    assert_eq!(seen, json!(["typed", "dev/secret/token"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_another_fleet_is_left_alone() {
    let world = World::new().await;
    world.boto3(
        "secretsmanager.create_secret(Name='token', SecretString='theirs', Tags=[{'Key': 'orgstrap:fleet', 'Value': 'other'}])\nNone",
    );
    let error = world.refusal(&given(&world, &SecretValues::default())).await.to_string();
    assert!(error.contains("of fleet other"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_is_to_be_deleted_is_kept_with_its_value() {
    let world = World::new().await;
    let values = SecretValues::default();
    let graph = given(&world, &values);
    values.insert(node(), "first".into());
    let plan = world.settle(&graph).await;
    world.delete(&graph, &plan, |step| step.key == node()).await;
    values.insert(node(), "second".into());
    world.planned(&graph, &node(), Action::Create).await;
    world.settle(&graph).await;
    assert_eq!(world.boto3("secretsmanager.get_secret_value(SecretId='token')['SecretString']"), "first");
}
