//! The kinds of objects, one file each.

mod access_analyzer;
mod account_failure;
pub(crate) mod account_places;
mod account_ready;
pub(crate) mod account_request;
mod account_tags;
mod alternate_contact;
mod availability_zones;
mod balancing;
mod bucket;
mod bucket_contents;
mod bucket_policy;
mod bucket_reads;
mod budget;
mod certificate;
mod certificate_issued;
mod cloud_map;
mod code_deploy;
mod code_deploy_application;
mod container;
mod container_image;
mod containers;
mod creation;
mod databases;
mod db_endpoint;
mod db_instance;
mod db_instances;
mod db_parameter_group;
mod db_subnet_group;
mod default_security_group;
mod default_vpcs;
mod delegated_administrator;
mod delegation;
mod deployment_group;
mod deployments;
mod discovery_service;
mod dns;
mod dns_record;
mod ebs_encryption;
mod ec2;
mod ecr_account_settings;
mod ecr_repository;
mod ecs_account_settings;
mod ecs_cluster;
mod ecs_rollout;
mod ecs_service;
mod elastic_ip;
mod flow_log;
mod hosted_zone;
mod http_namespace;
mod iam;
mod image_lifecycle;
mod instance_metadata;
mod interface_endpoint;
mod internet_gateway;
mod internet_gateway_attachment;
pub(crate) mod invitations;
mod key_policy;
mod kms_key;
mod listener;
mod listener_rule;
mod listeners;
mod load_balancer;
mod log_group;
mod managed_policy;
mod member_account;
mod nat_gateway;
mod oidc_provider;
mod organization;
mod organization_path;
mod organization_root;
mod organization_tags;
mod organizational_unit;
mod password_policy;
mod policy_attachment;
mod policy_size;
mod policy_type;
mod private_dns_namespace;
mod registry_policy;
mod registry_replication;
mod registry_scanning;
mod repositories;
mod repository_policy;
mod role;
mod route_table;
mod route_table_association;
mod s3_public_access_block;
mod scalable_target;
mod scaling_policy;
mod secret;
mod secret_policy;
mod secret_values;
mod security_group;
mod security_group_rule;
mod service_control_policy;
mod services;
mod shared_secret;
mod steady;
mod subnet;
mod target_group;
mod target_health;
mod task_definition;
mod traffic;
mod trusted_access;
pub(crate) mod unit_tree;
mod vpc;
mod vpc_endpoint;
mod vpc_endpoints;

