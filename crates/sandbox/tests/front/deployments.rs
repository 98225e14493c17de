//! `CodeDeploy`, and services that it brings out.

use serde_json::json;

use crate::bench::Bench;

/// A place for services that `CodeDeploy` brings out, and what it takes to do that.
const WORDS: &str = "\
def role(name, service):
    statement = {'Effect': 'Allow', 'Action': 'sts:AssumeRole', 'Principal': {'Service': service}}
    trust = json.dumps({'Version': '2012-10-17', 'Statement': [statement]})
    return moto.iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)['Role']['Arn']
vpc = moto.ec2.create_vpc(CidrBlock='10.0.0.0/16')['Vpc']['VpcId']
subnets = [moto.ec2.create_subnet(VpcId=vpc, CidrBlock=f'10.0.{i}.0/24', AvailabilityZone=zone)['Subnet']['SubnetId']
    for i, zone in enumerate(['us-west-1a', 'us-west-1b'])]
security = moto.ec2.create_security_group(GroupName='g', Description='g', VpcId=vpc)['GroupId']
balancer = moto.elbv2.create_load_balancer(Name='main', Subnets=subnets)['LoadBalancers'][0]['LoadBalancerArn']
listener = moto.elbv2.create_listener(LoadBalancerArn=balancer, Port=80, Protocol='HTTP',
    DefaultActions=[{'Type': 'fixed-response', 'FixedResponseConfig': {'StatusCode': '404'}}])['Listeners'][0]['ListenerArn']
moto.ecs.create_cluster(clusterName='main')
deployer, tasks = role('deployer', 'codedeploy.amazonaws.com'), role('tasks', 'ecs-tasks.amazonaws.com')
rules = iter(range(1, 100))
def register(name, image):
    one = {'name': 'web', 'image': image, 'memory': 64}
    return moto.ecs.register_task_definition(family=name, containerDefinitions=[one], networkMode='awsvpc')['taskDefinition']['taskDefinitionArn']
def service(side, name, **more):
    '''A service with two target groups, of which a rule leads to the first.'''
    groups = [moto.elbv2.create_target_group(Name=f'{name}-{color}', VpcId=vpc, Port=80, Protocol='HTTP', TargetType='ip')['TargetGroups'][0]['TargetGroupArn']
        for color in ('blue', 'green')]
    moto.elbv2.create_rule(ListenerArn=listener, Priority=next(rules), Conditions=[{'Field': 'path-pattern', 'Values': [f'/{name}']}],
        Actions=[{'Type': 'forward', 'TargetGroupArn': groups[0]}])
    place = {'awsvpcConfiguration': {'subnets': subnets, 'securityGroups': [security]}}
    asked = dict(cluster='main', serviceName=name, taskDefinition=register(name, '1'), desiredCount=2, launchType='FARGATE',
        deploymentController={'type': 'CODE_DEPLOY'}, networkConfiguration=place,
        loadBalancers=[{'targetGroupArn': groups[0], 'containerName': 'web', 'containerPort': 80}])
    return side.ecs.create_service(**{**asked, **more})['service']
def group(side, name, application=None, **more):
    pair = {'targetGroups': [{'name': f'{name}-blue'}, {'name': f'{name}-green'}], 'prodTrafficRoute': {'listenerArns': [listener]}}
    asked = dict(applicationName=application or name, deploymentGroupName=name, serviceRoleArn=deployer,
        ecsServices=[{'serviceName': name, 'clusterName': 'main'}], loadBalancerInfo={'targetGroupPairInfoList': [pair]})
    return side.codedeploy.create_deployment_group(**{**asked, **more})
def spec(task, **more):
    named = {'TaskDefinition': task, 'LoadBalancerInfo': {'ContainerName': 'web', 'ContainerPort': 80}, **more}
    return json.dumps({'version': 0.0, 'Resources': [{'TargetService': {'Type': 'AWS::ECS::Service', 'Properties': named}}]})
