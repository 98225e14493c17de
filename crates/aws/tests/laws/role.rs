//! The law of roles.

use std::collections::{BTreeMap, BTreeSet};

use aws::resources::{ManagedPolicy, Role};
use aws::{Account, BOUNDARY, PolicyDocument};
use engine::{Action, Class, Handle, Scope};
use serde_json::json;
use testing::{Law, Variant, World};

const OUTSIDE: &str = r#"
def inline(role):
    names = every(iam, "list_role_policies", "PolicyNames", RoleName=role)
    return {name: iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"] for name in names}

def attached(role):
    policies = every(iam, "list_attached_role_policies", "AttachedPolicies", RoleName=role)
    return sorted(policy["PolicyArn"] for policy in policies)

[{
    "trust": role["AssumeRolePolicyDocument"],
    "policies": inline(role["RoleName"]),
    "attached": attached(role["RoleName"]),
    "boundary": iam.get_role(RoleName=role["RoleName"])["Role"].get("PermissionsBoundary", {}).get("PermissionsBoundaryArn"),
    "tags": tags_of(iam.get_role(RoleName=role["RoleName"])["Role"]),
} for role in every(iam, "list_roles", "Roles") if role["RoleName"] == f"orgstrap-{name}"]
"#;

fn trusting(service: &str) -> PolicyDocument {
    let service = format!("{service}.amazonaws.com");
    let statement = json!({"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"});
    json!({"Version": "2012-10-17", "Statement": [statement]}).into()
}

fn allowing(action: &str) -> PolicyDocument {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]}).into()
}

type Boundaries = (Handle<ManagedPolicy>, Handle<ManagedPolicy>);

fn law() -> Law<Boundaries, Role> {
    Law::new(
        "flow-logs",
        |scope| {
            let bounding = |scope: &mut Scope<'_, Account>, name: &str, action: &'static str| {
                scope.add(name, (), move |()| ManagedPolicy { document: allowing(action) })
            };
            (bounding(scope, BOUNDARY, "logs:*"), bounding(scope, "other", "iam:*"))
        },
        // One policy stays under its name, one goes, and one comes; so do managed ones.
        |(boundary, other), variant| Role {
            trust: variant.change(trusting("vpc-flow-logs"), trusting("ecs-tasks")),
            policies: BTreeMap::from([
                ("write".to_owned(), variant.change(allowing("logs:PutLogEvents"), allowing("logs:*"))),
                (variant.change("gone", "new").to_owned(), allowing("logs:CreateLogStream")),
            ]),
            attached: BTreeSet::from([format!(
                "arn:aws:iam::aws:policy/{}",
                variant.change("ReadOnlyAccess", "SecurityAudit")
            )]),
            boundary: Some(variant.change(boundary, other)),
        },
        OUTSIDE,
    )
}

#[tokio::test]
async fn it_holds() {
    let (world, law) = (World::new().await, law());
    law.holds(&world).await;

    let first_call = "
import json
statement = {'Effect': 'Allow', 'Principal': {'Service': 'vpc-flow-logs.amazonaws.com'}, 'Action': 'sts:AssumeRole'}
trust = json.dumps({'Version': '2012-10-17', 'Statement': [statement]})
iam.create_role(RoleName=f'orgstrap-{name}', AssumeRolePolicyDocument=trust, Tags=tag_list(tags))
";
    law.finishes_half_made(&world, first_call, &["policies", "attached", "boundary"]).await;
    one_that_is_not_ours_is_left_alone(&law, &world).await;
    world.needed_all_declared_by::<Role>();
}

async fn one_that_is_not_ours_is_left_alone(law: &Law<Boundaries, Role>, world: &World) {
    world.boto3("iam.create_role(RoleName='orgstrap-flow-logs', AssumeRolePolicyDocument='{}')['Role']['Arn']");
    let graph = law.graph(world, Variant::First);
    let plan = world.planned(&graph, &law.key(), Action::Create).await;
    let error = world.failure(&graph, &plan).await;
    assert_eq!(error.class, Class::Invalid, "{error}");
    assert!(error.message.contains("role orgstrap-flow-logs that does not carry this node's tags"), "{error}");
    let untouched = "iam.list_role_policies(RoleName='orgstrap-flow-logs')['PolicyNames']";
    assert_eq!(world.boto3(untouched), json!([]));
}
