//! A whole service: from nothing to an address that answers, seen from outside.

use std::fs;

use end_to_end::{DEV, World};
use serde_json::{Value, json};

/// Words for what is in the project account and in the common one.
const WORDS: &str = "
def client(service, account='headless-cms-dev'):
    return member(account).session.client(service)

def push(image, tag):
    manifest = json.dumps({'schemaVersion': 2, 'mediaType': 'application/vnd.docker.distribution.manifest.v2+json',
        'config': {'digest': 'sha256:' + '0' * 64, 'size': 1, 'mediaType': 'x'}, 'layers': [], 'name': image + tag})
    ecr = client('ecr', 'verb-common')
    return ecr.put_image(repositoryName=image, imageTag=tag, imageManifest=manifest)['image']['imageId']['imageDigest']

def services():
    found = client('ecs').describe_services(cluster='main', services=['backend', 'frontend'])['services']
    return {service['serviceName']: service for service in found}

def task(name):
    return client('ecs').describe_task_definition(taskDefinition=services()[name]['taskDefinition'])['taskDefinition']

def zone(account, domain):
    route53 = client('route53', account)
    found = [zone for zone in route53.list_hosted_zones()['HostedZones'] if zone['Name'] == domain + '.']
    assert len(found) == 1, found
    sets = route53.list_resource_record_sets(HostedZoneId=found[0]['Id'])['ResourceRecordSets']
    return {(one['Name'].rstrip('.'), one['Type']): one for one in sets}

def balancer():
    [one] = client('elbv2').describe_load_balancers()['LoadBalancers']
    return one

def listeners():
    found = client('elbv2').describe_listeners(LoadBalancerArn=balancer()['LoadBalancerArn'])['Listeners']
    return {listener['Port']: listener for listener in found}

def attributes(read, key, **arguments):
    return {one['Key']: one['Value'] for one in read(**arguments)[key]}

def rules_of(node):
    '''What the security group of a node lets in and out, groups by what they are for.'''
    ec2 = client('ec2')
    groups = {one['GroupId']: tags_of(one).get(KEY, '').split('/')[-1] for one in ec2.describe_security_groups()['SecurityGroups']}
    [id] = [id for id, name in groups.items() if name == node]
    rules = ec2.describe_security_group_rules(Filters=[{'Name': 'group-id', 'Values': [id]}])['SecurityGroupRules']
    return sorted(([
        'out' if rule['IsEgress'] else 'in',
        rule['FromPort'] if rule['IpProtocol'] == 'tcp' else rule['IpProtocol'],
        rule.get('CidrIpv4') or groups[rule['ReferencedGroupInfo']['GroupId']],
    ] for rule in rules), key=json.dumps)
";

/// A fleet whose images are there before its services are.
pub(crate) fn with_images() -> World {
    let world = World::whole();
    world.orgstrap(&["apply", "verb-common"]).exits(0);
    world.boto3(WORDS);
    world.boto3("[push('headless-cms/backend', '0.0.1_dev1'), push('headless-cms/frontend', 'latest')]");
    world
}

#[test]
fn everything_hangs_together() {
    let world = with_images();
    let run = world.orgstrap(&["onboard", DEV]).exits(0);
    assert!(run.stderr.contains("https://dev.cms.verb.example"), "{}", run.stderr);
    world.orgstrap(&["plan", DEV]).exits(0);

    the_network_lets_through_what_it_should(&world);
    the_load_balancer_leads_to_the_services(&world);
    the_names_lead_to_the_load_balancer(&world);
    the_services_run_what_was_pushed(&world);
    the_database_is_closed_and_kept(&world);
}

fn the_network_lets_through_what_it_should(world: &World) {
    assert_eq!(
        world.boto3(
            "{name: rules_of(name) for name in ['load-balancer', 'service-backend', 'service-frontend', 'database']}"
        ),
        json!({
            "load-balancer": [
                ["in", 443, "0.0.0.0/0"], ["in", 80, "0.0.0.0/0"],
                ["out", 1337, "service-backend"], ["out", 3000, "service-frontend"],
            ],
            "service-backend": [
                ["in", 1337, "load-balancer"], ["in", 1337, "service-frontend"],
                ["out", "-1", "0.0.0.0/0"], ["out", 3000, "service-frontend"], ["out", 5432, "database"],
            ],
            "service-frontend": [
                ["in", 3000, "load-balancer"], ["in", 3000, "service-backend"],
                ["out", "-1", "0.0.0.0/0"], ["out", 1337, "service-backend"], ["out", 5432, "database"],
            ],
            "database": [["in", 5432, "service-backend"], ["in", 5432, "service-frontend"]],
        })
    );
}

