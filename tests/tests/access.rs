//! How accounts are entered: by roles of their own, which let in whom they should, and which nobody can make stronger.

use end_to_end::{Bench, DEV, World};
use serde_json::{Value, json};

/// Words for callers of the front, whose address is given: what a call is answered with, `ok` or a code.
const WORDS: &str = "
from botocore.exceptions import ClientError

def told(call, **arguments):
    try:
        call(**arguments)
        return 'ok'
    except ClientError as error:
        return error.response['Error']['Code']

def client(service, keys):
    return boto3.client(service, endpoint_url=FRONT, region_name=HOME_REGION, aws_access_key_id=keys['AccessKeyId'],
        aws_secret_access_key=keys['SecretAccessKey'], aws_session_token=keys.get('SessionToken'))

def user(name):
    iam = root('iam')
    iam.create_user(UserName=name)
    actions = ['sts:AssumeRole', 'sts:SetSourceIdentity', 'sts:TagSession']
    document = {'Version': '2012-10-17', 'Statement': [{'Effect': 'Allow', 'Action': actions, 'Resource': '*'}]}
    iam.put_user_policy(UserName=name, PolicyName='enter', PolicyDocument=json.dumps(document))
    return iam.create_access_key(UserName=name)['AccessKey']

def enter(keys, role='deployer', **more):
    arn = f'arn:aws:iam::{member().id}:role/orgstrap-{role}'
    return told(client('sts', keys).assume_role, RoleArn=arn, RoleSessionName='test', **more)
";

/// A bench with an onboarded account.
fn onboarded() -> Bench {
    with_words(Bench::onboarded(""))
}

/// A bench on which Python knows the words.
fn with_words(bench: Bench) -> Bench {
    bench.world.boto3(&format!("FRONT = '{}'\n{WORDS}", bench.front().endpoint()));
    bench
}

fn entered_by(bench: &Bench, since: usize) -> Vec<String> {
    let calls = bench.calls().to("sts").named("AssumeRole").only(|recorded| recorded.number > since);
    let roles = calls.iter().filter_map(|recorded| recorded.call.argument.as_deref());
    roles.map(|role| role.rsplit('/').next().unwrap_or_default().to_owned()).collect()
}

#[test]
fn an_account_is_entered_by_its_own_roles_once_it_has_them() {
    let bench = with_words(Bench::new(""));
    bench.onboard();
    let roles = "found = member().all(member().iam, 'get_account_authorization_details', 'RoleDetailList', Filter=['Role'])\n\
                 ours = {r['RoleName']: r for r in found if r['RoleName'].startswith('orgstrap-')}\n\
                 {name: r['PermissionsBoundary']['PermissionsBoundaryArn'].split('/')[-1] for name, r in ours.items()}";
    let (own, workload) = ("orgstrap-boundary", "orgstrap-workload");
    let bounded = json!({"orgstrap-auditor": own, "orgstrap-deployer": own, "orgstrap-flow-logs": workload});
    assert_eq!(bench.world.boto3(roles), bounded);

    let first = entered_by(&bench, 0);
    let bootstrap =
        first.iter().rposition(|role| role == "OrganizationAccountAccessRole").expect("it has no other role yet");
    let after = &first[bootstrap + 1..];
    assert!(!after.is_empty() && after.iter().all(|role| role == "orgstrap-deployer"), "{first:?}");
    for (command, role) in [(&["plan", DEV][..], "orgstrap-auditor"), (&["apply", DEV], "orgstrap-deployer")] {
        let since = bench.calls().count();
        bench.orgstrap(command).exits(0);
        assert_eq!(entered_by(&bench, since), [role], "{command:?}");
    }
    // What it takes to change is not in the auditor's hands.
    let region = "import boto3; boto3.client('ec2').create_vpc(CidrBlock='10.99.0.0/16')";
    let python = bench.world.python().to_owned();
    let refused = bench.orgstrap(&["exec", DEV, "--", &python, "-c", region]).exits(1).stderr;
    assert!(refused.contains("UnauthorizedOperation"), "{refused}");
    bench.orgstrap(&["exec", DEV, "--role", "deployer", "--", &python, "-c", region]).exits(0);
}

