//! The laws of service control policies, of their attachments, and of what has to be enabled for them.

use aws::resources::{
    Organization, OrganizationRoot, OrganizationalUnit, PolicyAttachment, PolicyType, ServiceControlPolicy,
    watch_organization,
};
use aws::{Account, MANAGEMENT, PolicyDocument};
use engine::{Action, Class, Graph, Key, Plan, Resource, Step};
use serde_json::{Value, json};
use testing::{World, step};

/// Every policy that AWS does not manage: its name, description, content, tags and targets, with `/` for the root.
const POLICIES: &str = "
import json
root = organizations.list_roots()['Roots'][0]['Id']
kind = 'SERVICE_CONTROL_POLICY'
found = []
for policy in every(organizations, 'list_policies', 'Policies', Filter=kind):
    if not policy['AwsManaged']:
        content = json.loads(organizations.describe_policy(PolicyId=policy['Id'])['Policy']['Content'])
        targets = every(organizations, 'list_targets_for_policy', 'Targets', PolicyId=policy['Id'])
        found.append({
            'name': policy['Name'], 'description': policy['Description'], 'content': content,
            'tags': tags_of(organizations.list_tags_for_resource(ResourceId=policy['Id'])),
            'targets': sorted('/' if it['TargetId'] == root else it['Name'] for it in targets),
        })
sorted(found, key=lambda policy: policy['name'])
";

fn denying(action: &str) -> PolicyDocument {
    json!({"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": action, "Resource": "*"}}).into()
}

fn policy(name: &str) -> Key {
    Key::new(MANAGEMENT, ServiceControlPolicy::KIND, name)
}

fn attachment(policy: &str, target: &str) -> Key {
    Key::new(MANAGEMENT, PolicyAttachment::KIND, PolicyAttachment::name(policy, target))
}

/// A graph with the policies, each with its action and the targets that it is attached to: the root, the unit `Dev`, or
/// the account of the world.
fn graph(world: &World, policies: &'static [(&str, &str, &[&str])]) -> Graph<Account> {
    world.management(|management| {
        watch_organization(management);
        let organization = management.add("main", (), |()| Organization::default());
        let root = management.add("main", organization, |organization| OrganizationRoot { organization });
        let enabled = management.add("service-control-policies", root, |root| PolicyType { root, enabled: true });
        let dev = management.add("Dev", root, |parent| OrganizationalUnit { parent, name: "Dev".into() });
        let account = management.add("dev", organization, |organization| World::member(organization, "dev"));
        for (name, action, targets) in policies {
            let policy = management.add(*name, organization, move |_| ServiceControlPolicy {
                name: ServiceControlPolicy::name(name),
                description: format!("Denies {action}"),
                content: denying(action),
            });
            for target in *targets {
                let node = PolicyAttachment::name(name, target);
                match *target {
                    "/" => drop(management.add(node, (policy, root, enabled), |(policy, target, _)| {
                        PolicyAttachment { policy, target: target.cast() }
                    })),
                    "Dev" => drop(management.add(node, (policy, dev, enabled), |(policy, target, _)| {
                        PolicyAttachment { policy, target: target.cast() }
                    })),
                    _ => drop(management.add(node, (policy, account, enabled), |(policy, target, _)| {
                        PolicyAttachment { policy, target: target.id.cast() }
                    })),
                }
            }
        }
    })
}

fn seen(name: &str, action: &str, targets: &[&str]) -> Value {
    let statement = json!({"Effect": "Deny", "Action": action, "Resource": "*"});
    json!({
        "name": format!("orgstrap-{name}"), "description": format!("Denies {action}"), "targets": targets,
        "content": {"Version": "2012-10-17", "Statement": [statement]}, "tags": World::tags_of(&policy(name)),
    })
}

fn is_deletion(step: &Step) -> bool {
    step.action == Some(Action::Delete)
}

async fn deletions(world: &World, graph: &Graph<Account>, keys: &[Key]) -> Plan {
    let are_these = |plan: &Plan| {
        let mut doomed: Vec<_> = plan.changes().map(|step| (step.key.clone(), is_deletion(step))).collect();
        doomed.sort();
        doomed.len() == keys.len()
            && doomed.iter().zip(keys).all(|((key, is_doomed), wanted)| key == wanted && *is_doomed)
    };
    world.plan_until(graph, &format!("the deletion of {keys:?}"), are_these).await
}

