//! Clusters, services and task definitions of ECS.

use serde_json::json;

use crate::bench::Bench;

/// A way to make services in clusters, and roles, and to come in with statements of one's own.
const WORDS: &str = "\
def role(side, name, service):
    statement = {'Effect': 'Allow', 'Action': 'sts:AssumeRole', 'Principal': {'Service': service}}
    trust = json.dumps({'Version': '2012-10-17', 'Statement': [statement]})
    return side.iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)['Role']['Arn']
def register(side, family='a', cpu='256', memory='512', **more):
    one = {'name': 'a', 'image': 'a', 'memory': 64}
    made = side.ecs.register_task_definition(family=family, containerDefinitions=[one], cpu=cpu, memory=memory,
        networkMode='awsvpc', requiresCompatibilities=['FARGATE'], **more)
    return made['taskDefinition']['taskDefinitionArn']
def service(side, cluster, name, task, **more):
    return side.ecs.create_service(cluster=cluster, serviceName=name, taskDefinition=task, desiredCount=1, **more)['service']
def status(side, cluster, name):
    return side.ecs.describe_services(cluster=cluster, services=[name])['services'][0]['status']
allow = lambda *actions: {'Effect': 'Allow', 'Action': list(actions), 'Resource': '*'}
def entered(name, *statements):
    trust = {'Effect': 'Allow', 'Action': 'sts:AssumeRole', 'Principal': {'AWS': MANAGEMENT}}
    document = lambda *all: json.dumps({'Version': '2012-10-17', 'Statement': list(all)})
    arn = moto.iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(trust))['Role']['Arn']
    moto.iam.put_role_policy(RoleName=name, PolicyName='a', PolicyDocument=document(*statements))
    return front.enter(arn)
";

