//! `registry list`: what the common account holds, and whom the policies that are in force let in.

use end_to_end::{Bench, DEV};
use serde_json::{Value, json};

const WORDS: &str = "
ecr = member('verb-common').session.client('ecr')
def push(name, tag, number):
    manifest = {'schemaVersion': 2, 'mediaType': 'application/vnd.docker.distribution.manifest.v2+json',
        'config': {'size': number, 'digest': 'sha256:' + '0' * 64}, 'layers': [{'digest': 'sha256:' + '1' * 64, 'size': number}]}
    ecr.put_image(repositoryName=name, imageManifest=json.dumps(manifest), imageTag=tag)
def share(name, **statement):
    document = {'Version': '2012-10-17', 'Statement': [{'Effect': 'Allow', **statement}]}
    ecr.set_repository_policy(repositoryName=name, policyText=json.dumps(document))
PULL = ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer']
";

/// A bench with a project account, and with what it uses of the common one.
fn onboarded() -> Bench {
    let bench = Bench::whole_onboarded("");
    bench.world.boto3(WORDS);
    bench
}

fn listed(bench: &Bench) -> Value {
    bench.orgstrap(&["registry", "list", "--format", "json"]).exits(0).json()
}

fn repository<'l>(listed: &'l Value, name: &str) -> &'l Value {
    let all = listed["repositories"].as_array().unwrap();
    all.iter().find(|one| one["name"] == name).unwrap_or_else(|| panic!("no {name} in {listed:#}"))
}

#[test]
fn repositories_with_their_images_and_their_guests() {
    let bench = onboarded();
    bench.world.boto3("for n in range(12):\n    push('headless-cms/backend', f'1.0.{n}', n)\nNone");
    let since = bench.calls().count();
    let all = listed(&bench);
    assert_eq!([&all["command"], &all["fleet"], &all["version"]], [&json!("registry list"), &json!("verb"), &json!(1)]);
    let backend = repository(&all, "headless-cms/backend");
    assert_eq!(backend["used_by"], json!([DEV]));
    assert_eq!(backend["pull"], json!([{"account": DEV, "role": "orgstrap-backend-execution"}]));
    assert_eq!(backend["push"], json!([{"account": DEV, "role": "orgstrap-backend-build"}]));
    let arn = bench.world.boto3(
        "ecr.describe_repositories(repositoryNames=['headless-cms/backend'])['repositories'][0]['repositoryArn']",
    );
    assert_eq!(backend["arn"], arn);
    let images = backend["images"].as_array().unwrap();
    assert_eq!(images.len(), 10);
    assert!(images.iter().all(|image| image["digest"].as_str().is_some_and(|digest| digest.starts_with("sha256:"))));
    assert!(images.iter().all(|image| image["size"].is_u64() && image["pushed_at"].is_string()), "{images:#?}");
    let pushed: Vec<_> = images.iter().map(|image| image["pushed_at"].as_str().unwrap()).collect();
    assert!(pushed.is_sorted_by(|one, other| one >= other), "{pushed:?}");
    let frontend = repository(&all, "headless-cms/frontend");
    assert_eq!((&frontend["images"], &frontend["push"]), (&json!([]), &json!([])));
    assert_eq!(all["missing"], json!([]));

    // Who looks may only look, and every repository is asked about once.
    let entered = bench.calls().to("sts").named("AssumeRole").only(|recorded| recorded.number > since);
    let roles: Vec<_> = entered.iter().filter_map(|recorded| recorded.call.argument.clone()).collect();
    assert!(!roles.is_empty() && roles.iter().all(|role| role.ends_with("/orgstrap-auditor")), "{roles:?}");
    let count = bench.world.boto3("len(ecr.describe_repositories()['repositories'])").as_u64().unwrap();
    let asked = bench.calls().to("ecr").only(|recorded| recorded.number > since);
    assert_eq!(u64::try_from(asked.count()).unwrap(), 1 + 2 * count, "{asked}");
}

#[test]
fn people_see_the_latest_three() {
    let bench = onboarded();
    bench.world.boto3(
        "import time\n\
         for n in range(5):\n    \
             push('headless-cms/backend', f'1.0.{n}', n)\n    \
             time.sleep(1.1)\n\
         push('headless-cms/backend', 'current', 4)\n\
         ecr.create_repository(repositoryName='old/thing')\n\
         share('old/thing', Principal='*', Action=PULL)",
    );
    let run = bench.orgstrap(&["registry", "list"]).exits(0);
    let text = run.stdout;
    let shown = ["1.0.2", "1.0.3", "1.0.4, current"].map(|tag| text.contains(tag));
    assert_eq!(shown, [true; 3], "{text}");
    assert!(!text.contains("1.0.1"), "{text}");
    assert!(text.contains("headless-cms-dev: orgstrap-backend-execution"), "{text}");
    let old = text.lines().find(|line| line.contains("old/thing")).unwrap();
    assert!(["no image", "everybody: any role", "unused"].iter().all(|part| old.contains(part)), "{text}");
    assert!(text.contains("open to other organizations"), "{text}");
    assert!(run.stderr.contains("no service of any account's file"), "{}", run.stderr);
}

#[test]
fn whom_the_policy_in_force_lets_in() {
    let bench = onboarded();
    let id = bench.world.boto3("member().id").as_str().unwrap().to_owned();
    let pulled_by = |statement: &str| {
        bench.world.boto3(&format!("share('headless-cms/frontend', {statement})"));
        repository(&listed(&bench), "headless-cms/frontend")["pull"].clone()
    };
    let two = pulled_by(&format!("Principal={{'AWS': ['{id}', '999999999999']}}, Action=PULL"));
    assert_eq!(two, json!([{"account": "999999999999", "role": "*"}, {"account": DEV, "role": "*"}]));
    assert_eq!(pulled_by(&format!("Principal={{'AWS': '{id}'}}, Action='ecr:BatchGetImage'")), json!([]));
    assert_eq!(pulled_by("Principal='*', Action='ecr:*'"), json!([{"account": "everybody", "role": "*"}]));
    let here = pulled_by("Principal='*', Action=PULL, Condition={'IpAddress': {'aws:SourceIp': '192.0.2.0/24'}}");
    assert_eq!(here, json!([{"account": "everybody", "role": "*", "conditions": ["aws:SourceIp"]}]));
    bench.world.boto3("ecr.delete_repository_policy(repositoryName='headless-cms/frontend')");
    assert_eq!(repository(&listed(&bench), "headless-cms/frontend")["pull"], json!([]));
    // An image that has no repository.
    bench.world.boto3("ecr.delete_repository(repositoryName='headless-cms/frontend', force=True)");
    assert_eq!(listed(&bench)["missing"], json!(["headless-cms/frontend"]));
}

/// By units, the policy names no account: those that are in the unit are listed.
#[test]
fn a_unit_is_its_accounts() {
    let bench = Bench::whole("");
    let file = bench.world.folder().join("accounts/verb-common.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text + "\n[registry]\npull = \"units\"\n").unwrap();
    bench.onboard();
    let all = listed(&bench);
    let pull = &repository(&all, "headless-cms/backend")["pull"];
    assert_eq!(*pull, json!([{"account": DEV, "role": "orgstrap-backend-execution"}]));
}

#[test]
fn without_a_common_account_there_is_nothing_to_list() {
    let bench = Bench::whole("");
    let failed = bench.orgstrap(&["registry", "list"]).exits(1).stderr;
    assert!(failed.contains("verb-common does not exist yet"), "{failed}");
}
