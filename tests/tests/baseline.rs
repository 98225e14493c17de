//! What every account is hardened with, seen with boto3 from outside.

use end_to_end::{Bench, DEV};
use serde_json::{Value, json};

/// What the fleet's file says beside the controls that are on by themselves.
pub(crate) const TOLD: &str = r#"
[budget]
monthly = 500
emails = ["billing@verb.example"]

[contacts.security]
name = "Sam"
title = "On call"
email = "security@verb.example"
phone = "+1 555 0100"

[ledger]"#;

/// How an account is, as its services say it. What moto does not have is asked through the front.
const HELPERS: &str = r#"
def client(service, region=HOME_REGION):
    made = who.session.client(service, region, endpoint_url=FRONT)
    def strip(request, **_):
        request.url = request.url.replace(f"//{who.id}.", "//", 1)
    made.meta.events.register("before-sign.s3-control", strip)
    return made

def given(call, *path, **arguments):
    """A part of an answer; None where there is none."""
    try:
        answer = call(**arguments)
    except Exception as error:
        assert "NotFound" in str(error) or "NoSuch" in str(error), error
        return None
    for step in path:
        answer = answer[step]
    return answer

SECURITY = {"AlternateContactType": "SECURITY"}
SPENT = {"NotificationType": "ACTUAL", "ComparisonOperator": "GREATER_THAN", "Threshold": 80.0}
REGIONS = ["us-west-1", "eu-west-1", "af-south-1"]

def state(name):
    global who
    who = member(name)
    budgets, where = client("budgets"), {"AccountId": who.id, "BudgetName": "orgstrap-monthly"}
    ecs = client("ecs").get_paginator("list_account_settings").paginate(effectiveSettings=True)
    ecs = {s["name"]: s["value"] for page in ecs for s in page["settings"]}
    block = given(client("s3control").get_public_access_block, "PublicAccessBlockConfiguration", AccountId=who.id)
    return {
        "s3": block and sorted(block.values()),
        "ebs": client("ec2").get_ebs_encryption_by_default()["EbsEncryptionByDefault"],
        "metadata": client("ec2").get_instance_metadata_defaults()["AccountLevel"],
        "passwords": given(client("iam").get_account_password_policy, "PasswordPolicy", "MinimumPasswordLength"),
        "vpcs": [v["IsDefault"] for r in REGIONS for v in client("ec2", r).describe_vpcs()["Vpcs"] if v["IsDefault"]],
        "analyzers": [[a["name"], a["tags"][FLEET]] for a in client("accessanalyzer").list_analyzers()["analyzers"]],
        "ecs": [ecs["containerInsights"], ecs["tagResourceAuthorization"]],
        "ecr": client("ecr").get_account_setting(name="BASIC_SCAN_TYPE_VERSION")["value"],
        "security": given(client("account").get_alternate_contact, "AlternateContact", "EmailAddress", **SECURITY),
        "budget": given(budgets.describe_budget, "Budget", "BudgetLimit", "Amount", **where),
        "told": given(budgets.describe_subscribers_for_notification, "Subscribers", 0, "Address", Notification=SPENT, **where),
    }
"#;

fn hardened() -> Value {
    json!({
        "s3": [true, true, true, true],
        "ebs": true,
        "metadata": {"HttpTokens": "required", "HttpPutResponseHopLimit": 2},
        "passwords": 14,
        "vpcs": [],
        "analyzers": [["orgstrap-main", "verb"]],
        "ecs": ["enhanced", "on"],
        "ecr": "AWS_NATIVE",
        "security": "security@verb.example",
        "budget": "500.0",
        "told": "billing@verb.example",
    })
}

/// Changes by hand, each with the node that it is drift of.
const DRIFTS: [(&str, &str); 10] = [
    ("client('s3control').delete_public_access_block(AccountId=who.id)", "s3-public-access-block/main"),
    ("client('ec2').disable_ebs_encryption_by_default()", "ebs-encryption/main"),
    ("client('ec2').modify_instance_metadata_defaults(HttpTokens='optional')", "instance-metadata/main"),
    ("client('iam').update_account_password_policy(MinimumPasswordLength=6)", "password-policy/main"),
    ("client('ec2', 'eu-west-1').create_default_vpc()", "default-vpcs/main"),
    ("client('accessanalyzer').delete_analyzer(analyzerName='orgstrap-main')", "access-analyzer/main"),
    (
        "client('ecs').put_account_setting_default(name='containerInsights', value='disabled')",
        "ecs-account-settings/main",
    ),
    ("client('ecr').put_account_setting(name='BASIC_SCAN_TYPE_VERSION', value='CLAIR')", "ecr-account-settings/main"),
    ("client('account').delete_alternate_contact(**SECURITY)", "alternate-contact/security"),
    ("client('budgets').delete_budget(AccountId=who.id, BudgetName='orgstrap-monthly')", "budget/monthly"),
];

fn bench() -> Bench {
    let bench = Bench::new("");
    bench.world.edit("orgstrap.toml", "[ledger]", TOLD.trim_start());
    let front = bench.front().endpoint();
    bench.world.boto3(&format!("FRONT = '{front}'\n{HELPERS}"));
    bench
}

#[track_caller]
fn state(bench: &Bench, account: &str) -> Value {
    bench.world.boto3(&format!("state('{account}')"))
}

