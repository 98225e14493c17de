//! What AWS does to policies when they are stored, and when they are read.

use serde_json::json;

use crate::bench::Bench;

/// A member account `dev` (its id is `id`) beside the management account, a repository, a secret, a key and a bucket
/// in the latter, and words to store and read the policy of each.
const WORDS: &str = "\
id, dev = front.account('dev')
def doc(*statements, **more):
    return json.dumps({'Version': '2012-10-17', **more, 'Statement': list(statements)})

def let(principal, action, resource=None, **more):
    statement = {'Effect': 'Allow', 'Principal': {'AWS': principal}, 'Action': action} | more
    return statement | ({'Resource': resource} if resource else {})

def trust(principal):
    return doc(let(principal, 'sts:AssumeRole'))

service = doc({'Effect': 'Allow', 'Principal': {'Service': 'ecs-tasks.amazonaws.com'}, 'Action': 'sts:AssumeRole'})

def role(side, name, trusted=service):
    return side.iam.create_role(RoleName=name, AssumeRolePolicyDocument=trusted)['Role']

mine = let(MANAGEMENT, 'kms:*', '*')
role(front, 'trusting')
front.ecr.create_repository(repositoryName='app')
front.secretsmanager.create_secret(Name='s', SecretString='x')
key = front.kms.create_key()['KeyMetadata']['KeyId']
front.s3.create_bucket(Bucket='verb-b', CreateBucketConfiguration={'LocationConstraint': 'us-west-1'})

put = {
    'iam': lambda side, *to: side.iam.update_assume_role_policy(RoleName='trusting', PolicyDocument=trust(*to)),
    'ecr': lambda side, *to: side.ecr.set_repository_policy(repositoryName='app', policyText=doc(let(*to, 'ecr:*'))),
    'secret': lambda side, *to: side.secretsmanager.put_resource_policy(
        SecretId='s', ResourcePolicy=doc(let(*to, 'secretsmanager:GetSecretValue', '*'))),
    'kms': lambda side, *to: side.kms.put_key_policy(
        KeyId=key, PolicyName='default', Policy=doc(mine, let(*to, 'kms:Decrypt', '*'))),
    's3': lambda side, *to: side.s3.put_bucket_policy(
        Bucket='verb-b', Policy=doc(let(*to, 's3:GetObject', 'arn:aws:s3:::verb-b/*'))),
}
get = {
    'iam': lambda side: side.iam.get_role(RoleName='trusting')['Role']['AssumeRolePolicyDocument'],
    'ecr': lambda side: json.loads(side.ecr.get_repository_policy(repositoryName='app')['policyText']),
    'secret': lambda side: json.loads(side.secretsmanager.get_resource_policy(SecretId='s')['ResourcePolicy']),
    'kms': lambda side: json.loads(side.kms.get_key_policy(KeyId=key, PolicyName='default')['Policy']),
    's3': lambda side: json.loads(side.s3.get_bucket_policy(Bucket='verb-b')['Policy']),
}

def named(side, service):
    'Whom the statement names that `put` has made.'
    found = [s['Principal']['AWS'] for s in get[service](side)['Statement'] if s['Action'] != 'kms:*']
    return found[0]

def codes(side, to):
    return {service: refusal(call, side, to) for service, call in put.items()}

MALFORMED = 'MalformedPolicyDocumentException'
NO_PRINCIPAL = {'iam': 'MalformedPolicyDocument', 'ecr': 'InvalidParameterException', 'secret': MALFORMED,
                'kms': MALFORMED, 's3': 'MalformedPolicy'}
FINE = dict.fromkeys(put)
";

