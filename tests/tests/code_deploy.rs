//! A service with a pipeline: what `CodeDeploy` has of it, and how what is changed in the files is brought out.

use end_to_end::{DEV, World};
use serde_json::{Value, json};

use crate::service::{with_images, write};

/// What brings the backend out, in the project account.
const DEPLOY: &str = "
def deploy():
    return client('codedeploy')

def group():
    return deploy().get_deployment_group(applicationName='backend', deploymentGroupName='backend')['deploymentGroupInfo']

def deployments():
    ids = deploy().list_deployments(applicationName='backend', deploymentGroupName='backend')['deployments']
    return [deploy().get_deployment(deploymentId=id)['deploymentInfo']['status'] for id in ids]

def leads():
    names = {one['TargetGroupArn']: one['TargetGroupName'].removeprefix('headless-cms-dev-') for one in client('elbv2').describe_target_groups()['TargetGroups']}
    [rule] = [rule for rule in client('elbv2').describe_rules(ListenerArn=listeners()[443]['ListenerArn'])['Rules'] if not rule['IsDefault']]
    [action] = rule['Actions']
    weights = {names[one['TargetGroupArn']]: one['Weight'] for one in action.get('ForwardConfig', {}).get('TargetGroups', [])}
    return weights or names[action['TargetGroupArn']]

def mode():
    return [one['value'] for one in task('backend')['containerDefinitions'][0]['environment'] if one['name'] == 'MODE']

def left():
    cloud_map = client('servicediscovery')
    return {
        'applications': deploy().list_applications()['applications'],
        'groups': sorted(one['TargetGroupName'].removeprefix('headless-cms-dev-') for one in client('elbv2').describe_target_groups()['TargetGroups']),
        'names': sorted(one['Name'] for one in cloud_map.list_services()['Services']),
        'namespaces': sorted(one['Name'] for one in cloud_map.list_namespaces()['Namespaces']),
        'zones': sorted(one['Name'] for one in client('route53').list_hosted_zones()['HostedZones']),
        'roles': sorted(role['RoleName'] for role in member().iam.list_roles()['Roles'] if role['RoleName'].endswith('-deploy')),
    }
None";

fn world() -> World {
    let world = with_images();
    world.boto3(DEPLOY);
    world
}

fn left(world: &World) -> Value {
    world.boto3("left()")
}

#[test]
fn a_service_with_a_pipeline_is_brought_out_by_code_deploy() {
    let world = world();
    world.orgstrap(&["onboard", DEV]).exits(0);
    world.orgstrap(&["plan", DEV]).exits(0);
    it_is_wired(&world);

    // A variable is a deployment: requests go to the other group, and nothing differs then.
    write(&world, |text| text.replace("port = 1337", "port = 1337\nenvironment = { MODE = \"one\" }"));
    let plan = world.orgstrap(&["plan", DEV]).exits(2).stdout;
    assert!(plan.contains("ecs-rollout/backend"), "{plan}");
    world.orgstrap(&["apply", DEV]).exits(0);
    assert_eq!(
        world.boto3("[mode(), deployments(), leads()]"),
        json!([["one"], ["Succeeded"], {"backend": 0, "backend-green": 100}])
    );
    world.orgstrap(&["plan", DEV]).exits(0);
    world.orgstrap(&["audit", DEV]).exits(0);

    // What else changes about the listener leaves it where it leads.
    write(&world, |text| text.replace("paths = [\"/api/*\"]", "paths = [\"/api/*\", \"/v2/*\"]"));
    world.orgstrap(&["apply", DEV]).exits(0);
    assert_eq!(world.boto3("leads()"), json!({"backend": 0, "backend-green": 100}));

    // The old tasks stay for some minutes, for which nobody waits.
    write(&world, |text| text.replace("MODE = \"one\"", "MODE = \"two\""));
    let slow = ["apply", DEV, "--sandbox-faults", "codedeploy.CreateDeployment:pending=4s"];
    world.orgstrap(&slow).exits(0);
    assert_eq!(
        world.boto3("[mode(), deployments()[-1], leads()]"),
        json!([["two"], "InProgress", {"backend": 100, "backend-green": 0}])
    );
    world.orgstrap(&["plan", DEV]).exits(0);

    // While the old tasks are still there everything goes.
    world.orgstrap(&["offboard", DEV, "--yes", "--unprotect", "--no-final-snapshot", "--delete-data"]).exits(0);
    let nothing = json!({"applications": [], "groups": [], "names": [], "namespaces": [], "zones": [], "roles": []});
    assert_eq!(left(&world), nothing);
}

