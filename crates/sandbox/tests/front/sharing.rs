//! What accounts share, and who may do what with it: registries, secrets and their keys.

use serde_json::json;

use crate::bench::Bench;

/// Two member accounts: `common`, which has a repository, a secret and a key, and `dev` with a role, which is entered as
/// `ada` with the front and as `alone` without. `can` says what becomes of each thing that `ada` may want to do over there.
const WORDS: &str = "\
common, there = front.account('common')
id, dev = front.account('dev')

def doc(*statements):
    return json.dumps({'Version': '2012-10-17', 'Statement': list(statements)})

def let(action, resource='*', **more):
    return {'Effect': 'Allow', 'Action': action, 'Resource': resource} | more

def to(principal, action, **more):
    return {'Effect': 'Allow', 'Principal': {'AWS': principal}, 'Action': action} | more

def role(name, *statements):
    trusted = doc(to(MANAGEMENT, 'sts:AssumeRole'))
    arn = dev.iam.create_role(RoleName=name, AssumeRolePolicyDocument=trusted)['Role']['Arn']
    allow(name, *statements)
    return arn

def allow(name, *statements):
    dev.iam.put_role_policy(RoleName=name, PolicyName='may', PolicyDocument=doc(*statements or [let('sts:GetCallerIdentity')]))

def behind(side):
    return Side(moto.endpoint, *side.session.get_credentials().get_frozen_credentials()[:3])

