//! The common account: who may pull, push and read, seen by calls that the roles themselves make.

use std::fs;

use end_to_end::{Bench, DEV, World};
use serde_json::{Value, json};

/// Words for what the roles of services try through the front, whose address is given.
const WORDS: &str = "
from botocore.exceptions import ClientError

def keys_of(account, role):
    arn = f'arn:aws:iam::{accounts()[account][\"Id\"]}:role/orgstrap-{role}'
    return root('sts').assume_role(RoleArn=arn, RoleSessionName='task')['Credentials']

def client(service, account, role):
    keys = keys_of(account, role)
    return boto3.client(service, endpoint_url=FRONT, region_name=HOME_REGION, aws_access_key_id=keys['AccessKeyId'],
        aws_secret_access_key=keys['SecretAccessKey'], aws_session_token=keys['SessionToken'])

def told(call, **arguments):
    try:
        call(**arguments)
        return 'ok'
    except ClientError as error:
        return error.response['Error']['Code']

def common():
    return accounts()['verb-common']['Id']

def pulls(account, role, image):
    tags = [{'imageTag': 'none'}]
    return told(client('ecr', account, role).batch_get_image, registryId=common(), repositoryName=image, imageIds=tags)

def pushes(account, role, image):
    return told(client('ecr', account, role).initiate_layer_upload, registryId=common(), repositoryName=image)

def reads(account, role, secret):
    return told(client('secretsmanager', account, role).get_secret_value, SecretId=secret)

def secret_of(account, name):
    return Member(accounts()[account]['Id']).session.client('secretsmanager').describe_secret(SecretId=name)['ARN']

def policy_of(image):
    ecr = Member(common()).session.client('ecr')
    try:
        return json.loads(ecr.get_repository_policy(repositoryName=image)['policyText'])['Statement']
    except ClientError as error:
        return error.response['Error']['Code']
";

/// Two project accounts that share an image and have one each, a shared secret that one reads in place and one copies.
fn two_projects() -> Bench {
    let bench = Bench::whole("");
    let write = |file: &str, text: &str| fs::write(bench.world.folder().join(file), text).unwrap();
    write("accounts/verb-common.toml", "ou = \"Infrastructure\"\n\n[secret.partner]\nfrom = \"random:24\"\n");
    write(
        "accounts/headless-cms-dev.toml",
        "ou = \"Workloads/Dev\"\n\n[network]\ncidr = \"10.20.0.0/16\"\n\n[dns]\ndomain = \"dev.cms.verb.example\"\n\n\
         [service.backend]\nimage = \"shared/base\"\nport = 80\npaths = [\"/api/*\"]\n\
         secrets = { TOKEN = \"github\", PARTNER = \"shared:partner\" }\n\n\
         [service.frontend]\nimage = \"headless-cms/frontend\"\nport = 80\n\n\
         [secret.github]\nfrom = \"env:GITHUB_TOKEN\"\n\n\
         [pipeline.backend]\nrepository = \"verb/cms\"\ntags = [\"backend.*\"]\n",
    );
    write(
        "accounts/storefront-dev.toml",
        "ou = \"Workloads/Dev\"\n\n[network]\ncidr = \"10.21.0.0/16\"\n\n[dns]\ndomain = \"dev.shop.verb.example\"\n\n\
         [service.web]\nimage = \"storefront/web\"\nport = 80\n\n\
         [service.api]\nimage = \"shared/base\"\nport = 80\npaths = [\"/api/*\"]\n\n\
         [secret.copy]\nfrom = \"shared:partner\"\n",
    );
    bench.orgstrap(&["apply", "--all"]).exits(0);
    bench.world.boto3(&format!("FRONT = '{}'\n{WORDS}", bench.front().endpoint()));
    bench
}

const SHOP: &str = "storefront-dev";

