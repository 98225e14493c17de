//! Secrets: their versions and labels, and what is done with one that is to be deleted.

use serde_json::{Value, json};

use crate::bench::Bench;

/// Words for secrets whose versions have tokens of one letter.
const WORDS: &str = "\
def token(letter):
    return letter * 32
def make(side, name, value, letter):
    return refusal(side.secretsmanager.create_secret, Name=name, SecretString=value, ClientRequestToken=token(letter))
def put(side, name, value, letter, *labels):
    more = {'VersionStages': list(labels)} if labels else {}
    return refusal(side.secretsmanager.put_secret_value, SecretId=name, SecretString=value, ClientRequestToken=token(letter), **more)
def move(side, name, label, to=None, off=None):
    more = ({'MoveToVersionId': token(to)} if to else {}) | ({'RemoveFromVersionId': token(off)} if off else {})
    return refusal(side.secretsmanager.update_secret_version_stage, SecretId=name, VersionStage=label, **more)
def labels(side, name):
    return {id[0]: sorted(all) for id, all in side.secretsmanager.describe_secret(SecretId=name)['VersionIdsToStages'].items()}
def value(side, name, **more):
    return side.secretsmanager.get_secret_value(SecretId=name, **more)['SecretString']
";

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_one_value_for_ever() {
    let bench = Bench::new("").await;
    bench.ask(WORDS);
    let seen = bench.ask(
        "def each(side, name):\n    \
             make(side, name, '1', 'a')\n    \
             put(side, name, '2', 'b', 'AWSPENDING')\n    \
             return [put(side, name, '3', 'b', 'AWSPENDING'), value(side, name, VersionStage='AWSPENDING')]\n\
         found = [each(moto, 'moto'), each(front, 'front')]\n\
         again = lambda letter: front.secretsmanager.create_secret(Name='front', SecretString='1', ClientRequestToken=token(letter))['VersionId'][0]\n\
         found += [put(front, 'front', '2', 'b', 'AWSPENDING'), put(front, 'front', '4', 'c'), again('a'), labels(front, 'front')]\n\
         found + [make(front, 'front', '9', 'a'), make(front, 'front', '9', 'z'), put(front, 'front', '4', 'c'), labels(front, 'front')]",
    );
    let taken = "ResourceExistsException";
    let all = json!({"a": ["AWSPREVIOUS"], "b": ["AWSPENDING"], "c": ["AWSCURRENT"]});
    assert_eq!(seen, json!([[null, "3"], [taken, "2"], null, null, "a", all, taken, taken, null, all]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_label_is_moved_from_where_it_is() {
    let bench = Bench::new("").await;
    bench.ask(WORDS);
    let seen = bench.ask(
        "def each(side, name):\n    \
             make(side, name, '1', 'a')\n    \
             put(side, name, '2', 'b', 'AWSPENDING')\n    \
             found = [move(side, name, 'AWSCURRENT', 'b'), move(side, name, 'AWSCURRENT', 'b', 'a'), labels(side, name), value(side, name)]\n    \
             found += [put(side, name, '3', 'c'), labels(side, name), value(side, name)]\n    \
             return found + [move(side, name, 'AWSPENDING', 'c'), move(side, name, 'AWSPENDING', 'c', 'b'), move(side, name, 'AWSPENDING', off='c'), labels(side, name), move(side, name, 'AWSCURRENT', off='c')]\n\
         [each(moto, 'moto'), each(front, 'front')]",
    );
    let (moto, front) = (&seen[0], &seen[1]);
    let wrong = "InvalidParameterException";
    // moto leaves the label on both versions, and lets the last one go.
    assert_eq!((&moto[7], &moto[11]), (&Value::Null, &Value::Null));
    let expected = json!([
        wrong,
        null,
        {"a": ["AWSPREVIOUS"], "b": ["AWSCURRENT", "AWSPENDING"]},
        "2",
        null,
        {"b": ["AWSPENDING", "AWSPREVIOUS"], "c": ["AWSCURRENT"]},
        "3",
        wrong,
        null,
        null,
        {"b": ["AWSPREVIOUS"], "c": ["AWSCURRENT"]},
        wrong,
    ]);
    assert_eq!(*front, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_goes_is_only_restored() {
    let bench = Bench::new("").await;
    bench.ask(WORDS);
    let seen = bench.ask(
        "def each(side, name):\n    \
             make(side, name, '1', 'a')\n    \
             sm, on = side.secretsmanager, {'SecretId': name}\n    \
             sm.delete_secret(**on, RecoveryWindowInDays=7)\n    \
             return [refusal(sm.tag_resource, **on, Tags=[{'Key': 'a', 'Value': 'b'}]), refusal(sm.untag_resource, **on, TagKeys=['a']),\n        \
                 put(side, name, '2', 'b'), refusal(sm.get_resource_policy, **on), refusal(sm.delete_resource_policy, **on),\n        \
                 move(side, name, 'AWSPENDING', 'a')]\n\
         found = [each(moto, 'moto'), each(front, 'front')]\n\
         sm, on = front.secretsmanager, {'SecretId': 'front'}\n\
         listed = lambda **more: [s['Name'] for s in sm.list_secrets(**more)['SecretList'] if s['Name'] == 'front']\n\
         found += [[refusal(sm.get_secret_value, **on), refusal(sm.describe_secret, **on), listed(), listed(IncludePlannedDeletion=True),\n    \
             refusal(sm.restore_secret, **on), value(front, 'front')]]\n\
         sm.delete_secret(**on)\n\
         found + [refusal(sm.delete_secret, **on), refusal(sm.delete_secret, **on, ForceDeleteWithoutRecovery=True), make(front, 'front', '1', 'a')]",
    );
    let gone = "InvalidRequestException";
    let after = json!([gone, null, [], ["front"], null, "1"]);
    assert_eq!(seen, json!([vec![Value::Null; 6], vec![gone; 6], after, gone, null, null]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_shown_with_its_key_and_its_replicas() {
    let bench = Bench::new("").await;
    bench.ask(WORDS);
    let seen = bench.ask(
        "key = front.kms.create_key()['KeyMetadata']['Arn']\n\
         sm = front.secretsmanager\n\
         def named(side, name):\n    return refusal(side.secretsmanager.create_secret, Name=name)\n\
         found = [named(moto, 'a b'), named(front, 'a b'), named(front, 'a/b_+=.@-c')]\n\
         arn = sm.create_secret(Name='s', SecretString='1', KmsKeyId=key, AddReplicaRegions=[{'Region': 'us-east-1', 'KmsKeyId': 'alias/there'}])['ARN']\n\
         at = lambda side: side.secretsmanager.replicate_secret_to_regions(SecretId='s', AddReplicaRegions=[{'Region': 'us-east-2'}])['ARN'] == arn\n\
         found += [at(moto)]\n\
         sm.remove_regions_from_replication(SecretId='s', RemoveReplicaRegions=['us-east-2'])\n\
         found += [at(front)]\n\
         there = sm.describe_secret(SecretId='s')\n\
         found += [there['PrimaryRegion'], moto.secretsmanager.describe_secret(SecretId='s').get('PrimaryRegion'),\n    \
             [[r['Region'], r['KmsKeyId']] for r in there['ReplicationStatus']]]\n\
         front.kms.schedule_key_deletion(KeyId=key)\n\
         found += [[refusal(side.secretsmanager.get_secret_value, SecretId='s') for side in (moto, front)]]\n\
         found + [put(front, 's', '2', 'b'), refusal(sm.describe_secret, SecretId='s')]",
    );
    let replicas = json!([["us-east-1", "alias/there"], ["us-east-2", "alias/aws/secretsmanager"]]);
    let expected = json!([
        null,
        "ValidationException",
        null,
        false,
        true,
        "us-west-1",
        null,
        replicas,
        [null, "DecryptionFailure"],
        "EncryptionFailure",
        null
    ]);
    assert_eq!(seen, expected);
}
