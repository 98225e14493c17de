//! `doctor`: what it finds, told by the world that a test brings about, and that it changes nothing.

use std::fs;

use end_to_end::{Bench, DEV, Run};
use serde_json::{Value, json};

/// Words to bring a world about by hand.
const WORDS: &str = "
from urllib import request

# What orgstrap would be told: the front adds what moto leaves out.
def front(service):
    return boto3.client(service, region_name=HOME_REGION, endpoint_url=FRONT)

def organize():
    root('organizations').create_organization(FeatureSet='ALL')

def made(name, email):
    organizations = front('organizations')
    status = organizations.create_account(AccountName=name, Email=email)['CreateAccountStatus']
    while 'AccountId' not in status:
        asked = organizations.describe_create_account_status(CreateAccountRequestId=status['Id'])
        status = asked['CreateAccountStatus']
    return status['AccountId']

def raised(account, region, code, value):
    said = {'op': 'put', 'key': f'quota {account} {region} {code}', 'value': value}
    request.urlopen(request.Request(MOTO + '/orgstrap/memory', json.dumps(said).encode()))
";

fn bench() -> Bench {
    with_words(Bench::whole(""))
}

/// The same with an onboarded account.
fn onboarded() -> Bench {
    with_words(Bench::whole_onboarded(""))
}

fn with_words(bench: Bench) -> Bench {
    bench.world.boto3(&format!("MOTO, FRONT = '{}', '{}'\n{WORDS}", bench.world.endpoint, bench.front().endpoint()));
    bench
}

/// A diagnosis as JSON, after a look at what every one of them keeps: it changes nothing, and its exit code says whether
/// there is a blocker.
#[track_caller]
fn diagnosis(bench: &Bench, arguments: &[&str]) -> Value {
    let since = bench.calls().count();
    let mut all = vec!["doctor", "--format", "json"];
    all.extend(arguments);
    let run = bench.orgstrap(&all);
    let changes = bench.calls().changes().only(|recorded| recorded.number > since);
    assert_eq!(changes.count(), 0, "{changes}");
    let said = checked(&run);
    let blocked = said["summary"]["blockers"].as_u64().unwrap() > 0;
    run.exits(i32::from(blocked));
    said
}

/// The shape that the documentation promises.
#[track_caller]
fn checked(run: &Run) -> Value {
    let said = run.json();
    assert_eq!([&said["version"], &said["command"], &said["fleet"]], [&json!(1), &json!("doctor"), &json!("verb")]);
    let findings = said["findings"].as_array().unwrap();
    for finding in findings {
        assert!(finding["check"].is_string() && finding["message"].is_string(), "{finding}");
        assert!(finding["account"].is_string() || finding["account"].is_null(), "{finding}");
        let status = finding["status"].as_str().unwrap();
        let has_remedy = finding["remedy"].is_string();
        assert!(has_remedy || ["ok", "info"].contains(&status), "what is to be done? {finding}");
    }
    for (status, count) in
        [("ok", "ok"), ("info", "info"), ("warning", "warnings"), ("blocker", "blockers"), ("unknown", "unknown")]
    {
        let counted = findings.iter().filter(|finding| finding["status"] == status).count();
        assert_eq!(said["summary"][count], counted, "{count}");
    }
    said
}

/// The status, message and remedy of what one check found about an account; `*` is everything else than accounts.
#[track_caller]
fn found(said: &Value, check: &str, account: &str) -> Vec<(String, String)> {
    let is_meant =
        |finding: &&Value| finding["check"] == check && finding["account"].as_str().unwrap_or("*") == account;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let findings = said["findings"].as_array().unwrap().iter().filter(is_meant);
    findings
        .map(|finding| {
            (text(&finding["status"]), format!("{} / {}", text(&finding["message"]), text(&finding["remedy"])))
        })
        .collect()
}

/// The same where there is one finding, which has to have this status and say this.
#[track_caller]
fn one(said: &Value, check: &str, account: &str, status: &str, parts: &[&str]) {
    let found = found(said, check, account);
    let is_it = |(its, text): &&(String, String)| its == status && parts.iter().all(|part| text.contains(part));
    assert!(found.iter().any(|one| is_it(&one)), "no {status} of {check} about {account} says {parts:?}: {found:#?}");
}

