//! What the deployer is allowed against what a whole life of an account takes of it.

use std::collections::BTreeSet;

use ::policy::{Caller, Decision, Document, Key, Policies, Request, decide};
use end_to_end::{Bench, DEV};
use sandbox::front::{Need, Recorded};
use serde_json::{Value, json};

use crate::baseline::TOLD;

/// What is asked of a new account before there is a deployer, and of the IAM objects that it may not change: the bootstrap
/// role's business.
const BY_BOOTSTRAP: [&str; 4] = ["ecr:DescribeRegistry", "ecs:ListClusters", "iam:ListRoles", "iam:ListPolicyVersions"];

/// What is declared and no call of an undisturbed onboard and offboard needs, since it mends drift. The law of each kind needs
/// all of its own.
const REPAIRS: [&str; 70] = [
    "acm:ListTagsForCertificate",
    "application-autoscaling:DeleteScalingPolicy",
    "application-autoscaling:DeregisterScalableTarget",
    "application-autoscaling:PutScalingPolicy",
    "application-autoscaling:RegisterScalableTarget",
    "application-autoscaling:TagResource",
    "cloudwatch:DeleteAlarms",
    "cloudwatch:DescribeAlarms",
    "cloudwatch:PutMetricAlarm",
    "codedeploy:CreateDeployment",
    "codedeploy:GetDeployment",
    "codedeploy:GetDeploymentConfig",
    "codedeploy:GetDeploymentTarget",
    "codedeploy:RegisterApplicationRevision",
    "codedeploy:StopDeployment",
    "codedeploy:UpdateDeploymentGroup",
    "ec2:DeleteRoute",
    "ec2:DisableEbsEncryptionByDefault",
    "ec2:ModifySecurityGroupRules",
    "ec2:ModifySubnetAttribute",
    "ec2:ModifyVpcEndpoint",
    "ec2:ReplaceRoute",
    "ec2:ReplaceRouteTableAssociation",
    "ecr:PutAccountSetting",
    "ecs:PutClusterCapacityProviders",
    "ecs:UpdateCluster",
    "ecs:UpdateService",
    "elasticloadbalancing:ModifyListener",
    "elasticloadbalancing:ModifyRule",
    "elasticloadbalancing:ModifyTargetGroup",
    "elasticloadbalancing:SetIpAddressType",
    "elasticloadbalancing:SetRulePriorities",
    "elasticloadbalancing:SetSecurityGroups",
    "elasticloadbalancing:SetSubnets",
    "iam:AttachRolePolicy",
    "iam:DetachRolePolicy",
    "iam:PutRolePermissionsBoundary",
    "iam:UpdateAssumeRolePolicy",
    "kms:CancelKeyDeletion",
    "kms:DisableKey",
    "kms:DisableKeyRotation",
    "kms:EnableKey",
    "kms:Encrypt",
    // Of a key whose tags the tagging API does not list yet, or not as they should be.
    "kms:ListResourceTags",
    "kms:UpdateAlias",
    "logs:AssociateKmsKey",
    "logs:DeleteRetentionPolicy",
    "logs:DisassociateKmsKey",
    "logs:GetLogEvents",
    "rds:DescribeDBSnapshots",
    "rds:ModifyDBSubnetGroup",
    "rds:ResetDBParameterGroup",
    "route53:AssociateVPCWithHostedZone",
    "route53:GetChange",
    "route53:UpdateHostedZoneComment",
    "s3:DeleteObject",
    "s3:DeleteObjectVersion",
    "s3:ListBucketVersions",
    "s3:PutBucketTagging",
    "s3:PutBucketVersioning",
    "secretsmanager:DeleteResourcePolicy",
    "secretsmanager:GetSecretValue",
    "secretsmanager:PutResourcePolicy",
    "secretsmanager:PutSecretValue",
    "secretsmanager:RemoveRegionsFromReplication",
    "secretsmanager:ReplicateSecretToRegions",
    "secretsmanager:RestoreSecret",
    "secretsmanager:UpdateSecret",
    "secretsmanager:UpdateSecretVersionStage",
    "servicediscovery:UpdateService",
];

/// The same for what `doctor` asks.
const OF_DOCTOR: [&str; 5] = [
    "ecs:DescribeTasks",
    "ecs:ListClusters",
    "ecs:ListTasks",
    "servicequotas:GetServiceQuota",
    "servicequotas:ListServiceQuotas",
];

