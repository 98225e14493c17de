//! Databases of RDS.

use serde_json::json;

use crate::bench::Bench;

const HELPERS: &str = "
def network():
    vpc = moto.ec2.create_vpc(CidrBlock='10.0.0.0/16')['Vpc']['VpcId']
    places = ['us-west-1a', 'us-west-1b', 'us-west-1b']
    return [moto.ec2.create_subnet(VpcId=vpc, CidrBlock=f'10.0.{n}.0/24', AvailabilityZone=zone)['Subnet']['SubnetId']
            for n, zone in enumerate(places)]
def group(side, name, subnets, verb='create'):
    call = getattr(side.rds, f'{verb}_db_subnet_group')
    return refusal(call, DBSubnetGroupName=name, DBSubnetGroupDescription='a', SubnetIds=subnets)
def database(side, name, subnets, parameters):
    made = side.rds.create_db_instance(DBInstanceIdentifier=name, DBInstanceClass='db.t4g.micro', Engine='postgres',
        EngineVersion='17', AllocatedStorage=20, MasterUsername='app', ManageMasterUserPassword=True,
        DBSubnetGroupName=subnets, DBParameterGroupName=parameters)['DBInstance']
    return made['DBInstanceStatus'], 'Endpoint' in made
def state(side, name):
    try:
        return side.rds.describe_db_instances(DBInstanceIdentifier=name)['DBInstances'][0]['DBInstanceStatus']
    except side.rds.exceptions.DBInstanceNotFoundFault:
        return None
def listed(side):
    return [one['DBInstanceStatus'] for one in side.rds.describe_db_instances()['DBInstances']]
def parameters(name):
    moto.rds.create_db_parameter_group(DBParameterGroupName=name, DBParameterGroupFamily='postgres17', Description='a')
subnets = network()
";

#[tokio::test(flavor = "multi_thread")]
async fn a_subnet_group_has_two_zones_and_its_name_alone() {
    let bench = Bench::new("").await;
    bench.ask(&format!("{HELPERS}\nNone"));
    let seen = bench.ask(
        "[[group(side, name, subnets[1:]), group(side, name, subnets[:2]), group(side, name, subnets[:2]),\n  \
           group(side, name, subnets[1:], 'modify'), group(side, name, ['subnet-0'] + subnets[:1])]\n \
         for side, name in ((moto, 'one'), (front, 'two'))]",
    );
    let few = "DBSubnetGroupDoesNotCoverEnoughAZs";
    let of_front = json!([few, null, "DBSubnetGroupAlreadyExists", few, "InvalidSubnet"]);
    assert_eq!(seen[1], of_front);
    assert_eq!(seen[0].as_array().unwrap()[..4], [json!(null), json!(null), json!(null), json!(null)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_database_has_cannot_go_before_it() {
    let bench = Bench::new("").await;
    bench.ask(&format!("{HELPERS}\nNone"));
    let seen = bench.ask(
        "def gone(side, name):\n    \
             group(moto, name, subnets[:2])\n    \
             parameters(name)\n    \
             database(moto, name, name, name)\n    \
             delete = lambda **more: refusal(side.rds.delete_db_instance, DBInstanceIdentifier=name, **more)\n    \
             found = [refusal(side.rds.delete_db_subnet_group, DBSubnetGroupName=name) if side is front else None,\n        \
                 refusal(side.rds.delete_db_parameter_group, DBParameterGroupName=name) if side is front else None,\n        \
                 refusal(side.ec2.delete_subnet, SubnetId=subnets[0]) if side is front else None]\n    \
             return found + [delete(), delete(SkipFinalSnapshot=True)]\n\
         [gone(side, name) for side, name in ((moto, 'one'), (front, 'two'))]",
    );
    let found = [
        "InvalidDBSubnetGroupStateFault",
        "InvalidDBParameterGroupState",
        "DependencyViolation",
        "InvalidParameterCombination",
    ];
    let of_moto = json!([null, null, null, null, "DBInstanceNotFound"]);
    assert_eq!(seen, json!([of_moto, [found[0], found[1], found[2], found[3], null]]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_comes_changes_and_goes() {
    let bench = Bench::new("").await;
    bench.ask(&format!("{HELPERS}\ngroup(moto, 'a', subnets[:2])\nparameters('a')"));
    bench.front.set_weather("pending=2s".parse().unwrap());
    let seen = bench.ask(
        "name = 'shop'\n\
         modify = lambda: refusal(front.rds.modify_db_instance, DBInstanceIdentifier=name, MultiAZ=True)\n\
         begun = database(front, name, 'a', 'a')\n\
         found = [begun[0], begun[1], state(moto, name), state(front, name), modify()]\n\
         time.sleep(2.1)\n\
         found + [state(front, name), modify(), state(front, name)]",
    );
    let busy = "InvalidDBInstanceState";
    let expected = json!(["creating", false, "available", "creating", busy, "available", null, "modifying"]);
    assert_eq!(seen, expected);
    let seen = bench.ask(
        "delete = lambda: refusal(front.rds.delete_db_instance, DBInstanceIdentifier=name, SkipFinalSnapshot=True)\n\
         again = lambda: refusal(lambda: database(front, name, 'a', 'a'))\n\
         found = [delete(), state(moto, name), state(front, name), listed(front), delete(), again()]\n\
         time.sleep(2.1)\n\
         found + [state(front, name), listed(front), again()]",
    );
    let gone = json!([null, null, "deleting", ["deleting"], busy, "DBInstanceAlreadyExists", null, [], null]);
    assert_eq!(seen, gone);
}