/// Blockers and warnings, by check and account.
fn troubles(said: &Value) -> Vec<[String; 2]> {
    let findings = said["findings"].as_array().unwrap().iter();
    let troubles = findings.filter(|finding| finding["status"] == "warning" || finding["status"] == "blocker");
    let text = |value: &Value| value.as_str().unwrap_or("*").to_owned();
    troubles.map(|finding| [text(&finding["check"]), text(&finding["account"])]).collect()
}

#[test]
fn a_sound_fleet_before_anything_is_there() {
    let bench = bench();
    let said = diagnosis(&bench, &[]);
    assert_eq!(troubles(&said), [[""; 2]; 0], "{said:#}");
    one(&said, "credentials", "*", "ok", &["arn:aws:iam::123456789012:user/moto"]);
    one(&said, "clock", "*", "ok", &[]);
    one(&said, "organization", "*", "info", &["the first run makes one"]);
    one(&said, "permissions", "*", "ok", &[]);
    one(&said, "account-quota", "*", "ok", &["1 of 10 accounts", "3 to make"]);
    one(&said, "email", DEV, "ok", &["aws+headless-cms-dev@verb.example is free"]);
    one(&said, "region", DEV, "ok", &["us-west-1 is enabled"]);
    one(&said, "quota", DEV, "ok", &["defaults suffice", "Fargate vCPUs 0 of 6 (1.25 after a run)"]);
    one(&said, "ledger", "*", "ok", &["the first run makes"]);
    assert!(!bench.world.folder().join(".orgstrap").exists(), "looking made a ledger");

    let prices = said["prices"].as_array().unwrap();
    assert_eq!(
        prices.iter().map(|price| &price["account"]).collect::<Vec<_>>(),
        [DEV, "storefront-dev", "verb-common"]
    );
    let sum: f64 = prices.iter().map(|price| price["monthly"].as_f64().unwrap()).sum();
    one(&said, "price", "*", "info", &[&format!("{sum:.2} USD a month"), "without traffic", "those of us-east-1"]);
    let nat = &prices[0]["items"][0];
    assert_eq!(
        [&nat["item"], &nat["quantity"], &nat["priced_in"]],
        [&json!("NAT gateways"), &json!(1.0), &json!("us-west-1")]
    );

    let shown = bench.orgstrap(&["doctor", DEV]).exits(0).stdout;
    assert!(shown.contains("\nheadless-cms-dev\n  ✓ email") && !shown.contains("storefront"), "{shown}");
    assert!(shown.trim_end().ends_with("0 warnings, 0 blockers, 0 unknown."), "{shown}");
}

#[test]
fn an_account_that_is_onboarded() {
    let bench = onboarded();
    let since = bench.calls().count();
    let said = diagnosis(&bench, &[DEV]);
    assert_eq!(troubles(&said), [[""; 2]; 0], "{said:#}");
    one(&said, "organization", "*", "ok", &["all features, managed by this account"]);
    one(&said, "entry", DEV, "ok", &["orgstrap-auditor and orgstrap-deployer let you in"]);
    one(&said, "addresses", DEV, "ok", &[]);
    one(&said, "quota", DEV, "ok", &["VPCs 1 of 5 (1 after a run)", "NAT gateways in a zone 1 of 5 (1 after a run)"]);
    one(&said, "ledger", "*", "ok", &["can be written"]);
    let items = said["prices"][0]["items"].as_array().unwrap();
    assert!(!items.iter().any(|item| item["item"] == "NAT gateways"), "what is there costs nothing more: {items:?}");

    // Few calls, each allowed by the auditor's role, and none of what that is allowed for the doctor without need.
    let id = bench.world.boto3("member().id");
    let calls = bench.calls().of(id.as_str().unwrap()).only(|recorded| recorded.number > since);
    let refused = calls.clone().only(|recorded| recorded.outcome.to_string() != "done");
    assert_eq!(refused.count(), 0, "{refused}");
    assert!(calls.count() <= 13, "{calls}");
    let mut needed: Vec<&str> =
        calls.iter().flat_map(|recorded| &recorded.needs).map(|need| need.action.as_str()).collect();
    needed.sort_unstable();
    needed.dedup();
    let declared = [
        "ec2:DescribeAddresses",
        "ec2:DescribeInternetGateways",
        "ec2:DescribeNatGateways",
        "ec2:DescribeRegions",
        "ec2:DescribeSubnets",
        "ec2:DescribeVpcs",
        "ecs:ListClusters",
        // Of tasks only where there are some: see below.
        "ecs:ListTasks",
        "elasticloadbalancing:DescribeLoadBalancers",
        "servicequotas:GetServiceQuota",
        "servicequotas:ListServiceQuotas",
    ];
    assert_eq!(needed, declared);
}

