//! The law of the policies of secrets.

use std::collections::BTreeSet;

use aws::Account;
use aws::resources::{Content, Secret, SecretPolicy, Value};
use engine::{Handle, Id, Scope};
use serde_json::json;
use testing::{Law, Variant, World};

const OUTSIDE: &str = r#"
policy = secretsmanager.get_resource_policy(SecretId=name).get("ResourcePolicy") if \
    [s for s in every(secretsmanager, "list_secrets", "SecretList") if s["Name"] == name] else None
[{"document": json.loads(policy), "tags": tags}] if policy else []
"#;

fn secret(scope: &mut Scope<'_, Account>) -> Handle<Secret> {
    scope.add("token", (), |()| Secret {
        key: None,
        replicas: BTreeSet::new(),
        value: Value::Set,
        content: Content::Public("x".into()),
    })
}

fn law() -> Law<Handle<Secret>, SecretPolicy> {
    let desired = |secret: Id<Secret>, variant: Variant| {
        let role = variant.change("arn:aws:iam::*:role/a", "arn:aws:iam::*:role/b");
        let document = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Resource": "*",
            "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "secretsmanager:GetSecretValue",
            "Condition": {"ArnLike": {"aws:PrincipalArn": role}}}});
        SecretPolicy { secret, document: document.into() }
    };
    Law::new("token", secret, desired, OUTSIDE).untagged().reads_per_node(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn it_holds() {
    let world = World::new().await;
    law().holds(&world).await;
    world.needed_all_declared_by::<SecretPolicy>();
}
