//! Policies are exchanged with no moment in which an intended grant is missing on either side.

use std::collections::BTreeMap;

use end_to_end::{Bench, DEV};
use policy::{Caller, Context, Decision, Document, Policies, Request, decide};
use sandbox::front::{Calls, Moment};
use serde_json::{Value, json};

const PULL: &str = "policies/registry-pull.json";
const EXECUTION: &str = "policies/execution.json";

/// What pulling takes.
const PULLING: [&str; 3] = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"];

/// Both sides are written otherwise: one action more, another condition on the principal.
fn edit(bench: &Bench) {
    bench.world.edit(PULL, "\"ecr:BatchGetImage\",", "\"ecr:BatchGetImage\",\n        \"ecr:DescribeImages\",");
    bench.world.edit(PULL, "\"ArnLike\"", "\"ArnEquals\"");
    bench.world.edit(EXECUTION, "\"ecr:BatchGetImage\",", "\"ecr:BatchGetImage\",\n        \"ecr:DescribeImages\",");
}

/// The documents that grant the pull of the backend's image, on either side, and the boundary of the role, as boto3 reads them.
fn documents(bench: &Bench) -> Value {
    bench.world.boto3(
        "common, dev = (accounts()[name]['Id'] for name in ('verb-common', 'headless-cms-dev'))\n\
         ecr = Member(common).session.client('ecr')\n\
         iam = Member(dev).iam\n\
         own = iam.get_role_policy(RoleName='orgstrap-backend-execution', PolicyName='pull')['PolicyDocument']\n\
         boundary = f'arn:aws:iam::{dev}:policy/orgstrap-workload'\n\
         version = iam.get_policy(PolicyArn=boundary)['Policy']['DefaultVersionId']\n\
         bounds = iam.get_policy_version(PolicyArn=boundary, VersionId=version)['PolicyVersion']['Document']\n\
         {boundary: bounds, 'headless-cms/backend': json.loads(ecr.get_repository_policy(repositoryName='headless-cms/backend')['policyText']),\n \
          'orgstrap-backend-execution': own, 'common': common, 'dev': dev}",
    )
}

fn boundary(dev: &str) -> String {
    format!("arn:aws:iam::{dev}:policy/orgstrap-workload")
}

/// Whether the service may pull, by these documents.
fn may_pull(documents: &BTreeMap<String, Document>, common: &str, dev: &str) -> bool {
    let caller = Caller::parse(&format!("arn:aws:iam::{dev}:role/orgstrap-backend-execution")).unwrap();
    let repository = format!("arn:aws:ecr:us-west-1:{common}:repository/headless-cms/backend");
    PULLING.iter().all(|action| {
        let request = Request::new(caller.clone(), *action, &repository, None, Context::default());
        let policies = Policies {
            identity: vec![&documents["orgstrap-backend-execution"]],
            resource: Some(&documents["headless-cms/backend"]),
            boundary: Some(&documents[&boundary(dev)]),
            ..Policies::default()
        };
        decide(&request, &policies).decision == Decision::Allow
    })
}

/// Replays what was written, call by call; gives how many documents there were.
fn replay(before: &Value, calls: &Calls) -> usize {
    let (common, dev) = (before["common"].as_str().unwrap(), before["dev"].as_str().unwrap());
    let mut documents: BTreeMap<String, Document> =
        ["headless-cms/backend".to_owned(), "orgstrap-backend-execution".to_owned(), boundary(dev)]
            .into_iter()
            .map(|name| (name.clone(), Document::from_value(&before[&name]).unwrap()))
            .collect();
    assert!(may_pull(&documents, common, dev), "before anything was written");
    let mut written = 0;
    for recorded in calls {
        let about = recorded.call.argument.clone().unwrap_or_default();
        let (Some(text), true) = (&recorded.document, documents.contains_key(&about)) else { continue };
        documents.insert(about, Document::parse(text).unwrap());
        written += 1;
        assert!(may_pull(&documents, common, dev), "after call {}: {}", recorded.number, recorded.call);
    }
    written
}

