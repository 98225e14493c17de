//! Roles are assumed as their trust policies say.

use serde_json::json;

use crate::bench::Bench;

/// Words for roles and trust policies in the management account, and a member account `dev` (its id is `id`).
const WORDS: &str = "\
def doc(*statements):
    return json.dumps({'Version': '2012-10-17', 'Statement': list(statements)})

def trust(principal, action='sts:AssumeRole', **condition):
    statement = {'Effect': 'Allow', 'Principal': {'AWS': principal}, 'Action': action}
    return doc(statement | ({'Condition': condition} if condition else {}))

def may(action, resource):
    return doc({'Effect': 'Allow', 'Action': action, 'Resource': resource})

def role(side, name, trusted, allowed=None, **more):
    made = side.iam.create_role(RoleName=name, AssumeRolePolicyDocument=trusted, **more)['Role']
    if allowed:
        side.iam.put_role_policy(RoleName=name, PolicyName='may', PolicyDocument=allowed)
    return made['Arn']

def assume(side, arn, **more):
    try:
        side.sts.assume_role(RoleArn=arn, RoleSessionName='test', **more)
    except ClientError as error:
        return error.response['Error']['Code'] + ': ' + error.response['Error']['Message']

def behind(side):
    return Side(moto.endpoint, *side.session.get_credentials().get_frozen_credentials()[:3])

id, dev = front.account('dev')
root = f'arn:aws:iam::{MANAGEMENT}:root'
user = f'arn:aws:iam::{MANAGEMENT}:user/moto'
";

