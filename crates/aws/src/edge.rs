//! The edge to the SDK: every error of a call becomes an [`engine::Error`] here, and its class is decided here and
//! nowhere else.

mod words;

use std::any::type_name;
use std::error::Error as StdError;

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::request_id::RequestId;
use engine::{Class, Error, Result};

/// Turns the outcome of a call into ours.
pub(crate) trait Edge<T> {
    /// The call's output, or its error with class, code and request id.
    fn edge(self) -> Result<T>;
}

impl<T, E> Edge<T> for Result<T, SdkError<E, HttpResponse>>
where
    E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
{
    fn edge(self) -> Result<T> {
        self.map_err(|error| {
            let operation = operation_of(type_name::<E>());
            let ours = match error.as_service_error() {
                Some(service) => {
                    let ours = error_of(service.code().unwrap_or("Unknown"), service.message(), &operation);
                    let broken = error.raw_response().is_some_and(|answer| answer.status().is_server_error());
                    // A code that is not in the table does not say that the request was wrong, when the service broke.
                    Error {
                        class: if broken && ours.class == Class::Invalid { Class::Other } else { ours.class },
                        ..ours
                    }
                }
                None => Error { operation: Some(operation.into()), ..unanswered(&error) },
            };
            Error { request_id: error.request_id().map(Into::into), ..ours }
        })
    }
}

/// The error that a service's code stands for.
pub(crate) fn error_of(code: &str, message: Option<&str>, operation: &str) -> Error {
    let class = words::class(code, message, operation).unwrap_or_else(|| classify(code, operation));
    Error {
        code: Some(code.into()),
        hint: hint(code, class, operation).map(Into::into),
        operation: Some(operation.into()),
        ..Error::new(class, message.unwrap_or("the service gave no reason"))
    }
}

/// An error of a call that no answer came to, or none that could be read.
fn unanswered<E: StdError + Send + Sync + 'static>(error: &SdkError<E, HttpResponse>) -> Error {
    let cause = innermost(error).unwrap_or_else(|| error.to_string());
    if std::iter::successors(StdError::source(error), |cause| (*cause).source())
        .any(<dyn StdError>::is::<CredentialsError>)
    {
        let text = if cause.contains("no providers in chain") { "no AWS credentials were found".into() } else { cause };
        return Error::new(Class::Denied, text)
            .hint("log in (`aws sso login`), set AWS_PROFILE or pass --profile, or rehearse with --sandbox");
    }
    let reason = match error {
        SdkError::TimeoutError(_) => "no answer in time",
        SdkError::DispatchFailure(_) => "the service could not be reached",
        SdkError::ConstructionFailure(_) => "the call could not be put together",
        _ => "the answer could not be read",
    };
    Error::new(Class::Other, format!("{reason}: {cause}"))
        .hint("check the network and the endpoint (AWS_ENDPOINT_URL), then run again: what is done stays done")
}

fn innermost<E: StdError + Send + Sync + 'static>(error: &SdkError<E, HttpResponse>) -> Option<String> {
    let mut source = StdError::source(error)?;
    while let Some(deeper) = source.source() {
        source = deeper;
    }
    Some(source.to_string())
}

/// `ec2:CreateSubnet`, from `aws_sdk_ec2::operation::create_subnet::CreateSubnetError`. Type names are for people
/// only (`std::any::type_name`), and so is this.
fn operation_of(error_type: &str) -> String {
    let mut parts = error_type.split("::");
    let service = parts.next().unwrap_or_default().trim_start_matches("aws_sdk_");
    let operation = parts.last().unwrap_or_default().trim_end_matches("Error");
    format!("{service}:{operation}")
}

/// What is not found by a creating call was made a moment ago and is not visible everywhere yet.
fn not_found(operation: &str) -> Class {
    let verb = operation.rsplit(':').next().unwrap_or_default();
    let reads_or_removes = [
        "BatchGet",
        "Describe",
        "Get",
        "List",
        "Delete",
        "ScheduleKeyDeletion",
        "Deregister",
        "Detach",
        "Disassociate",
        "Release",
        "Revoke",
    ];
    if reads_or_removes.iter().any(|prefix| verb.starts_with(prefix)) { Class::NotFound } else { Class::NotYet }
}

