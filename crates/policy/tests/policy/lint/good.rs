//! Documents as AWS's guides and managed policies have them: nothing to say, or notes only.

use policy::{Severity, lint};
use serde_json::{Value, json};

use super::document;

/// Documents for which there is nothing to do, and the notes on them.
fn good() -> Vec<(&'static str, Vec<&'static str>, Value)> {
    let mut all = of_resources();
    all.extend(of_roles());
    all.extend(of_identities());
    all.extend(of_organizations());
    all
}

fn of_resources() -> Vec<(&'static str, Vec<&'static str>, Value)> {
    vec![
        (
            "an organization pulls and one role pushes",
            vec![],
            json!([
                {
                    "Sid": "Pull", "Effect": "Allow", "Principal": "*",
                    "Action": ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
                    "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}},
                },
                {
                    "Sid": "Push", "Effect": "Allow",
                    "Principal": {"AWS": "arn:aws:iam::111122223333:role/build"},
                    "Action": [
                        "ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:CompleteLayerUpload",
                        "ecr:InitiateLayerUpload", "ecr:PutImage", "ecr:UploadLayerPart",
                    ],
                },
                {
                    "Sid": "LambdaECRImageCrossAccountRetrievalPolicy", "Effect": "Allow",
                    "Principal": {"Service": "lambda.amazonaws.com"},
                    "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
                    "Condition": {"StringLike": {"aws:sourceArn": "arn:aws:lambda:us-east-1:123456789012:function:*"}},
                },
            ]),
        ),
        (
            "a secret is read within an organization",
            vec![],
            json!({
                "Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "secretsmanager:GetSecretValue", "Resource": "*",
                "Condition": {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*"}},
            }),
        ),
        (
            "a key for its account, a service and a log group",
            vec![],
            json!([
                {
                    "Sid": "Enable IAM User Permissions", "Effect": "Allow",
                    "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:*", "Resource": "*",
                },
                {
                    "Sid": "Allow use through Secrets Manager", "Effect": "Allow", "Principal": {"AWS": "*"},
                    "Action": ["kms:Decrypt", "kms:GenerateDataKey*"], "Resource": "*",
                    "Condition": {"StringEquals": {
                        "kms:CallerAccount": "111122223333",
                        "kms:ViaService": "secretsmanager.eu-central-1.amazonaws.com",
                    }},
                },
                {
                    "Sid": "Allow the role that is named", "Effect": "Allow",
                    "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"}, "Action": "kms:Decrypt", "Resource": "*",
                },
                {
                    "Effect": "Allow", "Principal": {"Service": "logs.eu-central-1.amazonaws.com"},
                    "Action": ["kms:Encrypt*", "kms:Decrypt*", "kms:Describe*"], "Resource": "*",
                    "Condition": {"ArnLike": {
                        "kms:EncryptionContext:aws:logs:arn": "arn:aws:logs:eu-central-1:111122223333:log-group:*",
                    }},
                },
            ]),
        ),
        (
            "a bucket of CloudTrail's behind TLS and the organization",
            vec![],
            json!([
                {
                    "Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "s3:PutObject",
                    "Resource": "arn:aws:s3:::trail/AWSLogs/111122223333/*",
                    "Condition": {"StringEquals": {
                        "aws:SourceArn": "arn:aws:cloudtrail:eu-central-1:111122223333:trail/all",
                        "s3:x-amz-acl": "bucket-owner-full-control",
                    }},
                },
                {
                    "Effect": "Deny", "Principal": "*", "Action": "s3:*",
                    "Resource": ["arn:aws:s3:::trail", "arn:aws:s3:::trail/*"],
                    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                },
                {
                    "Effect": "Deny", "Principal": "*", "Action": "s3:*",
                    "Resource": ["arn:aws:s3:::trail", "arn:aws:s3:::trail/*"],
                    "Condition": {
                        "StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"},
                        "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
                    },
                },
            ]),
        ),
        (
            "a queue of a topic",
            vec![],
            json!({
                "Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage",
                "Resource": "arn:aws:sqs:eu-central-1:111122223333:queue",
                "Condition": {"ArnEquals": {"aws:SourceArn": "arn:aws:sns:eu-central-1:111122223333:topic"}},
            }),
        ),
    ]
}