/// What runs, and what stands, of others: vCPUs, load balancers, networks, addresses.
#[test]
fn what_others_have_counts_and_may_be_in_the_way() {
    let bench = onboarded();
    bench.world.boto3(
        "ec2 = member().ec2\n\
         for cidr in ['10.21.64.0/20', '10.98.0.0/16', '10.99.0.0/16']:\n    ec2.create_vpc(CidrBlock=cidr)\n\
         for _ in range(5):\n    ec2.allocate_address(Domain='vpc')\n\
         subnet = ec2.describe_subnets()['Subnets'][0]['SubnetId']\n\
         ecs = member().session.client('ecs')\n\
         ecs.create_cluster(clusterName='others')\n\
         network = {'awsvpcConfiguration': {'subnets': [subnet], 'securityGroups': []}}\n\
         image = [{'name': 'a', 'image': 'a', 'memory': 512}]\n\
         ecs.register_task_definition(family='a', cpu='4096', memory='8192', networkMode='awsvpc',\n    \
             requiresCompatibilities=['FARGATE'], containerDefinitions=image)\n\
         ecs.run_task(cluster='others', taskDefinition='a', launchType='FARGATE', networkConfiguration=network)\n\
         tasks = ecs.describe_tasks(cluster='others', tasks=ecs.list_tasks(cluster='others')['taskArns'])['tasks']\n\
         [task.get('cpu') for task in tasks]",
    );
    let since = bench.calls().count();
    let said = diagnosis(&bench, &[DEV]);
    one(&said, "addresses", DEV, "warning", &["(10.21.64.0/20) overlaps with 10.21.0.0/16 of storefront-dev"]);
    assert_eq!(found(&said, "addresses", DEV).len(), 1, "one overlap, {said:#}");
    one(&said, "quota", DEV, "ok", &["VPCs 4 of 5", "Fargate vCPUs 4 of 6 (5.25 after a run)"]);
    let tasks = bench.calls().to("ecs").only(|recorded| recorded.number > since);
    let tasks: Vec<_> = tasks.iter().flat_map(|one| &one.needs).map(|need| need.action.clone()).collect();
    assert_eq!(tasks, ["ecs:ListClusters", "ecs:ListTasks", "ecs:ListTasks", "ecs:DescribeTasks"]);
    // Six addresses are more than the quota, and nothing more is needed.
    one(&said, "quota", DEV, "ok", &["elastic IP addresses 6 of 5 (6 after a run)"]);
}