#[tokio::test(flavor = "multi_thread")]
async fn a_task_definition_has_a_size_and_roles_of_tasks() {
    let bench = Bench::new("").await;
    bench.ask(&format!("{WORDS}None"));
    let seen = bench.ask(
        "tasks, logs = role(moto, 'tasks', 'ecs-tasks.amazonaws.com'), role(moto, 'logs', 'vpc-flow-logs.amazonaws.com')\n\
         tries = [dict(), dict(memory='1024'), dict(memory='4096'), dict(cpu='8192', memory='20480'), dict(cpu='300', memory='1024'),\n    \
             dict(taskRoleArn=tasks, executionRoleArn=tasks), dict(taskRoleArn=logs), dict(executionRoleArn=tasks + 'no')]\n\
         [[refusal(register, side, **one) for one in tries] for side in (moto, front)]",
    );
    let wrong = "ClientException";
    let of_front = json!([null, null, wrong, null, wrong, null, wrong, wrong]);
    assert_eq!(seen, json!([[null, null, null, null, null, null, null, null], of_front]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_deleted_runs_nothing_new() {
    let bench = Bench::new("").await;
    bench.ask(&format!("{WORDS}None"));
    let seen = bench.ask(
        "def tried(side, name):\n    \
             side.ecs.create_cluster(clusterName=name)\n    \
             old, new = register(side, name), register(side, name)\n    \
             side.ecs.deregister_task_definition(taskDefinition=old)\n    \
             found = [refusal(service, side, name, 'web', old), refusal(service, side, name, 'api', new)]\n    \
             found.append(refusal(service, side, name, 'api', new, healthCheckGracePeriodSeconds=9))\n    \
             found.append(refusal(side.ecs.update_service, cluster=name, service='api', taskDefinition=old))\n    \
             for one in ('web', 'api'):\n        \
                 refusal(side.ecs.delete_service, cluster=name, service=one, force=True)\n    \
             found.append(refusal(side.ecs.update_service, cluster=name, service='api', desiredCount=2))\n    \
             found.append(refusal(side.ecs.delete_service, cluster=name, service='api', force=True))\n    \
             side.ecs.delete_cluster(cluster=name)\n    \
             return found + [refusal(service, side, name, 'late', new)]\n\
         [tried(moto, 'm'), tried(front, 'f')]",
    );
    let client = "ClientException";
    let refused = json!([
        client,
        null,
        "InvalidParameterException",
        client,
        "ServiceNotActiveException",
        "ServiceNotFoundException",
        "ClusterNotFoundException"
    ]);
    assert_eq!(seen, json!([[null, null, null, null, null, null, null], refused]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_service_drains() {
    let bench = Bench::new("pending=2s").await;
    bench.ask(&format!("{WORDS}None"));
    let seen = bench.ask(
        "def tried(side, name):\n    \
             side.ecs.create_cluster(clusterName=name)\n    \
             task = register(side, name)\n    \
             service(side, name, 'web', task)\n    \
             side.ecs.delete_service(cluster=name, service='web', force=True)\n    \
             begun = [status(side, name, 'web'), refusal(service, side, name, 'web', task)]\n    \
             time.sleep(2.1)\n    \
             return begun + [refusal(service, side, name, 'web', task), status(side, name, 'web')]\n\
         [tried(moto, 'm'), tried(front, 'f')]",
    );
    let of_front = json!(["DRAINING", "InvalidParameterException", null, "ACTIVE"]);
    assert_eq!(seen, json!([["INACTIVE", null, null, "ACTIVE"], of_front]));
}

/// Whoever brings a task definition in hands its roles on.
#[tokio::test(flavor = "multi_thread")]
async fn roles_are_passed_by_those_who_may() {
    let bench = Bench::new("").await;
    bench.ask(&format!("{WORDS}None"));
    let seen = bench.ask(
        "passing = allow('iam:PassRole')\n\
         passing['Condition'] = {'StringEquals': {'iam:PassedToService': 'ecs-tasks.amazonaws.com'}}\n\
         tasks = role(moto, 'tasks', 'ecs-tasks.amazonaws.com')\n\
         register_only = entered('one', allow('ecs:RegisterTaskDefinition'))\n\
         both = entered('two', allow('ecs:RegisterTaskDefinition'), passing)\n\
         tags = [{'key': 'a', 'value': 'b'}]\n\
         [refusal(register, register_only), refusal(register, register_only, taskRoleArn=tasks), refusal(register, both, taskRoleArn=tasks),\n    \
             refusal(register, both, taskRoleArn=tasks, tags=tags), refusal(both.ecs.create_cluster, clusterName='a')]",
    );
    let denied = "AccessDeniedException";
    assert_eq!(seen, json!([null, denied, null, denied, denied]));
}

/// What has the name of something new and is of another kind is there.
#[tokio::test(flavor = "multi_thread")]
async fn containers_may_be_called_as_their_service_is() {
    let bench = Bench::new("stale=60s").await;
    bench.ask(&format!("{WORDS}None"));
    let seen = bench.ask(
        "moto.ecs.create_cluster(clusterName='main')\n\
         task = register(moto)\n\
         service(front, 'main', 'a', task)\n\
         shown = front.ecs.describe_task_definition(taskDefinition=task)['taskDefinition']['containerDefinitions']\n\
         [[one['name'] for one in shown], refusal(register, front),\n    \
             front.ecs.describe_services(cluster='main', services=['a'])['services']]",
    );
    assert_eq!(seen, json!([["a"], null, []]));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_name_of_a_namespace_is_taken_once() {
    let bench = Bench::new("").await;
    let seen = bench.ask(
        "make = lambda side, name: refusal(side.servicediscovery.create_http_namespace, Name=name)\n\
         [[make(side, name), make(side, name)] for side, name in ((moto, 'm'), (front, 'f'))]",
    );
    assert_eq!(seen, json!([[null, null], [null, "NamespaceAlreadyExists"]]));
}

/// Services of a namespace are told apart by their discovery names, which are those of their ports where none are said.
#[tokio::test(flavor = "multi_thread")]
async fn a_name_in_service_connect_is_taken_once() {
    let bench = Bench::new("").await;
    bench.ask(&format!("{WORDS}None"));
    let seen = bench.ask(
        "def world(side, cluster):\n    \
             moto.ecs.create_cluster(clusterName=cluster)\n    \
             task = register(moto)\n    \
             def connect(**name):\n        \
                 return {'enabled': True, 'namespace': 'main', 'services': [{'portName': 'http'} | name]}\n    \
             def make(name, **more):\n        \
                 return refusal(service, side, cluster, name, task, serviceConnectConfiguration=connect(**more))\n    \
             def change(name, **more):\n        \
                 return refusal(side.ecs.update_service, cluster=cluster, service=name, serviceConnectConfiguration=connect(**more))\n    \
             found = [make('a'), make('b'), make('c', discoveryName='c'), make('d', discoveryName='c')]\n    \
             found += [change('c'), change('c', discoveryName='c'), change('a', discoveryName='a')]\n    \
             return found + [make('e')]\n\
         [world(moto, 'm'), world(front, 'f')]",
    );
    let taken = "InvalidParameterException";
    assert_eq!(seen[1], json!([null, taken, null, taken, taken, null, null, null]));
    assert_eq!(seen[0], json!([null, null, null, null, null, null, null, null]));
}

/// Autoscaling makes alarms, so whoever asks for it has to be allowed to.
#[tokio::test(flavor = "multi_thread")]
async fn who_scales_may_make_alarms() {
    let bench = Bench::new("").await;
    bench.ask(&format!("{WORDS}None"));
    let seen = bench.ask(
        "moto.ecs.create_cluster(clusterName='main')\n\
         service(moto, 'main', 'a', register(moto))\n\
         scaling = allow('application-autoscaling:*', 'iam:CreateServiceLinkedRole', 'ecs:DescribeServices', 'ecs:UpdateService')\n\
         alarms = allow('cloudwatch:DeleteAlarms', 'cloudwatch:DescribeAlarms', 'cloudwatch:PutMetricAlarm')\n\
         def scale(name, *statements):\n    \
             scaling = entered(name, *statements).client('application-autoscaling')\n    \
             return refusal(scaling.register_scalable_target, ServiceNamespace='ecs', ResourceId='service/main/a',\n        \
                 ScalableDimension='ecs:service:DesiredCount', MinCapacity=1, MaxCapacity=2)\n\
         [scale('one', scaling), scale('two', alarms), scale('three', scaling, alarms)]",
    );
    assert_eq!(seen, json!(["AccessDeniedException", "AccessDeniedException", null]));
}