fn the_load_balancer_leads_to_the_services(world: &World) {
    let found = world.boto3(
        "
elb, one = client('elbv2'), balancer()
groups = {group['TargetGroupArn']: group for group in elb.describe_target_groups()['TargetGroups']}
subnets = {id: tags_of(subnet)[KEY].split('/')[-1] for subnet in member().ec2.describe_subnets()['Subnets']
    for id in [subnet['SubnetId']] if KEY in tags_of(subnet)}
set = attributes(elb.describe_load_balancer_attributes, 'Attributes', LoadBalancerArn=one['LoadBalancerArn'])
names = lambda arns: [groups[arn]['TargetGroupName'] for arn in arns]
forwards = lambda action: names(one['TargetGroupArn'] for one in action['ForwardConfig']['TargetGroups']) if 'ForwardConfig' in action else names([action['TargetGroupArn']])[0]
action = lambda action: forwards(action) if action['Type'] == 'forward' else action['RedirectConfig']
https, http = listeners()[443], listeners()[80]
rules = [rule for rule in elb.describe_rules(ListenerArn=https['ListenerArn'])['Rules'] if not rule['IsDefault']]
[certificate] = https['Certificates']
detail = client('acm').describe_certificate(CertificateArn=certificate['CertificateArn'])['Certificate']
bucket = set['access_logs.s3.bucket']
s3 = client('s3')
{
    'name': one['LoadBalancerName'], 'scheme': one['Scheme'], 'subnets': sorted(subnets[zone['SubnetId']] for zone in one['AvailabilityZones']),
    'protected': set['deletion_protection.enabled'], 'drops': set['routing.http.drop_invalid_header_fields.enabled'],
    'logs': set['access_logs.s3.enabled'], 'http': action(http['DefaultActions'][0])['Protocol'],
    'https': action(https['DefaultActions'][0]), 'tls': https['SslPolicy'],
    'rules': [[rule['Conditions'][0].get('Values') or rule['Conditions'][0]['PathPatternConfig']['Values'], action(rule['Actions'][0])] for rule in rules],
    'certificate': [detail['DomainName'], detail['Status'], detail['DomainValidationOptions'][0]['ValidationMethod']],
    'checks': {group['TargetGroupName']: [group['Port'], group['TargetType'], group['HealthCheckPath']] for group in groups.values()},
    'writers': [s['Principal'] for s in json.loads(s3.get_bucket_policy(Bucket=bucket)['Policy'])['Statement'] if s['Effect'] == 'Allow'],
    'public': all(s3.get_public_access_block(Bucket=bucket)['PublicAccessBlockConfiguration'].values()),
}
",
    );
    assert_eq!(
        found,
        json!({
            "name": DEV, "scheme": "internet-facing", "subnets": ["public-a", "public-b"],
            "protected": "true", "drops": "true", "logs": "true", "http": "HTTPS",
            "https": "headless-cms-dev-frontend", "tls": "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
            "rules": [[["/api/*"], ["headless-cms-dev-backend", "headless-cms-dev-backend-green"]]],
            "certificate": ["dev.cms.verb.example", "ISSUED", "DNS"],
            "checks": {
                "headless-cms-dev-backend": [80, "ip", "/_health"],
                "headless-cms-dev-backend-green": [80, "ip", "/_health"],
                "headless-cms-dev-frontend": [80, "ip", "/"],
            },
            "writers": [{"Service": "logdelivery.elasticloadbalancing.amazonaws.com"}],
            "public": true,
        })
    );
}

