//! The law of target groups.

use aws::resources::{HealthCheck, TargetGroup, Vpc};
use engine::Handle;
use testing::{Law, World};

use crate::given;

const OUTSIDE: &str = r#"
def delay(group):
    attributes = elbv2.describe_target_group_attributes(TargetGroupArn=group["TargetGroupArn"])["Attributes"]
    return {one["Key"]: int(one["Value"]) for one in attributes if "delay" in one["Key"]}["deregistration_delay.timeout_seconds"]

[{
    "vpc": group["VpcId"],
    "port": group["Port"],
    "protocol": group["Protocol"],
    "target_type": group["TargetType"],
    "health_check": {
        "path": group["HealthCheckPath"],
        "interval_seconds": group["HealthCheckIntervalSeconds"],
        "timeout_seconds": group["HealthCheckTimeoutSeconds"],
        "healthy_after": group["HealthyThresholdCount"],
        "unhealthy_after": group["UnhealthyThresholdCount"],
        "good_statuses": group["Matcher"]["HttpCode"],
    },
    "deregistration_delay_seconds": delay(group),
    "tags": tags_of(group),
} for group in balancing("describe_target_groups", "TargetGroups")]
"#;

#[tokio::test(flavor = "multi_thread")]
async fn it_holds() {
    let law = Law::<(Handle<Vpc>, Handle<Vpc>), _>::new(
        "backend",
        |scope| (given::vpc(scope, "main"), given::vpc(scope, "other")),
        |(vpc, other), variant| TargetGroup {
            vpc: variant.fix("vpc", vpc, other),
            port: variant.fix("port", 8080, 8081),
            protocol: variant.fix("protocol", "HTTP", "HTTPS").into(),
            target_type: variant.fix("target_type", "ip", "instance").into(),
            health_check: HealthCheck {
                path: variant.change("/health", "/status").into(),
                interval_seconds: variant.change(10, 20),
                timeout_seconds: variant.change(5, 6),
                healthy_after: variant.change(2, 3),
                unhealthy_after: variant.change(3, 4),
                good_statuses: variant.change("200", "200-299").into(),
            },
            deregistration_delay_seconds: variant.change(30, 60),
        },
        OUTSIDE,
    );
    // Its tags and its attributes are in no list.
    let (world, law) = (World::new().await, law.reads_per_object(2));
    law.holds(&world).await;
    let first_call = "
vpc = [vpc for vpc in every(ec2, 'describe_vpcs', 'Vpcs') if tags_of(vpc).get(KEY) == scope + '/vpc/main'][0]['VpcId']
elbv2.create_target_group(Name=name, VpcId=vpc, Port=8080, Protocol='HTTP', TargetType='ip', HealthCheckPath='/health',
    HealthCheckIntervalSeconds=10, HealthCheckTimeoutSeconds=5, HealthyThresholdCount=2, UnhealthyThresholdCount=3,
    Matcher={'HttpCode': '200'}, Tags=tag_list(tags))['TargetGroups'][0]['TargetGroupArn']
";
    law.finishes_half_made(&world, first_call, &["deregistration_delay_seconds"]).await;
    world.needed_all_declared_by::<TargetGroup>();
}