#[test]
fn each_role_may_do_what_it_is_for_and_nothing_else() {
    let bench = two_projects();
    let ask = |code: &str| bench.world.boto3(code);
    let (ok, no) = (json!("ok"), json!("AccessDeniedException"));
    for (account, role, image, expected) in [
        (DEV, "backend-execution", "shared/base", &ok),
        (SHOP, "api-execution", "shared/base", &ok),
        (DEV, "frontend-execution", "headless-cms/frontend", &ok),
        (SHOP, "web-execution", "storefront/web", &ok),
        (DEV, "backend-execution", "headless-cms/frontend", &no),
        (DEV, "frontend-execution", "shared/base", &no),
        (DEV, "backend-execution", "storefront/web", &no),
        (SHOP, "api-execution", "storefront/web", &no),
        (SHOP, "web-execution", "headless-cms/frontend", &no),
        (DEV, "backend-build", "shared/base", &no),
    ] {
        assert_eq!(ask(&format!("pulls('{account}', '{role}', '{image}')")), *expected, "{role} of {account}: {image}");
    }
    for (account, role, expected) in
        [(DEV, "backend-build", &ok), (DEV, "backend-execution", &no), (SHOP, "api-execution", &no)]
    {
        assert_eq!(ask(&format!("pushes('{account}', '{role}', 'shared/base')")), *expected, "{role} of {account}");
    }
    for (account, role, secret, expected) in [
        (DEV, "backend-execution", "secret_of('verb-common', 'partner')", &ok),
        (DEV, "backend-execution", "secret_of('headless-cms-dev', 'github')", &ok),
        (DEV, "frontend-execution", "secret_of('headless-cms-dev', 'github')", &no),
        (DEV, "frontend-execution", "secret_of('verb-common', 'partner')", &no),
        (SHOP, "api-execution", "secret_of('verb-common', 'partner')", &no),
        (SHOP, "web-execution", "secret_of('headless-cms-dev', 'github')", &no),
        (DEV, "backend-execution", "secret_of('storefront-dev', 'copy')", &no),
    ] {
        assert_eq!(ask(&format!("reads('{account}', '{role}', {secret})")), *expected, "{role} of {account}: {secret}");
    }
    // The program says the same, on the live policies of both sides.
    let edges = bench.orgstrap(&["edges", "--format", "json"]).exits(0).json();
    assert_eq!(edges["summary"], json!({"exact": 6, "wider": 0, "denied": 0, "unknown": 0, "unintended": 0}));
    bench.orgstrap(&["can", DEV, "pull", "shared/base", "--by", "backend-execution"]).exits(0);
    bench.orgstrap(&["can", SHOP, "pull", "headless-cms/frontend"]).exits(2);
    let refused = bench.orgstrap(&["can", SHOP, "read", "shared:partner", "--format", "json"]).exits(2).json();
    assert_eq!(refused["allowed"], false);
    let audit = bench.orgstrap(&["audit", "--format", "json"]).exits(0).json();
    assert_eq!(audit["grants"]["summary"], edges["summary"]);
    // A copy has the value of what it is a copy of.
    let same = ask(
        "value = lambda account, name: Member(accounts()[account]['Id']).session.client('secretsmanager').get_secret_value(SecretId=name)['SecretString']\n\
         [value('verb-common', 'partner') == value('storefront-dev', 'copy'), len(value('verb-common', 'partner'))]",
    );
    assert_eq!(same, json!([true, 24]));
    what_goes_takes_its_grants_with_it(&bench);
}

fn roles_in(policy: &Value) -> Vec<String> {
    let text = policy.to_string();
    let mut roles: Vec<_> =
        ["backend-execution", "api-execution", "backend-build", "web-execution", "frontend-execution"]
            .into_iter()
            .filter(|role| text.contains(&format!("orgstrap-{role}")))
            .map(str::to_owned)
            .collect();
    roles.sort();
    roles
}