fn the_names_lead_to_the_load_balancer(world: &World) {
    let found = world.boto3(
        "
own, above, name = zone('headless-cms-dev', 'dev.cms.verb.example'), zone('verb-common', 'verb.example'), 'dev.cms.verb.example'
values = lambda one: sorted(value['Value'].rstrip('.') for value in one['ResourceRecords'])
{
    'delegated': values(above[name, 'NS']) == values(own[name, 'NS']),
    'leads to': sorted({own[name, kind]['AliasTarget']['DNSName'].rstrip('.') for kind in ['A', 'AAAA']}) == [balancer()['DNSName'].lower()],
    'proven by': len([one for one in own.values() if one['Type'] == 'CNAME']),
}
",
    );
    assert_eq!(found, json!({"delegated": true, "leads to": true, "proven by": 1}));
}

fn the_services_run_what_was_pushed(world: &World) {
    let found = world.boto3(
        "
def shown(name):
    service, definition = services()[name], task(name)
    [container] = definition['containerDefinitions']
    network = service['networkConfiguration']['awsvpcConfiguration']
    logs = client('logs').describe_log_groups(logGroupNamePrefix=container['logConfiguration']['options']['awslogs-group'])
    return {
        'count': service['desiredCount'], 'public': network['assignPublicIp'],
        'subnets': len(network['subnets']), 'breaker': service.get('deploymentConfiguration', {}).get('deploymentCircuitBreaker'),
        'controller': service['deploymentController']['type'],
        'image': re.sub(r'^\\d+', 'COMMON', container['image'])[:62], 'cpu': definition['cpu'], 'memory': definition['memory'],
        'arch': definition['runtimePlatform']['cpuArchitecture'], 'read only': container['readonlyRootFilesystem'], 'user': container['user'],
        'roles': [definition[role].split('/')[-1] for role in ['executionRoleArn', 'taskRoleArn']],
        'environment': sorted(one['name'] for one in container['environment']),
        'secrets': {one['name']: re.sub(r'.*:secret:([a-z!]+).*?(:\\w+::)?$', r'\\1\\2', one['valueFrom']) for one in container['secrets']},
        'kept': [[group['retentionInDays'], 'kmsKeyId' in group] for group in logs['logGroups']],
    }
{name: shown(name) for name in ['backend', 'frontend']}
",
    );
    let image =
        |name: &str| format!("COMMON.dkr.ecr.us-west-1.amazonaws.com/headless-cms/{name}@sha256")[..62].to_owned();
    let database = ["CLIENT", "HOST", "NAME", "PORT", "SECRET", "SSL"].map(|name| format!("DATABASE_{name}"));
    let shown = |name: &str, count: u32, cpu: &str, memory: &str, github: Option<&str>| {
        // What has a pipeline is brought out by CodeDeploy.
        let is_rolling = github.is_none();
        let breaker = if is_rolling { json!({"enable": true, "rollback": true}) } else { Value::Null };
        let controller = if is_rolling { "ECS" } else { "CODE_DEPLOY" };
        let mut secrets = json!({"DATABASE_PASSWORD": "rds!db:password::", "DATABASE_USERNAME": "rds!db:username::"});
        if let Some(github) = github {
            secrets["GITHUB_TOKEN"] = json!(github);
        }
        json!({
            "count": count, "public": "DISABLED", "subnets": 2, "breaker": breaker, "controller": controller,
            "image": image(name), "cpu": cpu, "memory": memory, "arch": "X86_64", "read only": true, "user": "1000:1000",
            "roles": [format!("orgstrap-{name}-execution"), format!("orgstrap-{name}-task")],
            "environment": database, "secrets": secrets, "kept": [[30, true]],
        })
    };
    assert_eq!(found["backend"], shown("backend", 2, "512", "1024", Some("github")));
    assert_eq!(found["frontend"], shown("frontend", 1, "256", "512", None));
}

fn the_database_is_closed_and_kept(world: &World) {
    let found = world.boto3(
        "
[one] = client('rds').describe_db_instances()['DBInstances']
subnets = {subnet['SubnetId']: tags_of(subnet).get(KEY, '').split('/')[-1] for subnet in member().ec2.describe_subnets()['Subnets']}
{
    'engine': one['Engine'], 'public': one['PubliclyAccessible'], 'encrypted': one['StorageEncrypted'],
    'protected': one['DeletionProtection'], 'backups': one['BackupRetentionPeriod'],
    'password': one['MasterUserSecret']['SecretStatus'], 'groups': len(one['VpcSecurityGroups']),
    'subnets': sorted(subnets[subnet['SubnetIdentifier']] for subnet in one['DBSubnetGroup']['Subnets']),
    'host': [v['value'] for v in task('backend')['containerDefinitions'][0]['environment'] if v['name'] == 'DATABASE_HOST'] == [one['Endpoint']['Address']],
}
",
    );
    assert_eq!(
        found,
        json!({
            "engine": "postgres", "public": false, "encrypted": true, "protected": true, "backups": 7,
            "password": "active", "groups": 1, "subnets": ["private-a", "private-b"], "host": true,
        })
    );
}