fn it_is_wired(world: &World) {
    let found = world.boto3(
        "
one, service = group(), services()['backend']
[pair] = one['loadBalancerInfo']['targetGroupPairInfoList']
cloud_map, vpc = client('servicediscovery'), member().id_of('vpc/main')
[namespace] = [one for one in cloud_map.list_namespaces()['Namespaces'] if one['Type'] == 'DNS_PRIVATE']
zone = client('route53').get_hosted_zone(Id=namespace['Properties']['DnsProperties']['HostedZoneId'])
registered = {one['Arn']: [one['Name'], one['DnsConfig']['DnsRecords']] for one in cloud_map.list_services()['Services']}
role = member().iam.get_role(RoleName='orgstrap-backend-deploy')['Role']
policy = member().iam.get_role_policy(RoleName='orgstrap-backend-deploy', PolicyName='deploy')['PolicyDocument']
tagged = lambda kind, name: {tag['Key']: tag['Value'] for tag in deploy().list_tags_for_resource(
    ResourceArn=f'arn:aws:codedeploy:us-west-1:{member().id}:{kind}:{name}')['Tags']}
{
    'platform': deploy().get_application(applicationName='backend')['application']['computePlatform'],
    'tagged': [tagged('application', 'backend')[KEY], tagged('deploymentgroup', 'backend/backend')[KEY]],
    'role': one['serviceRoleArn'] == role['Arn'], 'config': one['deploymentConfigName'],
    'trusts': [[s['Principal'], s['Condition']['StringEquals']['aws:SourceAccount'] == member().id] for s in role['AssumeRolePolicyDocument']['Statement']],
    'passes': [sorted(arn.split('/')[-1] for arn in s['Resource']) for s in policy['Statement'] if s['Action'] == 'iam:PassRole'],
    'style': sorted(one['deploymentStyle'].values()), 'services': one['ecsServices'],
    'rollback': sorted(one['autoRollbackConfiguration']['events']),
    'old': one['blueGreenDeploymentConfiguration']['terminateBlueInstancesOnDeploymentSuccess'],
    'groups': sorted(group['name'] for group in pair['targetGroups']),
    'listener': pair['prodTrafficRoute']['listenerArns'] == [listeners()[443]['ListenerArn']], 'leads': leads(),
    'connect': [one['serviceConnectConfiguration']['enabled'] for one in services()['frontend']['deployments']],
    'namespace': [namespace['Name'], zone['HostedZone']['Config']['PrivateZone'], zone['VPCs'][0]['VPCId'] == vpc],
    'registered': {name: registered[services()[name]['serviceRegistries'][0]['registryArn']] for name in ['backend', 'frontend']},
    'launch': service['launchType'], 'deployments': deployments(),
}
",
    );
    let record = json!([{"Type": "A", "TTL": 10}]);
    assert_eq!(
        found,
        json!({
            "platform": "ECS",
            "tagged": [format!("{DEV}/code-deploy-application/backend"), format!("{DEV}/deployment-group/backend")],
            "role": true, "config": "CodeDeployDefault.ECSAllAtOnce",
            "trusts": [[{"Service": "codedeploy.amazonaws.com"}, true]],
            "passes": [["orgstrap-backend-execution", "orgstrap-backend-task"]],
            "style": ["BLUE_GREEN", "WITH_TRAFFIC_CONTROL"],
            "services": [{"serviceName": "backend", "clusterName": "main"}],
            "rollback": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"],
            "old": {"action": "TERMINATE", "terminationWaitTimeInMinutes": 5},
            "groups": ["headless-cms-dev-backend", "headless-cms-dev-backend-green"],
            "listener": true, "leads": {"backend": 100, "backend-green": 0},
            "connect": [true],
            "namespace": ["headless-cms-dev.internal", true, true],
            "registered": {"backend": ["backend", record], "frontend": ["frontend", record]},
            "launch": "FARGATE", "deployments": [],
        })
    );
}