#[tokio::test]
async fn they_are_made_attached_changed_and_removed() {
    let world = World::without_organization().await;
    let first = graph(&world, &[("deny-leave", "organizations:LeaveOrganization", &["/", "Dev", "dev"])]);
    let plan = world.planned(&first, &attachment("deny-leave", "/"), Action::Create).await;
    assert_eq!(step(&plan, &policy("deny-leave")).action, Some(Action::Create));
    world.settle(&first).await;
    let leave = seen("deny-leave", "organizations:LeaveOrganization", &["/", "Dev", "dev"]);
    assert_eq!(world.boto3(POLICIES), json!([leave]));

    // Another content, and somebody else's name.
    let id = step(&world.plan(&first).await, &policy("deny-leave")).id.clone().unwrap();
    let second = graph(&world, &[("deny-leave", "s3:*", &["/", "Dev", "dev"])]);
    world.boto3(&format!("organizations.update_policy(PolicyId='{id}', Name='mine')['Policy']['Content']"));
    let differing = |plan: &Plan| {
        let diffs = &step(plan, &policy("deny-leave")).diffs;
        diffs.iter().map(|diff| diff.field.clone()).collect::<Vec<_>>()
    };
    let plan = world.plan_until(&second, "three fields to change", |plan| differing(plan).len() == 3).await;
    assert_eq!(differing(&plan), ["name", "description", "content"]);
    world.settle(&second).await;
    assert_eq!(world.boto3(POLICIES), json!([seen("deny-leave", "s3:*", &["/", "Dev", "dev"])]));
    assert_eq!(step(&world.plan(&second).await, &policy("deny-leave")).id, Some(id));

    // Another policy comes, and one attachment goes.
    let third = graph(&world, &[("deny-leave", "s3:*", &["/"]), ("deny-more", "ec2:*", &["dev"])]);
    let plan =
        world.plan_until(&third, "two deletions", |plan| plan.changes().filter(|step| is_deletion(step)).count() == 2);
    let plan = plan.await;
    world.converge(&third, &plan).await;
    world.delete(&third, &plan, is_deletion).await;
    world.in_sync(&third).await;
    let more = seen("deny-more", "ec2:*", &["dev"]);
    assert_eq!(world.boto3(POLICIES), json!([seen("deny-leave", "s3:*", &["/"]), more]));
    let full = "[it['Name'] for it in every(organizations, 'list_policies_for_target', 'Policies', TargetId=root, Filter=kind)]";
    assert_eq!(world.boto3(&format!("{POLICIES}\n{full}")), json!(["FullAWSAccess", "orgstrap-deny-leave"]));

    // Of what nothing wants, attachments go before policies.
    let none = graph(&world, &[]);
    let doomed =
        [attachment("deny-leave", "/"), attachment("deny-more", "dev"), policy("deny-leave"), policy("deny-more")];
    let plan = deletions(&world, &none, &doomed).await;
    world.delete(&none, &plan, is_deletion).await;
    world.in_sync(&none).await;
    assert_eq!(world.boto3(POLICIES), json!([]));
}

#[tokio::test]
async fn a_plan_asks_once_for_all_and_once_for_each_content() {
    let world = World::new().await;
    let all = graph(&world, &[("one", "s3:*", &["/", "Dev", "dev"]), ("two", "ec2:*", &["/", "Dev", "dev"])]);
    world.settle(&all).await;
    let calls = world.in_fair_weather(async {
        world.in_sync(&all).await;
        let before = world.sessions().stats().of_account(MANAGEMENT);
        world.plan(&all).await;
        world.sessions().stats().of_account(MANAGEMENT) - before
    });
    // The organization, its root, accounts, policies, tags, the children of the root and of one unit; the content and the
    // targets of each policy.
    assert_eq!(calls.await, 7 + 2 * 2);
}

#[tokio::test]
async fn that_of_another_fleet_is_refused() {
    let world = World::new().await;
    world.boto3(
        "organizations.create_policy(Type='SERVICE_CONTROL_POLICY', Name='orgstrap-one', Description='', Content='{}', \
         Tags=tag_list({'orgstrap:fleet': 'other'}))['Policy']['Content']",
    );
    let error = world.refusal(&graph(&world, &[("one", "s3:*", &[])])).await;
    assert_eq!(error.class, Class::Invalid, "{error}");
    assert!(error.message.ends_with("belongs to fleet other"), "{error}");
}