#[test]
fn without_images_everything_but_tasks_is_made_and_what_starts_them_is_said() {
    let world = World::whole();
    world.boto3(WORDS);
    let run = world.orgstrap(&["onboard", DEV]).exits(0);
    for part in ["docker push", "headless-cms/backend:0.0.1_dev1", "orgstrap apply headless-cms-dev"] {
        assert!(run.stderr.contains(part), "{part} is not in {}", run.stderr);
    }
    let counts = "{name: one['desiredCount'] for name, one in services().items()}";
    assert_eq!(world.boto3(counts), json!({"backend": 0, "frontend": 0}));
    world.orgstrap(&["plan", DEV]).exits(0);

    let digest = world.boto3("push('headless-cms/backend', '0.0.1_dev1')");
    world.orgstrap(&["apply", DEV]).exits(0);
    assert_eq!(world.boto3(counts), json!({"backend": 2, "frontend": 0}));
    let image = world.boto3("task('backend')['containerDefinitions'][0]['image'].split('@')[1]");
    assert_eq!(image, digest);
    world.orgstrap(&["plan", DEV]).exits(0);

    // A tag that nobody has pushed stops nothing that runs.
    world.edit("accounts/headless-cms-dev.toml", "tag = \"0.0.1_dev1\"", "tag = \"0.0.2_dev1\"");
    world.orgstrap(&["apply", DEV]).exits(0);
    assert_eq!(world.boto3(counts), json!({"backend": 2, "frontend": 0}));
    assert_eq!(world.boto3("task('backend')['containerDefinitions'][0]['image'].split('@')[1]"), digest);
    world.boto3("push('headless-cms/backend', '0.0.2_dev1')");
    world.orgstrap(&["apply", DEV]).exits(0);
    let image = world.boto3("task('backend')['containerDefinitions'][0]['image'].split('@')[1]");
    assert_ne!(image, digest);
    world.orgstrap(&["plan", DEV]).exits(0);
}

/// Changes the file of the project account.
pub(crate) fn write(world: &World, change: impl Fn(&str) -> String) {
    let path = world.folder().join(format!("accounts/{DEV}.toml"));
    let text = fs::read_to_string(&path).unwrap();
    fs::write(path, change(&text)).unwrap();
}