#[test]
fn quotas_that_are_used_up() {
    let bench = bench();
    bench.world.boto3(
        "organize()\n\
         id = made('headless-cms-dev', 'aws+headless-cms-dev@verb.example')\n\
         for number in range(4):\n    member().ec2.create_vpc(CidrBlock=f'10.{90 + number}.0.0/16')\n\
         raised(id, 'us-west-1', 'L-3032A538', 1)\n\
         raised('123456789012', 'us-east-1', 'L-E619E033', 3)",
    );
    let said = diagnosis(&bench, &[]);
    one(
        &said,
        "entry",
        DEV,
        "info",
        &["only OrganizationAccountAccessRole lets you in", "`orgstrap onboard headless-cms-dev`"],
    );
    let ask = "request-service-quota-increase --region us-west-1 --service-code vpc --quota-code L-F678F1CE --desired-value 6";
    one(&said, "quota", DEV, "blocker", &["VPCs 5 of 5", ask]);
    one(&said, "quota", DEV, "blocker", &["Fargate vCPUs 0 of 1, and a run would make it 1.25", "--desired-value 2"]);
    one(
        &said,
        "account-quota",
        "*",
        "blocker",
        &["2 of 3 accounts", "the 2 that are missing do not fit", "--desired-value 4"],
    );
    // The same is met by a run, which makes the account that it shares with others before.
    let refused = bench.orgstrap(&["apply", DEV, "--yes"]);
    assert!(refused.stderr.contains("VpcLimitExceeded"), "{refused:?}");
    let said = diagnosis(&bench, &["verb-common"]);
    one(&said, "account-quota", "*", "ok", &["3 of 3 accounts", "0 to make"]);
    // More than new accounts have by default.
    bench.world.edit(
        "accounts/storefront-dev.toml",
        "port = 8080",
        "port = 8080\ncpu = 4096\nmemory = 8192\ncount = 2",
    );
    let said = diagnosis(&bench, &["storefront-dev"]);
    one(
        &said,
        "quota",
        "storefront-dev",
        "warning",
        &["Fargate vCPUs 0 of 6 by AWS's default", "once the account is made"],
    );
}

#[test]
fn addresses_that_are_taken() {
    let bench = bench();
    bench.world.boto3(
        "organize()\n\
         other = made('old-cms', 'AWS+Headless-CMS-dev@verb.example')\n\
         gone = made('storefront-dev', 'aws+storefront-dev@verb.example')\n\
         root('organizations').close_account(AccountId=gone)",
    );
    bench.world.edit("accounts/verb-common.toml", "ou = ", "id = \"210987654321\"\nou = ");
    let said = diagnosis(&bench, &[]);
    let other = bench.world.boto3("other");
    one(&said, "email", DEV, "info", &[other.as_str().unwrap(), "is called old-cms", "renames it"]);
    one(&said, "email", "storefront-dev", "blocker", &["is SUSPENDED, and keeps its address", "AWS Support reopens"]);
    one(&said, "account", "verb-common", "blocker", &["account 210987654321 is not in this organization"]);
    let shown = bench.orgstrap(&["doctor"]).exits(1).stdout;
    assert!(shown.contains("✗ email") && shown.contains("→ write `invite = true`"), "{shown}");
}

#[test]
fn accounts_that_do_not_let_in() {
    let bench = onboarded();
    bench.world.boto3(
        "iam, role = member().iam, 'orgstrap-deployer'\n\
         iam.delete_role_policy(RoleName=role, PolicyName='permissions')\n\
         for policy in iam.list_attached_role_policies(RoleName=role)['AttachedPolicies']:\n    \
             iam.detach_role_policy(RoleName=role, PolicyArn=policy['PolicyArn'])\n\
         member().iam.delete_role(RoleName='orgstrap-deployer')",
    );
    let said = diagnosis(&bench, &[DEV]);
    one(
        &said,
        "entry",
        DEV,
        "warning",
        &["orgstrap-deployer does not let you in", "`orgstrap apply headless-cms-dev --role bootstrap`"],
    );
    one(&said, "quota", DEV, "ok", &["VPCs 1 of 5"]);

    // An account that somebody made long ago, without the way in.
    let id = bench.world.boto3(
        "id = made('old', 'aws+storefront-dev@verb.example'.replace('dev', 'old'))\n\
         role = {'RoleName': 'OrganizationAccountAccessRole'}\n\
         Member(id).iam.detach_role_policy(**role, PolicyArn='arn:aws:iam::aws:policy/AdministratorAccess')\n\
         Member(id).iam.delete_role(**role)\n\
         id",
    );
    let adopt = format!("id = \"{}\"\nou = ", id.as_str().unwrap());
    bench.world.edit("accounts/storefront-dev.toml", "ou = ", &adopt);
    let said = diagnosis(&bench, &["storefront-dev"]);
    let status = "warning"; // It joined minutes ago, as everything in a test has.
    one(
        &said,
        "entry",
        "storefront-dev",
        status,
        &["no role of the account lets you in", "aws iam create-role --role-name OrganizationAccountAccessRole"],
    );
}