/// The class of a service's error code. Codes: EC2 API reference, "Error codes for the Amazon EC2 API", and the
/// error lists of each other service's API reference.
fn classify(code: &str, operation: &str) -> Class {
    if is_throttling(code) {
        return Class::Throttled;
    }
    match code {
        "AccessDenied"
        | "AccessDeniedException"
        | "AccessDeniedForDependencyException"
        | "UnauthorizedOperation"
        | "AuthFailure"
        | "ExpiredToken"
        | "ExpiredTokenException"
        | "RequestExpired"
        | "InvalidClientTokenId"
        | "SignatureDoesNotMatch"
        | "UnrecognizedClientException" => Class::Denied,
        // A new account, a new principal, or a change elsewhere that has not settled.
        "OptInRequired"
        | "NotSignedUp"
        | "PendingVerification"
        | "SubscriptionRequiredException"
        | "ConcurrentModificationException"
        | "ConcurrentModification"
        | "OperationAborted"
        | "OperationAbortedException"
        | "IncorrectState"
        | "InvalidSecurityGroup"
        | "DisabledException"
        | "FailedResourceAccessException"
        | "KMSInvalidStateException"
        | "Resource.AlreadyAssociated"
        | "FinalizingOrganizationException"
        | "RequestInProgressException"
        | "PolicyChangesInProgressException"
        | "PolicyTypeNotEnabledException"
        | "ConflictException"
        | "EntityTemporarilyUnmodifiable"
        | "InvalidDBInstanceState"
        | "KMSKeyNotAccessibleFault"
        | "UpdateInProgressException"
        | "BlockedException"
        | "ConcurrentUpdateException"
        // It was looked for and not found, so it was made a moment ago and is not listed yet: look again.
        | "ApplicationAlreadyExistsException"
        | "BucketAlreadyOwnedByYou"
        | "DBInstanceAlreadyExists"
        | "DBParameterGroupAlreadyExists"
        | "DBSubnetGroupAlreadyExists"
        | "DeploymentGroupAlreadyExistsException"
        | "DuplicateListener"
        | "DuplicateLoadBalancerName"
        | "DuplicateTargetGroupName"
        | "EntityAlreadyExists"
        | "FlowLogAlreadyExists"
        | "HostedZoneAlreadyExists"
        | "InvalidGroup.Duplicate"
        | "InvalidPermission.Duplicate"
        | "PriorityInUse"
        | "AlreadyInOrganizationException"
        | "DuplicateHandshakeException"
        | "AccountAlreadyRegisteredException"
        | "DuplicateOrganizationalUnitException"
        | "DuplicatePolicyAttachmentException"
        | "DuplicatePolicyException"
        | "DuplicateRecordException"
        | "DuplicateRequest"
        | "NamespaceAlreadyExists"
        | "PolicyTypeAlreadyEnabledException"
        | "RepositoryAlreadyExistsException"
        | "ResourceAlreadyExistsException"
        | "ResourceExistsException"
        | "ServiceAlreadyExists"
        // The role or the service of a deployment group was made a moment ago, or another deployment is under way.
        | "DeploymentLimitExceededException"
        | "DeploymentNotStartedException"
        | "InvalidECSServiceException"
        | "InvalidRoleException" => Class::NotYet,
        "DependencyViolation" | "DeleteConflict" | "ResourceInUseException" | "InvalidIPAddress.InUse" | "InvalidGroup.InUse"
        | "OrganizationalUnitNotEmptyException" | "PolicyInUseException" | "ResourceInUse"
        | "InvalidDBParameterGroupState" | "InvalidDBSubnetGroupStateFault"
        | "ClusterContainsContainerInstancesException" | "ClusterContainsServicesException"
        | "ClusterContainsTasksException" => Class::InUse,
        "AWSOrganizationsNotInUseException"
        | "AccountAlreadyClosedException"
        | "PolicyNotAttachedException"
        | "DeploymentAlreadyCompletedException"
        | "AccountNotRegisteredException" => Class::NotFound,
        _ if code.contains("NotFound") || code.starts_with("NoSuch") || code.ends_with("DoesNotExistException")
            || matches!(code, "Gateway.NotAttached" | "ServiceNotActiveException") =>
        {
            not_found(operation)
        }
        "InternalError"
        | "InternalFailure"
        | "InternalServerError"
        | "ServiceUnavailable"
        | "ServiceUnavailableException"
        | "Unavailable"
        | "ServiceException"
        | "ServiceFailure" => Class::Other,
        _ => Class::Invalid,
    }
}

/// A removal that finds nothing to remove has succeeded: an earlier attempt may have come this far.
pub(crate) fn unless_gone(removed: Result<()>) -> Result<()> {
    match removed {
        Err(error) if error.class == Class::NotFound => Ok(()),
        other => other,
    }
}