def deploy(side, name, content, **more):
    revision = {'revisionType': 'AppSpecContent', 'appSpecContent': {'content': content, **more}}
    return side.codedeploy.create_deployment(applicationName=name, deploymentGroupName=name, revision=revision)['deploymentId']
def deployable(side, name):
    service(side, name)
    side.codedeploy.create_application(applicationName=name, computePlatform='ECS')
    group(side, name)
def status(side, id):
    return side.codedeploy.get_deployment(deploymentId=id)['deploymentInfo']['status']
def events(side, id, name):
    target = side.codedeploy.get_deployment_target(deploymentId=id, targetId=f'main:{name}')['deploymentTarget']['ecsTarget']
    return {one['lifecycleEventName']: one['status'] for one in target['lifecycleEvents']}
def runs(name):
    found = moto.ecs.describe_services(cluster='main', services=[name])['services'][0]
    return [found['taskDefinition'].split('/')[-1], found['runningCount'], [one['status'] for one in found['taskSets']]]
def weights(name):
    [rule] = [rule for rule in moto.elbv2.describe_rules(ListenerArn=listener)['Rules']
        if rule['Conditions'] and rule['Conditions'][0].get('Values') == [f'/{name}']]
    to = rule['Actions'][0].get('ForwardConfig', {}).get('TargetGroups', [])
    return [[one['TargetGroupArn'].split('/')[1], one['Weight']] for one in to]
";

async fn bench(weather: &str) -> Bench {
    let bench = Bench::new(weather).await;
    bench.ask(&format!("{WORDS}None"));
    bench
}

