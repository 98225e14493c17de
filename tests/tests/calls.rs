//! What a run costs: one list per kind, however many objects there are.

use end_to_end::{DEV, World};
use serde_json::{Value, json};

/// The calls of a plan that finds nothing to do: account, service, operation, how often.
fn calls(world: &World, arguments: &[&str]) -> Value {
    let mut all = arguments.to_vec();
    all.extend(["--stats", "--format", "json"]);
    let stats = world.orgstrap(&all).exits(0).json()["stats"].take();
    let rows = stats.as_array().unwrap().iter().map(|row| {
        assert_eq!([&row["retries"], &row["throttles"]], [0, 0], "{row}");
        json!([row["account"], row["service"], row["operation"], row["calls"]])
    });
    rows.collect()
}

fn expected() -> Value {
    json!([
        [DEV, "accessanalyzer", "ListAnalyzers", 1],
        [DEV, "acm", "ListCertificates", 1],
        [DEV, "applicationautoscaling", "DescribeScalableTargets", 1],
        [DEV, "applicationautoscaling", "DescribeScalingPolicies", 1],
        [DEV, "budgets", "DescribeBudgets", 1],
        [DEV, "cloudwatchlogs", "DescribeLogGroups", 1],
        [DEV, "ec2", "DescribeAddresses", 1],
        [DEV, "ec2", "DescribeAvailabilityZones", 1],
        [DEV, "ec2", "DescribeFlowLogs", 1],
        [DEV, "ec2", "DescribeInternetGateways", 1],
        [DEV, "ec2", "DescribeNatGateways", 1],
        [DEV, "ec2", "DescribeRegions", 1],
        [DEV, "ec2", "DescribeRouteTables", 1],
        [DEV, "ec2", "DescribeSecurityGroupRules", 1],
        [DEV, "ec2", "DescribeSecurityGroups", 1],
        [DEV, "ec2", "DescribeSubnets", 1],
        // EC2 tells one attribute per call, and there are two.
        [DEV, "ec2", "DescribeVpcAttribute", 2],
        [DEV, "ec2", "DescribeVpcEndpoints", 1],
        // One for each region that is enabled.
        [DEV, "ec2", "DescribeVpcs", 3],
        [DEV, "ec2", "GetEbsEncryptionByDefault", 1],
        [DEV, "ec2", "GetInstanceMetadataDefaults", 1],
        [DEV, "ecr", "GetAccountSetting", 1],
        // ECS has more settings than a page takes.
        [DEV, "ecs", "ListAccountSettings", 2],
        [DEV, "ecs", "ListClusters", 1],
        [DEV, "ecs", "ListTaskDefinitions", 1],
        [DEV, "elasticloadbalancingv2", "DescribeLoadBalancers", 1],
        [DEV, "elasticloadbalancingv2", "DescribeTargetGroups", 1],
        [DEV, "iam", "GetAccountAuthorizationDetails", 1],
        [DEV, "iam", "GetAccountPasswordPolicy", 1],
        [DEV, "kms", "ListAliases", 1],
        [DEV, "rds", "DescribeDBInstances", 1],
        [DEV, "rds", "DescribeDBParameterGroups", 1],
        [DEV, "rds", "DescribeDBSubnetGroups", 1],
        [DEV, "resourcegroupstaggingapi", "GetResources", 1],
        [DEV, "route53", "ListHostedZones", 1],
        [DEV, "s3", "ListBuckets", 1],
        [DEV, "s3control", "GetPublicAccessBlock", 1],
        [DEV, "secretsmanager", "ListSecrets", 1],
        [DEV, "servicediscovery", "ListNamespaces", 1],
        [DEV, "sts", "AssumeRole", 1],
        ["management", "organizations", "DescribeOrganization", 1],
        // The content and the targets of each policy, of which there is one.
        ["management", "organizations", "DescribePolicy", 1],
        ["management", "organizations", "ListAWSServiceAccessForOrganization", 1],
        ["management", "organizations", "ListAccounts", 1],
        // What is in the root and in each unit, of which there are two.
        ["management", "organizations", "ListOrganizationalUnitsForParent", 3],
        ["management", "organizations", "ListPolicies", 1],
        ["management", "organizations", "ListRoots", 1],
        ["management", "organizations", "ListTargetsForPolicy", 1],
        ["management", "resourcegroupstaggingapi", "GetResources", 1],
        ["management", "sts", "GetCallerIdentity", 1],
    ])
}