#[test]
fn who_is_asked_and_what_time_it_is() {
    let bench = bench();
    for (weather, status, part) in
        [("clock=2m", "warning", "s behind AWS's: at 5"), ("clock=6m", "blocker", "a ledger in S3")]
    {
        bench.set_weather(weather);
        one(&diagnosis(&bench, &[DEV]), "clock", "*", status, &[part, "timedatectl"]);
    }
    bench.set_weather("");
    bench.world.boto3("organize(); root('organizations')");
    let as_user = |policy: &str| {
        let keys = bench.world.boto3(&format!(
            "iam = root('iam')\n\
             name = 'user-' + str(len(iam.list_users()['Users']))\n\
             iam.create_user(UserName=name)\n\
             iam.put_user_policy(UserName=name, PolicyName='own', PolicyDocument=json.dumps({{'Version': '2012-10-17', 'Statement': {policy}}}))\n\
             iam.create_access_key(UserName=name)['AccessKey']"
        ));
        let mut command = bench.command(&["doctor", DEV, "--format", "json"]);
        let text = |name: &str| keys[name].as_str().unwrap().to_owned();
        command.env("AWS_ACCESS_KEY_ID", text("AccessKeyId")).env("AWS_SECRET_ACCESS_KEY", text("SecretAccessKey"));
        end_to_end::run(command)
    };
    let all = "{'Effect': 'Allow', 'Action': '*', 'Resource': '*'}";
    assert_eq!(troubles(&checked(&as_user(all).exits(0))), [[""; 2]; 0]);
    let less = as_user(&format!(
        "[{all}, {{'Effect': 'Deny', 'Action': ['organizations:CreateAccount', 'sts:AssumeRole'], 'Resource': '*'}}]"
    ));
    let said = checked(&less.exits(1));
    one(
        &said,
        "permissions",
        "*",
        "blocker",
        &["do not allow organizations:CreateAccount, sts:AssumeRole", "user/user-"],
    );
}

#[test]
fn an_organization_that_cannot_be_worked_with() {
    let bench = bench();
    bench.world.boto3("root('organizations').create_organization(FeatureSet='CONSOLIDATED_BILLING')\nNone");
    let said = diagnosis(&bench, &[DEV]);
    one(&said, "organization", "*", "blocker", &["consolidated billing alone", "enable-all-features"]);
    // From a member account.
    let keys = bench.world.boto3(
        "root('organizations').delete_organization()\n\
         organize()\n\
         id = made('member', 'member@verb.example')\n\
         role = f'arn:aws:iam::{id}:role/OrganizationAccountAccessRole'\n\
         root('sts').assume_role(RoleArn=role, RoleSessionName='test')['Credentials']",
    );
    let names = [
        ("AWS_ACCESS_KEY_ID", "AccessKeyId"),
        ("AWS_SECRET_ACCESS_KEY", "SecretAccessKey"),
        ("AWS_SESSION_TOKEN", "SessionToken"),
    ];
    let as_session = |keys: &Value| {
        let mut command = bench.command(&["doctor", DEV, "--format", "json"]);
        for (variable, name) in names {
            command.env(variable, keys[name].as_str().unwrap());
        }
        checked(&end_to_end::run(command).exits(1))
    };
    let said = as_session(&keys);
    one(
        &said,
        "organization",
        "*",
        "blocker",
        &["which account 123456789012 manages", "credentials of the management account"],
    );
    // With a session that has ended.
    bench.set_weather("session=1s");
    let keys = bench.world.boto3(
        "import time\n\
         keys = front('sts').assume_role(RoleArn=role, RoleSessionName='test')['Credentials']\n\
         time.sleep(1.5)\n\
         keys",
    );
    one(
        &as_session(&keys),
        "credentials",
        "*",
        "blocker",
        &["does not accept the credentials", "ExpiredToken", "log in again"],
    );
}

