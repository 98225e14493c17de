//! What was just done is not seen at once.

use serde_json::json;

use crate::bench::Bench;

/// For as many reads as this, whatever the seed says: time alone is no test.
const ALWAYS: &str = "stale=20s";

#[tokio::test(flavor = "multi_thread")]
async fn what_is_new_is_neither_listed_nor_found_for_some_reads() {
    let bench = Bench::new("stale=5, seed=11").await;
    let seen = bench.ask(
        "id = front.ec2.create_vpc(CidrBlock='10.0.0.0/16')['Vpc']['VpcId']\n\
         listed = [id in [v['VpcId'] for v in front.ec2.describe_vpcs()['Vpcs']] for _ in range(8)]\n\
         known = [refusal(front.ec2.describe_vpc_attribute, VpcId=id, Attribute='enableDnsSupport') for _ in range(8)]\n\
         [listed, known]",
    );
    let (listed, known) = (seen[0].as_array().unwrap(), seen[1].as_array().unwrap());
    let misses = listed.iter().filter(|seen| **seen == json!(false)).count();
    assert!((1..=5).contains(&misses), "{seen}");
    assert!(listed[misses..].iter().all(|seen| *seen == json!(true)), "{seen}");
    let misses = known.iter().filter(|code| **code == json!("InvalidVpcID.NotFound")).count();
    assert!((1..=5).contains(&misses), "{seen}");
    assert!(known[misses..].iter().all(serde_json::Value::is_null), "{seen}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_changed_or_deleted_reads_back_as_it_was() {
    let bench = Bench::new("").await;
    bench.ask(
        "id = front.ec2.create_vpc(CidrBlock='10.0.0.0/16')['Vpc']['VpcId']\n\
         def hostnames(side):\n    \
             return side.ec2.describe_vpc_attribute(VpcId=id, Attribute='enableDnsHostnames')['EnableDnsHostnames']['Value']\n\
         def listed(side):\n    return id in [v['VpcId'] for v in side.ec2.describe_vpcs()['Vpcs']]\n\
         [hostnames(front), listed(front)]",
    );
    bench.front.set_weather(ALWAYS.parse().unwrap());
    let changed = bench.ask(
        "front.ec2.modify_vpc_attribute(VpcId=id, EnableDnsHostnames={'Value': True})\n[hostnames(moto), hostnames(front)]",
    );
    assert_eq!(changed, json!([true, false]));
    let deleted = bench.ask("front.ec2.delete_vpc(VpcId=id)\n[listed(moto), listed(front)]");
    assert_eq!(deleted, json!([false, true]));
    bench.front.set_weather("".parse().unwrap());
    assert_eq!(bench.ask("listed(front)"), json!(false));
}

#[tokio::test(flavor = "multi_thread")]
async fn names_are_hidden_as_ids_are() {
    let bench = Bench::new(ALWAYS).await;
    let seen = bench.ask(
        "trust = json.dumps({'Version': '2012-10-17', 'Statement': [{'Effect': 'Allow', 'Action': 'sts:AssumeRole',\n\
            'Principal': {'Service': 'ecs-tasks.amazonaws.com'}}]})\n\
         front.iam.create_role(RoleName='new', AssumeRolePolicyDocument=trust)\n\
         front.logs.create_log_group(logGroupName='/a')\n\
         [refusal(front.iam.get_role, RoleName='new'), [r['RoleName'] for r in front.iam.list_roles()['Roles']],\n\
          front.logs.describe_log_groups()['logGroups'], refusal(moto.iam.get_role, RoleName='new'),\n\
          refusal(front.iam.create_role, RoleName='new', AssumeRolePolicyDocument=trust)]",
    );
    assert_eq!(seen, json!(["NoSuchEntity", [], [], null, "EntityAlreadyExists"]));
}
