//! How large a document may be, counted as each service counts.

use serde::Serialize;

use crate::document::Document;
use crate::kind::Kind;

/// What a service counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// Characters that are no white space: "IAM does not count white space when calculating the size of a policy" (IAM
    /// user guide, "IAM and AWS STS quotas").
    Visible,
    /// Characters of the text as it was sent.
    Characters,
    /// Bytes of the text as it was sent, in UTF-8.
    Bytes,
}

/// The largest size of a kind of document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Limit {
    /// How many.
    pub maximum: usize,
    /// Of what.
    pub unit: Unit,
    /// Where IAM's `GetAccountSummary` tells the account's own maximum, which may be a raised one.
    pub quota: Option<&'static str>,
    /// Whether all documents of the kind share it: a user's inline policies, say. Add up what each uses.
    pub shared: bool,
}

/// How large a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Size {
    /// How much of the limit it uses, in the limit's [unit](Limit::unit).
    pub used: usize,
    /// The limit's [maximum](Limit::maximum). Put the account's own here if it is known.
    pub maximum: usize,
}

impl Size {
    /// The share that is used, in percent, rounded up.
    pub fn percent(self) -> usize {
        self.used.saturating_mul(100).div_ceil(self.maximum.max(1))
    }

    /// Whether AWS stores a document of this size.
    pub fn fits(self) -> bool {
        self.used <= self.maximum
    }
}

impl Kind {
    /// The largest size. Where AWS raises it on request, this is the default.
    ///
    /// | kind | limit | from |
    /// | --- | --- | --- |
    /// | managed policy, permissions boundary | 6,144 visible characters | IAM user guide, "IAM and AWS STS quotas" |
    /// | inline policies of a user, group, role | together 2,048, 5,120, 10,240 visible characters | the same |
    /// | role trust policy | 2,048 visible characters, can be raised | the same |
    /// | session policies | together 2,048 characters | STS API reference, `AssumeRole` |
    /// | service control policy | 10,240 characters | AWS, "What's New" of 2026-05-15, on quotas of service control policies |
    /// | ECR repository and registry policy | 10,240 characters | ECR API reference, `SetRepositoryPolicy` |
    /// | resource policy of a secret | 20,480 characters | Secrets Manager API reference, `PutResourcePolicy` |
    /// | KMS key policy | 32,768 bytes | KMS developer guide, "Resource quotas" |
    /// | S3 bucket policy | 20,480 bytes | S3 user guide, "Bucket policies for Amazon S3" |
    pub fn limit(self) -> Limit {
        let iam = |maximum, quota, shared| Limit { maximum, unit: Unit::Visible, quota: Some(quota), shared };
        let other = |maximum, unit| Limit { maximum, unit, quota: None, shared: false };
        match self {
            Self::Managed | Self::Boundary => iam(6_144, "PolicySizeQuota", false),
            // "The total aggregate policy size (the sum size of all inline policies) per entity cannot exceed" these.
            Self::InlineOfUser => iam(2_048, "UserPolicySizeQuota", true),
            Self::InlineOfGroup => iam(5_120, "GroupPolicySizeQuota", true),
            Self::InlineOfRole => iam(10_240, "RolePolicySizeQuota", true),
            Self::Trust => iam(2_048, "AssumeRolePolicySizeQuota", false),
            // "The plaintext that you use for both inline and managed session policies can't exceed 2,048 characters".
            // Packed, it has a second limit, which only AWS can tell.
            Self::Session => Limit { shared: true, ..other(2_048, Unit::Characters) },
            // "All characters in your SCP count against its maximum size" (Organizations user guide, "SCP syntax"): only
            // the console removes white space. AWS doubled what was 5,120 on 2026-05-15 ("What's New",
            // aws-organizations-increased-scp-quotas); aws-size, pull request 71, has validated it in an account.
            // And "policyText: Maximum length of 10240" (ECR API reference, "SetRepositoryPolicy", "PutRegistryPolicy").
            Self::ServiceControl | Self::EcrRepository | Self::EcrRegistry => other(10_240, Unit::Characters),
            Self::Secret => other(20_480, Unit::Characters),
            // The API's model has 131,072; KMS answers `LimitExceededException` to what is beyond the quota.
            Self::Key => other(32_768, Unit::Bytes),
            Self::Bucket => other(20_480, Unit::Bytes),
        }
    }

    /// How much of the [limit](Self::limit) a text uses, as it is stored.
    pub fn count(self, text: &str) -> usize {
        match self.limit().unit {
            Unit::Visible => text.chars().filter(|c| !matches!(c, ' ' | '\t' | '\n' | '\r')).count(),
            Unit::Characters => text.chars().count(),
            Unit::Bytes => text.len(),
        }
    }
}

impl Document {
    /// The size of the document if it is stored as `kind`, printed without white space between its elements.
    pub fn size(&self, kind: Kind) -> Size {
        Size { used: kind.count(&self.to_value().to_string()), maximum: kind.limit().maximum }
    }
}
