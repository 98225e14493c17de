//! The law of managed policies.

use aws::PolicyDocument;
use aws::resources::ManagedPolicy;
use serde_json::json;
use testing::{Law, World};

const OUTSIDE: &str = r#"
def document(policy):
    version = iam.get_policy_version(PolicyArn=policy["Arn"], VersionId=policy["DefaultVersionId"])
    return version["PolicyVersion"]["Document"]

[{
    "document": document(policy),
    "tags": {tag["Key"]: tag["Value"] for tag in iam.list_policy_tags(PolicyArn=policy["Arn"])["Tags"]},
} for policy in every(iam, "list_policies", "Policies", Scope="Local") if policy["PolicyName"] == f"orgstrap-{name}"]
"#;

fn allowing(action: &str) -> PolicyDocument {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]}).into()
}

fn law() -> Law<(), ManagedPolicy> {
    let law = Law::new(
        "boundary",
        |_| (),
        |(), variant| ManagedPolicy { document: allowing(variant.change("logs:*", "ec2:*")) },
        OUTSIDE,
    );
    law.untagged().unwatched()
}

#[tokio::test]
async fn it_holds() {
    let (world, law) = (World::new().await, law());
    law.holds(&world).await;
    world.needed_all_declared_by::<ManagedPolicy>();
}

/// IAM keeps five versions of a policy.
#[tokio::test]
async fn the_oldest_version_makes_room() {
    let world = World::new().await;
    for action in ["ec2:*", "ecs:*", "ecr:*", "kms:*", "logs:*", "rds:*", "sns:*"] {
        let graph = world.graph(|scope| {
            scope.add("boundary", (), move |()| ManagedPolicy { document: allowing(action) });
        });
        world.settle(&graph).await;
    }
    let versions = "arn = iam.list_policies(Scope='Local')['Policies'][0]['Arn']\n\
                    sorted(v['VersionId'] for v in iam.list_policy_versions(PolicyArn=arn)['Versions'])";
    assert_eq!(world.boto3(versions), json!(["v3", "v4", "v5", "v6", "v7"]));
}