#[test]
fn who_is_not_meant_is_not_let_in() {
    let ours = "[access]\nprincipals = [\"user/moto\", \"user/ad*\"]\nexternal_id = \"orgstrap-7f3a\"\n\n[ledger]";
    let bench = with_words(Bench::new(""));
    bench.world.edit("orgstrap.toml", "[ledger]", ours);
    bench.onboard();
    let all = bench.world.boto3(
        "ada, eve = user('ada'), user('eve')\n\
         stranger = root('sts').assume_role(RoleArn='arn:aws:iam::999999999999:role/any', RoleSessionName='test')['Credentials']\n\
         external = {'ExternalId': 'orgstrap-7f3a'}\n\
         named = {'SourceIdentity': 'ada', 'Tags': [{'Key': 'team', 'Value': 'cms'}]}\n\
         [enter(ada, **external), enter(ada, **external, **named), enter(ada, 'auditor', **external),\n\
          enter(ada), enter(ada, ExternalId='orgstrap-0000'), enter(eve, **external), enter(eve, 'auditor', **external),\n\
          enter(stranger, **external)]",
    );
    let (ok, no) = ("ok", "AccessDenied");
    assert_eq!(all, json!([ok, ok, ok, no, no, no, no, no]));
    bench.orgstrap(&["plan", DEV]).exits(0);

    // Whoever the roles do not mean is told so, and does not get in by the bootstrap role instead.
    bench.world.edit("orgstrap.toml", "\"orgstrap-7f3a\"", "\"orgstrap-0000\"");
    let refused = bench.orgstrap(&["exec", DEV, "--", "true"]).exits(1).stderr;
    assert!(refused.contains("AccessDenied") && refused.contains("[access] in orgstrap.toml"), "{refused}");
    // The roles are mended by the one that may do everything, when that is asked for.
    bench.orgstrap(&["apply", DEV, "--role", "bootstrap"]).exits(0);
    bench.orgstrap(&["plan", DEV]).exits(0);
    assert_eq!(bench.world.boto3("enter(ada, ExternalId='orgstrap-0000')"), ok);
}

/// A trust policy that lets in nobody who does not say who is behind the call, for which fleet and which command.
#[test]
fn sessions_say_who_is_behind_them_and_what_for() {
    let bench = onboarded();
    bench.world.boto3(
        "def demand(command):\n    \
             iam, unless = member().iam, [{'Null': {'sts:SourceIdentity': 'true'}}]\n    \
             for tag, value in {FLEET: 'verb', 'orgstrap:command': command}.items():\n        \
                 unless.append({'StringNotEquals': {f'aws:RequestTag/{tag}': value}})\n    \
             denied = [{'Effect': 'Deny', 'Principal': '*', 'Action': 'sts:AssumeRole', 'Condition': c} for c in unless]\n    \
             trust = iam.get_role(RoleName='orgstrap-auditor')['Role']['AssumeRolePolicyDocument']\n    \
             trust['Statement'] = [s for s in trust['Statement'] if s['Effect'] == 'Allow'] + denied\n    \
             iam.update_assume_role_policy(RoleName='orgstrap-auditor', PolicyDocument=json.dumps(trust))",
    );
    for command in ["plan", "audit"] {
        bench.world.boto3(&format!("demand('{command}')"));
        let since = bench.calls().count();
        bench.orgstrap(&[command, DEV]).exits(2);
        assert_eq!(entered_by(&bench, since), ["orgstrap-auditor"], "{command} was refused");
    }
    // It can be refused: what is demanded here is another command.
    bench.orgstrap(&["exec", DEV, "--", "true"]).exits(1);
}

