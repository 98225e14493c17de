//! What every account is hardened with, and who hears of its costs and its troubles.

use std::collections::{BTreeMap, BTreeSet};

/// A control of an account: on, unless it is switched off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Control {
    /// Nothing in S3 is public.
    S3PublicAccess,
    /// New EBS volumes are encrypted.
    EbsEncryption,
    /// New instances give their metadata by `IMDSv2` only.
    InstanceMetadata,
    /// Passwords of IAM users are long.
    PasswordPolicy,
    /// Default VPCs that nothing uses are removed, in all regions.
    DefaultVpcs,
    /// IAM Access Analyzer looks for what is open to others.
    AccessAnalyzer,
    /// ECS's settings are the recommended ones.
    EcsSettings,
    /// ECR's settings are the recommended ones.
    EcrSettings,
}

/// The controls that are off, each with the reason.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hardening {
    /// Why a control is off.
    pub off: BTreeMap<Control, String>,
}

impl Hardening {
    /// Whether a control is on.
    #[must_use]
    pub fn has(&self, control: Control) -> bool {
        !self.off.contains_key(&control)
    }
}

/// What an account may cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Budget {
    /// US dollars a month.
    pub monthly: u32,
    /// Who is told, one to ten addresses.
    pub emails: BTreeSet<String>,
}

/// What an alternate contact is written to about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ContactType {
    /// Invoices and payment.
    Billing,
    /// The services that the account uses.
    Operations,
    /// Abuse and vulnerabilities.
    Security,
}

impl ContactType {
    /// The key in files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Billing => "billing",
            Self::Operations => "operations",
            Self::Security => "security",
        }
    }
}

/// A person or a team.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// Who it is.
    pub name: String,
    /// What they do.
    pub title: String,
    /// Where AWS writes to.
    pub email: String,
    /// Where AWS calls.
    pub phone: String,
}