/// Both ways in: it is moto that is taught it.
#[tokio::test(flavor = "multi_thread")]
async fn a_deployment_moves_a_service_from_one_group_to_the_other() {
    let bench = bench("").await;
    let seen = bench.ask(
        "def tried(side, name):\n    \
             deployable(side, name)\n    \
             found = [runs(name), weights(name)]\n    \
             for image in ('2', '3'):\n        \
                 id = deploy(side, name, spec(register(name, image)))\n        \
                 found += [status(side, id), runs(name), weights(name)]\n    \
             return found\n\
         [tried(moto, 'm'), tried(front, 'f')]",
    );
    let of = |name: &str| {
        let (blue, green) = (format!("{name}-blue"), format!("{name}-green"));
        json!([
            [format!("{name}:1"), 2, ["PRIMARY"]],
            [],
            "Succeeded",
            [format!("{name}:2"), 2, ["PRIMARY"]],
            [[green, 100], [blue, 0]],
            "Succeeded",
            [format!("{name}:3"), 2, ["PRIMARY"]],
            [[blue, 100], [green, 0]],
        ])
    };
    assert_eq!(seen, json!([of("m"), of("f")]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deployment_takes_its_time_and_is_alone() {
    let bench = bench("codedeploy.CreateDeployment:pending=2s").await;
    let seen = bench.ask(
        "deployable(moto, 'a')\n\
         next, after = spec(register('a', '2')), spec(register('a', '3'))\n\
         id = deploy(front, 'a', next)\n\
         found = [status(front, id), events(front, id, 'a'), runs('a'), refusal(deploy, front, 'a', after)]\n\
         time.sleep(2.2)\n\
         found += [status(front, id), events(front, id, 'a'), runs('a'), refusal(deploy, front, 'a', after)]\n\
         time.sleep(10)\n\
         found += [status(front, id), runs('a'), refusal(deploy, front, 'a', after), refusal(deploy, moto, 'a', after)]\n\
         found",
    );
    let pending = json!({"BeforeInstall": "Succeeded", "Install": "InProgress", "AfterInstall": "Pending",
        "BeforeAllowTraffic": "Pending", "AllowTraffic": "Pending", "AfterAllowTraffic": "Pending"});
    let moved = json!({"BeforeInstall": "Succeeded", "Install": "Succeeded", "AfterInstall": "Succeeded",
        "BeforeAllowTraffic": "Succeeded", "AllowTraffic": "Succeeded", "AfterAllowTraffic": "Succeeded"});
    let limit = "DeploymentLimitExceededException";
    assert_eq!(
        seen,
        json!([
            "InProgress",
            pending,
            ["a:1", 4, ["PRIMARY", "ACTIVE"]],
            limit,
            "InProgress",
            moved,
            ["a:2", 4, ["ACTIVE", "PRIMARY"]],
            limit,
            "Succeeded",
            ["a:2", 2, ["PRIMARY"]],
            null,
            null,
        ])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deployment_that_is_stopped_leaves_what_ran() {
    let bench = bench("codedeploy.CreateDeployment:pending=2s").await;
    let seen = bench.ask(
        "deployable(moto, 'a')\n\
         content = spec(register('a', '2'))\n\
         stop = lambda id, **more: refusal(front.codedeploy.stop_deployment, deploymentId=id, **more)\n\
         id = deploy(front, 'a', content)\n\
         found = [stop(id), status(front, id), runs('a'), weights('a')[0], stop(id)]\n\
         id = deploy(front, 'a', content)\n\
         time.sleep(2.2)\n\
         found + [runs('a')[0], stop(id, autoRollbackEnabled=True), runs('a'), weights('a')[0]]",
    );
    let over = "DeploymentAlreadyCompletedException";
    assert_eq!(
        seen,
        json!([
            null,
            "Stopped",
            ["a:1", 2, ["PRIMARY"]],
            ["a-blue", 100],
            over,
            "a:2",
            null,
            ["a:1", 2, ["PRIMARY"]],
            ["a-blue", 100],
        ])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_brought_out_is_said_in_full() {
    let bench = bench("").await;
    let seen = bench.ask(
        "def tried(side, name):\n    \
             deployable(side, name)\n    \
             whole = spec(register(name, '2'))\n    \
             tries = ['{}', whole.replace('AWS::ECS::Service', 'AWS::Lambda::Function'), spec(None), whole.replace('ContainerPort', 'Port')]\n    \
             found = [refusal(deploy, side, name, content) is not None for content in tries]\n    \
             return found + [refusal(deploy, side, name, whole, sha256='0' * 64), refusal(deploy, side, 'nobody', whole), refusal(deploy, side, name, whole)]\n\
         tried(front, 'f')",
    );
    let (wrong, unknown) = ("InvalidRevisionException", "ApplicationDoesNotExistException");
    assert_eq!(seen, json!([true, true, true, true, wrong, unknown, null]));
    let seen =
        bench.ask("deployable(moto, 'm')\nrefusal(deploy, moto, 'm', spec(register('m', '2')), sha256='0' * 64)");
    assert_eq!(seen, json!(null));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_is_for_what_is_there() {
    let bench = bench("").await;
    let seen = bench.ask(
        "def tried(side, name):\n    \
             service(side, name)\n    \
             rolling = service(side, name + '2', deploymentController={'type': 'ECS'})\n    \
             side.codedeploy.create_application(applicationName=name, computePlatform='ECS')\n    \
             of = lambda service: [{'serviceName': service, 'clusterName': 'main'}]\n    \
             pair = lambda *names: {'targetGroupPairInfoList': [{'targetGroups': [{'name': one} for one in names], 'prodTrafficRoute': {'listenerArns': [listener]}}]}\n    \
             blue = name + '-blue'\n    \
             tries = [dict(serviceRoleArn=tasks), dict(ecsServices=of('nobody')), dict(ecsServices=of(name + '2')),\n        \
                 dict(loadBalancerInfo=pair(blue)), dict(loadBalancerInfo=pair(blue, 'nobody')), dict(), dict()]\n    \
             found = []\n    \
             for i, more in enumerate(tries):\n        \
                 found.append(refusal(group, side, name, deploymentGroupName=f'{name}{i if i < 5 else 5}', **more))\n    \
             other = refusal(group, side, name, deploymentGroupName='other')\n    \
             update = lambda **more: refusal(side.codedeploy.update_deployment_group, applicationName=name, currentDeploymentGroupName=name + '5', **more)\n    \
             return found + [other, update(ecsServices=of(name)), update(serviceRoleArn=tasks)]\n\
         [tried(moto, 'm'), tried(front, 'f')]",
    );
    let (taken, role) = ("DeploymentGroupAlreadyExistsException", "InvalidRoleException");
    let (service, pair) = ("InvalidECSServiceException", "InvalidTargetGroupPairException");
    assert_eq!(
        seen,
        json!([
            [null, null, null, null, null, null, taken, null, null, null],
            [role, service, service, pair, pair, null, taken, "ECSServiceMappingLimitExceededException", null, role],
        ])
    );
}

/// What a service of this controller cannot have, and what ECS leaves to `CodeDeploy`.
#[tokio::test(flavor = "multi_thread")]
async fn a_service_is_left_to_code_deploy() {
    let bench = bench("").await;
    let seen = bench.ask(
        "def tried(side, name):\n    \
             breaker = {'deploymentCircuitBreaker': {'enable': True, 'rollback': True}}\n    \
             tries = [dict(serviceConnectConfiguration={'enabled': True}), dict(deploymentConfiguration=breaker), dict(loadBalancers=[]), dict()]\n    \
             found = [refusal(service, side, f'{name}{i}', **more) for i, more in enumerate(tries)]\n    \
             update = lambda **more: refusal(side.ecs.update_service, cluster='main', service=name + '3', **more)\n    \
             return found + [update(taskDefinition=register(name, '2')), update(forceNewDeployment=True), update(desiredCount=3, healthCheckGracePeriodSeconds=9), runs(name + '3')[1]]\n\
         [tried(moto, 'm'), tried(front, 'f')]",
    );
    let wrong = "InvalidParameterException";
    assert_eq!(
        seen,
        json!([[null, null, null, null, null, null, null, 3], [wrong, wrong, wrong, null, wrong, wrong, null, 3]])
    );
}

/// Namespaces with DNS and their services, as Cloud Map has them.
#[tokio::test(flavor = "multi_thread")]
async fn a_namespace_is_there_as_long_as_it_has_services() {
    let bench = bench("").await;
    let seen = bench.ask(
        "def tried(side, name):\n    \
             map, domain = side.servicediscovery, f'{name}.internal'\n    \
             begun = map.create_private_dns_namespace(Name=domain, Vpc=vpc)['OperationId']\n    \
             id = map.get_operation(OperationId=begun)['Operation']['Targets']['NAMESPACE']\n    \
             make = lambda: map.create_service(Name='web', NamespaceId=id, DnsConfig={'DnsRecords': [{'Type': 'A', 'TTL': 10}]})['Service']['Id']\n    \
             zones = lambda: [zone['Config']['PrivateZone'] for zone in moto.route53.list_hosted_zones()['HostedZones'] if zone['Name'] == domain + '.']\n    \
             listed = lambda id: len(map.list_services(Filters=[{'Name': 'NAMESPACE_ID', 'Values': [id]}])['Services'])\n    \
             web = make()\n    \
             found = [refusal(map.create_private_dns_namespace, Name=domain, Vpc=vpc), refusal(make), listed(id), listed('ns-other'), zones()]\n    \
             found.append(refusal(map.delete_namespace, Id=id))\n    \
             map.delete_service(Id=web)\n    \
             return found + [refusal(map.delete_namespace, Id=id), zones()]\n\
         [tried(moto, 'm'), tried(front, 'f')]",
    );
    let of = json!(["NamespaceAlreadyExists", "ServiceAlreadyExists", 1, 0, [true], "ResourceInUse", null, []]);
    assert_eq!(seen, json!([of, of]));
}
