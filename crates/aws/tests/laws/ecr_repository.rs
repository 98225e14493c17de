//! The law of repositories of images.

use std::collections::BTreeSet;

use aws::resources::{EcrRepository, KmsKey, Lifecycle};
use aws::{Account, Losses};
use engine::{Action, Class, Graph, Handle, Id, Key, Plan, Resource, Step};
use serde_json::json;
use testing::{Law, SCOPE, World, step};

const NAME: &str = "headless-cms/backend";

const OUTSIDE: &str = r#"
import json

def lifecycle(repository):
    try:
        rules = json.loads(ecr.get_lifecycle_policy(repositoryName=repository)["lifecyclePolicyText"])["rules"]
    except ecr.exceptions.LifecyclePolicyNotFoundException:
        return None
    untagged, tagged = [rule["selection"] for rule in rules]
    assert (untagged["tagStatus"], untagged["countType"], untagged["countUnit"]) == ("untagged", "sinceImagePushed", "days")
    assert (tagged["tagStatus"], tagged["countType"]) == ("tagged", "imageCountMoreThan")
    return {"keep": tagged["countNumber"], "untagged_days": untagged["countNumber"]}

def mutable(repository):
    filters = sorted(one["filter"] for one in repository.get("imageTagMutabilityExclusionFilters") or [])
    assert repository["imageTagMutability"] == ("IMMUTABLE_WITH_EXCLUSION" if filters else "IMMUTABLE")
    return filters

[{
    "mutable_tags": mutable(repository),
    "scan_on_push": repository["imageScanningConfiguration"]["scanOnPush"],
    "lifecycle": lifecycle(repository["repositoryName"]),
    "key": repository["encryptionConfiguration"]["kmsKey"],
    "tags": tags_of({"Tags": ecr.list_tags_for_resource(resourceArn=repository["repositoryArn"])["tags"]}),
} for repository in every(ecr, "describe_repositories", "repositories") if repository["repositoryName"] == name]
"#;

const LIFECYCLE: Lifecycle = Lifecycle { keep: 20, untagged_days: 14 };

fn immutable() -> EcrRepository {
    EcrRepository { mutable_tags: BTreeSet::new(), scan_on_push: true, lifecycle: Some(LIFECYCLE.into()), key: None }
}

fn law() -> Law<Handle<KmsKey>, EcrRepository> {
    let law = Law::new(
        NAME,
        |scope| scope.add("main", (), |()| KmsKey::named("main")),
        |key, variant| EcrRepository {
            mutable_tags: variant.change(BTreeSet::from(["dev-*".into(), "latest".into()]), BTreeSet::new()),
            scan_on_push: variant.change(true, false),
            lifecycle: variant.change(Some(LIFECYCLE.into()), None),
            key: Some(key),
        },
        OUTSIDE,
    );
    // Its tags are of another list, and its lifecycle is of none.
    law.reads_per_object(2).lasting(&["key"])
}

fn key(name: &str) -> Key {
    Key::new(SCOPE, EcrRepository::KIND, name)
}