#[test]
fn what_somebody_did_to_the_roles_is_mended() {
    let bench = onboarded();
    let sound = bench.world.canonical();
    bench.world.boto3(
        "arn = f'arn:aws:iam::{member().id}:role/OrganizationAccountAccessRole'\n\
         keys = root('sts').assume_role(RoleArn=arn, RoleSessionName='somebody')['Credentials']\n\
         admin = client('iam', keys)",
    );
    let take = |role: &str| {
        bench.world.boto3(&format!("admin.delete_role_policy(RoleName='orgstrap-{role}', PolicyName='permissions')"));
    };
    // Who looks may do nothing any more: the deployer sees it, and has it changed.
    take("auditor");
    let refused = bench.orgstrap(&["plan", DEV]).exits(1);
    assert!((refused.stdout + &refused.stderr).contains("--role bootstrap"));
    bench.orgstrap(&["apply", DEV]).exits(0);
    bench.orgstrap(&["plan", DEV]).exits(0);
    // Who builds may do nothing any more.
    take("deployer");
    bench.orgstrap(&["apply", DEV]).exits(1);
    bench.orgstrap(&["apply", DEV, "--role", "bootstrap"]).exits(0);
    bench.orgstrap(&["plan", DEV]).exits(0);
    // Both let in nobody: what differs is shown, and mended.
    bench.world.boto3(
        "nobody = {'Version': '2012-10-17', 'Statement': [{'Effect': 'Deny', 'Principal': '*', 'Action': 'sts:AssumeRole'}]}\n\
         for role in ['auditor', 'deployer']:\n    \
             admin.update_assume_role_policy(RoleName=f'orgstrap-{role}', PolicyDocument=json.dumps(nobody))",
    );
    let plan = bench.orgstrap(&["plan", DEV]).exits(2);
    let (shown, said) = (plan.stdout, plan.stderr);
    assert!(said.contains("own-role") && said.contains("refused, so this plan goes on"), "{said}");
    assert!(shown.contains("role/auditor") && shown.contains("role/deployer") && shown.contains("trust"), "{shown}");
    bench.orgstrap(&["apply", DEV]).exits(0);
    bench.orgstrap(&["plan", DEV]).exits(0);
    assert_eq!(bench.world.canonical(), sound);
}

#[test]
fn the_deployer_makes_nobody_stronger_than_itself() {
    let bench = onboarded();
    let run = bench.orgstrap(&["credentials", DEV, "--role", "deployer", "--format", "process"]).exits(0);
    let answers = bench.world.boto3(&format!(
        "iam = client('iam', json.loads({:?}))\n\
         own_boundary, boundary = [f'arn:aws:iam::{{member().id}}:policy/orgstrap-{{name}}' for name in ['boundary', 'workload']]\n\
         allow = lambda **more: json.dumps({{'Version': '2012-10-17', 'Statement': [{{'Effect': 'Allow', **more}}]}})\n\
         trust = allow(Principal={{'AWS': member().id}}, Action='sts:AssumeRole')\n\
         everything = allow(Action='*', Resource='*')\n\
         new = {{'RoleName': 'orgstrap-new', 'AssumeRolePolicyDocument': trust}}\n\
         admin = {{'RoleName': 'orgstrap-new', 'PolicyName': 'all', 'PolicyDocument': everything}}\n\
         own = {{'RoleName': 'orgstrap-deployer'}}\n\
         [told(iam.create_role, **new),\n\
          told(iam.create_role, **new, PermissionsBoundary='arn:aws:iam::aws:policy/AdministratorAccess'),\n\
          told(iam.create_role, **new, PermissionsBoundary=own_boundary),\n\
          told(iam.create_role, **new, PermissionsBoundary=boundary),\n\
          told(iam.put_role_policy, **admin),\n\
          told(iam.delete_role_permissions_boundary, RoleName='orgstrap-new'),\n\
          told(iam.put_role_permissions_boundary, RoleName='orgstrap-new', PermissionsBoundary=own_boundary),\n\
          told(iam.put_role_policy, **own, PolicyName='permissions', PolicyDocument=everything),\n\
          told(iam.update_assume_role_policy, **own, PolicyDocument=trust),\n\
          told(iam.create_policy_version, PolicyArn=boundary, PolicyDocument=everything, SetAsDefault=True),\n\
          told(iam.create_policy_version, PolicyArn=own_boundary, PolicyDocument=everything, SetAsDefault=True),\n\
          told(iam.create_user, UserName='eve'),\n\
          told(iam.attach_role_policy, RoleName='OrganizationAccountAccessRole', PolicyArn=boundary)]",
        run.stdout
    ));
    let (ok, no) = ("ok", "AccessDenied");
    assert_eq!(answers, json!([no, no, no, ok, ok, no, no, no, no, no, no, no, no]));

    // What it made within the boundary may do everything by its policy, and what workloads do in fact.
    let made = bench.world.boto3(
        "keys = root('sts').assume_role(RoleArn=f'arn:aws:iam::{member().id}:role/orgstrap-new', RoleSessionName='test')['Credentials']\n\
         ec2, s3, logs = [client(service, keys) for service in ['ec2', 's3', 'logs']]\n\
         [told(client('iam', keys).create_user, UserName='eve'), told(client('iam', keys).create_role, **new),\n\
          told(client('iam', keys).update_assume_role_policy, **own, PolicyDocument=trust),\n\
          told(client('organizations', keys).leave_organization), told(ec2.describe_vpcs),\n\
          told(ec2.run_instances, ImageId='ami-12345678', MinCount=1, MaxCount=1), told(s3.create_bucket, Bucket='eves'),\n\
          told(client('ecs', keys).list_clusters), told(logs.describe_log_groups)]",
    );
    let (of_ec2, of_json) = ("UnauthorizedOperation", "AccessDeniedException");
    assert_eq!(made, json!([no, no, no, of_json, of_ec2, of_ec2, no, of_json, ok]));
}

