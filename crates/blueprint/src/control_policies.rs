//! The service control policies of a fleet, and where they hold.

use aws::resources::{PolicyAttachment, PolicyType, ServiceControlPolicy};
use aws::{Account, PolicyDocument};
use engine::{Handle, Scope};
use fleet::{ControlPolicyTarget as Target, Fleet, RenderError};

use crate::organization::Places;

/// Adds the policies that hold for accounts of the graph, and attaches them: to the root, to units that are in the graph,
/// and to accounts that are.
pub(crate) fn add(management: &mut Scope<'_, Account>, fleet: &Fleet, places: &Places<'_>) -> Result<(), RenderError> {
    let policies = &fleet.organization.control_policies;
    for (name, targets) in policies {
        management.spare::<ServiceControlPolicy>(name.as_str());
        for target in targets {
            management.spare::<PolicyAttachment>(PolicyAttachment::name(name, target.as_str()));
        }
    }
    let mut enabled: Option<Handle<PolicyType>> = None;
    for (name, targets) in policies {
        let here: Vec<&Target> = targets.iter().filter(|target| is_here(target, places)).collect();
        if here.is_empty() {
            continue;
        }
        let root = places.root;
        let enabled = *enabled.get_or_insert_with(|| {
            management.add("service-control-policies", root, |root| PolicyType { root, enabled: true })
        });
        let content = PolicyDocument::from(fleet.control_policy(name)?);
        let called = ServiceControlPolicy::name(name);
        let description = format!("policies/scp/{name}.json of fleet {}", fleet.name);
        let policy = management.add(name.as_str(), places.organization, move |_| ServiceControlPolicy {
            name: called.clone(),
            description: description.clone(),
            content: content.clone(),
        });
        for target in here {
            attach(management, PolicyAttachment::name(name, target.as_str()), (policy, enabled), target, places);
        }
    }
    Ok(())
}

fn is_here(target: &Target, places: &Places<'_>) -> bool {
    match target {
        Target::Root => true,
        Target::Unit(path) => places.units.contains_key(path),
        Target::Account(name) => places.members.contains_key(name.as_str()),
    }
}

/// Attaches a policy once policies of its type can be.
fn attach(
    management: &mut Scope<'_, Account>,
    name: String,
    (policy, enabled): (Handle<ServiceControlPolicy>, Handle<PolicyType>),
    target: &Target,
    places: &Places<'_>,
) {
    match target {
        Target::Root => {
            management.add(name, (policy, places.root, enabled), |(policy, root, _)| PolicyAttachment {
                policy,
                target: root.cast(),
            });
        }
        Target::Unit(path) => {
            let Some(unit) = places.units.get(path) else { return };
            management.add(name, (policy, *unit, enabled), |(policy, unit, _)| PolicyAttachment {
                policy,
                target: unit.cast(),
            });
        }
        Target::Account(account) => {
            let Some(account) = places.members.get(account.as_str()) else { return };
            management.add(name, (policy, *account, enabled), |(policy, account, _)| PolicyAttachment {
                policy,
                target: account.id.cast(),
            });
        }
    }
}