#[test]
fn a_plan_lists_each_kind_once() {
    let world = World::onboarded();
    assert_eq!(calls(&world, &["plan", DEV]), expected());
    assert_eq!(calls(&world, &["audit", DEV]), expected());
    let shown = world.orgstrap(&["plan", DEV, "--stats"]).exits(0);
    let all: u64 = expected().as_array().unwrap().iter().map(|row| row[3].as_u64().unwrap()).sum();
    assert!(shown.stderr.contains(&format!("{all} calls, 0 retries, 0 throttles")), "{}", shown.stderr);
}

/// More zones are more subnets, tables, associations and gateways, and not one call more.
#[test]
fn more_objects_are_not_more_calls() {
    let world = World::new();
    world.edit("orgstrap.toml", "us-west-1", "us-west-2");
    world.edit("orgstrap.toml", r#"nat = "single""#, r#"nat = "per-zone""#);
    world.edit("accounts/headless-cms-dev.toml", "zones = 2", "zones = 4");
    world.onboard();
    assert_eq!(calls(&world, &["plan", DEV]), expected());
}

/// What is asked more than once of everything that the example has: of objects that no list says enough of, and of regions,
/// units and pages. docs/engine.md has the sum.
#[test]
fn a_plan_of_everything_lists_each_kind_once() {
    let world = World::whole_onboarded();
    let calls = calls(&world, &["plan", "verb-common", DEV]);
    let often = json!([
        // Tags of the application and of its group.
        [DEV, "codedeploy", "ListTagsForResource", 2],
        [DEV, "ec2", "DescribeVpcAttribute", 2],
        [DEV, "ec2", "DescribeVpcs", 3],
        // What CodeDeploy has brought out may have moved since the services were listed.
        [DEV, "ecs", "DescribeServices", 2],
        [DEV, "ecs", "DescribeTaskDefinition", 2],
        [DEV, "ecs", "ListAccountSettings", 2],
        [DEV, "elasticloadbalancingv2", "DescribeRules", 2],
        [DEV, "elasticloadbalancingv2", "DescribeTargetGroupAttributes", 3],
        [DEV, "kms", "DescribeKey", 3],
        [DEV, "kms", "GetKeyPolicy", 3],
        [DEV, "kms", "GetKeyRotationStatus", 3],
        // The account's zone, and that of its private names.
        [DEV, "route53", "GetHostedZone", 2],
        [DEV, "secretsmanager", "DescribeSecret", 2],
        [DEV, "secretsmanager", "GetResourcePolicy", 2],
        // Tags of two namespaces and two services.
        [DEV, "servicediscovery", "ListTagsForResource", 4],
        ["management", "organizations", "ListOrganizationalUnitsForParent", 4],
        ["verb-common", "ec2", "DescribeVpcs", 3],
        ["verb-common", "ecr", "DescribeImages", 2],
        ["verb-common", "ecr", "GetLifecyclePolicy", 3],
        ["verb-common", "ecr", "GetRepositoryPolicy", 3],
        ["verb-common", "ecs", "ListAccountSettings", 2],
    ]);
    let more_than_one = calls.as_array().unwrap().iter().filter(|row| row[3] != 1).cloned();
    assert_eq!(more_than_one.collect::<Value>(), often);
    let all: u64 = calls.as_array().unwrap().iter().map(|row| row[3].as_u64().unwrap()).sum();
    assert_eq!(all, 153);
}
