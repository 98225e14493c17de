//! The law of the policies of buckets.

use aws::resources::{Bucket, BucketPolicy};
use engine::{Handle, Id};
use serde_json::json;
use testing::{Law, World};

const OUTSIDE: &str = r#"
bucket = f"verb-{scope}-{name}-{own_id}"
def policy():
    try:
        return json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])
    except s3.exceptions.ClientError as error:
        assert error.response["Error"]["Code"] == "NoSuchBucketPolicy", error

[{"document": policy(), "tags": tags} for one in s3.list_buckets()["Buckets"] if one["Name"] == bucket and policy()]
"#;

#[tokio::test(flavor = "multi_thread")]
async fn it_holds() {
    let law = Law::<Handle<Bucket>, _>::new(
        "alb-logs",
        |scope| scope.add("alb-logs", (), |()| Bucket::private(None)),
        |bucket: Id<Bucket>, variant| {
            let prefix = variant.change("alb", "balancer");
            let document = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:PutObject",
                "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
                "Resource": format!("arn:aws:s3:::{bucket}/{prefix}/AWSLogs/123456789012/*")}});
            BucketPolicy { bucket, document: document.into() }
        },
        OUTSIDE,
    );
    let world = World::new().await;
    law.untagged().holds(&world).await;
    world.needed_all_declared_by::<BucketPolicy>();
}
