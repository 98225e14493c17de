//! The law of buckets.

use aws::Losses;
use aws::resources::Bucket;
use engine::{Action, Class, Key, Resource};
use serde_json::json;
use testing::{Law, SCOPE, Variant, World, step};

const OUTSIDE: &str = r#"
from botocore.exceptions import ClientError

def setting(call):
    try:
        return call(Bucket=bucket)
    except ClientError as error:
        assert error.response["Error"]["Code"].startswith("NoSuch"), error

def days():
    found = setting(s3.get_bucket_lifecycle_configuration)
    if found:
        [rule] = found["Rules"]
        assert rule["Status"] == "Enabled" and rule["Filter"].get("Prefix", "") == "", rule
        return rule["Expiration"]["Days"]

def blocked():
    [block] = {*s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values()}
    return block

bucket = f"verb-{scope}-{name}-{own_id}"
[{
    "expires_after_days": days(),
    "public_access_blocked": blocked(),
    "ownership": s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]["Rules"][0]["ObjectOwnership"],
    "encryption": s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"][0]
        ["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"],
    "versioned": s3.get_bucket_versioning(Bucket=bucket).get("Status") == "Enabled",
    "tags": tags_of({"Tags": s3.get_bucket_tagging(Bucket=bucket)["TagSet"]}),
} for one in s3.list_buckets()["Buckets"] if one["Name"] == bucket]
"#;

#[tokio::test(flavor = "multi_thread")]
async fn it_holds() {
    let law = Law::new(
        "alb-logs",
        |_| (),
        |(), variant| Bucket {
            expires_after_days: variant.change(Some(90), None),
            public_access_blocked: variant.change(true, false),
            ownership: variant.change("BucketOwnerEnforced", "BucketOwnerPreferred").into(),
            encryption: variant.change("AES256", "aws:kms").into(),
            versioned: variant.change(false, true),
        },
        OUTSIDE,
    );
    // No list has more than its name.
    let (world, law) = (World::new().await, law.reads_per_object(6));
    law.holds(&world).await;
    let first_call = "
s3.create_bucket(Bucket=f'verb-{scope}-{name}-{own_id}', CreateBucketConfiguration={
    'LocationConstraint': REGION, 'Tags': tag_list(tags)})['Location']
";
    // A new one is closed by AWS; moto leaves more open.
    let fields = ["encryption", "expires_after_days", "ownership", "public_access_blocked"];
    law.finishes_half_made(&world, first_call, &fields).await;
    let mut world = world;
    world.may_lose(Losses { data: true, ..Losses::default() }).await;
    let graph = law.graph(&world, Variant::First);
    let plan = world.settle(&graph).await;
    world.boto3("s3.put_object(Bucket=f'verb-dev-alb-logs-{own_id}', Key='log', Body=b'x')['ETag']");
    world.delete(&graph, &plan, |step| step.key == law.key()).await;
    world.needed_all_declared_by::<Bucket>();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_it_is_deleted_only_when_that_is_said() {
    let mut world = World::new().await;
    let key = Key::new(SCOPE, Bucket::KIND, "alb-logs");
    let graph = world.graph(|scope| {
        scope.add("alb-logs", (), |()| Bucket::private(Some(90)));
    });
    let plan = world.settle(&graph).await;
    let name = step(&plan, &key).id.clone().expect("a bucket has a name");
    world.boto3(&format!("s3.put_object(Bucket='{name}', Key='log', Body=b'x')['ETag']"));
    let failures = world.undeletable(&graph, &plan, |step| step.key == key).await;
    let [(_, error)] = failures.as_slice() else { panic!("{failures:?}") };
    assert_eq!(error.class, Class::Invalid, "{error}");
    assert!(error.hint.as_ref().is_some_and(|hint| hint.contains("--delete-data")));

    // Rules of another shape are a difference.
    world.boto3(&format!(
        "rule = {{'ID': 'a', 'Status': 'Enabled', 'Filter': {{'Prefix': 'a/'}}, 'Expiration': {{'Days': 90}}}}\n\
         s3.put_bucket_lifecycle_configuration(Bucket='{name}', LifecycleConfiguration={{'Rules': [rule]}})\n\
         s3.put_bucket_tagging(Bucket='{name}', Tagging={{'TagSet': [{{'Key': 'team', 'Value': 'cms'}}]}})['ResponseMetadata']['HTTPStatusCode']"
    ));
    let plan = world.planned(&graph, &key, Action::Update).await;
    let diffs = step(&plan, &key).diffs.iter().map(|diff| (diff.field.as_str(), diff.actual.clone()));
    let diffs: Vec<_> = diffs.collect();
    assert_eq!(diffs, [("expires_after_days", json!(0)), ("tags", json!({}))]);
    world.settle(&graph).await;
    let tags = format!("tags_of({{'Tags': s3.get_bucket_tagging(Bucket='{name}')['TagSet']}})");
    let mut ours = World::tags_of(&key);
    ours.insert("team".into(), "cms".into());
    assert_eq!(world.boto3(&tags), json!(ours), "tags of others are kept");

    // Versions, and what stands for what was deleted.
    world.boto3(&format!(
        "s3.put_bucket_versioning(Bucket='{name}', VersioningConfiguration={{'Status': 'Enabled'}})\n\
         for body in [b'1', b'2']: s3.put_object(Bucket='{name}', Key='a log', Body=body)\n\
         s3.delete_object(Bucket='{name}', Key='a log')['ResponseMetadata']['HTTPStatusCode']"
    ));
    world.may_lose(Losses { data: true, ..Losses::default() }).await;
    let graph = world.graph(|scope| {
        scope.add("alb-logs", (), |()| Bucket::private(Some(90)));
    });
    let plan = world.plan(&graph).await;
    world.delete(&graph, &plan, |step| step.key == key).await;
    assert_eq!(world.boto3("s3.list_buckets()['Buckets']"), json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_another_node_or_account_is_refused() {
    let world = World::new().await;
    let graph = world.graph(|scope| {
        scope.add("alb-logs", (), |()| Bucket::private(None));
    });
    let make = "s3.create_bucket(Bucket=f'verb-dev-alb-logs-{own_id}', CreateBucketConfiguration={\n    \
         'LocationConstraint': REGION, 'Tags': tag_list({'orgstrap:fleet': 'other'})})['Location']";
    world.boto3(make);
    let error = world.refusal(&graph).await;
    assert_eq!(error.class, Class::Invalid, "{error}");
    assert!(error.message.contains("has the tags of another node"), "{error}");

    let elsewhere = make.replace("s3.", "theirs.").replace(", 'Tags': tag_list({'orgstrap:fleet': 'other'})", "");
    world.boto3(&format!(
        "theirs = client('s3')\ns3.delete_bucket(Bucket=f'verb-dev-alb-logs-{{own_id}}')\n{elsewhere}"
    ));
    let plan = world.planned(&graph, &Key::new(SCOPE, Bucket::KIND, "alb-logs"), Action::Create).await;
    let error = world.failure(&graph, &plan).await;
    assert_eq!(error.code.as_deref(), Some("BucketAlreadyExists"), "{error}");
    assert!(error.hint.is_some_and(|hint| hint.contains("unique in all of AWS")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_s3_does_not_take_is_told_before_anything_is_made() {
    let world = World::new().await;
    let error = world
        .refusal(&world.graph(|scope| {
            scope.add("a".repeat(60), (), |()| Bucket::private(None));
        }))
        .await;
    assert!(error.message.contains("S3 takes 63 characters"), "{error}");
}