fn what_goes_takes_its_grants_with_it(bench: &Bench) {
    let policy = |image: &str| bench.world.boto3(&format!("policy_of('{image}')"));
    assert_eq!(roles_in(&policy("shared/base")), ["api-execution", "backend-build", "backend-execution"]);
    // A service goes: its grants do, and no others.
    bench.world.edit(
        "accounts/storefront-dev.toml",
        "[service.api]\nimage = \"shared/base\"\nport = 80\npaths = [\"/api/*\"]\n\n",
        "",
    );
    bench.orgstrap(&["apply", SHOP, "--yes"]).exits(0);
    assert_eq!(roles_in(&policy("shared/base")), ["backend-build", "backend-execution"]);
    bench.orgstrap(&["plan"]).exits(0);
    bench.orgstrap(&["edges"]).exits(0);
    // An account goes: what it had alone is closed, what others have stays word for word.
    let before = policy("storefront/web");
    bench.orgstrap(&["offboard", DEV, "--yes", "--unprotect"]).exits(0);
    assert_eq!(policy("shared/base"), "RepositoryPolicyNotFoundException");
    assert_eq!(policy("headless-cms/frontend"), "RepositoryPolicyNotFoundException");
    assert_eq!(policy("storefront/web"), before);
    let secret = bench.world.boto3(
        "session = Member(common()).session\n\
         key = session.client('secretsmanager').describe_secret(SecretId='partner')['KmsKeyId']\n\
         [session.client('secretsmanager').get_resource_policy(SecretId='partner').get('ResourcePolicy'),\n\
          len(json.loads(session.client('kms').get_key_policy(KeyId=key.split('/')[-1], PolicyName='default')['Policy'])['Statement'])]",
    );
    assert_eq!(secret, json!([null, 1]));
    bench.orgstrap(&["offboard", DEV, "--yes"]).exits(0);
}

/// What AWS makes of a document when it keeps it is no difference; what is left of somebody who was deleted is one, with
/// its cause.
#[test]
fn a_policy_that_names_somebody_who_was_deleted_says_so() {
    let bench = Bench::whole_onboarded("");
    bench.world.boto3(&format!("FRONT = '{}'\n{WORDS}", bench.front().endpoint()));
    bench.orgstrap(&["plan"]).exits(0);
    bench.world.boto3(
        "admin = root('sts').assume_role(RoleArn=f'arn:aws:iam::{common()}:role/OrganizationAccountAccessRole', RoleSessionName='test')['Credentials']\n\
         def by_admin(service):\n    \
             return boto3.client(service, endpoint_url=FRONT, region_name=HOME_REGION, aws_access_key_id=admin['AccessKeyId'],\n        \
                 aws_secret_access_key=admin['SecretAccessKey'], aws_session_token=admin['SessionToken'])\n\
         trust = json.dumps({'Version': '2012-10-17', 'Statement': [{'Effect': 'Allow', 'Principal': {'AWS': common()}, 'Action': 'sts:AssumeRole'}]})\n\
         arn = by_admin('iam').create_role(RoleName='reader', AssumeRolePolicyDocument=trust)['Role']['Arn']\n\
         policy = json.loads(by_admin('ecr').get_repository_policy(repositoryName='headless-cms/frontend')['policyText'])\n\
         policy['Statement'] = policy['Statement'] if isinstance(policy['Statement'], list) else [policy['Statement']]\n\
         policy['Statement'].append({'Sid': 'Theirs', 'Effect': 'Allow', 'Principal': {'AWS': arn}, 'Action': 'ecr:BatchGetImage'})\n\
         by_admin('ecr').set_repository_policy(repositoryName='headless-cms/frontend', policyText=json.dumps(policy))\n\
         by_admin('iam').delete_role(RoleName='reader')\n\
         None",
    );
    let plan = bench.orgstrap(&["plan", "--format", "json"]).exits(2).json();
    let common = plan["accounts"].as_array().unwrap().iter().find(|account| account["name"] == "verb-common").unwrap();
    let drifted: Vec<_> =
        common["resources"].as_array().unwrap().iter().filter(|one| one["status"] == "drifted").collect();
    assert_eq!(drifted.len(), 1, "{drifted:#?}");
    assert_eq!(drifted[0]["key"], "verb-common/repository-policy/headless-cms/frontend");
    let cause = drifted[0]["cause"].as_str().unwrap();
    assert!(cause.starts_with("AROA") && cause.contains("was deleted"), "{cause}");
    let edges = bench.orgstrap(&["edges", "--format", "json"]).exits(2).json();
    assert_eq!(edges["documents"][0]["key"], drifted[0]["key"]);
    bench.orgstrap(&["apply"]).exits(0);
    bench.orgstrap(&["edges"]).exits(0);
}

