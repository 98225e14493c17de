//! An endpoint of the user's own: `AWS_ENDPOINT_URL` and credentials from the environment, no `--sandbox`.

use end_to_end::{DEV, World};
use serde_json::json;

#[test]
fn the_environment_leads_to_another_aws() {
    let world = World::new();
    world.leave_to_moto();
    world.orgstrap_at_endpoint(&["onboard", DEV, "--yes"]).exits(0);
    assert_eq!(world.boto3("[v['CidrBlock'] for v in member().objects()['vpcs']]"), json!(["10.20.0.0/16"]));
    world.orgstrap_at_endpoint(&["plan", DEV]).exits(0);
    // The same world as through the sandbox.
    world.orgstrap(&["plan", DEV]).exits(0);
    let identity = "import boto3; print(boto3.client('sts').get_caller_identity()['Account'])";
    let run = world.orgstrap_at_endpoint(&["exec", DEV, "--", world.python(), "-c", identity]).exits(0);
    assert_eq!(json!(run.stdout.trim()), world.boto3("accounts()['headless-cms-dev']['Id']"));
    world.orgstrap_at_endpoint(&["offboard", DEV, "--yes"]).exits(0);
    assert_eq!(world.boto3("member().objects()['vpcs']"), json!([]));
}
