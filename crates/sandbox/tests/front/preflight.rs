//! What is asked before a run: quotas, permissions, who one is, what time it is, how large tasks are.

use serde_json::json;

use crate::bench::Bench;

#[tokio::test(flavor = "multi_thread")]
async fn quotas_are_told_and_kept_to() {
    let bench = Bench::new("").await;
    let seen = bench.ask(
        "import urllib.request\n\
         def quota(side, service, code, region='us-west-1'):\n    \
             client = side.session.client('service-quotas', region, endpoint_url=side.endpoint, config=ONCE)\n    \
             try:\n        return client.get_service_quota(ServiceCode=service, QuotaCode=code)['Quota']['Value']\n    \
             except Exception as error:\n        return type(error).__name__\n\
         def listed():\n    \
             quotas = front.client('service-quotas').list_service_quotas(ServiceCode='vpc')['Quotas']\n    \
             return {quota['QuotaCode']: quota['Value'] for quota in quotas}\n\
         vpc, limit = ('vpc', 'L-F678F1CE'), ('organizations', 'L-E619E033')\n\
         seen = [lacks(moto.client('service-quotas').list_service_quotas, ServiceCode='vpc'), quota(moto, 'fargate', 'L-3032A538')]\n\
         seen += [quota(front, 'fargate', 'L-3032A538'), quota(front, *vpc), quota(front, 'vpc', 'L-00000000'), listed()]\n\
         seen += [quota(front, *limit), quota(front, *limit, region='us-east-1')]\n\
         said = {'op': 'put', 'key': f'quota {MANAGEMENT} us-west-1 L-F678F1CE', 'value': 2}\n\
         urllib.request.urlopen(urllib.request.Request(moto.endpoint + '/orgstrap/memory', json.dumps(said).encode())).read()\n\
         def another():\n    return refusal(front.ec2.create_vpc, CidrBlock='10.0.0.0/16')\n\
         # There is the default one.\n\
         seen + [quota(front, *vpc), another(), another()]",
    );
    let missing = "NoSuchResourceException";
    let listed = json!({"L-F678F1CE": 5.0, "L-A4707A72": 5.0, "L-FE5A380F": 5.0});
    assert_eq!(seen, json!([true, missing, 6.0, 5.0, missing, listed, missing, 10.0, 2.0, null, "VpcLimitExceeded"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn permissions_are_simulated() {
    let bench = Bench::new("").await;
    let seen = bench.ask(
        "def allow(actions, object='*', effect='Allow'):\n    \
             return {'Effect': effect, 'Action': actions, 'Resource': object}\n\
         def policy(*statements):\n    return json.dumps({'Version': '2012-10-17', 'Statement': statements})\n\
         front.iam.create_user(UserName='ada')\n\
         roles = 'arn:aws:iam::*:role/Access'\n\
         own = policy(allow('organizations:*'), allow('sts:AssumeRole', roles), allow('organizations:Leave*', effect='Deny'))\n\
         front.iam.put_user_policy(UserName='ada', PolicyName='own', PolicyDocument=own)\n\
         trust = policy({'Effect': 'Allow', 'Principal': {'AWS': MANAGEMENT}, 'Action': 'sts:AssumeRole'})\n\
         front.iam.create_role(RoleName='poor', Path='/team/', AssumeRolePolicyDocument=trust)\n\
         def may(who, actions, **more):\n    \
             who = f'arn:aws:iam::{MANAGEMENT}:{who}'\n    \
             asked = dict(PolicySourceArn=who, ActionNames=actions, **more)\n    \
             return [r['EvalDecision'] for r in front.iam.simulate_principal_policy(**asked)['EvaluationResults']]\n\
         actions = ['organizations:CreateAccount', 'organizations:LeaveOrganization', 'iam:GetRole', 'sts:AssumeRole']\n\
         enter = dict(ResourceArns=['arn:aws:iam::111122223333:role/Access'])\n\
         session = f'arn:aws:sts::{MANAGEMENT}:assumed-role/poor/ada'\n\
         simulate = front.iam.simulate_principal_policy\n\
         [lacks(moto.iam.simulate_principal_policy, PolicySourceArn=f'arn:aws:iam::{MANAGEMENT}:user/ada', ActionNames=actions),\n\
          may('user/ada', actions), may('user/ada', ['sts:AssumeRole'], **enter), may('role/team/poor', actions[:1]),\n\
          refusal(simulate, PolicySourceArn=session, ActionNames=actions),\n\
          refusal(simulate, PolicySourceArn=f'arn:aws:iam::{MANAGEMENT}:role/nobody', ActionNames=actions)]",
    );
    let (yes, no, denied) = ("allowed", "implicitDeny", "explicitDeny");
    assert_eq!(seen, json!([true, [yes, denied, no, no], [yes], [no], "InvalidInput", "NoSuchEntity"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn users_are_of_iam() {
    let bench = Bench::new("").await;
    let seen = bench.ask("[side.sts.get_caller_identity()['Arn'] for side in (moto, front)]");
    assert_eq!(seen, json!(["arn:aws:sts::123456789012:user/moto", "arn:aws:iam::123456789012:user/moto"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn tasks_have_the_size_of_their_definition() {
    let bench = Bench::new("").await;
    let seen = bench.ask(
        "front.ecs.create_cluster(clusterName='a')\n\
         container = [{'name': 'a', 'image': 'a', 'memory': 512}]\n\
         front.ecs.register_task_definition(family='a', cpu='512', memory='1024', networkMode='awsvpc', \
             requiresCompatibilities=['FARGATE'], containerDefinitions=container)\n\
         subnet = front.ec2.describe_subnets()['Subnets'][0]['SubnetId']\n\
         network = {'awsvpcConfiguration': {'subnets': [subnet], 'securityGroups': []}}\n\
         task = front.ecs.run_task(cluster='a', taskDefinition='a', launchType='FARGATE', networkConfiguration=network)['tasks'][0]\n\
         def size(side):\n    \
             task_now = side.ecs.describe_tasks(cluster='a', tasks=[task['taskArn']])['tasks'][0]\n    \
             return [task_now.get('cpu'), task_now.get('memory')]\n\
         [size(moto), size(front)]",
    );
    assert_eq!(seen, json!([[null, null], ["512", "1024"]]));
}

/// boto3 signs with its own clock, and learns nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_behind_is_told_and_then_refused() {
    let bench = Bench::new("clock=2m").await;
    let ask = "import email.utils, time\n\
               def off(side):\n    \
                   answer = side.sts.get_caller_identity()\n    \
                   date = answer['ResponseMetadata']['HTTPHeaders']['date']\n    \
                   return round((email.utils.parsedate_to_datetime(date).timestamp() - time.time()) / 60)\n\
               [off(moto), off(front)]";
    assert_eq!(bench.ask(ask), json!([0, 2]));
    bench.front.set_weather("clock=6m".parse().unwrap());
    let codes = bench.ask(
        "[refusal(front.sts.get_caller_identity), refusal(front.ec2.describe_vpcs), refusal(front.organizations.list_accounts)]",
    );
    assert_eq!(codes, json!(["SignatureDoesNotMatch", "RequestExpired", "InvalidSignatureException"]));
}
