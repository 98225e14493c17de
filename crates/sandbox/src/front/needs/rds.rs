//! What calls to RDS are about (service authorization reference, "Amazon RDS"), and what RDS does in the name of whoever
//! calls.

use super::{Need, kms};
use crate::front::call::{Call, Request};

/// What a parameter names: all of a kind, where a call to list names none.
const NAMED: [(&str, &str); 3] =
    [("DBInstanceIdentifier", "db"), ("DBSubnetGroupName", "subgrp"), ("DBParameterGroupName", "pg")];
const LISTED: [(&str, &str); 3] =
    [("DescribeDBInstances", "db"), ("DescribeDBSubnetGroups", "subgrp"), ("DescribeDBParameterGroups", "pg")];

/// Everything that a call names. Tags are the new object's own.
pub(super) fn objects(request: &Request, action: &str) -> Vec<String> {
    let Call { operation, account, region, .. } = &request.call;
    let text = |name| request.parameters.text(name);
    if let Some(arn) = text("ResourceName") {
        return vec![arn.to_owned()];
    }
    let arn = |kind: &str, name: &str| format!("arn:aws:rds:{region}:{account}:{kind}:{}", name.to_lowercase());
    let mut named: Vec<_> = NAMED.iter().filter_map(|(parameter, kind)| Some(arn(kind, text(parameter)?))).collect();
    if action == "rds:AddTagsToResource" {
        named.truncate(1);
    } else if operation == "CreateDBInstance" {
        named.push(arn("og", &format!("default:{}", text("Engine").unwrap_or_default())));
    }
    let listed = LISTED.iter().find(|(listing, _)| listing == operation);
    named.extend(listed.filter(|_| named.is_empty()).map(|(_, kind)| arn(kind, "*")));
    if named.is_empty() { vec!["*".to_owned()] } else { named }
}

/// What else a call needs (RDS user guide, "Permissions required for Secrets Manager integration", and "AWS KMS key
/// management").
pub(super) fn complete(request: &Request, needs: &mut Vec<Need>) {
    let Call { operation, account, region, .. } = &request.call;
    let text = |name| request.parameters.text(name);
    if let Some(snapshot) = text("FinalDBSnapshotIdentifier") {
        needs.extend(
            objects(request, "rds:CreateDBSnapshot").into_iter().map(|it| Need::new("rds:CreateDBSnapshot", it)),
        );
        let arn = format!("arn:aws:rds:{region}:{account}:snapshot:{snapshot}");
        needs.extend(["rds:AddTagsToResource", "rds:CreateDBSnapshot"].map(|action| Need::new(action, arn.as_str())));
    }
    let mut with_key = |key: Option<&str>, service: &str, actions: &[&str]| {
        let Some(key) = key else { return };
        let (key, service) = (kms::arn_of(key, account, region), format!("{service}.{region}.amazonaws.com"));
        let need =
            |action: &&str| Need::new(format!("kms:{action}"), key.as_str()).with("kms:ViaService", Some(&service));
        needs.extend(actions.iter().map(need));
    };
    if operation == "CreateDBInstance" {
        with_key(text("KmsKeyId"), "rds", &["CreateGrant", "DescribeKey"]);
    }
    if text("ManageMasterUserPassword") == Some("true") {
        let actions = ["CreateGrant", "Decrypt", "DescribeKey", "GenerateDataKey"];
        with_key(text("MasterUserSecretKmsKeyId"), "secretsmanager", &actions);
        let secret = format!(
            "arn:aws:secretsmanager:{region}:{account}:secret:rds!db-00000000-0000-0000-0000-000000000000-??????"
        );
        needs.extend(
            ["CreateSecret", "TagResource"].map(|it| Need::new(format!("secretsmanager:{it}"), secret.as_str())),
        );
    }
}