/// Without a way out, AWS is reached by endpoints; names, autoscaling and what a task may do are as the file says.
#[test]
fn what_else_a_file_can_ask_for() {
    let world = World::whole();
    world.boto3(WORDS);
    let allow = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sqs:SendMessage",
        "Resource": "arn:aws:sqs:${orgstrap:region}:${orgstrap:account}:jobs"}]});
    fs::write(world.folder().join("policies/jobs.json"), allow.to_string()).unwrap();
    write(&world, |text| {
        text.replace("zones = 2", "nat = \"none\"\nzones = 2")
            .replace(
                "domain = \"dev.cms.verb.example\"",
                "wildcard = true\ncaa = true\ndomain = \"dev.cms.verb.example\"",
            )
            .replace("port = 1337", "port = 1337\npolicies = [\"jobs\"]\nhosts = [\"api.dev.cms.verb.example\"]")
            .replace("[service.frontend]", "[service.backend.scale]\nmin = 1\nmax = 3\ncpu = 50\n\n[service.frontend]")
            .replace(
                "port = 3000",
                "port = 3000\nenvironment = { MODE = \"dev\" }\narchitecture = \"arm64\"\n\n\
                 [service.frontend.scale]\nmin = 1\nmax = 4\ncpu = 60\nrequests = 500",
            )
    });
    world.orgstrap(&["apply", "verb-common"]).exits(0);
    world.boto3("[push('headless-cms/backend', '0.0.1_dev1'), push('headless-cms/frontend', 'latest')]");
    world.orgstrap(&["onboard", DEV]).exits(0);
    world.orgstrap(&["plan", DEV]).exits(0);
    let found = world.boto3(
        "
own = zone('headless-cms-dev', 'dev.cms.verb.example')
iam, scaling = member().iam, client('application-autoscaling')
targets = scaling.describe_scalable_targets(ServiceNamespace='ecs')['ScalableTargets']
policies = scaling.describe_scaling_policies(ServiceNamespace='ecs')['ScalingPolicies']
endpoints = [one for one in member().ec2.describe_vpc_endpoints()['VpcEndpoints'] if one['VpcEndpointType'] == 'Interface']
gateways = [one for one in member().ec2.describe_nat_gateways()['NatGateways'] if one['State'] != 'deleted']
allowed = iam.get_role_policy(RoleName='orgstrap-backend-task', PolicyName='jobs')['PolicyDocument']['Statement'][0]['Action']
{
    'records': sorted([name, kind] for name, kind in own if kind in ['A', 'CAA']),
    'endpoints': sorted(one['ServiceName'].split('us-west-1.')[1] for one in endpoints), 'gateways': len(gateways),
    'scale': sorted([target['ResourceId'].split('/')[-1], target['MinCapacity'], target['MaxCapacity']] for target in targets),
    'metrics': sorted([p['ResourceId'].split('/')[-1], p['TargetTrackingScalingPolicyConfiguration']['PredefinedMetricSpecification']['PredefinedMetricType'],
        p['TargetTrackingScalingPolicyConfiguration']['TargetValue']] for p in policies),
    'allowed': allowed, 'arch': task('frontend')['runtimePlatform']['cpuArchitecture'],
    'mode': [one['value'] for one in task('frontend')['containerDefinitions'][0]['environment'] if one['name'] == 'MODE'],
}
",
    );
    assert_eq!(
        found,
        json!({
            "records": [
                ["*.dev.cms.verb.example", "A"], ["api.dev.cms.verb.example", "A"], ["dev.cms.verb.example", "A"],
                ["dev.cms.verb.example", "CAA"],
            ],
            "endpoints": ["ecr.api", "ecr.dkr", "logs", "secretsmanager"], "gateways": 0,
            "scale": [["backend", 1, 3], ["frontend", 1, 4]],
            "metrics": [
                ["backend", "ECSServiceAverageCPUUtilization", 50.0],
                ["frontend", "ALBRequestCountPerTarget", 500.0], ["frontend", "ECSServiceAverageCPUUtilization", 60.0],
            ],
            "allowed": "sqs:SendMessage", "arch": "ARM64", "mode": ["dev"],
        })
    );
    let left: Value = world.boto3("rules_of('endpoints')");
    assert_eq!(left, json!([["in", 443, "service-backend"], ["in", 443, "service-frontend"]]));
}

/// Nothing is lost that was not named: protection, data, and the last state of the database with the key that reads it.
#[test]
fn what_is_protected_or_holds_something_goes_only_when_that_is_said() {
    let world = World::whole();
    world.boto3(WORDS);
    world.orgstrap(&["onboard", DEV]).exits(0);
    let left = "
{
    'databases': [one['DBInstanceIdentifier'] for one in client('rds').describe_db_instances()['DBInstances']],
    'balancers': [one['LoadBalancerName'] for one in client('elbv2').describe_load_balancers()['LoadBalancers']],
    'buckets': len(client('s3').list_buckets()['Buckets']),
    'zones': len(client('route53').list_hosted_zones()['HostedZones']),
    'delegated': ('dev.cms.verb.example', 'NS') in zone('verb-common', 'verb.example'),
    'snapshots': len([one for one in client('rds').describe_db_snapshots()['DBSnapshots'] if one['SnapshotType'] == 'manual']),
    'keys': sorted(name for key in member().keys() for name in key['Aliases'] if name.startswith('alias/orgstrap-')),
}
";
    let before = world.boto3(left);
    let refused = world.orgstrap(&["offboard", DEV, "--yes"]).exits(1);
    assert!(refused.stderr.contains("--unprotect"), "{}", refused.stderr);
    assert_eq!(world.boto3(left), before);

    // moto takes the policy's denial of what is not encrypted for one of everything.
    world.boto3(
        "
bucket = client('s3').list_buckets()['Buckets'][0]['Name']
client('s3').delete_bucket_policy(Bucket=bucket)
client('s3').put_object(Bucket=bucket, Key='AWSLogs/a', Body=b'x')['ETag']
",
    );
    let run = world.orgstrap(&["offboard", DEV, "--yes", "--unprotect"]).exits(0);
    for part in ["-final-", "bucket/logs stays", "--delete-data", "kms-key/database stays"] {
        assert!(run.stderr.contains(part), "{part} is not in {}", run.stderr);
    }
    let mut gone = json!({"databases": [], "balancers": [], "buckets": 1, "zones": 0, "delegated": false, "snapshots": 1,
        "keys": ["alias/orgstrap-database"]});
    assert_eq!(world.boto3(left), gone);

    world.orgstrap(&["offboard", DEV, "--yes", "--no-final-snapshot", "--delete-data"]).exits(0);
    (gone["buckets"], gone["keys"]) = (json!(0), json!([]));
    assert_eq!(world.boto3(left), gone);
}

