//! What AWS demands of a document, by where it is stored, and how large it may be.

use std::collections::BTreeSet;

use policy::{Document, Kind, Size, Unit};
use serde_json::{Value, json};

use Kind::{
    Boundary, Bucket, EcrRegistry, EcrRepository, InlineOfGroup, InlineOfRole, InlineOfUser, Key, Managed, Secret,
    ServiceControl, Session, Trust,
};

const OF_IDENTITIES: [Kind; 6] = [Managed, InlineOfUser, InlineOfGroup, InlineOfRole, Boundary, Session];

fn mistakes(kind: Kind, document: &Value) -> Vec<String> {
    let document = Document::from_value(document).expect("a document");
    let mistakes = document.check(kind).err().map(|mistakes| mistakes.0).unwrap_or_default();
    mistakes.iter().map(|mistake| format!("{}: {}", mistake.path, mistake.message)).collect()
}

fn statement_with(parts: &[&Value]) -> Value {
    let mut statement = json!({"Effect": "Allow"});
    for part in parts {
        for (key, value) in part.as_object().into_iter().flatten() {
            statement[key] = value.clone();
        }
    }
    json!({"Version": "2012-10-17", "Statement": [statement]})
}

/// Every combination of the three elements, and the kinds that take it.
#[test]
fn elements() {
    let principal = json!({"Principal": {"AWS": "111122223333"}});
    let (sts, ecr) = (json!({"Action": "sts:AssumeRole"}), json!({"Action": "ecr:BatchGetImage"}));
    let resource = json!({"Resource": "*"});
    let of_identities = [&OF_IDENTITIES[..], &[ServiceControl]].concat();
    let table: [(&[&Value], &[Kind]); 9] = [
        (&[], &[]),
        (&[&principal], &[Key]),
        (&[&sts], &[]),
        (&[&resource], &[]),
        (&[&principal, &sts], &[Trust, Key]),
        (&[&principal, &ecr], &[EcrRepository, Key]),
        (&[&principal, &resource], &[Key]),
        (&[&ecr, &resource], &of_identities),
        (&[&principal, &ecr, &resource], &[EcrRegistry, Secret, Key, Bucket]),
    ];
    for (parts, takers) in table {
        let document = statement_with(parts);
        for kind in Kind::ALL {
            let mistakes = mistakes(kind, &document);
            assert_eq!(mistakes.is_empty(), takers.contains(&kind), "{kind}: {document}: {mistakes:?}");
        }
    }
}