fn is_of_bootstrap(need: &Need) -> bool {
    let protected = [
        "role/orgstrap-deployer",
        "role/orgstrap-auditor",
        "policy/orgstrap-boundary",
        "policy/orgstrap-deployer-entrance",
        "policy/orgstrap-deployer-rollouts",
        "policy/orgstrap-deployer-services",
        "policy/orgstrap-workload",
    ];
    BY_BOOTSTRAP.contains(&need.action.as_str()) || protected.iter().any(|name| need.resource.ends_with(name))
}

fn document(text: &Value) -> Document {
    Document::from_value(text).unwrap()
}

#[test]
fn the_deployer_may_do_what_a_life_takes_and_no_more() {
    let bench = Bench::whole("");
    bench.world.edit("orgstrap.toml", "[ledger]", TOLD);
    bench.onboard();
    let live = bench.world.boto3(
        "iam = member().iam\n\
         def managed(arn):\n    \
             version = iam.get_policy(PolicyArn=arn)['Policy']['DefaultVersionId']\n    \
             return iam.get_policy_version(PolicyArn=arn, VersionId=version)['PolicyVersion']['Document']\n\
         role = 'orgstrap-deployer'\n\
         attached = iam.list_attached_role_policies(RoleName=role)['AttachedPolicies']\n\
         [[iam.get_role_policy(RoleName=role, PolicyName='permissions')['PolicyDocument'],\n\
           *(managed(policy['PolicyArn']) for policy in attached)],\n\
          managed(f'arn:aws:iam::{member().id}:policy/orgstrap-boundary'), member().id]",
    );
    let own = live[0].as_array().unwrap();
    assert_eq!(own.len(), 4);
    let deployer: Vec<Document> = own.iter().map(document).collect();
    let (boundary, account) = (document(&live[1]), live[2].as_str().unwrap());
    // A key's own policy leaves it to the account's roles (KMS developer guide, "Default key policy").
    let of_keys = document(&json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "kms:*",
        "Resource": "*", "Principal": {"AWS": format!("arn:aws:iam::{account}:root")}}]}));
    bench.orgstrap(&["offboard", DEV, "--yes", "--unprotect", "--delete-data"]).exits(0);

    let calls = bench.calls().of(account);
    let mut needed = BTreeSet::new();
    for Recorded { call, needs, .. } in &calls {
        for need in needs.iter().filter(|need| !is_of_bootstrap(need)) {
            let mut context = need.context.clone();
            let of_role = Key::new("iam:PermissionsBoundary");
            if need.resource.contains(":role/") && context.get(&of_role).is_none() {
                context.set(of_role, vec![format!("arn:aws:iam::{account}:policy/orgstrap-workload")]);
            }
            let caller = Caller::parse(&format!("arn:aws:iam::{account}:role/orgstrap-deployer")).unwrap();
            let asked = Request::new(caller, &need.action, &need.resource, None, context);
            let is_key = need.resource.starts_with("arn:aws:kms:") && need.resource.contains(":key/");
            let resource = is_key.then_some(&of_keys);
            let policies = Policies {
                identity: deployer.iter().collect(),
                resource,
                boundary: Some(&boundary),
                ..Policies::default()
            };
            let decision = decide(&asked, &policies).decision;
            assert_eq!(decision, Decision::Allow, "{call} needs {} on {}", need.action, need.resource);
            needed.insert(need.action.clone());
        }
    }
    // moto gives the first subnet of a zone public addresses, if those of the default VPC are gone by then.
    needed.remove("ec2:ModifySubnetAttribute");
    assert!(needed.len() > 50, "{needed:?}");
    let statements = own.iter().flat_map(|document| document["Statement"].as_array().unwrap());
    let declared = statements.flat_map(|statement| match &statement["Action"] {
        Value::Array(actions) => actions.clone(),
        one => vec![one.clone()],
    });
    let declared: BTreeSet<_> = declared.map(|action| action.as_str().unwrap().to_owned()).collect();
    let unused: BTreeSet<_> = declared.difference(&needed).map(String::as_str).collect();
    assert_eq!(unused, REPAIRS.into_iter().chain(OF_DOCTOR).collect());
}
