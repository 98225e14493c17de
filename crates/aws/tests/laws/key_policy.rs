//! The law of the policies of keys, which come with the keys.

use aws::PolicyDocument;
use aws::resources::{KeyPolicy, KmsKey};
use engine::{Action, Key, Resource};
use serde_json::{Value, json};
use testing::{SCOPE, World};

fn document(account: &str, reader: Option<&str>) -> PolicyDocument {
    let root = |id: &str| format!("arn:aws:iam::{id}:root");
    let mut statements = vec![
        json!({"Sid": "Own", "Effect": "Allow", "Principal": {"AWS": root(account)}, "Action": "kms:*", "Resource": "*"}),
    ];
    statements.extend(reader.map(|reader| {
        json!({"Sid": "Read", "Effect": "Allow", "Principal": {"AWS": root(reader)}, "Action": "kms:Decrypt", "Resource": "*"})
    }));
    json!({"Version": "2012-10-17", "Statement": statements}).into()
}

const ACTIONS: &str = "
id = next(a['TargetKeyId'] for a in every(kms, 'list_aliases', 'Aliases') if a['AliasName'] == 'alias/orgstrap-main')
policy = json.loads(kms.get_key_policy(KeyId=id, PolicyName='default')['Policy'])['Statement']
[s['Action'] for s in (policy if isinstance(policy, list) else [policy])]";

#[tokio::test(flavor = "multi_thread")]
async fn it_holds() {
    let world = World::new().await;
    let id = world.account().to_string();
    let graph = |reader: Option<&'static str>| {
        let id = id.clone();
        world.graph(move |scope| {
            let key = scope.add("main", (), |()| KmsKey::named("main"));
            scope.add("main", key, move |key| KeyPolicy { key, document: document(&id, reader) });
        })
    };
    let node = Key::new(SCOPE, KeyPolicy::KIND, "main");
    let sorted = || {
        let mut actions: Vec<Value> = world.boto3(ACTIONS).as_array().unwrap().clone();
        actions.sort_by_key(Value::to_string);
        Value::from(actions)
    };
    world.settle(&graph(None)).await;
    assert_eq!(sorted(), json!(["kms:*"]));
    let with_reader = graph(Some("123456789012"));
    let plan = world.planned(&with_reader, &node, Action::Update).await;
    world.converge(&with_reader, &plan).await;
    world.in_sync(&with_reader).await;
    assert_eq!(sorted(), json!(["kms:*", "kms:Decrypt"]));
    world.settle(&graph(None)).await;
    assert_eq!(sorted(), json!(["kms:*"]));
    world.needed_all_declared_by::<KeyPolicy>();
}