#[test]
fn not_forms() {
    let allow = |more: Value| statement_with(&[&more]);
    let deny = |more: Value| statement_with(&[&more, &json!({"Effect": "Deny"})]);
    let identity = json!({"NotAction": "iam:*", "NotResource": "arn:aws:s3:::x", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": true}}});
    for kind in OF_IDENTITIES.into_iter().chain([ServiceControl]) {
        assert_eq!(mistakes(kind, &allow(identity.clone())), [""; 0], "{kind}");
    }
    let not = json!({"NotPrincipal": {"AWS": "111122223333"}, "Action": "s3:*", "Resource": "*"});
    for kind in [Secret, Key, Bucket] {
        assert_eq!(mistakes(kind, &deny(not.clone())), [""; 0], "{kind}");
        assert_eq!(mistakes(kind, &allow(not.clone())), ["Statement[0].NotPrincipal: `NotPrincipal` can only deny"]);
    }
    assert_eq!(
        mistakes(Trust, &deny(json!({"NotPrincipal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole"}))),
        ["Statement[0].NotPrincipal: a role trust policy takes no `NotPrincipal`"]
    );
    assert_eq!(mistakes(Managed, &deny(not)), ["Statement[0].NotPrincipal: a managed policy takes no `NotPrincipal`"]);
}

#[test]
fn all_mistakes_at_once_and_where() {
    let document = json!({"Id": "x", "Statement": [
        {"Sid": "one", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"},
        {"Sid": "one", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"},
        {"Sid": "a b", "Effect": "Allow", "Action": [], "NotResource": "arn:aws:s3:::\u{20ac}"},
    ]});
    assert_eq!(
        mistakes(InlineOfRole, &document),
        [
            "Id: an inline policy of a role takes no `Id`",
            "Statement[1].Principal: an inline policy of a role takes no `Principal`",
            "Statement[1]: an inline policy of a role needs `Resource`",
            "Statement[1].Sid: another statement is named `one` too",
            "Statement[2].Action: `Action` is empty",
            "Statement[2]: an inline policy of a role cannot have the character `\u{20ac}`",
            "Statement[2].Sid: `a b` is no `Sid`",
        ]
    );
    assert_eq!(
        mistakes(EcrRepository, &document),
        [
            "Statement[0]: an ECR repository policy needs `Principal`",
            "Statement[0].Resource: an ECR repository policy takes no `Resource`",
            "Statement[0].Action: an ECR repository policy takes only actions of `ecr`, not `s3:GetObject`",
            "Statement[1].Action: an ECR repository policy takes only actions of `ecr`, not `s3:GetObject`",
            "Statement[2]: an ECR repository policy needs `Principal`",
            "Statement[2].Action: `Action` is empty",
            "Statement[2].NotResource: an ECR repository policy takes no `NotResource`",
        ]
    );
    let trust = json!({"Statement": [{
        "Effect": "Allow", "Principal": {"AWS": []}, "Action": ["STS:AssumeRole", "sts:TagSession", "*", "iam:PassRole"],
    }]});
    assert_eq!(
        mistakes(Trust, &trust),
        [
            "Statement[0].Principal: `Principal` is empty",
            "Statement[0].Action: a role trust policy takes only actions of `sts`, not `*`",
            "Statement[0].Action: a role trust policy takes only actions of `sts`, not `iam:PassRole`",
        ]
    );
    for kind in Kind::ALL {
        assert_eq!(mistakes(kind, &json!({"Statement": []})), ["Statement: there is no statement"], "{kind}");
    }
}

#[test]
fn a_mistake_says_what_to_do() {
    let document = Document::from_value(&statement_with(&[&json!({"Principal": "*", "Action": "*", "Resource": "*"})]));
    assert_eq!(
        document.expect("a document").check(Session).expect_err("a mistake").to_string(),
        "Statement[0].Principal: a session policy takes no `Principal`; remove it: the principal is whoever the policy is attached to"
    );
}

/// 12 characters, of which 3 are white space and one takes two bytes.
const COUNTED: &str = "{\"\u{e4} b\":\n\t1e}";

#[test]
fn sizes_are_counted_as_each_service_counts() {
    for kind in Kind::ALL {
        let expected = match kind.limit().unit {
            Unit::Visible => 9,
            Unit::Characters => 12,
            Unit::Bytes => 13,
        };
        assert_eq!(kind.count(COUNTED), expected, "{kind}");
        assert_eq!(kind.count(""), 0);
    }
}

#[test]
fn limits() {
    let table = [
        (Managed, 6_144, Unit::Visible, false),
        (InlineOfUser, 2_048, Unit::Visible, true),
        (InlineOfGroup, 5_120, Unit::Visible, true),
        (InlineOfRole, 10_240, Unit::Visible, true),
        (Boundary, 6_144, Unit::Visible, false),
        (Session, 2_048, Unit::Characters, true),
        (ServiceControl, 10_240, Unit::Characters, false),
        (Trust, 2_048, Unit::Visible, false),
        (EcrRepository, 10_240, Unit::Characters, false),
        (EcrRegistry, 10_240, Unit::Characters, false),
        (Secret, 20_480, Unit::Characters, false),
        (Key, 32_768, Unit::Bytes, false),
        (Bucket, 20_480, Unit::Bytes, false),
    ];
    assert_eq!(table.map(|(kind, ..)| kind), Kind::ALL);
    for (kind, maximum, unit, shared) in table {
        let limit = kind.limit();
        assert_eq!((limit.maximum, limit.unit, limit.shared), (maximum, unit, shared), "{kind}");
        assert_eq!(limit.quota.is_some(), limit.unit == Unit::Visible, "{kind}");
    }
    assert_eq!(Kind::ALL.map(Kind::name).into_iter().collect::<BTreeSet<_>>().len(), Kind::ALL.len());
}

/// What is counted is the text that is sent, not the one that was read.
#[test]
fn documents_are_counted_without_white_space_between_elements() {
    let document = Document::parse(
        r#"{
            "Version": "2012-10-17",
            "Statement": {"Effect": "Allow", "Principal": "*", "Action": ["kms:*"],
                          "Condition": {"StringEquals": {"kms:ViaService": "ä b"}}}
        }"#,
    )
    .expect("a document");
    let sent = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"kms:*","Condition":{"StringEquals":{"kms:ViaService":"ä b"}}}]}"#;
    assert_eq!(document.to_value().to_string(), sent);
    let (bytes, characters, visible) = (145, 144, 143);
    assert_eq!(sent.len(), bytes);
    assert_eq!(document.size(Key), Size { used: bytes, maximum: 32_768 });
    assert_eq!(document.size(Secret), Size { used: characters, maximum: 20_480 });
    assert_eq!(document.size(Managed), Size { used: visible, maximum: 6_144 });
}

#[test]
fn shares() {
    for (used, maximum, percent, fits) in [
        (0, 2_048, 0, true),
        (1, 2_048, 1, true),
        (1_639, 2_048, 81, true),
        (2_048, 2_048, 100, true),
        (2_049, 2_048, 101, false),
        (1, 0, 100, false),
    ] {
        let size = Size { used, maximum };
        assert_eq!((size.percent(), size.fits()), (percent, fits), "{size:?}");
    }
}

#[test]
fn ids_are_those_of_json() {
    for kind in Kind::ALL {
        assert_eq!(serde_json::json!(kind), kind.id());
    }
}