#[test]
fn old_and_new_grants_are_beside_each_other_in_between() {
    let bench = Bench::whole_onboarded("");
    bench.orgstrap(&["rotate", "policies"]).exits(0);
    let before = documents(&bench);
    edit(&bench);
    let since = bench.calls().count();
    let rotated = bench.orgstrap(&["rotate", "policies", "--yes", "--format", "json"]).exits(0).json();
    let verdicts: Vec<_> =
        rotated["documents"].as_array().unwrap().iter().map(|one| (&one["key"], &one["verdict"])).collect();
    assert_eq!(verdicts.len(), 6, "{verdicts:?}");
    assert!(verdicts.iter().all(|(_, verdict)| !verdict.is_null()), "{verdicts:?}");
    let calls = bench.calls().changes().only(|recorded| recorded.number > since);
    assert_eq!(
        replay(&before, &calls),
        4,
        "the registry's is written twice; the role's and its boundary only get wider:\n{calls}"
    );
    assert_eq!(rotated["grants"]["summary"]["exact"], 3);
    // Just the new grants are left.
    bench.orgstrap(&["plan"]).exits(0);
    let after = documents(&bench);
    let statements = after["headless-cms/backend"]["Statement"].as_array().unwrap();
    let pulls: Vec<_> = statements.iter().filter(|one| one["Sid"] == "PullBackendExecution").collect();
    let conditions: Vec<_> = pulls.iter().flat_map(|one| one["Condition"].as_object().unwrap().keys()).collect();
    assert_eq!(conditions, ["ArnEquals"], "{statements:?}");
    assert!(pulls[0].to_string().contains("ecr:DescribeImages"), "{statements:?}");
    it_is_put_back(&bench, &before, rotated["run"].as_str().unwrap());
}

fn it_is_put_back(bench: &Bench, before: &Value, run: &str) {
    bench.orgstrap(&["rotate", "policies", "--rollback", run, "--yes"]).exits(0);
    let normal = |documents: &Value| {
        let normal = |name: &str| Document::from_value(&documents[name]).unwrap().normal();
        [normal("headless-cms/backend"), normal("orgstrap-backend-execution")]
    };
    assert_eq!(normal(&documents(bench)), normal(before));
    let unknown = bench.orgstrap(&["rotate", "policies", "--rollback", "20200101T000000Z-00000000"]).exits(1);
    assert!(unknown.stderr.contains("orgstrap runs"), "{}", unknown.stderr);
}

/// Killed at each of its changes, before and after the effect: every intended grant is there, and a rerun ends as one run.
#[test]
fn killed_at_any_moment_nobody_has_lost_a_grant() {
    let bench = Bench::whole_onboarded("");
    let files = [PULL, EXECUTION].map(|file| std::fs::read_to_string(bench.world.folder().join(file)).unwrap());
    let mut change = 1;
    loop {
        let moment = if change % 2 == 0 { Moment::Before } else { Moment::After };
        edit(&bench);
        let before = documents(&bench);
        let since = bench.calls().count();
        let killed = bench.killed(&["rotate", "policies", "--yes"], change, moment);
        replay(&before, &bench.calls().changes().only(|recorded| recorded.number > since));
        let edges = bench.orgstrap(&["edges", DEV, "--format", "json"]).json();
        assert_eq!(edges["summary"]["denied"], 0, "killed {moment:?} change {change}: {edges}");
        bench.orgstrap(&["rotate", "policies", "--yes"]).exits(0);
        bench.orgstrap(&["plan"]).exits(0);
        // And back, for the next moment.
        for (file, text) in [PULL, EXECUTION].iter().zip(&files) {
            std::fs::write(bench.world.folder().join(file), text).unwrap();
        }
        bench.orgstrap(&["rotate", "policies", "--yes"]).exits(0);
        if !killed {
            break;
        }
        change += 1;
    }
    assert!(change > 6, "there were only {change} changes");
}

/// A grant that both sides lack is shown, and no rotation claims to have checked it.
#[test]
fn what_is_not_allowed_in_the_end_is_said() {
    let bench = Bench::whole_onboarded("");
    bench.world.edit(PULL, "\"ecr:BatchGetImage\",\n", "");
    let rotated = bench.orgstrap(&["rotate", "policies", "--yes", "--format", "json"]).exits(3).json();
    assert_eq!(rotated["grants"]["summary"]["denied"], 2);
    assert_eq!(rotated["grants"]["edges"][1]["why"].as_str().unwrap().split(':').next(), Some("ecr"));
    assert_eq!(bench.orgstrap(&["edges", "--format", "json"]).exits(2).json()["summary"]["denied"], json!(2));
}
