//! Every call is recorded, and can be asked for.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use sandbox::front::{Moment, Outcome, Verdict};
use serde_json::json;

use crate::bench::Bench;

#[tokio::test(flavor = "multi_thread")]
async fn calls_are_recorded_in_order_with_what_they_are_about() {
    let bench = Bench::new("").await;
    bench.ask(
        "tags = [{'ResourceType': 'vpc', 'Tags': [{'Key': 'orgstrap:key', 'Value': 'dev/vpc/main'}]}]\n\
         front.ec2.create_vpc(CidrBlock='10.0.0.0/16', TagSpecifications=tags)\n\
         front.ec2.describe_vpcs()\n\
         refusal(front.iam.get_role, RoleName='nobody')\n\
         front.logs.create_log_group(logGroupName='/a/b')\n\
         front.route53.list_hosted_zones()\n\
         front.s3.create_bucket(Bucket='verb-x', CreateBucketConfiguration={'LocationConstraint': 'us-west-1'})",
    );
    let calls = bench.front.calls();
    let named: Vec<String> = calls.iter().map(|recorded| recorded.call.to_string()).collect();
    assert_eq!(
        named,
        [
            "ec2.CreateVpc dev/vpc/main",
            "ec2.DescribeVpcs",
            "iam.GetRole nobody",
            "logs.CreateLogGroup /a/b",
            "route53.ListHostedZones",
            "s3.CreateBucket verb-x"
        ]
    );
    assert!(calls.iter().all(|recorded| recorded.call.account == sandbox::ACCOUNT_ID));
    assert_eq!(calls.clone().to("ec2").named("CreateVpc").count(), 1);
    assert_eq!(calls.clone().changes().count(), 3);
    let outcomes: Vec<Outcome> = calls.iter().map(|recorded| recorded.outcome.clone()).collect();
    assert_eq!(outcomes[2], Outcome::Refused("NoSuchEntity".into()));
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Outcome::Done).count(), 5);
    let timeline = calls.to_string();
    assert_eq!(timeline.lines().count(), 6);
    assert!(timeline.contains("iam.GetRole nobody  [refused: NoSuchEntity]"), "{timeline}");
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_are_told_by_their_account() {
    let bench = Bench::new("").await;
    let id = bench.ask("id, dev = front.account('dev')\ndev.ec2.describe_vpcs()\nid");
    let calls = bench.front.calls().of(id.as_str().unwrap());
    let named: Vec<String> = calls.iter().map(|recorded| recorded.call.to_string()).collect();
    assert_eq!(named, ["ec2.DescribeVpcs"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hook_meets_every_call_before_and_after_its_effect() {
    let met = Arc::new(Mutex::new(Vec::new()));
    let changes = Arc::new(AtomicUsize::new(0));
    let hook = {
        let met = Arc::clone(&met);
        Arc::new(move |call: &sandbox::front::Call, number: usize, moment: Moment| {
            met.lock().unwrap().push((call.operation.clone(), number, moment));
            let first = call.is_change() && moment == Moment::Before && changes.fetch_add(1, Ordering::SeqCst) == 0;
            let second = number == 2 && moment == Moment::After;
            if first || second { Verdict::Drop } else { Verdict::Pass }
        })
    };
    let bench = Bench::with("", Some(hook)).await;
    let made = bench.ask(
        "ends = [refusal(front.ec2.create_vpc, CidrBlock='10.0.0.0/16') for _ in range(2)]\n\
         [ends, len([v for v in moto.ec2.describe_vpcs()['Vpcs'] if not v['IsDefault']])]",
    );
    // The first has had no effect, the second has had its own.
    assert_eq!(made, json!([["ConnectionClosedError", "ConnectionClosedError"], 1]));
    let met = met.lock().unwrap().clone();
    let vpc = || "CreateVpc".to_owned();
    assert_eq!(met, [(vpc(), 1, Moment::Before), (vpc(), 2, Moment::Before), (vpc(), 2, Moment::After)]);
    let outcomes: Vec<String> = bench.front.calls().iter().map(|recorded| recorded.outcome.to_string()).collect();
    assert_eq!(outcomes, ["disturbed: dropped before its effect", "disturbed: dropped after its effect"]);
}
