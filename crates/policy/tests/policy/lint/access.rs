//! Who is allowed what.

use policy::Severity;
use serde_json::{Value, json};

use super::{check, findings, identity, pull, row, with};

const GITHUB: &str = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com";

/// A statement of a trust policy.
fn trust(principal: &Value, action: &str) -> Value {
    json!({"Effect": "Allow", "Principal": principal, "Action": action})
}

#[test]
fn who_is_allowed() {
    let everyone = with(&pull(), &json!({"Principal": "*"}));
    let condition = |condition: Value| with(&everyone, &json!({"Condition": condition}));
    let limited = condition(json!({"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}));
    let public = |bad: Value| row("public-principal", Severity::Error, "Statement[0].Principal", bad, limited.clone());
    let not_principal = with(&pull(), &json!({"Principal": null, "NotPrincipal": {"AWS": "111122223333"}}));
    check(&[
        public(everyone.clone()),
        public(with(&everyone, &json!({"Principal": {"AWS": "*"}}))),
        public(condition(json!({"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}))),
        public(condition(json!({"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}))),
        public(condition(json!({"StringLike": {"aws:PrincipalOrgID": "o-*"}}))),
        public(condition(json!({"StringLike": {"aws:PrincipalOrgID": ["o-a1b2c3d4e5", "*"]}}))),
        public(condition(json!({"ForAllValues:StringLike": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/*"}}))),
        public(condition(json!({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "*/ou-ab12-11111111/*"}}))),
        public(condition(json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/deploy"}}))),
        public(condition(json!({"ArnLike": {"aws:SourceArn": "arn:aws:s3:::*"}}))),
        public(condition(json!({"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "0.0.0.0/0"]}}))),
        public(condition(json!({"IpAddress": {"aws:SourceIp": "::/0"}}))),
        public(condition(json!({"IpAddress": {"aws:SourceIp": "0.0.0.0/1"}}))),
        public(condition(json!({"StringEquals": {"aws:PrincipalTag/team": "platform"}}))),
        public(condition(json!({"StringEquals": {"kms:ViaService": "ecr.eu-central-1.amazonaws.com"}}))),
        public(condition(json!({"StringEquals": {"aws:PrincipalAccount": "${aws:PrincipalTag/account}"}}))),
        public(condition(json!({"Null": {"aws:PrincipalOrgID": "false"}}))),
        row("public-principal", Severity::Error, "Statement[0].NotPrincipal", not_principal.clone(), limited.clone()),
        row(
            "not-principal-with-allow",
            Severity::Error,
            "Statement[0].NotPrincipal",
            not_principal.clone(),
            with(&not_principal, &json!({"Effect": "Deny"})),
        ),
    ]);
}

#[test]
fn what_keeps_strangers_out() {
    let everyone = with(&pull(), &json!({"Principal": "*"}));
    for condition in [
        json!({"StringEquals": {"aws:principalorgid": "o-a1b2c3d4e5"}}),
        json!({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*"}}),
        json!({"StringEquals": {"aws:PrincipalAccount": ["111122223333", "444455556666"]}}),
        json!({"StringEquals": {"aws:PrincipalAccount": "${aws:ResourceAccount}"}}),
        json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/deploy-*"}}),
        json!({"StringLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:*"}}),
        json!({"ArnLike": {"aws:SourceArn": "arn:aws:s3:::example"}}),
        json!({"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:111122223333:*"}}),
        json!({"StringEquals": {"aws:SourceVpce": "vpce-0123456789abcdef0"}}),
        json!({"StringLike": {"aws:userid": "AROAEXAMPLEEXAMPLE12:*"}}),
        json!({"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "2001:db8::/32", "10.0.0.0/8"]}}),
        json!({"Bool": {"aws:PrincipalIsAWSService": "true"}}),
        json!({"StringEquals": {"kms:CallerAccount": "111122223333", "kms:ViaService": "s3.eu-central-1.amazonaws.com"}}),
    ] {
        let found = findings(&with(&everyone, &json!({"Condition": condition})));
        assert!(found.iter().all(|finding| finding.severity == Severity::Note), "{condition}: {found:#?}");
    }
    let denial = |condition: Value| json!([everyone, {"Effect": "Deny", "Principal": "*", "Action": "ecr:*", "Condition": condition}]);
    let is_public = |statements: &Value| findings(statements).iter().any(|finding| finding.id == "public-principal");
    assert!(!is_public(&denial(json!({"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}))));
    assert!(!is_public(&denial(json!({
        "StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"},
        "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
    }))));
    assert!(is_public(&denial(json!({"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}))));
    assert!(is_public(&denial(json!({
        "StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5", "aws:PrincipalTag/team": "platform"},
    }))));
}

#[test]
fn what_is_allowed() {
    let on = |action: &str, resource: &str| with(&identity(), &json!({"Action": action, "Resource": resource}));
    let to_lambda = json!({"Condition": {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}});
    let role = "arn:aws:iam::111122223333:role/app-*";
    let push = with(&pull(), &json!({"Action": ["ecr:PutImage", "ecr:UploadLayerPart"]}));
    let of_other = with(&push, &json!({"Principal": {"AWS": "444455556666"}}));
    let repository = |name: &str| format!("arn:aws:ecr:eu-central-1:111122223333:repository/{name}");
    let by = |name: &str, statement: &Value| {
        let role = format!("arn:aws:iam::*:role/{name}");
        with(statement, &json!({"Condition": {"ArnLike": {"aws:PrincipalArn": role}}}))
    };
    check(&[
        row(
            "not-action-with-allow",
            Severity::Warning,
            "Statement[0].NotAction",
            with(&identity(), &json!({"Action": null, "NotAction": "iam:*"})),
            with(&identity(), &json!({"Action": null, "NotAction": "iam:*", "Effect": "Deny"})),
        ),
        row(
            "not-resource-with-allow",
            Severity::Warning,
            "Statement[0].NotResource",
            with(&identity(), &json!({"Resource": null, "NotResource": "arn:aws:s3:::example/*"})),
            with(&identity(), &json!({"Resource": null, "NotResource": "arn:aws:s3:::example/*", "Effect": "Deny"})),
        ),
        row("full-access", Severity::Note, "Statement[0].Action", on("*", "*"), on("s3:*", "*")),
        row(
            "pass-role-wildcard",
            Severity::Warning,
            "Statement[0].Resource",
            on("iam:PassRole", "*"),
            on("iam:PassRole", role),
        ),
        row(
            "pass-role-wildcard",
            Severity::Warning,
            "Statement[0].Resource",
            on("iam:Pass*", "arn:aws:iam::*:role/*"),
            on("iam:GetRole", "*"),
        ),
        row(
            "pass-role-wildcard",
            Severity::Note,
            "Statement[0].Resource",
            with(&on("iam:PassRole", "*"), &to_lambda),
            on("*", "*"),
        ),
        row(
            "assume-role-wildcard",
            Severity::Warning,
            "Statement[0].Resource[1]",
            with(&on("sts:*", "*"), &json!({"Resource": [role, "arn:aws:iam::111122223333:role/*"]})),
            on("sts:AssumeRole", "arn:aws:iam::*:role/audit-reader"),
        ),
        row(
            "assume-role-wildcard",
            Severity::Note,
            "Statement[0].Resource",
            with(
                &on("sts:AssumeRole", "*"),
                &json!({"Condition": {"StringEquals": {"aws:ResourceOrgID": "o-a1b2c3d4e5"}}}),
            ),
            on("sts:GetCallerIdentity", "*"),
        ),
        row(
            "push-with-pull",
            Severity::Warning,
            "Statement[0].Action",
            with(&pull(), &json!({"Action": "ecr:*"})),
            pull(),
        ),
        row(
            "push-with-pull",
            Severity::Warning,
            "Statement[1].Action[0]",
            json!([pull(), push]),
            json!([pull(), of_other]),
        ),
        row(
            "push-with-pull",
            Severity::Warning,
            "Statement[1].Action[0]",
            json!([by("*-run", &pull()), by("web-run", &push)]),
            json!([by("*-run", &pull()), by("*-build", &push)]),
        ),
        row(
            "push-with-pull",
            Severity::Warning,
            "Statement[0].Action[1]",
            with(&identity(), &json!({"Action": ["ecr:Get*", "ecr:Put*"], "Resource": "*"})),
            json!([on("ecr:Get*", &repository("base/*")), on("ecr:Put*", &repository("app/*"))]),
        ),
    ]);
}

#[test]
fn who_is_behind_a_service() {
    let service = |name: &str| json!({"Service": name});
    let flow_logs = trust(&service("vpc-flow-logs.amazonaws.com"), "sts:AssumeRole");
    let of_account = json!({"Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}}});
    let topic =
        with(&pull(), &json!({"Principal": service("s3.amazonaws.com"), "Action": "sns:Publish", "Resource": "*"}));
    let open = json!({"Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:*:topic"}}});
    let tasks = trust(&service("ecs-tasks.amazonaws.com"), "sts:AssumeRole");
    let compute = trust(&json!({"Service": ["ec2.amazonaws.com", "lambda.amazonaws.com"]}), "sts:AssumeRole");
    let path = "Statement[0].Principal.Service";
    check(&[
        row("confused-deputy", Severity::Warning, path, flow_logs.clone(), with(&flow_logs, &of_account)),
        row("confused-deputy", Severity::Warning, path, topic.clone(), with(&topic, &of_account)),
        row("confused-deputy", Severity::Warning, path, with(&topic, &open), with(&topic, &json!({"Effect": "Deny"}))),
        row("confused-deputy", Severity::Note, path, tasks.clone(), with(&tasks, &of_account)),
        row(
            "confused-deputy",
            Severity::Note,
            "Statement[0].Principal.Service[1]",
            with(&tasks, &json!({"Principal": {"Service": ["ec2.amazonaws.com", "ssm.amazonaws.com"]}})),
            compute,
        ),
    ]);
}

#[test]
fn whose_token_it_is() {
    let github = trust(&json!({"Federated": GITHUB}), "sts:AssumeRoleWithWebIdentity");
    let host = "token.actions.githubusercontent.com";
    let claims = |operator: &str, subject: &str| {
        with(
            &github,
            &json!({"Condition": {
                "StringEquals": {format!("{host}:aud"): "sts.amazonaws.com"},
                operator: {format!("{host}:sub"): subject},
            }}),
        )
    };
    let right = claims("StringLike", "repo:octo-org/*");
    let subject = |bad: Value| {
        row("oidc-without-subject", Severity::Error, "Statement[0].Principal.Federated", bad, right.clone())
    };
    let audience = json!({"Condition": {"StringEquals": {format!("{host}:aud"): "sts.amazonaws.com"}}});
    let private = trust(
        &json!({"Federated": "arn:aws:iam::111122223333:oidc-provider/oidc.example.com"}),
        "sts:AssumeRoleWithWebIdentity",
    );
    let saml = trust(&json!({"Federated": "arn:aws:iam::111122223333:saml-provider/corp"}), "sts:AssumeRoleWithSAML");
    let cognito = trust(&json!({"Federated": "cognito-identity.amazonaws.com"}), "sts:AssumeRoleWithWebIdentity");
    let without_audience = |bad: &Value, good: Value| {
        row("federated-without-audience", Severity::Warning, "Statement[0].Principal.Federated", bad.clone(), good)
    };
    check(&[
        subject(github.clone()),
        subject(with(&github, &audience)),
        subject(claims("StringLike", "*")),
        subject(claims("StringLike", "repo:*")),
        subject(claims("StringLike", "repo:octo-org*")),
        subject(claims("StringLike", "repo:*/infrastructure:*")),
        subject(claims("ForAllValues:StringEquals", "repo:octo-org/app:ref:refs/heads/main")),
        subject(claims("StringNotLike", "repo:octo-org/*")),
        row("oidc-without-subject", Severity::Error, "Statement[0].Principal.Federated", cognito, private.clone()),
        without_audience(&github, right.clone()),
        without_audience(
            &private,
            with(&private, &json!({"Condition": {"StringEquals": {"oidc.example.com:aud": "sts.amazonaws.com"}}})),
        ),
        without_audience(
            &saml,
            with(&saml, &json!({"Condition": {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}}})),
        ),
    ]);
}
