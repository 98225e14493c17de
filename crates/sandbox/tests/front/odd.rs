//! What is no everyday call passes, or is refused as it should be; nothing of it ends the front.

use std::time::{Duration, Instant};

use sandbox::front::Outcome;
use serde_json::json;

use crate::bench::Bench;

/// Calls by hand: the status, and the body.
const RAW: &str = "\
import http.client

def raw(side, service, body=b'', method='POST', path='/', key='AKIAIOSFODNN7EXAMPLE', wait=True, **headers):
    scope = f'AWS4-HMAC-SHA256 Credential={key}/20260101/us-west-1/{service}/aws4_request, SignedHeaders=host, Signature=0'
    headers = {'Authorization': scope} | {name.replace('_', '-'): value for name, value in headers.items()}
    connection = http.client.HTTPConnection(side.endpoint.removeprefix('http://'), timeout=20)
    connection.request(method, path, body, headers, encode_chunked='Transfer-Encoding' in headers)
    if not wait:
        return connection
    answer = connection.getresponse()
    return answer.status, answer.read()

FORM = 'application/x-www-form-urlencoded'
";

#[tokio::test(flavor = "multi_thread")]
async fn bodies_are_large_chunked_and_waited_for_and_a_head_has_a_length() {
    let bench = Bench::new("").await;
    let seen = bench.ask(
        "front.s3.create_bucket(Bucket='verb-b', CreateBucketConfiguration={'LocationConstraint': 'us-west-1'})\n\
         body = bytes(range(256)) * 40_000\n\
         front.s3.put_object(Bucket='verb-b', Key='a', Body=body, ContentEncoding='gzip')\n\
         head = front.s3.head_object(Bucket='verb-b', Key='a')\n\
         got = front.s3.get_object(Bucket='verb-b', Key='a')\n\
         [head['ContentLength'] == len(body), head['ContentEncoding'], got['Body'].read() == body,\n\
          refusal(front.s3.head_object, Bucket='verb-b', Key='b')]",
    );
    assert_eq!(seen, json!([true, "gzip", true, "404"]));
    let calls = bench.front.calls().named("HeadObject");
    let outcomes: Vec<Outcome> = calls.iter().map(|recorded| recorded.outcome.clone()).collect();
    assert_eq!(outcomes, [Outcome::Done, Outcome::Refused("404".into())]);
    bench.ask(RAW);
    let seen = bench.ask(
        "listed = raw(front, 'iam', iter([b'Action=ListRoles', b'&Version=2010-05-08']), Content_Type=FORM,\n    \
             Transfer_Encoding='chunked')\n\
         [listed[0], b'ListRolesResponse' in listed[1]]",
    );
    assert_eq!(seen, json!([200, true]));
}

#[tokio::test(flavor = "multi_thread")]
async fn malformed_calls_are_answered_as_moto_does() {
    let bench = Bench::new("").await;
    bench.ask(RAW);
    let seen = bench.ask(
        "calls = [\n    \
             ('iam', b'', dict(Content_Type=FORM)), ('ec2', b'\\xff=%ff&Action', dict(Content_Type=FORM)),\n    \
             ('ec2', b'Action=CreateVpcEndpoint', dict(Content_Type=FORM)),\n    \
             ('logs', b'{', dict(X_Amz_Target='Logs_20140328.CreateLogGroup')),\n    \
             ('logs', b'[1]', dict(X_Amz_Target='Logs_20140328.DescribeLogGroups')),\n    \
             ('ecs', b'\"a\"', dict(X_Amz_Target='AmazonEC2ContainerServiceV20141113.ListClusters')),\n    \
             ('route53', b'<a', dict(path='/2013-04-01/hostedzone')),\n    \
             ('nothing', b'', dict(path='/%ff/'))]\n\
         all = lambda side: [raw(side, service, body, **more)[0] for service, body, more in calls]\n\
         [all(front), all(moto)]",
    );
    assert_eq!(seen[0], seen[1]);
    assert_eq!(bench.ask("refusal(front.ec2.describe_vpcs)"), json!(null));
}

#[tokio::test(flavor = "multi_thread")]
async fn cbor_is_refused_in_cbor() {
    let bench = Bench::new("throttle=100%").await;
    bench.ask(RAW);
    let seen = bench.ask(
        "status, body = raw(front, 'codeconnections', b'\\xa0', path='/service/CodeConnections_20231201/operation/ListConnections')\n\
         [status, body.decode('latin-1')]",
    );
    let texts = "\u{66}__type\u{73}ThrottlingException\u{67}message\u{6d}Rate exceeded";
    assert_eq!(seen, json!([400, format!("\u{a2}{texts}")]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_begun_ends_though_nobody_waits_for_it() {
    let bench = Bench::new("").await;
    bench.ask(RAW);
    bench.ask("refusal(front.ec2.describe_vpcs)");
    bench.front.freeze(sandbox::ACCOUNT_ID);
    bench.ask(
        "held = raw(front, 'ec2', b'Action=CreateVpc&CidrBlock=10.0.0.0%2F16', Content_Type=FORM, wait=False)\nNone",
    );
    let began = Instant::now();
    while bench.front.calls().named("CreateVpc").count() == 0 {
        assert!(began.elapsed() < Duration::from_secs(20), "the call never came");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    bench.ask("held.close()");
    bench.front.thaw();
    let began = Instant::now();
    while bench.ask("len(moto.ec2.describe_vpcs()['Vpcs'])") == json!(1) {
        assert!(began.elapsed() < Duration::from_secs(20), "the VPC was never made");
    }
}
