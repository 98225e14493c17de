//! The law of databases.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use aws::resources::{
    Database, DbEndpoint, DbInstance, DbParameterGroup, DbSubnetGroup, KmsKey, LogGroup, SecurityGroup,
};
use aws::{Account, Losses};
use engine::{Action, Class, Graph, Handle, Id, Key, Resource, Scope, Step};
use serde_json::json;
use testing::{Law, SCOPE, Variant, World};

use crate::given;

const OUTSIDE: &str = r#"
def one(db):
    secret = db.get("MasterUserSecret")
    return {
        "engine": db["Engine"],
        "version": db["EngineVersion"],
        "class": db["DBInstanceClass"],
        "storage_gib": db["AllocatedStorage"],
        "most_storage_gib": db.get("MaxAllocatedStorage"),
        "storage_type": db["StorageType"],
        "database": db["DBName"],
        "user": db["MasterUsername"],
        "subnet_group": db["DBSubnetGroup"]["DBSubnetGroupName"],
        "parameter_group": db["DBParameterGroups"][0]["DBParameterGroupName"],
        "security_groups": sorted(group["VpcSecurityGroupId"] for group in db["VpcSecurityGroups"]),
        "key": db["KmsKeyId"],
        "secret_key": secret["KmsKeyId"],
        "managed_password": secret is not None,
        "multi_az": db["MultiAZ"],
        "backup_days": db["BackupRetentionPeriod"],
        "deletion_protected": db["DeletionProtection"],
        "public": db["PubliclyAccessible"],
        "copy_tags_to_snapshots": db["CopyTagsToSnapshot"],
        "performance_insights": db["PerformanceInsightsEnabled"],
        "log_exports": sorted(db["EnabledCloudwatchLogsExports"]),
        "auto_minor_upgrades": db["AutoMinorVersionUpgrade"],
        "iam_authentication": db["IAMDatabaseAuthenticationEnabled"],
        "tags": {tag["Key"]: tag["Value"] for tag in db["TagList"]},
    }

[one(db) for db in rds.describe_db_instances()["DBInstances"] if db["DBInstanceIdentifier"] == name]
"#;

const NAME: &str = "shop-dev";

type Groups<T> = Vec<Handle<T>>;
type Given = ((Groups<DbSubnetGroup>, Groups<DbParameterGroup>), (Groups<SecurityGroup>, Groups<KmsKey>));
type Values = ((Vec<Id<DbSubnetGroup>>, Vec<Id<DbParameterGroup>>), (Vec<Id<SecurityGroup>>, Vec<Id<KmsKey>>));

/// Two of each, in two networks.
fn given(scope: &mut Scope<'_, Account>) -> Given {
    let (mut subnet_groups, mut security_groups) = (Vec::new(), Vec::new());
    for (vpc, subnets) in [("main", ["a", "b"]), ("other", ["c", "d"])] {
        let network = given::vpc(scope, vpc);
        let zones = subnets.into_iter().zip(["us-west-1a", "us-west-1b"]).zip(0..);
        let subnets: Vec<_> =
            zones.map(|((name, zone), third)| given::subnet_in(scope, name, network, third, zone)).collect();
        let group = |(vpc, subnets): (_, Vec<_>)| DbSubnetGroup { vpc, subnets: subnets.into_iter().collect() };
        subnet_groups.push(scope.add(vpc, (network, subnets), group));
        security_groups.push(given::security_group(scope, vpc, network));
    }
    let parameter_group = |name: &str| {
        let parameters = BTreeMap::from([("rds.force_ssl".to_owned(), "1".to_owned())]);
        scope.add(name, (), move |()| DbParameterGroup { family: "postgres17".into(), parameters: parameters.clone() })
    };
    let parameter_groups = ["main", "other"].map(parameter_group).to_vec();
    let keys = ["main", "other"].map(|name| scope.add(name, (), move |()| KmsKey::named(name))).to_vec();
    ((subnet_groups, parameter_groups), (security_groups, keys))
}