/// What was listed or made and is not found is gone since, or is not seen by this call yet: look at both again.
pub(crate) fn not_yet_if_unseen(error: Error) -> Error {
    let class = if error.class == Class::NotFound { Class::NotYet } else { error.class };
    Error { class, ..error }
}

/// Whether a code says that there were too many calls. AWS SDKs and tools reference guide, "Retry behavior".
pub(crate) fn is_throttling(code: &str) -> bool {
    matches!(
        code,
        "Throttling"
            | "ThrottlingException"
            | "ThrottledException"
            | "RequestThrottled"
            | "RequestThrottledException"
            | "RequestLimitExceeded"
            | "TooManyRequestsException"
            | "BandwidthLimitExceeded"
            | "SlowDown"
            | "PriorRequestNotComplete"
            | "EC2ThrottledException"
    )
}

/// What to do about a policy that is refused for whom it names.
const UNKNOWN_PRINCIPAL: &str =
    "the policy names an account or role that does not exist: if it was made a moment ago, run again in some minutes";

fn hint(code: &str, class: Class, operation: &str) -> Option<&'static str> {
    match (code, class) {
        ("ExpiredToken" | "ExpiredTokenException" | "RequestExpired", _) => {
            Some("the session ended, or this machine's clock is wrong: log in again and run again")
        }
        ("FinalizingOrganizationException", _) => {
            Some("AWS is still setting the organization up, which takes up to an hour: run again later")
        }
        ("OptInRequired" | "NotSignedUp", _) => {
            Some("a new account is not ready yet, or the region is not enabled in it")
        }
        ("InvalidClientTokenId" | "UnrecognizedClientException" | "SignatureDoesNotMatch", _) => {
            Some("AWS does not know these credentials: check AWS_PROFILE, and that key and secret belong together")
        }
        (_, Class::Denied) => Some(
            "the role lacks this permission, or a service control policy forbids it; if it is one of orgstrap's own, `orgstrap apply` with `--role bootstrap` mends it",
        ),
        ("MalformedPolicyDocumentException" | "MalformedPolicyDocument" | "MalformedPolicy", Class::NotYet) => {
            Some(UNKNOWN_PRINCIPAL)
        }
        ("InvalidParameterException", Class::NotYet) if operation.starts_with("ecr:") => Some(UNKNOWN_PRINCIPAL),
        ("NotAvailableInZone", _) => Some("name other zones in network.zones, and run again"),
        ("ClientException" | "InvalidParameterException", Class::NotYet) => {
            Some("AWS does not know yet what this is built on: if it was made a moment ago, run again in some minutes")
        }
        (_, Class::Throttled) => Some("run again later, or with a lower --parallelism"),
        (_, Class::InUse) => {
            Some("something still uses it, which the message or the console names: remove that and run again")
        }
        ("InvalidSubnet.Conflict" | "InvalidVpc.Range", _) => {
            Some("another network has these addresses; if a run was stopped a moment ago, run again in a minute")
        }
        (code, Class::Invalid)
            if ["LimitExceeded", "LimitExceededException", "QuotaExceeded"].iter().any(|end| code.ends_with(end)) =>
        {
            Some("a quota of the account is used up: raise it in Service Quotas, or remove what is not needed")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_operation_is_read_from_the_error_type() {
        let name = type_name::<aws_sdk_ec2::operation::create_subnet::CreateSubnetError>();
        assert_eq!(operation_of(name), "ec2:CreateSubnet");
    }

    #[test]
    fn what_is_not_found_depends_on_who_looks() {
        assert_eq!(classify("InvalidVpcID.NotFound", "ec2:DeleteVpc"), Class::NotFound);
        assert_eq!(classify("InvalidVpcID.NotFound", "ec2:CreateSubnet"), Class::NotYet);
        assert_eq!(classify("NoSuchEntity", "iam:PutRolePolicy"), Class::NotYet);
        assert_eq!(classify("NoSuchEntity", "iam:DeleteRole"), Class::NotFound);
    }

    #[test]
    fn whoever_a_policy_names_may_not_be_known_yet() {
        let refused = |constraint: &str| {
            let message = format!("Invalid parameter at 'PolicyText' failed to satisfy constraint: '{constraint}'");
            error_of("InvalidParameterException", Some(&message), "ecr:SetRepositoryPolicy")
        };
        let unknown = refused("Principal not found");
        assert_eq!(unknown.class, Class::NotYet);
        assert!(unknown.hint.is_some_and(|hint| hint.contains("does not exist")));
        assert_eq!(refused("Invalid repository policy provided").class, Class::Invalid);
        for (code, words, operation) in [
            (
                "MalformedPolicyDocumentException",
                "Policy contains a statement with one or more invalid principals.",
                "kms:PutKeyPolicy",
            ),
            (
                "MalformedPolicyDocumentException",
                "This resource policy contains an unsupported principal.",
                "secretsmanager:PutResourcePolicy",
            ),
            (
                "MalformedPolicyDocument",
                "Invalid principal in policy: \"AWS\":\"arn:aws:iam::1:role/a\"",
                "iam:CreateRole",
            ),
            ("MalformedPolicy", "Invalid principal in policy", "s3:PutBucketPolicy"),
        ] {
            let error = error_of(code, Some(words), operation);
            assert_eq!(error.class, Class::NotYet, "{words}");
            assert!(error.hint.is_some_and(|hint| hint.contains("does not exist")), "{words}");
        }
        let other = error_of("MalformedPolicyDocument", Some("Syntax errors in policy."), "iam:CreateRole");
        assert_eq!((other.class, other.hint), (Class::Invalid, None));
    }

    #[test]
    fn what_was_made_a_moment_ago_is_waited_for() {
        let class = |code, message, operation| error_of(code, Some(message), operation).class;
        let service = "ECS service doesn't exist: service/main/web";
        assert_eq!(
            class("ValidationException", service, "applicationautoscaling:RegisterScalableTarget"),
            Class::NotYet
        );
        let gateway = "VPC vpc-1 has no internet gateway";
        assert_eq!(class("InvalidSubnet", gateway, "elasticloadbalancingv2:CreateLoadBalancer"), Class::NotYet);
        let taken = "SC service is already used by arn:aws:servicediscovery:us-west-1:1:namespace/ns-1";
        assert_eq!(class("InvalidParameterException", taken, "ecs:CreateService"), Class::NotYet);
        let going = "You can't create this secret because a secret with this name is already scheduled for deletion.";
        assert_eq!(class("InvalidRequestException", going, "secretsmanager:CreateSecret"), Class::NotYet);
        assert_eq!(class("InvalidRequestException", going, "secretsmanager:DeleteSecret"), Class::NotFound);
        assert_eq!(class("NotFoundException", "no key", "kms:ScheduleKeyDeletion"), Class::NotFound);
    }

    #[test]
    fn what_ecs_has_only_words_for() {
        let class = |code, message, operation| error_of(code, Some(message), operation).class;
        let missing = "Unable to describe task definition.";
        assert_eq!(class("ClientException", missing, "ecs:DescribeTaskDefinition"), Class::NotFound);
        assert_eq!(class("ClientException", missing, "ecs:CreateService"), Class::NotYet);
        assert_eq!(class("ClientException", "Role is not valid", "ecs:RegisterTaskDefinition"), Class::NotYet);
        assert_eq!(class("ClientException", "Tasks are too small", "ecs:RunTask"), Class::Invalid);
        let role = "Unable to assume the service linked role. Please verify that the ECS service linked role exists.";
        assert_eq!(class("InvalidParameterException", role, "ecs:CreateService"), Class::NotYet);
        assert_eq!(class("ClusterContainsTasksException", "no", "ecs:DeleteCluster"), Class::InUse);
        assert_eq!(class("ServiceNotActiveException", "no", "ecs:UpdateService"), Class::NotYet);
    }

    #[test]
    fn classes_of_common_codes() {
        let cases = [
            ("UnauthorizedOperation", Class::Denied),
            ("RequestExpired", Class::Denied),
            ("AccessDeniedForDependencyException", Class::Denied),
            ("ServiceUnavailableException", Class::Other),
            ("RequestLimitExceeded", Class::Throttled),
            ("DependencyViolation", Class::InUse),
            ("OptInRequired", Class::NotYet),
            ("NotSignedUp", Class::NotYet),
            ("EntityTemporarilyUnmodifiable", Class::NotYet),
            ("RepositoryAlreadyExistsException", Class::NotYet),
            ("RepositoryNotEmptyException", Class::Invalid),
            ("NoSuchBucket", Class::NotYet),
            ("BucketNotEmpty", Class::Invalid),
            ("BucketAlreadyExists", Class::Invalid),
            ("IdempotentParameterMismatch", Class::Invalid),
            ("VpcLimitExceeded", Class::Invalid),
            ("InternalError", Class::Other),
        ];
        for (code, class) in cases {
            assert_eq!(classify(code, "ec2:CreateVpc"), class, "{code}");
        }
    }
}
