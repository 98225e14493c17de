//! Copies of a world that was made once: each is as if the account had been onboarded in it, and shares nothing.

use end_to_end::{Bench, DEV, World, assert_same};
use serde_json::json;

const VPC: &str = "member().ec2.create_vpc(CidrBlock='10.99.0.0/16')['Vpc']['VpcId']";

#[test]
fn what_is_done_in_one_is_in_no_other() {
    let (one, other) = (World::onboarded(), World::onboarded());
    assert_ne!(one.endpoint, other.endpoint);
    let before = other.objects();
    assert_same(&one.objects(), &before, "as they begin");
    let made = one.boto3(VPC);
    assert_same(&other.objects(), &before, "after a change in the first");
    assert_ne!(made, other.boto3(VPC), "ids are drawn anew in each");
    one.orgstrap(&["offboard", DEV, "--yes"]).exits(0);
    other.orgstrap(&["plan"]).exits(0);
    assert_same(&World::onboarded().objects(), &before, "a later copy");
}

#[test]
fn the_books_say_who_onboarded_it() {
    let bench = Bench::onboarded("");
    assert_eq!(bench.calls().count(), 0, "the front is new");
    let runs = bench.orgstrap(&["runs", "--format", "json"]).exits(0).json();
    let commands: Vec<_> = runs["runs"].as_array().unwrap().iter().map(|run| &run["start"]["command"]).collect();
    assert_eq!(commands, [&json!("onboard")]);
    bench.orgstrap(&["plan", DEV]).exits(0);
    bench.world.orgstrap(&["plan", DEV]).exits(0);
}