/// Whoever may do what the doctor asks for may make the whole fleet.
#[test]
fn no_change_of_the_organization_is_forgotten() {
    let bench = bench();
    let keys = bench.world.boto3(
        "user = {'UserName': 'reader'}\n\
         iam = root('iam')\n\
         iam.create_user(**user)\n\
         policy = {'Effect': 'Allow', 'Action': ['sts:*', 'iam:Simulate*', 'organizations:List*'], 'Resource': '*'}\n\
         iam.put_user_policy(**user, PolicyName='own', PolicyDocument=json.dumps({'Version': '2012-10-17', 'Statement': policy}))\n\
         iam.create_access_key(**user)['AccessKey']",
    );
    let mut command = bench.command(&["doctor", "--format", "json"]);
    for (variable, name) in [("AWS_ACCESS_KEY_ID", "AccessKeyId"), ("AWS_SECRET_ACCESS_KEY", "SecretAccessKey")] {
        command.env(variable, keys[name].as_str().unwrap());
    }
    let said = checked(&end_to_end::run(command).exits(1));
    let [(status, asked)] = &found(&said, "permissions", "*")[..] else { panic!("{said:#}") };
    assert_eq!(status, "blocker");

    let since = bench.calls().count();
    bench.orgstrap(&["apply", "--all", "--yes"]).exits(0);
    let changes = bench.calls().of(sandbox::ACCOUNT_ID).changes().only(|recorded| recorded.number > since);
    let needed: Vec<_> = changes.iter().flat_map(|recorded| &recorded.needs).map(|need| &need.action).collect();
    assert!(needed.len() > 8, "{changes}");
    let forgotten: Vec<_> = needed.iter().filter(|action| !asked.contains(action.as_str())).collect();
    assert!(forgotten.is_empty(), "{forgotten:?} in {asked}");
    assert!(!asked.contains("sts:AssumeRole") && !asked.contains("ListCreateAccountStatus"), "{asked}");
}

#[test]
fn regions_and_ledgers_that_cannot_be_used() {
    let bench = bench();
    bench.world.boto3("organize(); made('headless-cms-dev', 'aws+headless-cms-dev@verb.example')");
    bench.world.edit("orgstrap.toml", "us-west-1", "ap-east-1");
    let said = diagnosis(&bench, &[DEV, "storefront-dev"]);
    one(
        &said,
        "region",
        DEV,
        "blocker",
        &["ap-east-1 is not enabled in account", "aws account enable-region --account-id"],
    );
    one(&said, "region", "storefront-dev", "warning", &["not enabled in new accounts"]);
    one(&said, "price", "*", "info", &["missing for ap-east-1 are those of us-east-1"]);

    bench.world.edit("orgstrap.toml", "ap-east-1", "us-west-1");
    fs::write(bench.world.folder().join("taken"), "a file").unwrap();
    bench.world.edit("orgstrap.toml", "file://.orgstrap", "file://taken/ledger");
    let said = diagnosis(&bench, &[DEV]);
    one(&said, "ledger", "*", "blocker", &["no run could keep its books"]);
}

/// What may not be asked is unknown, never in order.
#[test]
fn what_is_not_told_is_unknown() {
    let bench = onboarded();
    bench.world.boto3(
        "iam = member().iam\n\
         role = dict(RoleName='orgstrap-auditor', PolicyName='permissions')\n\
         document = iam.get_role_policy(**role)['PolicyDocument']\n\
         lost = ['servicequotas:ListServiceQuotas', 'elasticloadbalancing:DescribeLoadBalancers', 'ec2:DescribeVpcs']\n\
         for statement in document['Statement']:\n    \
             actions = statement['Action'] if isinstance(statement['Action'], list) else [statement['Action']]\n    \
             statement['Action'] = [action for action in actions if action not in lost]\n\
         iam.put_role_policy(**role, PolicyDocument=json.dumps(document))",
    );
    let said = diagnosis(&bench, &[DEV]);
    one(
        &said,
        "quota",
        DEV,
        "unknown",
        &["the quota of internet gateways is", "allow servicequotas:ListServiceQuotas"],
    );
    one(
        &said,
        "quota",
        DEV,
        "unknown",
        &["how many Application Load", "allow elasticloadbalancing:DescribeLoadBalancers"],
    );
    one(&said, "addresses", DEV, "unknown", &["allow ec2:DescribeVpcs"]);
    let enough = found(&said, "quota", DEV).into_iter().filter(|(status, _)| status == "ok").map(|(_, text)| text);
    for text in enough {
        assert!(!text.contains("VPCs") && !text.contains("gateways") && !text.contains("Balancers"), "{text}");
    }
}
