//! Where a document is stored, and what AWS demands of it there.

mod check;

use std::fmt;

use serde::Serialize;

/// Where a document is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A managed policy.
    Managed,
    /// An inline policy of a user.
    InlineOfUser,
    /// An inline policy of a group.
    InlineOfGroup,
    /// An inline policy of a role.
    InlineOfRole,
    /// A permissions boundary, which is a managed policy.
    Boundary,
    /// A policy that is passed when a session begins.
    Session,
    /// A service control policy of an organization.
    ServiceControl,
    /// Who may assume a role.
    Trust,
    /// The policy of an ECR repository.
    EcrRepository,
    /// The policy of an account's ECR registry in a region.
    EcrRegistry,
    /// The resource policy of a secret.
    Secret,
    /// The key policy of a KMS key.
    Key,
    /// The policy of an S3 bucket.
    Bucket,
}

/// Whether an element has to be there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Need {
    Required,
    Optional,
    Refused,
}

use Need::{Optional, Refused, Required};

/// What AWS demands of a kind of document.
struct Rules {
    id: Need,
    principal: Need,
    action: Need,
    resource: Need,
    /// Whether `NotPrincipal` may stand for `Principal`.
    not_principal: bool,
    /// The one service whose actions can be named.
    service: Option<&'static str>,
    /// Whether IAM's rules for `Sid` hold.
    sids: bool,
    /// Whether characters beyond U+00FF are refused.
    latin: bool,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 13] = [
        Self::Managed,
        Self::InlineOfUser,
        Self::InlineOfGroup,
        Self::InlineOfRole,
        Self::Boundary,
        Self::Session,
        Self::ServiceControl,
        Self::Trust,
        Self::EcrRepository,
        Self::EcrRegistry,
        Self::Secret,
        Self::Key,
        Self::Bucket,
    ];

    fn rules(self) -> Rules {
        // "The principal_block element is required in resource-based policies [...] and in trust policies for IAM
        // roles. It must not be included in identity-based policies", and so for `Id`, which is optional elsewhere (IAM
        // user guide, "Grammar of the IAM JSON policy language"). Statements have an action and a resource (ibid.).
        let identity = Rules {
            id: Refused,
            principal: Refused,
            action: Required,
            resource: Required,
            not_principal: false,
            service: None,
            sids: true,
            latin: true,
        };
        let resource =
            Rules { id: Optional, principal: Required, not_principal: true, sids: false, latin: false, ..identity };
        match self {
            // Boundaries are managed policies; session policies are written as identity policies are (IAM user guide,
            // "Policies and permissions in AWS Identity and Access Management").
            Self::Managed
            | Self::InlineOfUser
            | Self::InlineOfGroup
            | Self::InlineOfRole
            | Self::Boundary
            | Self::Session => identity,
            // The whole language of identity policies since 2025: NotAction, Condition and resources also with Allow,
            // NotResource, and wildcards anywhere in an action (AWS security blog, "Unlock new possibilities: AWS
            // Organizations service control policy now supports full IAM language"). Still no Id and no Principal
            // (Organizations user guide, "SCP syntax", elements summary).
            Self::ServiceControl => Rules { sids: false, latin: false, ..identity },
            // "You cannot use the NotPrincipal element in an IAM identity-based policy nor in an IAM role trust policy"
            // (IAM user guide, "AWS JSON policy elements: NotPrincipal"). IAM's errors for the others are "Has
            // prohibited field Resource" and "AssumeRole policy may only specify STS AssumeRole actions".
            Self::Trust => Rules {
                resource: Refused,
                not_principal: false,
                service: Some("sts"),
                sids: true,
                latin: true,
                ..resource
            },
            // With a Resource: "Invalid parameter at 'PolicyText' failed to satisfy constraint: 'Invalid repository
            // policy provided'" (amazon-ecr-user-guide, pull request 20; aws-cdk, issue 24314).
            Self::EcrRepository => Rules { resource: Refused, service: Some("ecr"), ..resource },
            // A Resource names the repositories that it is about (ECR user guide, "Private registry policy examples for
            // Amazon ECR"); without one it is refused (pulumi-aws, issue 2326).
            Self::EcrRegistry => Rules { service: Some("ecr"), ..resource },
            // S3's error is "Statement is missing required element" (aws-cdk, issue 6708).
            Self::Secret | Self::Bucket => resource,
            // "Each statement in the key policy must contain one or more principals." "If either of the required
            // Resource or Action elements are missing from a key policy statement, the policy statement has no effect",
            // but "the PutKeyPolicy API request succeeds" (KMS API reference, "PutKeyPolicy", which has the characters
            // too).
            Self::Key => Rules { action: Optional, resource: Optional, latin: true, ..resource },
        }
    }

    /// The kind in words, such as `role trust policy`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Managed => "managed policy",
            Self::InlineOfUser => "inline policy of a user",
            Self::InlineOfGroup => "inline policy of a group",
            Self::InlineOfRole => "inline policy of a role",
            Self::Boundary => "permissions boundary",
            Self::Session => "session policy",
            Self::ServiceControl => "service control policy",
            Self::Trust => "role trust policy",
            Self::EcrRepository => "ECR repository policy",
            Self::EcrRegistry => "ECR registry policy",
            Self::Secret => "resource policy of a secret",
            Self::Key => "KMS key policy",
            Self::Bucket => "S3 bucket policy",
        }
    }

    /// The kind as programs name it, such as `ecr-repository`: as in JSON.
    pub fn id(self) -> &'static str {
        match self {
            Self::Managed => "managed",
            Self::InlineOfUser => "inline-of-user",
            Self::InlineOfGroup => "inline-of-group",
            Self::InlineOfRole => "inline-of-role",
            Self::Boundary => "boundary",
            Self::Session => "session",
            Self::ServiceControl => "service-control",
            Self::Trust => "trust",
            Self::EcrRepository => "ecr-repository",
            Self::EcrRegistry => "ecr-registry",
            Self::Secret => "secret",
            Self::Key => "key",
            Self::Bucket => "bucket",
        }
    }

    pub(crate) fn with_article(self) -> String {
        let name = self.name();
        let article = if name.starts_with(['E', 'S', 'i']) { "an" } else { "a" };
        format!("{article} {name}")
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
