//! The law of the settings of a registry of images.

use aws::PolicyDocument;
use aws::resources::{RegistryPolicy, RegistryReplication, RegistryScanning};
use serde_json::json;
use testing::{SettingLaw, World};

const SCANNING: &str = r#"
found = ecr.get_registry_scanning_configuration()["scanningConfiguration"]
{"enhanced": found["scanType"] == "ENHANCED",
 "rules": {r["scanFrequency"]: sorted(f["filter"] for f in r["repositoryFilters"]) for r in found["rules"]}}
"#;

#[tokio::test(flavor = "multi_thread")]
async fn scanning() {
    let world = World::new().await;
    let basic = "
every = [{'filterType': 'WILDCARD', 'filter': '*'}]
ecr.put_registry_scanning_configuration(scanType='BASIC', rules=[{'scanFrequency': 'SCAN_ON_PUSH', 'repositoryFilters': every}])";
    let enhanced = "
every = [{'filterType': 'WILDCARD', 'filter': 'a*'}, {'filterType': 'WILDCARD', 'filter': 'b*'}]
ecr.put_registry_scanning_configuration(scanType='ENHANCED', rules=[{'scanFrequency': 'SCAN_ON_PUSH', 'repositoryFilters': every}])";
    let off = "ecr.put_registry_scanning_configuration(scanType='BASIC', rules=[])";
    SettingLaw::new("main", || RegistryScanning::of_all(false), SCANNING)
        .drifts(enhanced)
        .drifts(off)
        .holds(&world)
        .await;
    SettingLaw::new("main", || RegistryScanning::of_all(true), SCANNING).drifts(basic).drifts(off).holds(&world).await;
}

const REPLICATION: &str = r#"
rules = ecr.describe_registry()["replicationConfiguration"]["rules"]
assert all(to["registryId"] == own_id for rule in rules for to in rule["destinations"])
assert not any(rule.get("repositoryFilters") for rule in rules)
{"regions": sorted(to["region"] for rule in rules for to in rule["destinations"])}
"#;

fn replicated_to(regions: &[&str]) -> RegistryReplication {
    RegistryReplication { regions: regions.iter().map(|region| (*region).to_owned()).collect() }
}

#[tokio::test(flavor = "multi_thread")]
async fn replication() {
    let world = World::new().await;
    let nowhere = "ecr.put_replication_configuration(replicationConfiguration={'rules': []})";
    let to_another = "
to = [{'region': 'us-east-1', 'registryId': own_id}, {'region': 'eu-west-1', 'registryId': '111122223333'}]
ecr.put_replication_configuration(replicationConfiguration={'rules': [{'destinations': to}]})";
    let only_some = "
to = [{'region': region, 'registryId': own_id} for region in ('us-east-1', 'eu-west-1')]
only = [{'filterType': 'PREFIX_MATCH', 'filter': 'cms'}]
ecr.put_replication_configuration(replicationConfiguration={'rules': [{'destinations': to, 'repositoryFilters': only}]})";
    SettingLaw::new("main", || replicated_to(&["us-east-1", "eu-west-1"]), REPLICATION)
        .drifts(nowhere)
        .drifts(to_another)
        .drifts(only_some)
        .holds(&world)
        .await;
    SettingLaw::new("main", || replicated_to(&[]), REPLICATION)
        .drifts(to_another)
        .drifts(only_some)
        .holds(&world)
        .await;
    world.needed_all_declared_by::<RegistryReplication>();
}

const POLICY: &str = r#"
import json
try:
    document = json.loads(ecr.get_registry_policy()["policyText"])
except ecr.exceptions.RegistryPolicyNotFoundException:
    document = None
{"document": document}
"#;

/// In the form in which it is stored.
fn replicating() -> PolicyDocument {
    json!({"Version": "2012-10-17", "Statement": [{"Sid": "Replicate", "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "ecr:ReplicateImage",
        "Resource": "arn:aws:ecr:us-west-1:444455556666:repository/*"}]})
    .into()
}

#[tokio::test(flavor = "multi_thread")]
async fn policy() {
    let world = World::new().await;
    let another = "
import json
statement = {'Sid': 'Create', 'Effect': 'Allow', 'Principal': {'AWS': 'arn:aws:iam::111122223333:root'},
    'Action': 'ecr:CreateRepository', 'Resource': '*'}
ecr.put_registry_policy(policyText=json.dumps({'Version': '2012-10-17', 'Statement': [statement]}))";
    SettingLaw::new("main", || RegistryPolicy { document: Some(replicating()) }, POLICY)
        .drifts("ecr.delete_registry_policy()")
        .drifts(another)
        .holds(&world)
        .await;
    SettingLaw::new("main", || RegistryPolicy { document: None }, POLICY).drifts(another).holds(&world).await;
    world.needed_all_declared_by::<RegistryPolicy>();
}