/// Whatever is missing is said before anything is changed, all of it at once.
#[test]
fn without_its_values_nothing_is_changed() {
    let world = World::whole();
    world.leave_to_moto();
    world.edit(
        "accounts/headless-cms-dev.toml",
        "from = \"env:GITHUB_TOKEN\"",
        "from = \"env:GITHUB_TOKEN\"\n\n[secret.key]\nfrom = \"file:no/such.key\"\n\n[secret.asked]\nfrom = \"prompt\"",
    );
    let without = |arguments: &[&str]| {
        let mut command = end_to_end::orgstrap_in(world.folder(), arguments);
        command.env_remove("GITHUB_TOKEN").env("AWS_ENDPOINT_URL", &world.endpoint);
        command.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test");
        command.env("ORGSTRAP_SANDBOX_FAULTS", "regions=3");
        end_to_end::run(command)
    };
    let failed = without(&["onboard", DEV]).exits(1);
    for part in ["nothing was changed", "GITHUB_TOKEN is not set", "such.key cannot be read", "no terminal to ask at"] {
        assert!(failed.stderr.contains(part), "{part} is not in {}", failed.stderr);
    }
    let organization = "try:\n    seen = root('organizations').describe_organization()['Organization']['Id']\n\
                        except Exception as error:\n    seen = error.response['Error']['Code']\nseen";
    assert_eq!(world.boto3(organization), "AWSOrganizationsNotInUseException");
    // In the sandbox something stands in for each, and the run says so.
    let run = without(&["onboard", DEV, "--sandbox"]).exits(0);
    assert_eq!(run.stderr.matches("a made-up value stands in").count(), 3, "{}", run.stderr);
}

/// A registry that nothing names any more is shown, its images are not lost by the way, and nobody may pull them.
#[test]
fn a_registry_that_is_not_wanted_keeps_its_images_unless_told() {
    let bench = Bench::whole_onboarded("");
    bench.world.boto3(
        "ecr = Member(accounts()['verb-common']['Id']).session.client('ecr')\n\
         manifest = json.dumps({'schemaVersion': 2, 'mediaType': 'application/vnd.docker.distribution.manifest.v2+json',\n    \
             'config': {'mediaType': 'x', 'size': 1, 'digest': 'sha256:' + 'a' * 64}, 'layers': []})\n\
         ecr.put_image(repositoryName='storefront/web', imageManifest=manifest, imageTag='1')\nNone",
    );
    fs::remove_file(bench.world.folder().join("accounts/storefront-dev.toml")).unwrap();
    let plan = bench.orgstrap(&["plan"]).exits(2);
    assert!(
        plan.stdout.contains("ecr-repository/storefront/web") && plan.stdout.contains("no longer wanted"),
        "{plan:?}"
    );
    let failed = bench.orgstrap(&["apply", "--yes"]);
    let said = failed.stdout + &failed.stderr;
    assert!(said.contains("--delete-images"), "{said}");
    let names = "sorted(r['repositoryName'] for r in ecr.describe_repositories()['repositories'])";
    assert_eq!(bench.world.boto3(names), json!(["headless-cms/backend", "headless-cms/frontend", "storefront/web"]));
    bench.orgstrap(&["apply", "--yes", "--delete-images"]).exits(0);
    assert_eq!(bench.world.boto3(names), json!(["headless-cms/backend", "headless-cms/frontend"]));
    bench.orgstrap(&["plan"]).exits(0);
}