pub use access_analyzer::AccessAnalyzer;
pub use account_ready::{AccountReady, Service};
pub use alternate_contact::AlternateContact;
pub use availability_zones::{AvailabilityZones, Wanted, Zone, Zones};
pub use balancing::ListenerAction;
pub use bucket::Bucket;
pub use bucket_policy::BucketPolicy;
pub use budget::Budget;
pub use certificate::{Certificate, RequestedCertificate};
pub use certificate_issued::CertificateIssued;
pub use code_deploy_application::CodeDeployApplication;
pub use container::{Container, ContainerLog, ContainerPort, ContainerSecret};
pub use container_image::{ContainerImage, Image};
pub use db_endpoint::{Database, DbEndpoint};
pub use db_instance::DbInstance;
pub use db_parameter_group::DbParameterGroup;
pub use db_subnet_group::DbSubnetGroup;
pub use default_security_group::DefaultSecurityGroup;
pub use default_vpcs::DefaultVpcs;
pub use delegated_administrator::DelegatedAdministrator;
pub use delegation::{Delegated, Delegation, ParentZone};
pub use deployment_group::DeploymentGroup;
pub use discovery_service::DiscoveryService;
pub use dns::DnsText;
pub use dns_record::{Alias, DnsRecord};
pub use ebs_encryption::EbsEncryption;
pub use ecr_account_settings::EcrAccountSettings;
pub use ecr_repository::EcrRepository;
pub(crate) use ecr_repository::REPOSITORIES;
pub use ecs_account_settings::EcsAccountSettings;
pub use ecs_cluster::{EcsCluster, Share};
pub use ecs_rollout::EcsRollout;
pub use ecs_service::{ClientAlias, Controller, EcsService, ServiceConnect, ServiceTarget};
pub use elastic_ip::ElasticIp;
pub use flow_log::FlowLog;
pub use hosted_zone::{HostedZone, PublicZone};
pub use http_namespace::HttpNamespace;
pub use image_lifecycle::{Lifecycle, LifecyclePolicy};
pub use instance_metadata::InstanceMetadata;
pub use interface_endpoint::InterfaceEndpoint;
pub use internet_gateway::InternetGateway;
pub use internet_gateway_attachment::InternetGatewayAttachment;
pub use invitations::AccountInvitation;
pub use key_policy::KeyPolicy;
pub use kms_key::KmsKey;
pub use listener::Listener;
pub use listener_rule::ListenerRule;
pub use load_balancer::{AccessLogs, Balancer, LoadBalancer};
pub use log_group::LogGroup;
pub use managed_policy::ManagedPolicy;
pub use member_account::{Member, MemberAccount};
pub use nat_gateway::NatGateway;
pub use oidc_provider::OidcProvider;
pub use organization::Organization;
pub use organization_path::OrganizationPath;
pub use organization_root::OrganizationRoot;
pub use organizational_unit::OrganizationalUnit;
pub use password_policy::PasswordPolicy;
pub use policy_attachment::{PolicyAttachment, PolicyTarget};
pub use policy_type::PolicyType;
pub use private_dns_namespace::PrivateDnsNamespace;
pub use registry_policy::RegistryPolicy;
pub use registry_replication::RegistryReplication;
pub use registry_scanning::RegistryScanning;
pub use repository_policy::RepositoryPolicy;
pub(crate) use repository_policy::policy_of;
pub use role::Role;
pub use route_table::{RouteTable, Target};
pub use route_table_association::RouteTableAssociation;
pub use s3_public_access_block::S3PublicAccessBlock;
pub use scalable_target::ScalableTarget;
pub use scaling_policy::{Metric, ScalingPolicy};
pub use secret::{Content, Secret, SecretStanding, Value, public_version};
pub use secret_policy::SecretPolicy;
pub use secret_values::{SecretValues, random_version};
pub use security_group::SecurityGroup;
pub use security_group_rule::{Direction, Peer, SecurityGroupRule};
pub use service_control_policy::ServiceControlPolicy;
pub use shared_secret::SharedSecret;
pub use subnet::Subnet;
pub use target_group::{HealthCheck, TargetGroup};
pub use task_definition::TaskDefinition;
pub use trusted_access::TrustedAccess;
pub use vpc::Vpc;
pub use vpc_endpoint::VpcEndpoint;

use engine::{Class, Cx, Id, Resource, Result, Scope, Tags};

use crate::preflight::Preflight;
use crate::registry::Registry;
use crate::{Account, FLEET_TAG, Grant, KEY_TAG, Permissions};

/// Watches the kinds of the organization itself, in the order in which they are made.
pub fn watch_organization(management: &mut Scope<'_, Account>) {
    management.watch::<OrganizationalUnit>();
    management.watch::<ServiceControlPolicy>();
    management.watch::<PolicyAttachment>();
}

/// Watches every kind whose objects carry our tags, in the order in which they are made.
pub fn watch_all(scope: &mut Scope<'_, Account>) {
    watch_all_but(&[], scope);
}

/// The same without the kinds that are left as they are.
pub fn watch_all_but(left_alone: &[&str], scope: &mut Scope<'_, Account>) {
    fn watch<R: Resource<Cloud = Account>>(left_alone: &[&str], scope: &mut Scope<'_, Account>) {
        if !left_alone.contains(&R::KIND) {
            scope.watch::<R>();
        }
    }
    let watches = [
        watch::<AccessAnalyzer>,
        watch::<Budget>,
        watch::<KmsKey>,
        watch::<Secret>,
        watch::<SecretPolicy>,
        watch::<Role>,
        watch::<LogGroup>,
        watch::<Vpc>,
        watch::<InternetGateway>,
        // A table can be deleted only when no subnet follows it any more.
        watch::<RouteTable>,
        watch::<Subnet>,
        watch::<ElasticIp>,
        watch::<NatGateway>,
        watch::<VpcEndpoint>,
        watch::<FlowLog>,
    ];
    for watch in watches {
        watch(left_alone, scope);
    }
}