/// The nodes in which an account differs from what is desired, without the account's name.
fn differing(plan: &Value) -> Vec<&str> {
    let accounts = plan["accounts"].as_array().unwrap().iter();
    let resources = accounts.flat_map(|account| account["resources"].as_array().unwrap());
    let differing = resources.filter(|resource| resource["status"] != "in-sync");
    let mut keys: Vec<_> =
        differing.map(|resource| resource["key"].as_str().unwrap().split_once('/').unwrap().1).collect();
    keys.sort_unstable();
    keys
}

#[test]
fn every_control_is_on_and_what_is_changed_by_hand_is_mended() {
    let bench = bench();
    bench.onboard();
    assert_eq!(state(&bench, DEV), hardened());
    bench.orgstrap(&["plan", DEV]).exits(0);

    for (code, node) in DRIFTS {
        bench.world.boto3(&format!("{code}\nNone"));
        assert_ne!(state(&bench, DEV), hardened(), "nothing was changed by {code}");
        let plan = bench.orgstrap(&["plan", DEV, "--format", "json"]).exits(2).json();
        assert!(differing(&plan).contains(&node), "{node} is not in {:?} after {code}", differing(&plan));
    }
    let plan = bench.orgstrap(&["plan", DEV, "--format", "json"]).exits(2).json();
    let mut nodes = DRIFTS.map(|(_, node)| node);
    nodes.sort_unstable();
    assert_eq!(differing(&plan), nodes);
    bench.orgstrap(&["apply", DEV, "--yes"]).exits(0);
    assert_eq!(state(&bench, DEV), hardened());
    bench.orgstrap(&["plan", DEV]).exits(0);
}

#[test]
fn what_is_switched_off_is_left_alone() {
    let bench = bench();
    let names = ["s3_public_access", "ebs_encryption", "instance_metadata", "password_policy", "default_vpcs"];
    let names = [&names[..], &["access_analyzer", "ecs_settings", "ecr_settings"]].concat();
    let off = names.iter().map(|name| format!("{name} = {{ off = \"a test\" }}\n")).collect::<Vec<_>>().concat();
    bench.world.edit("accounts/headless-cms-dev.toml", "[network]", &format!("[hardening]\n{off}\n[network]"));
    bench.onboard();
    let untouched = state(&bench, DEV);
    let expected = json!({
        "s3": null,
        "ebs": false,
        "metadata": {},
        "passwords": null,
        "vpcs": [true, true, true],
        "analyzers": [],
        "ecs": ["disabled", "off"],
        "ecr": "AWS_NATIVE",
        "security": "security@verb.example",
        "budget": "500.0",
        "told": "billing@verb.example",
    });
    assert_eq!(untouched, expected);
    // Switched on, off again and changed by hand: it stays as the hand has left it.
    bench.world.edit("accounts/headless-cms-dev.toml", &off, "");
    bench.orgstrap(&["apply", DEV]).exits(0);
    assert_eq!(state(&bench, DEV), hardened());
    bench.world.edit("accounts/headless-cms-dev.toml", "[hardening]\n", &format!("[hardening]\n{off}"));
    bench.world.boto3("client('ec2').disable_ebs_encryption_by_default()\nNone");
    let by_hand = state(&bench, DEV);
    bench.orgstrap(&["plan", DEV]).exits(0);
    bench.orgstrap(&["apply", DEV, "--yes"]).exits(0);
    assert_eq!(state(&bench, DEV), by_hand);
    assert_eq!(by_hand["analyzers"], hardened()["analyzers"]);
}

#[test]
fn the_common_account_too_and_the_management_account_not() {
    let bench = bench();
    bench.orgstrap(&["apply", "--all", "--yes"]).exits(0);
    bench.orgstrap(&["plan", "--all"]).exits(0);
    assert_eq!(state(&bench, "verb-common"), hardened());
    assert_eq!(state(&bench, "storefront-dev"), hardened());
    let management = bench.front().calls().of(sandbox::ACCOUNT_ID).changes();
    let elsewhere = management.only(|made| !["organizations", "sts"].contains(&made.call.service.as_str()));
    assert_eq!(elsewhere.count(), 0, "{elsewhere}");
    // What the files do not ask for any more goes.
    bench.world.edit("orgstrap.toml", "[budget]\nmonthly = 500\nemails = [\"billing@verb.example\"]\n", "");
    let plan = bench.orgstrap(&["plan", "verb-common", "--format", "json"]).exits(2).json();
    assert_eq!(differing(&plan), ["budget/monthly"]);
    bench.orgstrap(&["apply", "verb-common", "--yes"]).exits(0);
    assert_eq!(state(&bench, "verb-common")["budget"], json!(null));
}

/// A new account refuses, and every service that something is made in is waited for: those of the budget and of contacts too.
#[test]
fn what_a_new_account_refuses_is_waited_for() {
    let bench = Bench::new("organizations.CreateAccount:young=6s");
    bench.world.edit("orgstrap.toml", "[ledger]", TOLD);
    let said = bench.onboard().stderr;
    let waits: Vec<_> =
        said.lines().filter(|line| line.contains("waiting for") && line.contains("new account")).collect();
    for refused in [
        "AWS Budgets (UnrecognizedClientException)",
        "Account Management (UnrecognizedClientException)",
        "CloudWatch Logs (SubscriptionRequiredException)",
        "EC2 (OptInRequired)",
        "S3 (NotSignedUp)",
    ] {
        assert!(waits.iter().any(|line| line.contains(refused)), "{refused} is not in {waits:#?}");
    }
    bench.set_weather("");
    bench.orgstrap(&["plan", DEV]).exits(0);
}