/// A graph of one repository.
fn graph(world: &World, desired: impl Fn() -> EcrRepository + Send + Sync + 'static) -> Graph<Account> {
    world.graph(|scope| {
        scope.add(NAME, (), move |()| desired());
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn it_holds() {
    let (world, law) = (World::new().await, law());
    law.holds(&world).await;

    let first_call = "
filters = [{'filterType': 'WILDCARD', 'filter': pattern} for pattern in ['latest', 'dev-*']]
key = kms.describe_key(KeyId='alias/orgstrap-main')['KeyMetadata']['Arn']
ecr.create_repository(repositoryName=name, tags=tag_list(tags), imageTagMutability='IMMUTABLE_WITH_EXCLUSION',
    imageTagMutabilityExclusionFilters=filters, imageScanningConfiguration={'scanOnPush': True},
    encryptionConfiguration={'encryptionType': 'KMS', 'kmsKey': key})['repository']['repositoryArn']
";
    law.finishes_half_made(&world, first_call, &["lifecycle"]).await;
    world.needed_all_declared_by::<EcrRepository>();
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_somebody_made_is_taken_over() {
    let world = World::new().await;
    world.boto3(&format!(
        "import json\n\
         ecr.create_repository(repositoryName='{NAME}', tags=tag_list({{'team': 'cms'}}))\n\
         rule = {{'rulePriority': 1, 'selection': {{'tagStatus': 'any', 'countType': 'imageCountMoreThan', 'countNumber': 5}},\n    \
             'action': {{'type': 'expire'}}}}\n\
         text = json.dumps({{'rules': [rule]}})\n\
         ecr.put_lifecycle_policy(repositoryName='{NAME}', lifecyclePolicyText=text)['repositoryName']"
    ));
    let graph = graph(&world, immutable);
    let fields = |plan: &Plan| {
        let diffs = step(plan, &key(NAME)).diffs.iter();
        diffs.map(|diff| (diff.field.clone(), diff.actual.clone())).collect::<Vec<_>>()
    };
    let plan = world.planned(&graph, &key(NAME), Action::Update).await;
    let rule = json!({"rulePriority": 1, "action": {"type": "expire"},
        "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 5}});
    let expected = [
        ("mutable_tags", json!(["*"])),
        ("scan_on_push", json!(false)),
        ("lifecycle", json!({"rules": [rule]})),
        ("tags", json!({})),
    ];
    assert_eq!(fields(&plan), expected.map(|(field, actual)| (field.to_owned(), actual)));
    world.converge(&graph, &plan).await;
    world.in_sync(&graph).await;
    let tags = format!(
        "arn = ecr.describe_repositories(repositoryNames=['{NAME}'])['repositories'][0]['repositoryArn']\n\
        tags_of({{'Tags': ecr.list_tags_for_resource(resourceArn=arn)['tags']}})"
    );
    let mut ours = World::tags_of(&key(NAME));
    ours.insert("team".into(), "cms".into());
    assert_eq!(world.boto3(&tags), json!(ours));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_some_immutable_tags_are_a_difference() {
    let world = World::new().await;
    let graph = graph(&world, immutable);
    world.settle(&graph).await;
    world.boto3(&format!(
        "filters = [{{'filterType': 'WILDCARD', 'filter': 'v*'}}]\n\
         ecr.put_image_tag_mutability(repositoryName='{NAME}', imageTagMutability='MUTABLE_WITH_EXCLUSION',\n    \
             imageTagMutabilityExclusionFilters=filters)['repositoryName']"
    ));
    let plan = world.planned(&graph, &key(NAME), Action::Update).await;
    assert_eq!(step(&plan, &key(NAME)).diffs[0].actual, json!(["!v*", "*"]));
    world.settle(&graph).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_another_fleet_or_node_is_refused() {
    let world = World::new().await;
    for (fleet, node) in [("other", key(NAME)), ("verb", Key::new("elsewhere", EcrRepository::KIND, NAME))] {
        world.boto3(&format!(
            "tags = tag_list({{'orgstrap:fleet': '{fleet}', 'orgstrap:key': '{node}'}})\n\
             ecr.create_repository(repositoryName='{NAME}', tags=tags)['repository']['repositoryArn']"
        ));
        let error = world.refusal(&graph(&world, immutable)).await;
        assert_eq!(error.class, Class::Invalid, "{error}");
        let names = format!("belongs to {node} of fleet {fleet}, and {} of fleet verb", key(NAME));
        assert!(error.message.contains(&names), "{error}");
        world.boto3(&format!("ecr.delete_repository(repositoryName='{NAME}')['repository']['repositoryArn']"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_with_one_key_are_an_error() {
    let world = World::new().await;
    for name in [NAME, "copy"] {
        let tags = World::tags_of(&key(NAME));
        let code = format!(
            "ecr.create_repository(repositoryName='{name}', tags=tag_list(tags))['repository']['repositoryArn']"
        );
        world.boto3_about(&key(NAME), &tags, &code);
    }
    let error = world.refusal(&graph(&world, immutable)).await;
    assert_eq!(error.class, Class::Invalid, "{error}");
    assert!(error.message.contains("headless-cms/backend and copy"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_one_is_encrypted_and_an_old_one_keeps_its_encryption() {
    let world = World::new().await;
    let encryption =
        format!("ecr.describe_repositories(repositoryNames=['{NAME}'])['repositories'][0]['encryptionConfiguration']");
    let arn = world.boto3("kms.create_key()['KeyMetadata']['Arn']");
    let arn = arn.as_str().expect("a key has an ARN").to_owned();
    let id = Id::<KmsKey>::new(arn.as_str());
    let without_key = graph(&world, immutable);
    let with_key = graph(&world, move || EcrRepository { key: Some(id.clone()), ..immutable() });
    let plan = world.planned(&with_key, &key(NAME), Action::Create).await;
    assert!(step(&plan, &key(NAME)).diffs.iter().any(|diff| diff.field == "key" && diff.desired == arn));
    world.settle(&with_key).await;
    assert_eq!(world.boto3(&encryption), json!({"encryptionType": "KMS", "kmsKey": arn}));
    assert_eq!(world.told(&with_key).await, [""; 0]);

    // Another is wanted: nothing changes, and the operator is told.
    world.in_sync(&without_key).await;
    let told = world.told(&without_key).await;
    assert!(
        matches!(told.as_slice(), [told] if told.starts_with(&format!("it is encrypted with {arn}, not with AES-256"))),
        "{told:?}"
    );
    let plan = world.plan(&without_key).await;
    world.delete(&without_key, &plan, |step| step.key == key(NAME)).await;

    world.settle(&without_key).await;
    world.in_sync(&with_key).await;
    assert_eq!(world.boto3(&encryption), json!({"encryptionType": "AES256"}));
    assert!(world.told(&with_key).await[0].starts_with("it is encrypted with AES-256, not with arn:aws:kms"));
}

#[tokio::test(flavor = "multi_thread")]
async fn images_are_deleted_only_when_that_is_said() {
    let mut world = World::new().await;
    let graph = graph(&world, immutable);
    world.settle(&graph).await;
    world.boto3(&format!(
        "import json\n\
         kind = 'application/vnd.docker.distribution.manifest.v2+json'\n\
         ecr.put_image(repositoryName='{NAME}', imageManifest=json.dumps({{'mediaType': kind}}), imageTag='1')['image']['imageId']"
    ));
    let is_this = |step: &Step| step.key == key(NAME);
    let plan = world.plan(&graph).await;
    let failures = world.undeletable(&graph, &plan, is_this).await;
    let [(_, error)] = failures.as_slice() else { panic!("one error: {failures:?}") };
    assert_eq!(error.code.as_deref(), Some("RepositoryNotEmptyException"), "{error}");
    assert!(error.hint.as_ref().is_some_and(|hint| hint.contains("--delete-images")), "{error:?}");

    world.may_lose(Losses { images: true, ..Losses::default() }).await;
    let graph = self::graph(&world, immutable);
    let plan = world.plan(&graph).await;
    world.delete(&graph, &plan, is_this).await;
    assert_eq!(world.boto3("ecr.describe_repositories()['repositories']"), json!([]));
}