/// An account of an earlier version has roles within the boundary of the deployer itself.
#[test]
fn a_role_within_another_boundary_is_put_into_its_own() {
    let bench = onboarded();
    let sound = bench.world.canonical();
    bench.world.boto3(
        "arn = f'arn:aws:iam::{member().id}:policy/orgstrap-boundary'\n\
         member().iam.put_role_permissions_boundary(RoleName='orgstrap-flow-logs', PermissionsBoundary=arn)\n\
         member().iam.delete_role_policy(RoleName='orgstrap-flow-logs', PolicyName='flow-logs')",
    );
    let plan = bench.orgstrap(&["plan", DEV]).exits(2).stdout;
    assert!(plan.contains("role/flow-logs") && plan.contains("boundary: "), "{plan}");
    bench.orgstrap(&["apply", DEV]).exits(0);
    assert_eq!(bench.world.canonical(), sound);
}

#[test]
fn credentials_are_for_shells_programs_and_tools() {
    let world = World::onboarded();
    let json = world.orgstrap(&["credentials", DEV, "--format", "json"]).exits(0).json();
    assert_eq!((&json["version"], &json["account"], &json["region"]), (&json!(1), &json!(DEV), &json!("us-west-1")));
    let process = world.orgstrap(&["credentials", DEV, "--format", "process"]).exits(0).json();
    let keys = ["Version", "AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"];
    assert_eq!(process.as_object().unwrap().keys().collect::<Vec<_>>(), keys);
    assert!(process["Expiration"].as_str().unwrap().ends_with('Z'), "{process}");
    let shell = world.orgstrap(&["credentials", DEV]).exits(0).stdout;
    assert!(shell.lines().all(|line| line.starts_with("export AWS_")) && shell.lines().count() == 6, "{shell}");
    // As a tool of AWS's takes them.
    let config = format!(
        "[profile dev]\nregion = us-west-1\ncredential_process = {} --sandbox credentials {DEV} --format process\n",
        end_to_end::binary().display()
    );
    std::fs::write(world.folder().join("aws-config"), config).unwrap();
    let identity = "import boto3, sys; session = boto3.Session(profile_name='dev')\n\
                    print(session.client('sts', endpoint_url=sys.argv[1]).get_caller_identity()['Arn'])";
    let mut python = world.command(["exec", DEV]);
    python.args(["--", "env", "-u", "AWS_ACCESS_KEY_ID", "-u", "AWS_SECRET_ACCESS_KEY", "-u", "AWS_SESSION_TOKEN"]);
    python.args(["AWS_CONFIG_FILE=aws-config", world.python(), "-c", identity, &world.endpoint]);
    let run = end_to_end::run(python).exits(0);
    assert!(run.stdout.contains("assumed-role/orgstrap-auditor/orgstrap-credentials-"), "{run:?}");
    world.orgstrap(&["plan", DEV, "--format", "process"]).exits(1);
}