fn of_roles() -> Vec<(&'static str, Vec<&'static str>, Value)> {
    let replaced = |text: &str| -> Value {
        let text = text.replace("${orgstrap:account}", "111122223333").replace("${orgstrap:region}", "eu-central-1");
        serde_json::from_str(&text.replace("${orgstrap:account_name}", "network")).expect("JSON")
    };
    let tokens = |issuer: &str, operator: &str, subject: &str| {
        json!({
            "Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity",
            "Principal": {"Federated": format!("arn:aws:iam::111122223333:oidc-provider/{issuer}")},
            "Condition": {
                "StringEquals": {format!("{issuer}:aud"): "sts.amazonaws.com"},
                operator: {format!("{issuer}:sub"): subject},
            },
        })
    };
    vec![
        ("flow logs", vec![], replaced(include_str!("../../../../../policies/flow-logs.json"))),
        ("the trust of flow logs", vec![], replaced(include_str!("../../../../../policies/flow-logs-trust.json"))),
        (
            "a branch of a repository",
            vec![],
            tokens("token.actions.githubusercontent.com", "StringLike", "repo:octo-org/app:ref:refs/heads/main"),
        ),
        (
            "a service account of a cluster",
            vec![],
            tokens(
                "oidc.eks.eu-central-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE",
                "StringLike",
                "system:serviceaccount:default:*",
            ),
        ),
        (
            "a partner with an external id",
            vec![],
            json!({
                "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::444455556666:root"}, "Action": "sts:AssumeRole",
                "Condition": {"StringEquals": {"sts:ExternalId": ["old", "new"]}},
            }),
        ),
        (
            "the task execution role of ECS",
            vec!["confused-deputy"],
            json!({
                "Sid": "", "Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole",
            }),
        ),
        (
            "an instance's role",
            vec!["old-version"],
            json!({"Version": "2008-10-17", "Statement": [{
                "Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole",
            }]}),
        ),
    ]
}

fn of_identities() -> Vec<(&'static str, Vec<&'static str>, Value)> {
    vec![
        (
            "the policy of the task execution role",
            vec![],
            json!({
                "Effect": "Allow", "Resource": "*",
                "Action": [
                    "ecr:GetAuthorizationToken", "ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer",
                    "ecr:BatchGetImage", "logs:CreateLogStream", "logs:PutLogEvents",
                ],
            }),
        ),
        (
            "a reader of everything's form",
            vec![],
            json!([
                {
                    "Sid": "Describe", "Effect": "Allow", "Resource": "*",
                    "Action": ["ec2:Describe*", "ecr:Describe*", "ecr:Get*", "ecr:List*", "iam:Get*", "iam:List*", "s3:List*", "sts:Get*"],
                },
                {
                    "Sid": "Rest", "Effect": "Allow", "Action": "apigateway:GET",
                    "Resource": ["arn:aws:apigateway:*::/restapis", "arn:aws:apigateway:*::/restapis/*"],
                },
            ]),
        ),
        ("everything", vec!["full-access"], json!({"Effect": "Allow", "Action": "*", "Resource": "*"})),
        (
            "a home in a bucket",
            vec![],
            json!([
                {
                    "Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::example",
                    "Condition": {"StringLike": {"s3:prefix": ["home/${aws:username}/*", "home/${aws:username}"]}},
                },
                {"Effect": "Allow", "Action": "s3:*Object", "Resource": "arn:aws:s3:::example/home/${aws:username}/*"},
            ]),
        ),
        (
            "what needs a second factor",
            vec![],
            json!([
                {"Effect": "Allow", "Action": ["iam:ChangePassword", "iam:GetUser"], "Resource": "arn:aws:iam::*:user/${aws:username}"},
                {
                    "Effect": "Deny", "NotAction": ["iam:ChangePassword", "iam:ListMFADevices", "sts:GetSessionToken"],
                    "Resource": "*", "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
                },
            ]),
        ),
        (
            "older sessions are revoked",
            vec![],
            json!({
                "Effect": "Deny", "Action": ["*"], "Resource": ["*"],
                "Condition": {"DateLessThan": {"aws:TokenIssueTime": "2026-11-23T12:00:00.000Z"}},
            }),
        ),
        (
            "tags of one's own",
            vec![],
            json!({
                "Effect": "Allow", "Action": "ec2:CreateTags", "Resource": "arn:aws:ec2:*:111122223333:instance/*",
                "Condition": {
                    "StringEquals": {"aws:RequestTag/team": "${aws:PrincipalTag/team}"},
                    "ForAllValues:StringEquals": {"aws:TagKeys": ["team", "name"]},
                },
            }),
        ),
        (
            "roles that are passed to one service",
            vec![],
            json!({
                "Effect": "Allow", "Action": ["iam:GetRole", "iam:PassRole"], "Resource": "arn:aws:iam::111122223333:role/app-*",
                "Condition": {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
            }),
        ),
    ]
}

fn of_organizations() -> Vec<(&'static str, Vec<&'static str>, Value)> {
    vec![
        (
            "one region",
            vec![],
            json!({
                "Sid": "DenyOutside", "Effect": "Deny", "Resource": "*",
                "NotAction": ["iam:*", "organizations:*", "route53:*", "sts:*", "support:*"],
                "Condition": {
                    "StringNotEquals": {"aws:RequestedRegion": ["eu-central-1", "eu-west-1"]},
                    "ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/orgstrap-*"},
                },
            }),
        ),
        (
            "nobody leaves, no root user",
            vec![],
            json!([
                {"Effect": "Deny", "Action": "organizations:LeaveOrganization", "Resource": "*"},
                {
                    "Effect": "Deny", "Action": "*", "Resource": "*",
                    "Condition": {"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}},
                },
            ]),
        ),
    ]
}

#[test]
fn good_documents_get_notes_at_most() {
    for (name, notes, value) in good() {
        let found = lint(&document(&value));
        assert!(found.iter().all(|finding| finding.severity == Severity::Note), "{name}: {found:#?}");
        let ids: Vec<_> = found.iter().map(|finding| finding.id).collect();
        assert_eq!(ids, notes, "{name}");
    }
}