/// The controller of a service cannot be changed: it is made anew, there and back.
#[test]
fn a_pipeline_comes_and_goes() {
    let world = world();
    let pipeline = "[pipeline.backend]\nrepository = \"verb/headless-cms\"\ntags = [\"backend.*_dev*\"]\n";
    write(&world, |text| text.replace(pipeline, ""));
    world.orgstrap(&["onboard", DEV]).exits(0);
    let controller = "services()['backend']['deploymentController']['type']";
    let none = json!({"applications": [], "groups": ["backend", "frontend"], "names": [], "namespaces": ["main"],
        "zones": ["dev.cms.verb.example."], "roles": []});
    assert_eq!(world.boto3(&format!("[{controller}, leads(), left()]")), json!(["ECS", "backend", none]));

    write(&world, |text| format!("{text}\n{pipeline}"));
    world.orgstrap(&["apply", DEV, "--yes"]).exits(0);
    world.orgstrap(&["plan", DEV]).exits(0);
    assert_eq!(world.boto3(controller), "CODE_DEPLOY");
    assert_eq!(world.boto3("left()['groups']"), json!(["backend", "backend-green", "frontend"]));
    write(&world, |text| text.replace("port = 1337", "port = 1337\nenvironment = { MODE = \"one\" }"));
    world.orgstrap(&["apply", DEV]).exits(0);
    assert_eq!(world.boto3("[mode(), leads()]"), json!([["one"], {"backend": 0, "backend-green": 100}]));

    write(&world, |text| text.replace(pipeline, ""));
    world.orgstrap(&["apply", DEV, "--yes"]).exits(0);
    world.orgstrap(&["plan", DEV]).exits(0);
    assert_eq!(
        world.boto3(&format!("[{controller}, leads(), left(), mode()]")),
        json!(["ECS", "backend", none, ["one"]])
    );
}

/// A new task that dies ends the deployment: the line at fault is told, and what ran goes on running.
#[test]
fn a_deployment_that_comes_to_nothing_is_told_with_the_line_at_fault() {
    let world = world();
    world.orgstrap(&["onboard", DEV]).exits(0);
    write(&world, |text| text.replace("port = 1337", "port = 1337\nenvironment = { MODE = \"one\" }"));
    let arguments = ["apply", DEV, "--yes", "--sandbox-faults", "codedeploy.CreateDeployment:pending=120s"];
    let applying = std::thread::scope(|scope| {
        let run = scope.spawn(|| world.orgstrap(&arguments));
        // What has stopped before the first look may have been mended: one task is dying after the other.
        while !run.is_finished() {
            world.boto3(
                "
ecs = client('ecs')
for new in [one for one in services()['backend']['taskSets'] if one['status'] == 'ACTIVE']:
    [died] = ecs.run_task(cluster='main', taskDefinition=new['taskDefinition'], launchType='FARGATE',
        networkConfiguration=new['networkConfiguration'], startedBy=new['id'])['tasks']
    ecs.stop_task(cluster='main', task=died['taskArn'], reason='Task failed ELB health checks in (target-group backend)')
",
            );
        }
        run.join().unwrap()
    });
    let said = applying.exits(3).stderr;
    for part in
        ["Task failed ELB health checks", "accounts/headless-cms-dev.toml:", "health = \"/_health\"", "goes on running"]
    {
        assert!(said.contains(part), "{part} is not in {said}");
    }
    assert_eq!(
        world.boto3("[mode(), deployments(), leads()]"),
        json!([[], ["Stopped"], {"backend": 100, "backend-green": 0}])
    );
}
