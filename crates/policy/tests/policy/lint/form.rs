//! What AWS refuses, and what cannot be meant.

use policy::{Kind, Severity, lint_as};
use serde_json::{Value, json};

use super::{check, document, identity, pull, row, with};

#[test]
fn what_aws_refuses() {
    let principal = |value: Value| with(&pull(), &json!({"Principal": value}));
    let sid = |sid: &str| with(&identity(), &json!({"Sid": sid}));
    let resource = |resource: &str| with(&identity(), &json!({"Resource": resource}));
    let on_key = with(&pull(), &json!({"Action": "kms:Decrypt", "Resource": "*"}));
    let lacks = |element: &str| json!([on_key, with(&on_key, &json!({"Action": "kms:Encrypt", element: null}))]);
    let both = json!([on_key, with(&on_key, &json!({"Action": "kms:Encrypt"}))]);
    let role = "arn:aws:iam::111122223333:role/app";
    check(&[
        row(
            "principal-wildcard",
            Severity::Error,
            "Statement[0].Principal.AWS[1]",
            principal(json!({"AWS": [role, "arn:aws:iam::111122223333:role/*"]})),
            principal(json!({"AWS": role})),
        ),
        row(
            "principal-wildcard",
            Severity::Error,
            "Statement[0].Principal.Service",
            principal(json!({"Service": "*.amazonaws.com"})),
            pull(),
        ),
        row(
            "unknown-principal",
            Severity::Error,
            "Statement[0].Principal.AWS",
            principal(json!({"AWS": "arn:aws:iam::111122223333:group/ops"})),
            principal(json!({"AWS": role})),
        ),
        row(
            "unknown-principal",
            Severity::Error,
            "Statement[0].Principal.AWS",
            principal(json!({"AWS": "1111222233"})),
            principal(json!({"AWS": "arn:aws:iam::111122223333:root"})),
        ),
        row(
            "deleted-principal",
            Severity::Warning,
            "Statement[0].Principal.AWS",
            principal(json!({"AWS": "AROAEXAMPLEEXAMPLE12"})),
            principal(json!({"AWS": role})),
        ),
        row(
            "duplicate-sid",
            Severity::Error,
            "Statement[1].Sid",
            json!([sid("Read"), sid("Read")]),
            json!([sid("Read"), sid("read")]),
        ),
        row("sid-characters", Severity::Warning, "Statement[0].Sid", sid("Read objects"), sid("ReadObjects1")),
        row("resource-not-an-arn", Severity::Error, "Statement[0].Resource", resource("example/*"), resource("*")),
        row(
            "resource-not-an-arn",
            Severity::Error,
            "Statement[0].Resource",
            resource("arn:aws:s3:example"),
            resource("arn:aws:s3:::${aws:username}/*"),
        ),
        row(
            "resource-not-an-arn",
            Severity::Error,
            "Statement[0].Resource",
            resource("arn:aws:s3"),
            resource("arn:aws:s3*"),
        ),
        row(
            "malformed-action",
            Severity::Warning,
            "Statement[0].Action",
            with(&identity(), &json!({"Action": "s3:Get Object"})),
            identity(),
        ),
        row("principal-missing", Severity::Warning, "Statement[1]", lacks("Principal"), both.clone()),
        row("resource-missing", Severity::Warning, "Statement[1]", lacks("Resource"), both.clone()),
        row("resource-missing", Severity::Warning, "Statement[0]", with(&on_key, &json!({"Resource": null})), pull()),
        row(
            "resource-missing",
            Severity::Warning,
            "Statement[0]",
            with(&identity(), &json!({"Resource": null})),
            identity(),
        ),
        row("action-missing", Severity::Warning, "Statement[1]", lacks("Action"), both),
        row("old-version", Severity::Note, "Version", json!({"Statement": identity()}), identity()),
    ]);
}

