//! What every account is hardened with, the common one included: docs/baseline.md has each control and its reason. A
//! control that is switched off has no node, so that what is there is left as it is.

use aws::Account;
use aws::resources::{
    AccessAnalyzer, AlternateContact, Budget, DefaultVpcs, EbsEncryption, EcrAccountSettings, EcsAccountSettings,
    InstanceMetadata, PasswordPolicy, S3PublicAccessBlock, Service,
};
use engine::{Resource, Scope};
use fleet::Control;

/// The name of what an account has one of.
const ONLY: &str = "main";

/// The name of the budget: it is `orgstrap-monthly` in the console.
const BUDGET: &str = "monthly";

/// Instances, and the containers on them, which are one hop further away (EC2 user guide, "Use the Instance Metadata
/// Service to access instance metadata": "we recommend a hop limit of 2" in a container environment).
const HOPS: i32 = 2;

/// The kinds whose objects stay as they are although no node wants them, since their control is off.
pub(crate) fn left_alone(account: &fleet::Account) -> &'static [&'static str] {
    if account.hardening.has(Control::AccessAnalyzer) { &[] } else { &[AccessAnalyzer::KIND] }
}

/// What has to answer in a new account before its baseline can be made.
pub(crate) fn services(account: &fleet::Account) -> impl Iterator<Item = Service> {
    let controls = [
        (Control::AccessAnalyzer, Service::AccessAnalyzer),
        (Control::DefaultVpcs, Service::Ec2),
        (Control::EbsEncryption, Service::Ec2),
        (Control::EcrSettings, Service::Ecr),
        (Control::EcsSettings, Service::Ecs),
        (Control::InstanceMetadata, Service::Ec2),
        (Control::S3PublicAccess, Service::S3Control),
    ];
    let controls = controls.into_iter().filter(|(control, _)| account.hardening.has(*control));
    let budget = account.budget.iter().map(|_| Service::Budgets);
    let contacts = account.contacts.iter().map(|_| Service::Account);
    controls.map(|(_, service)| service).chain(budget).chain(contacts)
}

/// Adds the baseline to an account's scope.
pub(crate) fn add(scope: &mut Scope<'_, Account>, account: &fleet::Account) {
    controls(scope, &account.hardening);
    if let Some(budget) = account.budget.clone() {
        scope.add(BUDGET, (), move |()| Budget::telling(budget.monthly, &budget.emails));
    }
    for (kind, contact) in account.contacts.clone() {
        scope.add(kind.name(), (), move |()| AlternateContact {
            name: Some(contact.name.clone()),
            title: Some(contact.title.clone()),
            email: Some(contact.email.clone()),
            phone: Some(contact.phone.clone()),
        });
    }
}

fn controls(scope: &mut Scope<'_, Account>, hardening: &fleet::Hardening) {
    if hardening.has(Control::S3PublicAccess) {
        scope.add(ONLY, (), |()| S3PublicAccessBlock::ALL);
    }
    if hardening.has(Control::EbsEncryption) {
        scope.add(ONLY, (), |()| EbsEncryption { by_default: true });
    }
    if hardening.has(Control::InstanceMetadata) {
        scope.add(ONLY, (), |()| InstanceMetadata {
            http_tokens: Some("required".into()),
            http_put_response_hop_limit: Some(HOPS),
        });
    }
    if hardening.has(Control::PasswordPolicy) {
        scope.add(ONLY, (), |()| PasswordPolicy::STRONG);
    }
    if hardening.has(Control::DefaultVpcs) {
        scope.add(ONLY, (), |()| DefaultVpcs::default());
    }
    if hardening.has(Control::AccessAnalyzer) {
        scope.add(ONLY, (), |()| AccessAnalyzer {});
    }
    if hardening.has(Control::EcsSettings) {
        scope.add(ONLY, (), |()| EcsAccountSettings::recommended());
    }
    if hardening.has(Control::EcrSettings) {
        scope.add(ONLY, (), |()| EcrAccountSettings { basic_scan_type_version: Some("AWS_NATIVE".into()) });
    }
}