#[tokio::test(flavor = "multi_thread")]
async fn a_role_is_assumed_where_it_is_and_by_whom_it_trusts() {
    let bench = Bench::new("").await;
    bench.ask(WORDS);
    let absent = bench.ask(
        "nobody = f'arn:aws:iam::{id}:role/nobody'\n\
         [assume(moto, nobody), assume(front, nobody).replace(user, 'USER').replace(nobody, 'ROLE')]",
    );
    let text = "AccessDenied: User: USER is not authorized to perform: sts:AssumeRole on resource: ROLE";
    assert_eq!(absent, json!([null, text]));

    // A trust policy that names another, that wants an external id, that wants the organization.
    let trusted = bench.ask(
        "other = role(dev, 'other', trust(f'arn:aws:iam::{id}:root'))\n\
         external = role(dev, 'external', trust(root, StringEquals={'sts:ExternalId': ['a1', 'b2']}))\n\
         org = front.organizations.describe_organization()['Organization']['Id']\n\
         top = front.organizations.list_roots()['Roots'][0]['Id']\n\
         ours = role(dev, 'ours', trust('*', StringEquals={'aws:PrincipalOrgID': org}))\n\
         theirs = role(dev, 'theirs', trust('*', StringEquals={'aws:PrincipalOrgID': 'o-other'}))\n\
         path = {'ForAnyValue:StringLike': {'aws:PrincipalOrgPaths': f'{org}/{top}/*'}}\n\
         here = role(dev, 'here', trust('*', **path))\n\
         named = role(dev, 'named', trust('*', ArnLike={'aws:PrincipalArn': user}))\n\
         strict = role(dev, 'strict', trust(root, Bool={'aws:MultiFactorAuthPresent': 'true'}))\n\
         def code(*a, **b):\n    said = assume(*a, **b)\n    return said and said.split(':')[0]\n\
         [[code(side, other), code(side, external), code(side, external, ExternalId='xy'),\n\
           code(side, theirs), code(side, strict)] for side in (moto, front)]",
    );
    assert_eq!(trusted, json!(([(); 5], ["AccessDenied"; 5])));
    let allowed = bench.ask(
        "[code(front, external, ExternalId='b2'), code(front, ours), code(front, here), code(front, named),\n\
          code(dev, other, DurationSeconds=3600)]",
    );
    assert_eq!(allowed, json!([null, null, null, null, null]));

    // Tags and a source identity need permissions of their own.
    let more = bench.ask(
        "plain = role(dev, 'plain', trust(root))\n\
         full = role(dev, 'full', trust(root, ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity'],\n\
            StringLike={'aws:RequestTag/team': 'a*'}))\n\
         def tag(value):\n    return [{'Key': 'team', 'Value': value}]\n\
         said = assume(front, plain, Tags=tag('a')), assume(front, plain, SourceIdentity='ada')\n\
         [[part.split(' perform: ')[1].split(' ')[0] for part in said], code(front, full, Tags=tag('b')),\n\
          code(moto, full, Tags=tag('b')), code(front, full, Tags=tag('ab'), SourceIdentity='ada')]",
    );
    assert_eq!(more, json!([["sts:TagSession", "sts:SetSourceIdentity"], "AccessDenied", null, null]));

    // Durations.
    let durations = bench.ask(
        "long = role(dev, 'long', trust([root, id]), MaxSessionDuration=7200)\n\
         loose = ONCE.merge(Config(parameter_validation=False))\n\
         loose = [side.session.client('sts', endpoint_url=side.endpoint, config=loose) for side in (moto, front)]\n\
         short = [refusal(sts.assume_role, RoleArn=plain, RoleSessionName='test', DurationSeconds=60) for sts in loose]\n\
         [short, assume(front, plain, DurationSeconds=7200),\n\
          assume(moto, plain, DurationSeconds=7200), code(front, long, DurationSeconds=7200),\n\
          assume(dev, long, DurationSeconds=7200)]",
    );
    let role = "ValidationError: The requested DurationSeconds exceeds the MaxSessionDuration set for this role.";
    let chain = "ValidationError: The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by \
                 role chaining.";
    assert_eq!(durations, json!([[null, "ValidationError"], role, null, null, chain]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_may_assume_what_its_role_may() {
    let bench = Bench::new("").await;
    bench.ask(WORDS);
    let chained = bench.ask(
        "target = f'arn:aws:iam::{id}:role/target'\n\
         powerless = front.enter(role(front, 'powerless', trust(root), may('s3:*', '*')))\n\
         able = front.enter(role(front, 'able', trust(root), may('sts:AssumeRole', target)))\n\
         managed = front.iam.create_policy(PolicyName='hop', PolicyDocument=may('sts:*', target))['Policy']['Arn']\n\
         attached = role(front, 'attached', trust(root))\n\
         front.iam.attach_role_policy(RoleName='attached', PolicyArn=managed)\n\
         attached = front.enter(attached)\n\
         role(dev, 'target', trust([f'arn:aws:iam::{MANAGEMENT}:role/able', f'arn:aws:iam::{MANAGEMENT}:role/attached',\n\
            f'arn:aws:iam::{MANAGEMENT}:role/powerless']))\n\
         limited = front.enter(f'arn:aws:iam::{MANAGEMENT}:role/able', Policy=may('s3:*', '*'))\n\
         [[assume(of(side), target) is None for side in (powerless, able, attached, limited)]\n\
            for of in (behind, lambda side: side)]",
    );
    assert_eq!(chained, json!([[true, true, true, true], [false, true, true, false]]));

    // The role is made anew, and is another one: neither its sessions nor the trust in it pass on.
    let anew = bench.ask(
        "front.iam.delete_role_policy(RoleName='able', PolicyName='may')\n\
         front.iam.delete_role(RoleName='able')\n\
         again = role(front, 'able', trust(root), may('sts:AssumeRole', target))\n\
         [assume(able, target) is not None, assume(front.enter(again), target) is not None]",
    );
    assert_eq!(anew, json!([true, true]));

    // A source identity stays, and every role of the chain has to let it.
    let identity = bench.ask(
        "both = ['sts:AssumeRole', 'sts:SetSourceIdentity']\n\
         first = role(front, 'first', trust(root, both), may('sts:*', '*'))\n\
         lets = role(dev, 'lets', trust(root, both, StringEquals={'aws:SourceIdentity': 'ada'}))\n\
         lets_not = role(dev, 'lets-not', trust(root))\n\
         ada, nobody = front.enter(first, SourceIdentity='ada'), front.enter(first)\n\
         [assume(ada, lets), assume(ada, lets_not) is not None, assume(nobody, lets) is not None,\n\
          assume(nobody, lets_not)]",
    );
    assert_eq!(identity, json!([null, true, true, null]));
}
