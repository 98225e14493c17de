//! What AWS enforces and the local AWS does not: one rule per file.

mod account_moves;
mod account_names;
mod account_role;
mod accounts;
mod analyzers;
mod assume_role;
mod authorization;
mod budgets;
mod caller_identity;
mod caller_references;
mod certificates;
mod clock;
mod container_settings;
mod control_policies;
mod databases;
mod delegation;
mod dependencies;
mod deployments;
mod duplicates;
mod handshakes;
mod iam;
mod idempotency;
mod instance_metadata;
mod keys;
mod lifecycle_policies;
mod limits;
mod locks;
mod look;
mod names;
mod nat_gateways;
mod network_dependencies;
mod network_duplicates;
mod network_states;
mod objects;
mod oidc_providers;
mod organization;
mod organization_tags;
mod record_sets;
mod records;
mod regions;
mod repositories;
mod secret_versions;
mod secrets;
mod service_quotas;
mod services;
mod session;
mod simulation;
mod stored_policies;
mod tags;
mod task_definitions;
mod task_sizes;
mod ways_in;
mod youth;

use async_trait::async_trait;

pub(crate) use authorization::Authorization;
pub(crate) use session::{Sessions, is_open};
pub(crate) use stored_policies::written_document;

use super::answer::Answer;
use super::call::Request;
use super::upstream::Broken;
use super::world::World;

/// A rule looks at each call on its way, and at each answer.
#[async_trait]
pub(crate) trait Rule: Send + Sync {
    /// Before the call is passed on: it may change the call, or answer it.
    async fn before(&self, request: &mut Request, world: &World) -> Result<Option<Answer>, Broken> {
        let _ = (request, world);
        Ok(None)
    }

    /// Before the answer is given: it may change the answer.
    async fn after(&self, request: &Request, answer: &mut Answer, world: &World) -> Result<(), Broken> {
        let _ = (request, answer, world);
        Ok(())
    }
}

/// Every rule but [`Sessions`] and [`Authorization`], in the order in which calls meet them; answers meet them in the reverse order.
///
/// What can be told from the call alone comes first. The first answer to a token is remembered as the states make it,
/// so tokens come before states; and whoever takes a lock looks at the world after that.
pub(crate) fn all() -> Vec<Box<dyn Rule>> {
    vec![
        Box::<names::Names>::default(),
        Box::<tags::Tags>::default(),
        Box::new(caller_identity::CallerIdentity),
        Box::new(assume_role::AssumeRole),
        Box::new(stored_policies::StoredPolicies),
        Box::<idempotency::Idempotency>::default(),
        Box::<caller_references::CallerReferences>::default(),
        Box::<network_dependencies::NetworkDependencies>::default(),
        Box::<dependencies::Dependencies>::default(),
        Box::<limits::Limits>::default(),
        Box::new(keys::Keys),
        Box::new(repositories::Repositories),
        Box::new(lifecycle_policies::LifecyclePolicies),
        Box::<secrets::Secrets>::default(),
        Box::<secret_versions::SecretVersions>::default(),
        Box::<duplicates::Duplicates>::default(),
        Box::<network_duplicates::NetworkDuplicates>::default(),
        Box::new(ways_in::WaysIn),
        Box::<nat_gateways::NatGateways>::default(),
        Box::<network_states::NetworkStates>::default(),
        Box::<databases::Databases>::default(),
        Box::<services::Services>::default(),
        Box::<deployments::Deployments>::default(),
        Box::<accounts::Accounts>::default(),
        Box::<handshakes::Handshakes>::default(),
        Box::new(account_names::AccountNames),
        Box::<account_moves::AccountMoves>::default(),
        Box::<control_policies::ControlPolicies>::default(),
        Box::new(delegation::Delegation),
        Box::new(organization_tags::OrganizationTags),
        // After what is said about accounts, so that they see the local AWS's own answer; before what answers by itself,
        // since a new account is refused that too.
        Box::<youth::Youth>::default(),
        Box::<account_role::AccountRole>::default(),
        Box::<certificates::Certificates>::default(),
        Box::<record_sets::RecordSets>::default(),
        Box::<analyzers::Analyzers>::default(),
        Box::<budgets::Budgets>::default(),
        Box::<container_settings::ContainerSettings>::default(),
        Box::<instance_metadata::InstanceMetadata>::default(),
        Box::new(oidc_providers::OidcProviders),
        Box::new(task_definitions::TaskDefinitions),
        Box::new(task_sizes::TaskSizes),
        Box::new(service_quotas::ServiceQuotas),
        Box::new(simulation::Simulation),
        Box::new(regions::Regions),
    ]
}