/// Watches the kinds of which the common account alone holds objects, in the order in which they are made.
pub fn watch_common(scope: &mut Scope<'_, Account>) {
    scope.watch::<EcrRepository>();
    scope.watch::<RepositoryPolicy>();
    scope.watch::<HostedZone>();
}

/// Watches the kinds of which only an account with a service holds objects, in the order in which they are made.
pub fn watch_service(scope: &mut Scope<'_, Account>) {
    scope.watch::<HostedZone>();
    scope.watch::<Certificate>();
    scope.watch::<Bucket>();
    scope.watch::<BucketPolicy>();
    scope.watch::<SecurityGroup>();
    scope.watch::<SecurityGroupRule>();
    scope.watch::<InterfaceEndpoint>();
    scope.watch::<DbSubnetGroup>();
    scope.watch::<DbParameterGroup>();
    scope.watch::<DbInstance>();
    scope.watch::<LoadBalancer>();
    scope.watch::<TargetGroup>();
    scope.watch::<Listener>();
    scope.watch::<ListenerRule>();
    scope.watch::<HttpNamespace>();
    scope.watch::<PrivateDnsNamespace>();
    scope.watch::<DiscoveryService>();
    scope.watch::<EcsCluster>();
    scope.watch::<TaskDefinition>();
    scope.watch::<EcsService>();
    scope.watch::<ScalableTarget>();
    scope.watch::<ScalingPolicy>();
    scope.watch::<CodeDeployApplication>();
    scope.watch::<DeploymentGroup>();
}

/// What a kind declares that its calls need, or what looks ahead.
#[derive(Clone, Copy, Debug)]
pub struct Declared {
    /// The kind's name in keys.
    pub kind: &'static str,
    /// For what finds its objects.
    pub reads: &'static [Grant],
    /// For what changes them.
    pub changes: &'static [Grant],
}

impl Declared {
    fn of<R: Resource + Permissions>() -> Self {
        Self { kind: R::KIND, reads: R::READS, changes: R::CHANGES }
    }
}

/// The declarations of every kind that an account other than the management account may hold, and of `doctor`.
pub fn declared() -> Vec<Declared> {
    vec![
        Declared::of::<AccessAnalyzer>(),
        Declared::of::<AlternateContact>(),
        Declared::of::<AvailabilityZones>(),
        Declared::of::<Budget>(),
        Declared::of::<DefaultSecurityGroup>(),
        Declared::of::<DefaultVpcs>(),
        Declared::of::<EbsEncryption>(),
        Declared::of::<EcrAccountSettings>(),
        Declared::of::<EcsAccountSettings>(),
        Declared::of::<ElasticIp>(),
        Declared::of::<FlowLog>(),
        Declared::of::<InstanceMetadata>(),
        Declared::of::<InternetGateway>(),
        Declared::of::<InternetGatewayAttachment>(),
        Declared::of::<KeyPolicy>(),
        Declared::of::<KmsKey>(),
        Declared::of::<LogGroup>(),
        Declared::of::<ManagedPolicy>(),
        Declared::of::<NatGateway>(),
        Declared::of::<PasswordPolicy>(),
        Declared::of::<Role>(),
        Declared::of::<RouteTable>(),
        Declared::of::<RouteTableAssociation>(),
        Declared::of::<S3PublicAccessBlock>(),
        Declared::of::<Secret>(),
        Declared::of::<SecretPolicy>(),
        Declared::of::<Subnet>(),
        Declared::of::<Vpc>(),
        Declared::of::<VpcEndpoint>(),
        Declared { kind: "doctor", reads: Preflight::READS, changes: Preflight::CHANGES },
    ]
}

/// The declarations of the kinds that the common account alone holds, and of `registry list`, beside those of every
/// account.
pub fn declared_in_common() -> Vec<Declared> {
    vec![
        Declared::of::<ContainerImage>(),
        Declared::of::<Delegation>(),
        Declared::of::<DnsRecord>(),
        Declared::of::<EcrRepository>(),
        Declared::of::<HostedZone>(),
        Declared::of::<RegistryPolicy>(),
        Declared::of::<RegistryReplication>(),
        Declared::of::<RegistryScanning>(),
        Declared::of::<RepositoryPolicy>(),
        Declared::of::<SharedSecret>(),
        Declared { kind: "registry", reads: Registry::READS, changes: Registry::CHANGES },
    ]
}