#[tokio::test(flavor = "multi_thread")]
async fn principals_exist_and_are_stored_by_what_does_not_change() {
    let bench = Bench::new("").await;
    bench.ask(WORDS);
    let absent = bench.ask(
        "nobody = f'arn:aws:iam::{id}:role/nobody'\n\
         alone = codes(moto, nobody) == FINE\n\
         codes(front, MANAGEMENT)\n\
         refused = codes(front, nobody) == codes(front, 'nobody') == NO_PRINCIPAL\n\
         [alone, refused, nobody in [named(moto, service) for service in put],\n\
          codes(front, 'arn:aws:iam::464622532012:role/of-another-organization') == FINE]",
    );
    assert_eq!(absent, json!([true, true, false, true]));

    let account = bench.ask(
        "codes(front, id)\n\
         root = f'arn:aws:iam::{id}:root'\n\
         [[named(side, service) == root for service in put] for side in (moto, front)]",
    );
    assert_eq!(account, json!([[true, true, true, true, true], [true, true, true, true, true]]));

    let by_id = bench.ask(
        "ada = role(dev, 'ada')\n\
         user = dev.iam.create_user(UserName='ben')['User']\n\
         codes(front, ada['Arn']), codes(front, [ada['Arn']])\n\
         stored = [named(moto, service) == ada['RoleId'] for service in put]\n\
         shown = [named(front, service) == ada['Arn'] for service in put]\n\
         listed = [r['AssumeRolePolicyDocument'] for r in front.iam.list_roles()['Roles'] if r['RoleName'] == 'trusting']\n\
         all = front.iam.get_account_authorization_details()['RoleDetailList']\n\
         all = [r['AssumeRolePolicyDocument'] for r in all if r['RoleName'] == 'trusting']\n\
         codes(front, user['Arn'])\n\
         users = [named(moto, service)[:4] == 'AIDA' and named(front, service) == user['Arn'] for service in put]\n\
         codes(front, ada['Arn'])\n\
         [stored, shown, listed == all == [get['iam'](front)], users, front.iam.get_role(RoleName='trusting')['Role']['RoleId'][:4]]",
    );
    let all = [true; 5];
    assert_eq!(by_id, json!([all, all, true, all, "AROA"]));

    // Deleted, and made anew under the same name: the policies still name the old one, and cannot be written again.
    let anew = bench.ask(
        "dev.iam.delete_role(RoleName='ada')\n\
         gone = [named(front, service) == ada['RoleId'] for service in put]\n\
         role(dev, 'ada')\n\
         [gone, [named(front, service) == ada['RoleId'] for service in put], codes(front, ada['RoleId']) == NO_PRINCIPAL]",
    );
    assert_eq!(anew, json!([all, all, true]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_principal_is_unknown_for_a_while() {
    let bench = Bench::new("").await;
    bench.ask(WORDS);
    bench.front.set_weather("unknown=2s".parse().unwrap());
    let seen = bench.ask(
        "def enter(side):\n    return refusal(side.sts.assume_role, RoleArn=new['Arn'], RoleSessionName='test')\n\
         new = role(dev, 'new', trust(MANAGEMENT))\n\
         early = [refusal(put['ecr'], front, new['Arn']), refusal(put['iam'], front, new['Arn']), enter(front)]\n\
         alone = [refusal(put['ecr'], moto, new['Arn']), enter(moto)]\n\
         time.sleep(2)\n\
         [early, alone, codes(front, new['Arn']) == FINE, enter(front)]",
    );
    let early = ["InvalidParameterException", "MalformedPolicyDocument", "AccessDenied"];
    assert_eq!(seen, json!([early, [null, null], true, null]));
}

#[tokio::test(flavor = "multi_thread")]
async fn sets_come_back_in_another_order_and_identity_policies_as_they_were() {
    let bench = Bench::new("").await;
    bench.ask(WORDS);
    let orders = bench.ask(
        "actions = ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer', 'ecr:BatchCheckLayerAvailability']\n\
         many = [f'arn:aws:iam::{n}:root' for n in ('111111111111', '222222222222', '333333333333')]\n\
         when = {'StringEquals': {'aws:PrincipalOrgID': ['o-a']}}\n\
         sent = doc(let(many, actions, Sid='a'), let(many[:1], 'ecr:PutImage', Sid='b'), let(many, actions, Sid='c',\n\
                    Condition=when))\n\
         front.ecr.set_repository_policy(repositoryName='app', policyText=sent)\n\
         sent, seen, there = json.loads(sent)['Statement'], get['ecr'](front)['Statement'], get['ecr'](moto)['Statement']\n\
         by = {s['Sid']: s for s in seen}\n\
         front.ecr.set_repository_policy(repositoryName='app', policyText=json.dumps({'Version': '2012-10-17',\n\
            'Statement': sent[::-1]}))\n\
         def same(a, b):\n    return a != b and sorted(a) == sorted(b)\n\
         [seen == there == get['ecr'](moto)['Statement'], [s['Sid'] for s in seen] != ['a', 'b', 'c'],\n\
          same(by['a']['Action'], actions) or same(by['a']['Principal']['AWS'], many), by['b']['Principal']['AWS'] == many[0],\n\
          by['c']['Condition'] == {'StringEquals': {'aws:PrincipalOrgID': 'o-a'}}]",
    );
    assert_eq!(orders, json!([true, true, true, true, true]));

    let verbatim = bench.ask(
        "text = '{\"Version\": \"2012-10-17\", \"Statement\": [{\"Effect\": \"Allow\", \"Action\": [\"s3:B\", \"s3:A\", \"s3:C\"],\\n'\n\
         text += '  \"Resource\": [\"*\"], \"Condition\": {\"StringLike\": {\"aws:userId\": [\"AROAWF3725DVKNSWE4JSL\"]}}}]}'\n\
         front.iam.put_role_policy(RoleName='trusting', PolicyName='p', PolicyDocument=text)\n\
         arn = front.iam.create_policy(PolicyName='p', PolicyDocument=text)['Policy']['Arn']\n\
         read = front.iam.get_role_policy(RoleName='trusting', PolicyName='p')['PolicyDocument']\n\
         version = front.iam.get_policy_version(PolicyArn=arn, VersionId='v1')['PolicyVersion']['Document']\n\
         [list(read['Statement'][0].items()) == list(json.loads(text)['Statement'][0].items()), read == version]",
    );
    assert_eq!(verbatim, json!([true, true]));
}

#[tokio::test(flavor = "multi_thread")]
async fn malformed_and_large_policies_are_refused() {
    let bench = Bench::new("").await;
    bench.ask(WORDS);
    let malformed = bench.ask(
        "scp = dict(Name='x', Description='x', Type='SERVICE_CONTROL_POLICY')\n\
         vpc = front.ec2.create_vpc(CidrBlock='10.0.0.0/16')['Vpc']['VpcId']\n\
         calls = {\n\
            'trust': lambda side: side.iam.update_assume_role_policy(RoleName='trusting', PolicyDocument=doc(let('*', 'ecr:*'))),\n\
            'inline': lambda side: side.iam.put_role_policy(RoleName='trusting', PolicyName='p', PolicyDocument=doc(\n\
                {'Effect': 'Allow', 'Action': 's3:*', 'Resource': '*', 'Principal': '*'})),\n\
            'ecr': lambda side: side.ecr.set_repository_policy(repositoryName='app', policyText=doc(let('*', 'ecr:*', '*'))),\n\
            'secret': lambda side: side.secretsmanager.put_resource_policy(SecretId='s', ResourcePolicy=doc(let('*', 'x:*'))),\n\
            'kms': lambda side: side.kms.put_key_policy(KeyId=key, PolicyName='default', Policy=doc({'Effect': 'Allow',\n\
                'Action': 'kms:*', 'Resource': '*'})),\n\
            's3': lambda side: side.s3.put_bucket_policy(Bucket='verb-b', Policy=doc(let('*', 's3:*'))),\n\
            'scp': lambda side: side.organizations.create_policy(Content=doc(let('*', 's3:*', '*')), **scp),\n\
            'endpoint': lambda side: side.ec2.create_vpc_endpoint(VpcId=vpc, PolicyDocument='{\"Statement\": 5}',\n\
                ServiceName='com.amazonaws.us-west-1.s3'),\n\
         }\n\
         [{name: refusal(call, side) for name, call in calls.items()} for side in (front, moto)]",
    );
    let document = "MalformedPolicyDocument";
    let exception = "MalformedPolicyDocumentException";
    let expected = json!({
        "trust": document, "inline": document, "ecr": "InvalidParameterException", "secret": exception,
        "kms": exception, "s3": "MalformedPolicy", "scp": exception, "endpoint": "InvalidPolicyDocument",
    });
    assert_eq!(malformed[0], expected);
    // moto sees some of them itself.
    for name in ["ecr", "secret", "kms", "s3", "scp", "endpoint"] {
        assert_eq!(malformed[1][name], json!(null), "{name}");
    }

    let large = bench.ask(
        "def allow(n, prefix='s3'):\n    return [f'{prefix}:{\"x\" * 90}{i:04}' for i in range(n // 100)]\n\
         def own(n):\n    return doc({'Effect': 'Allow', 'Action': allow(n), 'Resource': '*'})\n\
         roots = [f'arn:aws:iam::{100000000000 + i}:root' for i in range(60)]\n\
         calls = {\n\
            'trust': lambda side: side.iam.update_assume_role_policy(RoleName='trusting', PolicyDocument=trust(roots)),\n\
            'managed': lambda side: side.iam.create_policy(PolicyName='m', PolicyDocument=own(6500)),\n\
            'inline': lambda side: side.iam.put_role_policy(RoleName='trusting', PolicyName='a', PolicyDocument=own(6500)),\n\
            'together': lambda side: side.iam.put_role_policy(RoleName='trusting', PolicyName='b', PolicyDocument=own(6500)),\n\
            'ecr': lambda side: side.ecr.set_repository_policy(repositoryName='app', policyText=doc(\n\
                let('*', allow(11000, 'ecr')))),\n\
            'secret': lambda side: side.secretsmanager.put_resource_policy(SecretId='s', ResourcePolicy=doc(\n\
                let('*', allow(20300), '*', Sid='y' * 200))),\n\
            'kms': lambda side: side.kms.put_key_policy(KeyId=key, PolicyName='default', Policy=doc(mine, let('*',\n\
                allow(33000), '*'))),\n\
            's3': lambda side: side.s3.put_bucket_policy(Bucket='verb-b', Policy=doc(let('*', allow(21000),\n\
                'arn:aws:s3:::verb-b/*'))),\n\
            'scp': lambda side: side.organizations.create_policy(Content=own(10300), **{**scp, 'Name': 'y'}),\n\
         }\n\
         [{name: refusal(call, side) for name, call in calls.items()} for side in (front, moto)]",
    );
    let reason = bench
        .ask("try:\n    calls['scp'](front)\nexcept ClientError as error:\n    why = error.response['Reason']\nwhy");
    assert_eq!(reason, "POLICY_CONTENT_LIMIT_EXCEEDED");
    let limit = "LimitExceeded";
    let expected = json!({
        "trust": limit, "managed": limit, "inline": null, "together": limit, "ecr": "InvalidParameterException",
        "secret": "ValidationException", "kms": "LimitExceededException", "s3": "MalformedPolicy",
        "scp": "ConstraintViolationException",
    });
    assert_eq!(large[0], expected);
    for (name, code) in large[1].as_object().unwrap() {
        assert_eq!(code, &json!(null), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_locked_out_and_no_secret_is_public() {
    let bench = Bench::new("").await;
    bench.ask(WORDS);
    let seen = bench.ask(
        "other = doc(let(id, 'kms:*', '*'))\n\
         def lock(side, **more):\n    \
             return [refusal(side.kms.create_key, Policy=other, **more),\n            \
                refusal(side.kms.put_key_policy, KeyId=key, PolicyName='default', Policy=other, **more)]\n\
         def public(side, block, **when):\n    \
             policy = doc(let('*', 'secretsmanager:GetSecretValue', '*', **when))\n    \
             return refusal(side.secretsmanager.put_resource_policy, SecretId='s', ResourcePolicy=policy,\n            \
                BlockPublicPolicy=block)\n\
         ours = {'StringEquals': {'aws:PrincipalOrgID': 'o-abcdefghij'}}\n\
         secrets = [public(moto, True), public(front, True), public(front, False), public(front, True, Condition=ours)]\n\
         keys = [lock(front), get['kms'](moto)['Statement'][0]['Principal']['AWS'].split(':')[4] == MANAGEMENT,\n\
            refusal(front.kms.create_key, Policy=doc(mine)), lock(front, BypassPolicyLockoutSafetyCheck=True), lock(moto)]\n\
         def shut(side, **more):\n    \
             policy = doc(let('*', 'ecr:*', Effect='Deny'))\n    \
             return refusal(side.ecr.set_repository_policy, repositoryName='app', policyText=policy, **more)\n\
         [secrets, keys, [shut(moto), shut(front), shut(front, force=True)]]",
    );
    let malformed = "MalformedPolicyDocumentException";
    let keys = json!([[malformed, malformed], true, null, [null, null], [null, null]]);
    let repository = json!([null, "InvalidParameterException", null]);
    assert_eq!(seen, json!([[null, "PublicPolicyException", null, null], keys, repository]));
}