fn desired(((subnet_groups, parameter_groups), (security_groups, keys)): Values, variant: Variant) -> DbInstance {
    let of = |all: [&str; 2]| BTreeSet::from(all.map(str::to_owned));
    DbInstance {
        engine: variant.fix("engine", "postgres", "mysql").into(),
        version: Some("17".into()),
        class: variant.change("db.t4g.medium", "db.m7g.large").into(),
        storage_gib: 20,
        most_storage_gib: variant.change(Some(100), None),
        storage_type: variant.change("gp3", "gp2").into(),
        database: variant.fix("database", "app", "shop").into(),
        user: variant.fix("user", "app", "root1").into(),
        // A database moves into another network alone.
        subnet_group: variant.change(subnet_groups[0].clone(), subnet_groups[1].clone()),
        parameter_group: variant.change(parameter_groups[0].clone(), parameter_groups[1].clone()),
        security_groups: BTreeSet::from([variant.change(security_groups[0].clone(), security_groups[1].clone())]),
        key: Some(variant.fix("key", keys[0].clone(), keys[1].clone())),
        secret_key: Some(keys[0].clone()),
        managed_password: true,
        multi_az: variant.change(false, true),
        backup_days: variant.change(7, 14),
        deletion_protected: variant.change(false, true),
        public: variant.change(false, true),
        copy_tags_to_snapshots: variant.change(true, false),
        performance_insights: variant.change(true, false),
        log_exports: variant.change(of(["postgresql", "upgrade"]), of(["postgresql", "iam-db-auth-error"])),
        auto_minor_upgrades: variant.change(true, false),
        iam_authentication: variant.change(false, true),
    }
}

fn law() -> Law<Given, DbInstance> {
    let lasting = &["version", "storage_gib", "managed_password", "secret_key"];
    Law::new(NAME, given, desired, OUTSIDE).named().lasting(lasting)
}

fn key() -> Key {
    Key::new(SCOPE, DbInstance::KIND, NAME)
}

fn is_this(step: &Step) -> bool {
    step.key == key()
}

/// Storage that grows beyond a volume says its speed, which RDS asks for from there on.
#[tokio::test(flavor = "multi_thread")]
async fn storage_that_is_striped_says_its_speed() {
    let world = World::new().await;
    let of_size = |gib| {
        world.graph(move |scope| {
            let inputs = given(scope);
            scope.add(NAME, inputs, move |values| {
                let desired = desired(values, Variant::First);
                DbInstance { storage_gib: gib, most_storage_gib: None, ..desired }
            });
        })
    };
    world.settle(&of_size(20)).await;
    let storage = "[[db['AllocatedStorage'], db.get('Iops')] for db in rds.describe_db_instances()['DBInstances']]";
    let before = world.boto3(storage);
    assert_eq!(before[0][0], 20);
    world.settle(&of_size(400)).await;
    assert_eq!(world.boto3(storage), json!([[400, 12_000]]));
}

