//! Sessions end.

use serde_json::json;

use crate::bench::Bench;

#[tokio::test(flavor = "multi_thread")]
async fn after_its_time_a_session_is_refused_in_each_services_own_words() {
    let bench = Bench::new("").await;
    bench.ask(
        "import datetime\n\
         id, dev = front.account('dev')\n\
         arn = f'arn:aws:iam::{id}:role/OrganizationAccountAccessRole'\n\
         front.iam.list_roles()\n\
         def codes(side):\n    \
             return [refusal(call) for call in (side.iam.list_roles, side.ec2.describe_vpcs, side.sts.get_caller_identity,\n\
                 side.logs.describe_log_groups, side.ecr.describe_repositories, side.s3.list_buckets,\n\
                 side.route53.list_hosted_zones)]",
    );
    bench.front.set_weather("session=3s".parse().unwrap());
    let seen = bench.ask(
        "given = front.sts.assume_role(RoleArn=arn, RoleSessionName='test')['Credentials']\n\
         left = (given['Expiration'] - datetime.datetime.now(datetime.timezone.utc)).total_seconds()\n\
         keys = given['AccessKeyId'], given['SecretAccessKey'], given['SessionToken']\n\
         short = Side(front.endpoint, *keys)\n\
         [left <= 3, refusal(short.iam.list_roles)]",
    );
    assert_eq!(seen, json!([true, null]));
    let after = bench.ask("time.sleep(max(0, left))\n[codes(Side(moto.endpoint, *keys)), codes(short)]");
    let over = [
        "ExpiredToken",
        "RequestExpired",
        "ExpiredToken",
        "ExpiredTokenException",
        "ExpiredTokenException",
        "ExpiredToken",
        "ExpiredToken",
    ];
    assert_eq!(after, json!(([(); 7], over)));
    bench.front.set_weather("".parse().unwrap());
    assert_eq!(bench.ask("refusal(front.enter(arn).iam.list_roles)"), json!(null));
}