#[test]
fn values_and_variables() {
    let condition = |condition: Value| with(&identity(), &json!({"Condition": condition}));
    let wrong = |bad: Value, good: Value, path: &'static str| {
        row("value-of-wrong-kind", Severity::Warning, path, condition(bad), condition(good))
    };
    let in_2008 = |resource: &str| json!({"Version": "2008-10-17", "Statement": with(&identity(), &json!({"Resource": resource}))});
    let home = |variable: &str| with(&identity(), &json!({"Resource": format!("arn:aws:s3:::example/{variable}/*")}));
    check(&[
        wrong(
            json!({"NumericLessThan": {"aws:MultiFactorAuthAge": ["3600", "one hour"]}}),
            json!({"NumericLessThan": {"aws:MultiFactorAuthAge": 3600}}),
            "Statement[0].Condition.NumericLessThan.\"aws:MultiFactorAuthAge\"[1]",
        ),
        wrong(
            json!({"DateLessThan": {"aws:CurrentTime": "tomorrow"}}),
            json!({"DateLessThan": {"aws:CurrentTime": "2030-01-31T00:00:00Z"}}),
            "Statement[0].Condition.DateLessThan.\"aws:CurrentTime\"",
        ),
        wrong(
            json!({"NotIpAddress": {"aws:SourceIp": "203.0.113.0/33"}}),
            json!({"NotIpAddress": {"aws:SourceIp": "203.0.113.7"}}),
            "Statement[0].Condition.NotIpAddress.\"aws:SourceIp\"",
        ),
        wrong(
            json!({"Bool": {"aws:SecureTransport": "yes"}}),
            json!({"Bool": {"aws:SecureTransport": true}}),
            "Statement[0].Condition.Bool.\"aws:SecureTransport\"",
        ),
        wrong(
            json!({"Null": {"aws:TagKeys": "no"}}),
            json!({"Null": {"aws:TagKeys": "False"}}),
            "Statement[0].Condition.Null.\"aws:TagKeys\"",
        ),
        row(
            "wildcard-in-equals",
            Severity::Warning,
            "Statement[0].Condition.StringEquals.\"s3:prefix\"",
            condition(json!({"StringEquals": {"s3:prefix": "home/*"}})),
            condition(json!({"StringEquals": {"s3:prefix": "home/${*}"}})),
        ),
        row(
            "not-an-arn",
            Severity::Warning,
            "Statement[0].Condition.ArnLike.\"aws:PrincipalArn\"",
            condition(json!({"ArnLike": {"aws:PrincipalArn": "role/app"}})),
            condition(json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/app"}})),
        ),
        row(
            "variable-in-old-version",
            Severity::Warning,
            "Statement[0].Resource",
            in_2008("arn:aws:s3:::example/${aws:username}/*"),
            in_2008("arn:aws:s3:::example/*"),
        ),
        row(
            "malformed-variable",
            Severity::Warning,
            "Statement[0].Resource",
            home("${aws:username"),
            home("${aws:username}"),
        ),
        row(
            "malformed-variable",
            Severity::Warning,
            "Statement[0].Resource",
            home("${username}"),
            home("${orgstrap:account}"),
        ),
        row(
            "malformed-variable",
            Severity::Warning,
            "Statement[0].Condition.StringLike.\"s3:prefix\"",
            condition(json!({"StringLike": {"s3:prefix": "${aws:username, none}/*"}})),
            condition(json!({"StringLike": {"s3:prefix": "${aws:username, 'none'}/${$}*"}})),
        ),
        row(
            "set-operator-missing",
            Severity::Warning,
            "Statement[0].Condition.StringEquals.\"aws:TagKeys\"",
            condition(json!({"StringEquals": {"aws:TagKeys": "team"}})),
            condition(json!({"ForAnyValue:StringEquals": {"aws:TagKeys": "team"}})),
        ),
        row(
            "for-all-values-allows-absent",
            Severity::Warning,
            "Statement[0].Condition.\"ForAllValues:StringEquals\".\"aws:TagKeys\"",
            condition(json!({"ForAllValues:StringEquals": {"aws:TagKeys": "team"}})),
            condition(json!({"ForAllValues:StringEquals": {"aws:TagKeys": "team"}, "Null": {"aws:TagKeys": "false"}})),
        ),
        row(
            "for-all-values-allows-absent",
            Severity::Warning,
            "Statement[0].Condition.\"ForAllValues:StringEquals\".\"aws:TagKeys\"",
            condition(
                json!({"ForAllValues:StringEquals": {"aws:TagKeys": "team"}, "StringLike": {"aws:PrincipalTag/team": "?*"}}),
            ),
            condition(
                json!({"ForAllValues:StringEquals": {"aws:TagKeys": "team"}, "StringLike": {"aws:RequestTag/team": "?*"}}),
            ),
        ),
        row(
            "set-operator-on-single-value",
            Severity::Warning,
            "Statement[0].Condition.\"ForAllValues:StringEquals\".\"aws:PrincipalOrgID\"",
            condition(json!({"ForAllValues:StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}})),
            condition(json!({"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}})),
        ),
        row(
            "set-operator-on-single-value",
            Severity::Note,
            "Statement[0].Condition.\"ForAnyValue:StringEquals\".\"aws:ResourceTag/team\"",
            condition(json!({"ForAnyValue:StringEquals": {"aws:ResourceTag/team": "platform"}})),
            condition(json!({"StringEquals": {"aws:ResourceTag/team": "platform"}})),
        ),
    ]);
}

#[test]
fn what_a_kind_of_document_cannot_be() {
    let found = |value: &Value, kind| {
        let findings = lint_as(&document(value), Some(kind));
        findings.into_iter().map(|finding| (finding.id, finding.path.to_string())).collect::<Vec<_>>()
    };
    let pulls = |accounts: u64| {
        let accounts: Vec<_> = (0..accounts).map(|number| format!("{:012}", 111_111_111_111 + number)).collect();
        with(&pull(), &json!({"Principal": {"AWS": accounts}}))
    };
    assert_eq!(found(&pulls(1), Kind::EcrRepository), []);
    let refused = found(&pulls(1), Kind::Trust);
    assert!(refused.contains(&("refused-as-kind", "Statement[0].Action".to_owned())), "{refused:?}");
    // An account's root ARN is 33 characters with quotes and comma: some 300 fit into 10,240.
    assert_eq!(found(&pulls(250), Kind::EcrRepository), []);
    assert_eq!(found(&pulls(290), Kind::EcrRepository), [("nearly-full", String::new())]);
    assert_eq!(found(&pulls(310), Kind::EcrRepository), [("too-large", String::new())]);
}