#[tokio::test(flavor = "multi_thread")]
async fn it_holds() {
    let (world, law) = (World::new().await, law());
    law.holds(&world).await;
    world.needed_all_declared_by::<DbInstance>();
    let snapshots = "[s['DBSnapshotIdentifier'] for s in rds.describe_db_snapshots()['DBSnapshots'] if s['SnapshotType'] == 'manual']";
    let snapshots = world.boto3(snapshots);
    let snapshots: Vec<&str> = snapshots.as_array().unwrap().iter().filter_map(|name| name.as_str()).collect();
    assert!(!snapshots.is_empty(), "a database leaves a snapshot");
    assert!(snapshots.iter().all(|name| name.starts_with("shop-dev-final-")), "{snapshots:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_protected_stays_unless_that_is_said() {
    let (mut world, law) = (World::new().await, law());
    let protected = |world: &World| {
        world.graph(|scope| {
            let inputs = given(scope);
            scope
                .add(NAME, inputs, |inputs| DbInstance { deletion_protected: true, ..desired(inputs, Variant::First) });
        })
    };
    let graph = protected(&world);
    let plan = world.settle(&graph).await;
    let failures = world.undeletable(&graph, &plan, is_this).await;
    let [(_, error)] = failures.as_slice() else { panic!("{failures:?}") };
    assert_eq!((error.class, error.code.as_deref()), (Class::Invalid, Some("InvalidParameterCombination")));
    assert!(error.hint.as_ref().is_some_and(|hint| hint.contains("--unprotect")), "{error:?}");
    // What it is built on is in use.
    let failures =
        world.undeletable(&graph, &plan, |step| step.key.kind == DbSubnetGroup::KIND && step.key.name == "main");
    let failures = failures.await;
    let [(_, error)] = failures.as_slice() else { panic!("{failures:?}") };
    assert_eq!(error.class, Class::InUse, "{error}");

    world.may_lose(Losses { protected: true, databases: true, ..Losses::default() }).await;
    let graph = protected(&world);
    let plan = world.plan(&graph).await;
    world.delete(&graph, &plan, is_this).await;
    assert_eq!(
        world.boto3("[rds.describe_db_instances()['DBInstances'], rds.describe_db_snapshots()['DBSnapshots']]"),
        json!([[], []])
    );
    world.planned(&law.graph(&world, Variant::First), &key(), Action::Create).await;
}

fn graph_of(world: &World, change: impl Fn(DbInstance) -> DbInstance + Send + Sync + 'static) -> Graph<Account> {
    world.graph(|scope| {
        let inputs = given(scope);
        scope.add(NAME, inputs, move |inputs| change(desired(inputs, Variant::First)));
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn what_grew_by_itself_is_as_it_should_be() {
    let world = World::new().await;
    let graph = graph_of(&world, |first| first);
    world.settle(&graph).await;
    let modify = |what: &str| {
        world.boto3(&format!(
            "rds.modify_db_instance(DBInstanceIdentifier='{NAME}', {what})['DBInstance']['EngineVersion']"
        ))
    };
    modify("AllocatedStorage=40, EngineVersion='17.6'");
    world.in_sync(&graph).await;
    assert_eq!(world.told(&graph).await, [""; 0]);
    // Beyond what it may grow to, and what RDS has of a key where none is wanted.
    let other = graph_of(&world, |first| DbInstance { most_storage_gib: None, key: None, secret_key: None, ..first });
    world.settle(&other).await;
    let limit = "rds.describe_db_instances()['DBInstances'][0].get('MaxAllocatedStorage')";
    assert_eq!(world.boto3(limit), json!(null));
    let told = world.told(&other).await;
    assert!(matches!(told.as_slice(), [told] if told.contains("it has 40 GiB, not 20, and keeps them")), "{told:?}");
    // Another major version, and more storage.
    let upgraded = graph_of(&world, |first| DbInstance { version: Some("18".into()), storage_gib: 80, ..first });
    world.settle(&upgraded).await;
    let now = "[[db['EngineVersion'], db['AllocatedStorage']] for db in rds.describe_db_instances()['DBInstances']]";
    assert_eq!(world.boto3(now), json!([["18", 80]]));
    let refused = graph_of(&world, |first| DbInstance { managed_password: false, ..first });
    assert!(world.refusal(&refused).await.message.contains("RDS's to keep"));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_another_node_is_refused() {
    let world = World::new().await;
    world.boto3(&format!(
        "rds.create_db_instance(DBInstanceIdentifier='{NAME}', DBInstanceClass='db.t4g.micro', Engine='postgres', \
         AllocatedStorage=20, MasterUsername='app', ManageMasterUserPassword=True, \
         Tags=tag_list({{'orgstrap:fleet': 'other'}}))['DBInstance']['Engine']"
    ));
    let error = world.refusal(&graph_of(&world, |first| first)).await;
    assert_eq!(error.class, Class::Invalid, "{error}");
    assert!(error.message.contains("has the tags of another node"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn its_address_and_its_secret_are_found_once_there_are() {
    let world = World::new().await;
    let seen: Arc<Mutex<Option<Database>>> = Arc::default();
    let graph = world.graph(|scope| {
        let inputs = given(scope);
        let instance = scope.add(NAME, inputs, |inputs| desired(inputs, Variant::First));
        let endpoint = scope.add(NAME, instance, |instance| DbEndpoint { instance });
        let seen = Arc::clone(&seen);
        // Whoever needs it is told.
        scope.add("web", endpoint, move |database| {
            *seen.lock().unwrap() = Some(database);
            LogGroup { retention_days: None, key: None }
        });
    });
    let seen = || {
        let database = seen.lock().unwrap().clone().unwrap();
        let text = |text: Option<&str>| text.map(str::to_owned);
        (text(database.host.known()), text(database.port.known()), text(database.secret.known()))
    };
    world.plan(&graph).await;
    assert_eq!(seen(), (None, None, None));
    world.settle(&graph).await;
    let (host, port, secret) = seen();
    let (host, port) = (host.unwrap(), port.unwrap());
    assert!(host.starts_with("shop-dev.") && host.ends_with(".us-west-1.rds.amazonaws.com"), "{host}");
    let secret = secret.unwrap();
    let content = format!("json.loads(secretsmanager.get_secret_value(SecretId='{secret}')['SecretString'])");
    let content = world.boto3(&content);
    assert_eq!((port.as_str(), &content["username"]), ("5432", &json!("app")));
    assert!(content["password"].is_string());
    world.needed_all_declared_by::<DbEndpoint>();
}