#[test]
fn the_console_opens_as_the_auditor() {
    let world = World::onboarded();
    let said = world.orgstrap(&["console", DEV, "--page", "ecs/v2/clusters", "--format", "json"]).exits(0).json();
    let url = said["url"].as_str().unwrap();
    assert!(
        url.starts_with(
            "https://signin.aws.amazon.com/federation?Action=login&Issuer=orgstrap&Destination=https%3A%2F%2F"
        ),
        "{url}"
    );
    assert!(
        url.contains("us-west-1.console.aws.amazon.com%2Fecs%2Fv2%2Fclusters") && url.contains("SigninToken="),
        "{url}"
    );
}

#[test]
fn an_account_without_the_bootstrap_role_is_told_what_to_run_in_it() {
    let bench = Bench::new("");
    let id = bench.world.boto3(
        "organizations = root('organizations'); organizations.create_organization(FeatureSet='ALL')\n\
         id = organizations.create_account(AccountName='old-cms', Email='old@verb.example')['CreateAccountStatus']['AccountId']\n\
         role = {'RoleName': 'OrganizationAccountAccessRole'}\n\
         Member(id).iam.delete_role(**role)\n\
         id",
    );
    let id = id.as_str().unwrap();
    bench.world.edit("accounts/headless-cms-dev.toml", "# id = \"123456789012\"", &format!("id = \"{id}\""));
    let failed = bench.orgstrap(&["onboard", DEV]).exits(1);
    let said = failed.stdout + &failed.stderr;
    for part in [
        &format!("With credentials of {id}, run"),
        "aws iam create-role --role-name OrganizationAccountAccessRole --assume-role-policy-document '",
        "arn:aws:iam::123456789012:root",
        "aws iam attach-role-policy --role-name OrganizationAccountAccessRole --policy-arn arn:aws:iam::aws:policy/AdministratorAccess",
    ] {
        assert!(said.contains(part), "{part} is not in {said}");
    }
    // It works as it is written.
    let trust = said.split("--assume-role-policy-document '").nth(1).and_then(|rest| rest.split('\'').next()).unwrap();
    bench.world.boto3(&format!(
        "iam = Member('{id}').iam\n\
         iam.create_role(RoleName='OrganizationAccountAccessRole', AssumeRolePolicyDocument={trust:?})\n\
         iam.attach_role_policy(RoleName='OrganizationAccountAccessRole', PolicyArn='arn:aws:iam::aws:policy/AdministratorAccess')"
    ));
    bench.onboard();
}

/// Sessions end after half a minute, and the run takes longer: a NAT gateway is waited for.
#[test]
fn sessions_end_in_the_middle_of_a_run() {
    let bench = Bench::new("session=30s, ec2.CreateNatGateway:pending=40s");
    bench.onboard();
    let roles = entered_by(&bench, 0);
    let times = roles.iter().filter(|role| *role == "orgstrap-deployer").count();
    assert!(times >= 2, "the session was renewed: {roles:?}");
    let expired = bench.calls().only(|recorded| recorded.outcome.to_string().contains("xpired"));
    assert_eq!(expired.count(), 0, "no call was made with a session that had ended:\n{expired}");
    let first: Value = bench.orgstrap(&["plan", DEV, "--format", "json"]).exits(0).json();
    assert_eq!(first["summary"]["drifted"], 0);
}
