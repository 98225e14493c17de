//! Bad weather, in the services' own words.

use std::time::{Duration, Instant};

use sandbox::front::Weather;
use serde_json::{Value, json};

use crate::bench::Bench;

#[tokio::test(flavor = "multi_thread")]
async fn each_service_throttles_with_its_own_code() {
    let bench = Bench::new("throttle=100%").await;
    let codes = bench.ask(
        "[refusal(front.ec2.describe_vpcs), refusal(front.iam.list_roles), refusal(front.logs.describe_log_groups),\n\
          refusal(front.organizations.list_accounts), refusal(front.s3.list_buckets)]",
    );
    let expected =
        json!(["RequestLimitExceeded", "Throttling", "ThrottlingException", "TooManyRequestsException", "SlowDown"]);
    assert_eq!(codes, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_come_before_or_after_the_effect() {
    let bench = Bench::new("error-before=100%").await;
    let vpcs = "len(moto.ec2.describe_vpcs()['Vpcs'])";
    let before = bench.ask(vpcs);
    let make = "refusal(front.ec2.create_vpc, CidrBlock='10.0.0.0/16')";
    assert_eq!(bench.ask(make), "InternalError");
    assert_eq!(bench.ask(vpcs), before);
    bench.front.set_weather("error-after=100%".parse().unwrap());
    assert_eq!(bench.ask(make), "InternalError");
    assert_eq!(bench.ask(vpcs).as_u64().unwrap(), before.as_u64().unwrap() + 1);
    bench.front.set_weather("close-after=100%".parse().unwrap());
    assert_eq!(bench.ask(make), "ConnectionClosedError");
    assert_eq!(bench.ask(vpcs).as_u64().unwrap(), before.as_u64().unwrap() + 2);
    bench.front.set_weather("close-before=100%".parse().unwrap());
    assert_eq!(bench.ask(make), "ConnectionClosedError");
    assert_eq!(bench.ask(vpcs).as_u64().unwrap(), before.as_u64().unwrap() + 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_throttled_above_a_rate_and_another_is_not() {
    let bench = Bench::new("ec2:throttle>3/s").await;
    let codes = bench.ask(
        "id, dev = front.account('dev')\n\
         many = [refusal(dev.ec2.describe_vpcs) for _ in range(8)]\n\
         [many.count('RequestLimitExceeded') > 0, many[:3], refusal(front.ec2.describe_vpcs)]",
    );
    assert_eq!(codes, json!([true, [null, null, null], null]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seed_repeats_what_happens() {
    let happens = async |seed: u64| -> Value {
        let bench = Bench::new(&format!("throttle=50%, seed={seed}")).await;
        bench.ask("[refusal(front.ec2.describe_vpcs) for _ in range(40)]")
    };
    let (first, again, other) = (happens(5).await, happens(5).await, happens(6).await);
    assert_eq!(first, again);
    assert_ne!(first, other);
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_answers_are_whole_and_latency_is_added() {
    let bench = Bench::new("slow=100%").await;
    let seen = bench.ask("[v['CidrBlock'] for v in front.ec2.describe_vpcs()['Vpcs']]");
    assert_eq!(seen, bench.ask("[v['CidrBlock'] for v in moto.ec2.describe_vpcs()['Vpcs']]"));
    bench.front.set_weather(Weather::default().with_latency("ec2.DescribeVpcs=300ms").unwrap());
    bench.ask("front.ec2.describe_vpcs()");
    let calls = bench.front.calls().named("DescribeVpcs");
    let took = calls.iter().last().unwrap().took;
    assert!(took >= Duration::from_millis(300), "{took:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_account_waits_and_others_do_not() {
    let bench = Bench::new("").await;
    let id = bench.ask("id, dev = front.account('dev')\nid").as_str().unwrap().to_owned();
    bench.front.freeze(&id);
    // boto3 would wait for the answer; the call is there, open, for as long as it is frozen.
    bench.ask("import threading\nwaiting = threading.Thread(target=dev.ec2.describe_vpcs)\nwaiting.start()");
    let open = || bench.front.calls().of(&id).to("ec2").only(|recorded| recorded.took == Duration::ZERO).count();
    let began = Instant::now();
    while open() == 0 {
        assert!(began.elapsed() < Duration::from_secs(20), "the call never came");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(bench.ask("[refusal(front.ec2.describe_vpcs), waiting.is_alive()]"), json!([null, true]));
    bench.front.thaw();
    assert_eq!(bench.ask("waiting.join()\nwaiting.is_alive()"), json!(false));
}