def message(call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        return error.response['Error']['Message']

arn = role('ada')
ada = front.enter(arn)
alone = behind(ada)
root = {'Sid': 'root'} | to(common, 'kms:*', Resource='*')
key = there.kms.create_key(Policy=doc(root))['KeyMetadata']['Arn']
repository = there.ecr.create_repository(repositoryName='a/b')['repository']['repositoryArn']
secret = there.secretsmanager.create_secret(Name='s', SecretString='x', KmsKeyId=key)['ARN']
manifest = json.dumps({'schemaVersion': 2, 'mediaType': 'application/vnd.docker.distribution.manifest.v2+json',
                       'config': {'size': 1, 'digest': 'sha256:' + '0' * 64}, 'layers': [{'digest': 'sha256:' + '1' * 64, 'size': 1}]})
there.ecr.put_image(repositoryName='a/b', imageManifest=manifest, imageTag='t')
place = {'registryId': common, 'repositoryName': 'a/b'}
";

#[tokio::test(flavor = "multi_thread")]
async fn an_image_is_pulled_where_both_sides_allow_it() {
    let bench = Bench::new("").await;
    bench.ask(WORDS);
    // moto lets nobody see another account's, whatever the policies say, and everybody do everything in the own one.
    let seen = bench.ask(
        "def pull(side):\n    return refusal(side.ecr.batch_get_image, imageIds=[{'imageTag': 't'}], **place)\n\
         def push(side):\n    return refusal(side.ecr.put_image, imageManifest=manifest.replace('1' * 64, '2' * 64), imageTag='u', **place)\n\
         pulling = ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer']\n\
         def share(*statements):\n    \
             there.ecr.set_repository_policy(repositoryName='a/b', policyText=doc(*statements))\n\
         share(to(id, pulling, Condition={'ArnEquals': {'aws:PrincipalArn': arn}}))\n\
         one_side = [pull(alone), pull(ada)]\n\
         allow('ada', let(pulling, repository))\n\
         both = [pull(alone), pull(ada), push(ada)]\n\
         share(to(MANAGEMENT, pulling))\n\
         [one_side, both, pull(ada), message(ada.ecr.batch_get_image, imageIds=[{'imageTag': 't'}], **place).split(' because ')[1]]",
    );
    let (absent, denied) = ("RepositoryNotFoundException", "AccessDeniedException");
    let because = "no resource-based policy allows the ecr:BatchGetImage action";
    assert_eq!(seen, json!([[absent, denied], [absent, null, denied], denied, because]));
    // The role is made anew: a condition on its ARN still holds, its name as principal does not.
    let seen = bench.ask(
        "share(to(arn, pulling))\n\
         found = [pull(ada)]\n\
         dev.iam.delete_role_policy(RoleName='ada', PolicyName='may')\n\
         dev.iam.delete_role(RoleName='ada')\n\
         role('ada', let(pulling, repository))\n\
         ada = front.enter(arn)\n\
         found.append(pull(ada))\n\
         share(to(id, [*pulling, 'ecr:DescribeImages', 'ecr:PutImage'], Condition={'ArnEquals': {'aws:PrincipalArn': arn}}))\n\
         allow('ada', let([*pulling, 'ecr:DescribeImages', 'ecr:PutImage'], repository))\n\
         tags = lambda: sorted(t for i in ada.ecr.describe_images(**place)['imageDetails'] for t in i['imageTags'])\n\
         found + [pull(ada), push(ada), tags(), refusal(ada.ecr.delete_repository, force=True, **place)]",
    );
    assert_eq!(seen, json!([null, denied, null, null, ["t", "u"], denied]));
    // What the organization shares, and its own account's role, whom the policy need not name.
    let seen = bench.ask(
        "org = front.organizations.describe_organization()['Organization']['Id']\n\
         share(to('*', pulling, Condition={'StringEquals': {'aws:PrincipalOrgID': org}}))\n\
         found = [pull(ada)]\n\
         share(to('*', pulling, Condition={'StringEquals': {'aws:PrincipalOrgID': 'o-other'}}))\n\
         found += [pull(ada), pull(there), refusal(front.ecr.batch_get_image, imageIds=[{'imageTag': 't'}], **place)]\n\
         share({**to(common, pulling), 'Effect': 'Deny'})\n\
         found + [pull(there), pull(behind(there))]",
    );
    assert_eq!(seen, json!([null, denied, null, denied, denied, null]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_read_where_both_sides_and_its_key_allow_it() {
    let bench = Bench::new("").await;
    bench.ask(WORDS);
    let seen = bench.ask(
        "def read(side):\n    return refusal(side.secretsmanager.get_secret_value, SecretId=secret)\n\
         def describe(side):\n    return refusal(side.secretsmanager.describe_secret, SecretId=secret)\n\
         def share(*principals):\n    \
             there.secretsmanager.put_resource_policy(SecretId=secret, BlockPublicPolicy=True, ResourcePolicy=doc(\n        \
                 *[to(p, 'secretsmanager:GetSecretValue', Resource='*') for p in principals]))\n\
         def unlock(*statements):\n    there.kms.put_key_policy(KeyId=key, PolicyName='default', Policy=doc(root, *statements))\n\
         get = let('secretsmanager:GetSecretValue', secret)\n\
         decrypt = let('kms:Decrypt', key, Condition={'StringEquals': {'kms:ViaService': 'secretsmanager.us-west-1.amazonaws.com'}})\n\
         share(arn)\n\
         found = [read(alone), read(ada)]\n\
         allow('ada', get)\n\
         found += [read(ada), message(ada.secretsmanager.get_secret_value, SecretId=secret)]\n\
         allow('ada', get, decrypt)\n\
         found += [read(ada)]\n\
         about = {'StringEquals': {'kms:EncryptionContext:SecretARN': secret, 'kms:CallerAccount': id}}\n\
         unlock(to(arn, 'kms:Decrypt', Resource='*', Condition=about))\n\
         found += [read(ada), ada.secretsmanager.get_secret_value(SecretId=secret)['SecretString'], describe(ada), read(alone)]\n\
         share(f'arn:aws:iam::{id}:root')\n\
         found += [read(ada)]\n\
         share(MANAGEMENT)\n\
         found + [read(ada)]",
    );
    let (absent, denied) = ("ResourceNotFoundException", "AccessDeniedException");
    let kms = "Access to KMS is not allowed";
    assert_eq!(seen, json!([absent, denied, denied, kms, denied, null, "x", denied, absent, null, denied]));
    // With AWS's own key nobody of another account reads it.
    let seen = bench.ask(
        "plain = there.secretsmanager.create_secret(Name='plain', SecretString='x')['ARN']\n\
         there.secretsmanager.put_resource_policy(SecretId=plain, ResourcePolicy=doc(to(id, 'secretsmanager:*', Resource='*')))\n\
         allow('ada', let('secretsmanager:*'))\n\
         [refusal(ada.secretsmanager.get_secret_value, SecretId=plain), refusal(ada.secretsmanager.describe_secret, SecretId=plain),\n    \
             refusal(there.secretsmanager.get_secret_value, SecretId='plain')]",
    );
    assert_eq!(seen, json!(["InvalidRequestException", null, null]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_used_as_its_policy_says() {
    let bench = Bench::new("").await;
    bench.ask(WORDS);
    let seen = bench.ask(
        "blob = there.kms.encrypt(KeyId=key, Plaintext=b'x')['CiphertextBlob']\n\
         def use(side, **arguments):\n    return refusal(side.kms.decrypt, CiphertextBlob=blob, **arguments)\n\
         def describe(side):\n    return refusal(side.kms.describe_key, KeyId=key)\n\
         allow('ada', let(['kms:Decrypt', 'kms:DescribeKey'], key))\n\
         found = [use(alone, KeyId=key), describe(alone), use(ada, KeyId=key), describe(ada)]\n\
         there.kms.put_key_policy(KeyId=key, PolicyName='default', Policy=doc(root, to(id, 'kms:Decrypt', Resource='*')))\n\
         found + [use(ada, KeyId=key), describe(ada), refusal(ada.kms.get_key_policy, KeyId=key, PolicyName='default')]",
    );
    let (absent, denied) = ("NotFoundException", "AccessDeniedException");
    assert_eq!(seen, json!([absent, absent, denied, denied, null, denied, denied]));
    // In its own account too nothing is allowed that the key's policy neither allows nor leaves to IAM.
    let seen = bench.ask(
        "own = dev.kms.create_key()['KeyMetadata']['Arn']\n\
         dev.kms.create_alias(AliasName='alias/own', TargetKeyId=own)\n\
         admin = f'arn:aws:iam::{id}:role/OrganizationAccountAccessRole'\n\
         blob = dev.kms.encrypt(KeyId='alias/own', Plaintext=b'x')['CiphertextBlob']\n\
         allow('ada', let('kms:Decrypt', own))\n\
         found = [use(ada), use(ada, KeyId='alias/own')]\n\
         dev.kms.put_key_policy(KeyId=own, PolicyName='default', Policy=doc(to(admin, 'kms:*', Resource='*')))\n\
         found += [use(alone), use(ada), use(dev)]\n\
         dev.kms.put_key_policy(KeyId=own, PolicyName='default', Policy=doc(to(admin, 'kms:*', Resource='*'), to(arn, 'kms:Decrypt', Resource='*')))\n\
         allow('ada')\n\
         found + [use(ada), refusal(ada.kms.delete_alias, AliasName='alias/own')]",
    );
    assert_eq!(seen, json!([null, null, null, denied, null, null, denied]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_made_needs_what_the_reference_says() {
    let bench = Bench::new("").await;
    bench.ask(WORDS);
    // Each call, what it needs, one after the other until it is allowed, and whether moto makes it at all.
    let seen = bench.ask(
        "arn_of = lambda service, rest: f'arn:aws:{service}:us-west-1:{id}:{rest}'\n\
         def needs(call, *statements):\n    \
             seen = []\n    \
             for count in range(len(statements) + 1):\n        \
                 allow('ada', *statements[:count])\n        \
                 seen.append(refusal(call, ada))\n    \
             return seen\n\
         own = dev.kms.create_key()['KeyMetadata']['Arn']\n\
         grant = {'Bool': {'kms:GrantIsForAWSResource': 'true'}}\n\
         repo = lambda side: side.ecr.create_repository(repositoryName='aa', tags=[{'Key': 'a', 'Value': 'b'}],\n    \
             encryptionConfiguration={'encryptionType': 'KMS', 'kmsKey': own})\n\
         key_needs = lambda side: side.kms.create_key(Tags=[{'TagKey': 'a', 'TagValue': 'b'}])\n\
         secret_needs = lambda side: side.secretsmanager.create_secret(Name='a/b', SecretString='x', KmsKeyId=own,\n    \
             Tags=[{'Key': 'a', 'Value': 'b'}])\n\
         mine = arn_of('ecr', 'repository/aa')\n\
         via = {'StringEquals': {'kms:ViaService': 'secretsmanager.us-west-1.amazonaws.com'}}\n\
         validated = {'StringEquals': {'kms:EncryptionContext:SecretARN': 'RequestToValidateKeyAccess'}}\n\
         found = [needs(repo, let('ecr:CreateRepository', mine), let('ecr:TagResource', mine), let('kms:DescribeKey', own),\n    \
             let('kms:CreateGrant', own, Condition=grant), let('kms:RetireGrant', own))]\n\
         found += [needs(key_needs, let('kms:CreateKey'), let('kms:TagResource', arn_of('kms', 'key/*')))]\n\
         found += [needs(secret_needs, let('secretsmanager:CreateSecret', arn_of('secretsmanager', 'secret:a/b')),\n    \
             let('secretsmanager:*', arn_of('secretsmanager', 'secret:a/b-*')), let('kms:GenerateDataKey', own, Condition=via),\n    \
             let('kms:Decrypt', own, Condition=validated))]\n\
         found",
    );
    let (denied, kms) = ("AccessDeniedException", "KmsException");
    let expected =
        json!([[denied, denied, kms, kms, kms, null], [denied, denied, null], [denied, denied, denied, denied, null]]);
    assert_eq!(seen, expected);
    let seen = bench.ask(
        "def alias(side, name):\n    return refusal(side.kms.create_alias, AliasName=name, TargetKeyId=own)\n\
         allow('ada', let('kms:CreateAlias', own))\n\
         found = [alias(ada, 'alias/a')]\n\
         allow('ada', let('kms:CreateAlias', [own, arn_of('kms', 'alias/*')]))\n\
         found += [alias(ada, 'alias/a'), refusal(ada.secretsmanager.list_secrets), refusal(ada.ecr.describe_repositories)]\n\
         allow('ada', let('ecr:DescribeRepositories', arn_of('ecr', 'repository/aa')))\n\
         found += [refusal(ada.ecr.describe_repositories), refusal(ada.ecr.describe_repositories, repositoryNames=['aa'])]\n\
         found + [alias(alone, 'alias/b'), refusal(alone.secretsmanager.list_secrets), refusal(alone.ecr.describe_repositories)]",
    );
    assert_eq!(seen, json!([denied, null, denied, denied, denied, null, null, null, null]));
    // What was needed is recorded as it is there.
    let calls = bench.front.calls().named("CreateSecret");
    let last = calls.iter().last().unwrap();
    let actions: Vec<&str> = last.needs.iter().map(|need| need.action.as_str()).collect();
    let all = ["secretsmanager:CreateSecret", "secretsmanager:TagResource", "kms:GenerateDataKey", "kms:Decrypt"];
    assert_eq!(actions, all);
    // Tags of objects, and a role that a service makes for itself.
    let seen = bench.ask(
        "dev.secretsmanager.create_secret(Name='tagged', SecretString='x', Tags=[{'Key': 'team', 'Value': 'cms'}])\n\
         dev.secretsmanager.create_secret(Name='other', SecretString='x', Tags=[{'Key': 'team', 'Value': 'ops'}])\n\
         allow('ada', let('secretsmanager:GetSecretValue', Condition={'StringEquals': {'aws:ResourceTag/team': 'cms'}}))\n\
         found = [refusal(ada.secretsmanager.get_secret_value, SecretId=name) for name in ('tagged', 'other')]\n\
         copies = {'rules': [{'destinations': [{'region': 'us-east-1', 'registryId': id}]}]}\n\
         role = f'arn:aws:iam::{id}:role/aws-service-role/replication.ecr.amazonaws.com/*'\n\
         found + [needs(lambda side: side.ecr.put_replication_configuration(replicationConfiguration=copies),\n    \
             let('ecr:PutReplicationConfiguration'), let('iam:CreateServiceLinkedRole', role))]",
    );
    assert_eq!(seen, json!([null, denied, [denied, denied, null]]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_stale_is_only_for_whom_it_is() {
    let bench = Bench::new("").await;
    bench.ask(WORDS);
    bench.front.set_weather("stale=60s".parse().unwrap());
    let seen = bench.ask(
        "def read(side):\n    return side.secretsmanager.get_secret_value(SecretId=secret)['SecretString']\n\
         found = [read(there)]\n\
         there.secretsmanager.put_secret_value(SecretId=secret, SecretString='y')\n\
         found + [read(there), read(behind(there)), refusal(read, ada)]",
    );
    assert_eq!(seen, json!(["x", "x", "y", "AccessDeniedException"]));
    // It is recorded where the caller is.
    let calls = bench.front.calls().named("GetSecretValue").of(bench.ask("id").as_str().unwrap());
    assert_eq!(calls.count(), 1, "{}", bench.front.calls());
}