/// Waits as they are in AWS, in a twentieth of the time: 90 s for a NAT gateway, 150 s for a load balancer, 400 s for a
/// database, 60 s for a certificate, 120 s for a service.
const WAITS: &str = "ec2.CreateNatGateway:pending=4500ms,elasticloadbalancing.CreateLoadBalancer:pending=7500ms,\
    rds.CreateDBInstance:pending=20s,acm.RequestCertificate:pending=3s,ecs.CreateService:pending=6s";

#[test]
#[ignore = "a benchmark: it prints its figures"]
#[expect(clippy::print_stdout, reason = "the figures that it is run for")]
fn an_onboarding_takes_as_long_as_its_longest_path() {
    let world = with_images();
    let arguments = ["onboard", DEV, "--sandbox-faults", WAITS, "--stats", "--format", "json"];
    let stats = world.orgstrap(&arguments).exits(0).json();
    for walk in stats["walks"].as_array().unwrap() {
        println!(
            "{}: {} s, longest path {} s, ratio {}",
            walk["name"], walk["seconds"], walk["longest_path_seconds"], walk["ratio"]
        );
        for node in walk["path"].as_array().unwrap() {
            println!("    {} {} s", node["key"], node["seconds"]);
        }
    }
}

/// A task that dies is told at once, with its last words and the line of the file that is most likely at fault.
#[test]
fn a_service_that_does_not_come_up_is_told_with_the_line_at_fault() {
    let world = with_images();
    let arguments = ["onboard", DEV, "--yes", "--sandbox-faults", "ecs.CreateService:pending=120s"];
    let onboarding = std::thread::scope(|scope| {
        let run = scope.spawn(|| world.orgstrap(&arguments));
        let is_there = "
DEV = 'headless-cms-dev'
DEV in accounts() and 'main' in str(client('ecs').list_clusters()) and any(one['status'] == 'ACTIVE'
    for one in client('ecs').describe_services(cluster='main', services=['backend'])['services'])
";
        while world.boto3(is_there) != true && !run.is_finished() {
            std::thread::sleep(std::time::Duration::from_millis(300));
        }
        // What has stopped before the first look may have been mended: one task is dying after the other.
        while !run.is_finished() {
            world.boto3(
                "
service, ecs, logs = services()['backend'], client('ecs'), client('logs')
[task] = ecs.run_task(cluster='main', taskDefinition=service['taskDefinition'], launchType='FARGATE',
    networkConfiguration=service['networkConfiguration'], startedBy=service['taskSets'][0]['id'])['tasks']
place = dict(logGroupName='/orgstrap/headless-cms-dev/service/backend', logStreamName='ecs/backend/' + task['taskArn'].split('/')[-1])
logs.create_log_stream(**place)
import time
logs.put_log_events(logEvents=[{'timestamp': int(time.time() * 1000), 'message': 'listening on 1337'}], **place)
ecs.stop_task(cluster='main', task=task['taskArn'], reason='Task failed ELB health checks in (target-group backend)')['task']['lastStatus']
",
            );
        }
        run.join().unwrap()
    });
    let said = onboarding.exits(3).stderr;
    for part in [
        "Task failed ELB health checks",
        "listening on 1337",
        "accounts/headless-cms-dev.toml:",
        "health = \"/_health\"",
    ] {
        assert!(said.contains(part), "{part} is not in {said}");
    }
}
