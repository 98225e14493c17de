//! Whether a drift widens access, as `audit` tells it.

use end_to_end::{DEV, World};
use serde_json::Value;

/// The `access` of the role that writes flow logs.
#[track_caller]
fn access(world: &World) -> Value {
    let audit = world.orgstrap(&["audit", DEV, "--format", "json"]).exits(2).json();
    let accounts = audit["accounts"].as_array().unwrap();
    let mut resources = accounts.iter().flat_map(|account| account["resources"].as_array().unwrap());
    let role = resources.find(|resource| resource["key"] == format!("{DEV}/role/flow-logs")).unwrap();
    assert_eq!(role["status"], "drifted");
    role["access"].clone()
}

#[test]
fn audit_compares_documents() {
    let world = World::onboarded();
    world.boto3(
        "import json\n\
         role = member().iam.get_role(RoleName='orgstrap-flow-logs')['Role']\n\
         trust = role['AssumeRolePolicyDocument']\n\
         other = dict(Effect='Allow', Action='sts:AssumeRole', Principal=dict(AWS='444455556666'))\n\
         inline = dict(RoleName='orgstrap-flow-logs', PolicyName='flow-logs')\n\
         document = member().iam.get_role_policy(**inline)['PolicyDocument']\n\
         def trusts(statement):\n    \
             changed = dict(trust, Statement=statement)\n    \
             member().iam.update_assume_role_policy(RoleName='orgstrap-flow-logs', PolicyDocument=json.dumps(changed))\n\
         def may(statement):\n    \
             changed = dict(document, Statement=statement)\n    \
             member().iam.put_role_policy(PolicyDocument=json.dumps(changed), **inline)",
    );
    for (change, expected) in [
        // Another account is let in, beside the service and instead of it.
        ("trusts(trust['Statement'] + [dict(other, Sid='Other')])", "wider"),
        ("trusts([other])", "incomparable"),
        // Trust as desired, and less or something else in the policy.
        ("trusts(trust['Statement']); may(document['Statement'][:1])", "narrower"),
        ("may([dict(document['Statement'][0], Action='logs:*')])", "incomparable"),
        // Another name, and nothing else.
        ("may([dict(document['Statement'][0], Sid='Other')] + document['Statement'][1:])", "equal"),
    ] {
        world.boto3(change);
        assert_eq!(access(&world), expected, "{change}");
    }
    // AWS gives documents back in another order, and no drift is in that.
    world.boto3("may(document['Statement'][::-1])");
    world.orgstrap(&["audit", DEV]).exits(0);
}
