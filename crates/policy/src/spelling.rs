//! The usual spelling of actions and condition keys, whose case does not matter to AWS.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::document::ActionPattern;
use crate::pattern::folded;

/// Actions of the services that organizations are built of, a service a line. Most are the names of operations in AWS's
/// API models (botocore); S3's are those of the Service Authorization Reference, which are not operations.
const ACTIONS: &str = include_str!("actions.txt");

/// The actions of each service, in order.
static BY_SERVICE: LazyLock<HashMap<&str, Vec<&str>>> = LazyLock::new(|| {
    let line = |line: &'static str| line.split_once(": ").map(|(service, names)| (service, names.split(' ').collect()));
    ACTIONS.lines().filter_map(line).collect()
});

/// Condition keys (IAM user guide, "AWS global condition context keys", and the Service Authorization Reference). A slash
/// at the end: what follows is a tag's key.
const KEYS: &str = "aws:CalledVia aws:CalledViaFirst aws:CalledViaLast aws:CurrentTime aws:EpochTime aws:FederatedProvider \
    aws:MultiFactorAuthAge aws:MultiFactorAuthPresent aws:PrincipalAccount aws:PrincipalArn aws:PrincipalIsAWSService \
    aws:PrincipalOrgID aws:PrincipalOrgPaths aws:PrincipalServiceName aws:PrincipalServiceNamesList aws:PrincipalTag/ \
    aws:PrincipalType aws:RequestTag/ aws:RequestedRegion aws:ResourceAccount aws:ResourceOrgID aws:ResourceOrgPaths \
    aws:ResourceTag/ aws:SecureTransport aws:SourceAccount aws:SourceArn aws:SourceIdentity aws:SourceIp aws:SourceOrgID \
    aws:SourceOrgPaths aws:SourceVpc aws:SourceVpcArn aws:SourceVpce aws:TagKeys aws:TokenIssueTime aws:UserAgent \
    aws:VpceAccount aws:VpceOrgID aws:VpceOrgPaths aws:VpcSourceIp aws:Ec2InstanceSourceVpc aws:Ec2InstanceSourcePrivateIPv4 \
    aws:ViaAWSService aws:referer aws:userid aws:username aws:ChatbotSourceArn \
    ec2:Region ec2:ResourceTag/ ec2:Vpc ec2:CreateAction ecr:ResourceTag/ ecs:cluster ecs:service ecs:task-definition \
    iam:AWSServiceName iam:AssociatedResourceArn iam:OrganizationsPolicyId iam:PassedToService iam:PermissionsBoundary \
    iam:PolicyARN iam:ResourceTag/ kms:CallerAccount kms:EncryptionContext: kms:EncryptionContextKeys kms:GrantIsForAWSResource \
    kms:GranteePrincipal kms:KeySpec kms:KeyUsage kms:ViaService kms:RequestAlias kms:ResourceAliases organizations:PolicyType \
    organizations:ServicePrincipal s3:authType s3:delimiter s3:max-keys s3:prefix s3:signatureversion s3:TlsVersion \
    s3:x-amz-acl s3:x-amz-server-side-encryption s3:DataAccessPointAccount s3:DataAccessPointArn s3:ResourceAccount \
    secretsmanager:BlockPublicPolicy secretsmanager:Name secretsmanager:ResourceTag/ secretsmanager:SecretId \
    secretsmanager:SecretPrimaryRegion secretsmanager:VersionId secretsmanager:VersionStage secretsmanager:resource/AllowRotationLambdaArn \
    sts:AWSServiceName sts:DurationSeconds sts:ExternalId sts:RequestContextProviders sts:RoleSessionName sts:SourceIdentity \
    sts:TransitiveTagKeys";

/// The spelling of each key by its lower case.
static SPELLED: LazyLock<HashMap<String, &str>> =
    LazyLock::new(|| KEYS.split(' ').map(|key| (folded(key).into_owned(), key)).collect());

/// An action as its service spells it. What is not known keeps its name, below the service in lower case.
pub(crate) fn action(pattern: &ActionPattern) -> String {
    let text = pattern.as_str();
    let Some((service, name)) = text.split_once(':') else { return text.to_owned() };
    let service = service.to_ascii_lowercase();
    let meant = BY_SERVICE.get(service.as_str()).and_then(|names| {
        names.iter().find(|known| pattern.pattern().matches(&format!("{service}:{}", known.to_ascii_lowercase())))
    });
    let name = meant.map_or_else(|| name.to_owned(), |known| recased(name, known));
    format!("{service}:{name}")
}

/// The actions of a service that are known.
pub(crate) fn actions_of(service: &str) -> impl Iterator<Item = String> {
    let names = BY_SERVICE.get(service).map(Vec::as_slice).unwrap_or_default();
    names.iter().map(move |name| format!("{service}:{name}"))
}

/// A pattern in the case of a name that it matches: up to its first wildcard, and after its last one.
fn recased(pattern: &str, name: &str) -> String {
    let (Some(first), Some(last)) = (pattern.find(['*', '?']), pattern.rfind(['*', '?'])) else {
        return name.to_owned();
    };
    let end = pattern.len() - last - 1;
    let (start, end) = (name.get(..first), name.get(name.len().saturating_sub(end)..));
    match (start, end) {
        (Some(start), Some(end)) => format!("{start}{}{end}", &pattern[first..=last]),
        _ => pattern.to_owned(),
    }
}

/// A condition key as AWS spells it. What is not known stays as it is, and so does a tag's key.
pub(crate) fn key(key: &str) -> String {
    let lower = folded(key);
    if let Some(known) = SPELLED.get(lower.as_ref()) {
        return (*known).to_owned();
    }
    let open = key
        .find(['/'])
        .or_else(|| lower.starts_with("kms:encryptioncontext:").then_some("kms:encryptioncontext".len()));
    let spelled = open.and_then(|open| Some((SPELLED.get(lower.get(..=open)?)?, key.get(open + 1..)?)));
    spelled.map_or_else(|| key.to_owned(), |(known, rest)| format!("{known}{rest}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_are_spelled_as_their_service_does() {
        for (written, spelled) in [
            ("ECR:batchgetimage", "ecr:BatchGetImage"),
            ("s3:GETOBJECT", "s3:GetObject"),
            ("s3:getobject*", "s3:GetObject*"),
            ("ecr:*forLAYER", "ecr:*ForLayer"),
            ("IAM:pass?ole", "iam:Pass?ole"),
            ("kms:*", "kms:*"),
            ("*", "*"),
            ("Nowhere:doThis", "nowhere:doThis"),
        ] {
            assert_eq!(action(&ActionPattern::new(written)), spelled);
        }
    }

    #[test]
    fn keys_are_spelled_as_in_the_documentation() {
        for (written, spelled) in [
            ("AWS:PRINCIPALORGID", "aws:PrincipalOrgID"),
            ("aws:principaltag/Team", "aws:PrincipalTag/Team"),
            ("KMS:encryptioncontext:SecretARN", "kms:EncryptionContext:SecretARN"),
            ("example:Key", "example:Key"),
        ] {
            assert_eq!(key(written), spelled);
        }
    }
}