/// The declarations of the kinds that only an account with a service holds, beside those of every account: of what it is
/// reached by, of what it is, and of what it is brought out by.
pub fn declared_of_service() -> [Vec<Declared>; 3] {
    [
        vec![
            Declared::of::<Bucket>(),
            Declared::of::<BucketPolicy>(),
            Declared::of::<Certificate>(),
            Declared::of::<CertificateIssued>(),
            Declared::of::<Delegation>(),
            Declared::of::<DnsRecord>(),
            Declared::of::<HostedZone>(),
            Declared::of::<InterfaceEndpoint>(),
            Declared::of::<Listener>(),
            Declared::of::<ListenerRule>(),
            Declared::of::<LoadBalancer>(),
            Declared::of::<SecurityGroup>(),
            Declared::of::<SecurityGroupRule>(),
            Declared::of::<TargetGroup>(),
        ],
        vec![
            Declared::of::<DbEndpoint>(),
            Declared::of::<DbInstance>(),
            Declared::of::<DbParameterGroup>(),
            Declared::of::<DbSubnetGroup>(),
            Declared::of::<EcsCluster>(),
            Declared::of::<EcsService>(),
            Declared::of::<HttpNamespace>(),
            Declared::of::<ScalableTarget>(),
            Declared::of::<ScalingPolicy>(),
            Declared::of::<TaskDefinition>(),
        ],
        vec![
            Declared::of::<CodeDeployApplication>(),
            Declared::of::<DeploymentGroup>(),
            Declared::of::<DiscoveryService>(),
            Declared::of::<EcsRollout>(),
            Declared::of::<PrivateDnsNamespace>(),
        ],
    ]
}

/// The declarations of every kind that the management account holds.
pub fn declared_in_management() -> Vec<Declared> {
    vec![
        Declared::of::<AccountInvitation>(),
        Declared::of::<DelegatedAdministrator>(),
        Declared::of::<ManagedPolicy>(),
        Declared::of::<MemberAccount>(),
        Declared::of::<OidcProvider>(),
        Declared::of::<Organization>(),
        Declared::of::<OrganizationPath>(),
        Declared::of::<OrganizationRoot>(),
        Declared::of::<OrganizationalUnit>(),
        Declared::of::<PolicyAttachment>(),
        Declared::of::<PolicyType>(),
        Declared::of::<Role>(),
        Declared::of::<ServiceControlPolicy>(),
        Declared::of::<TrustedAccess>(),
    ]
}

/// Ids for a call.
fn ids<'a, R: 'a>(ids: impl IntoIterator<Item = &'a Id<R>>) -> Result<Vec<String>> {
    ids.into_iter().map(|id| id.get().map(str::to_owned)).collect()
}

/// Whether what has these tags is nobody's, or this node's: then it may be taken over.
fn is_free(tags: &Tags, cx: &Cx<'_, Account>) -> bool {
    let (fleet, key) = (tags.get(FLEET_TAG), tags.get(KEY_TAG));
    fleet.is_none_or(|fleet| fleet == cx.fleet()) && key.is_none_or(|key| *key == cx.key.to_string())
}

/// The tags of the node's object. What was listed otherwise than the node wants it, the object itself is asked about, since
/// the lists of tags are late.
async fn confirmed(
    listed: Option<&Tags>,
    cx: &Cx<'_, Account>,
    asked: impl Future<Output = Result<Tags>>,
) -> Result<Tags> {
    let has_wanted = |listed: &&Tags| cx.tags.iter().all(|(key, value)| listed.get(key) == Some(value));
    match listed.filter(has_wanted) {
        Some(listed) => Ok(listed.clone()),
        None => asked.await,
    }
}

/// What is read of something that may be gone.
fn unless_missing<T>(read: Result<T>) -> Result<Option<T>> {
    match read {
        Err(error) if error.class == Class::NotFound => Ok(None),
        read => read.map(Some),
    }
}
