//! The kinds of objects, one file each.

mod account_failure;
pub(crate) mod account_places;
mod account_ready;
pub(crate) mod account_request;
mod availability_zones;
mod creation;
mod default_security_group;
mod default_vpc;
mod delegated_administrator;
mod ec2;
mod elastic_ip;
mod flow_log;
mod internet_gateway;
mod internet_gateway_attachment;
pub(crate) mod invitations;
mod log_group;
mod member_account;
mod nat_gateway;
mod organization;
mod organization_root;
mod organization_tags;
mod organizational_unit;
mod policy_attachment;
mod policy_type;
mod role;
mod route_table;
mod route_table_association;
mod service_control_policy;
mod subnet;
mod trusted_access;
pub(crate) mod unit_tree;
mod vpc;
mod vpc_endpoint;

pub use account_ready::{AccountReady, Service};
pub use availability_zones::{AvailabilityZones, Wanted, Zone, Zones};
pub use default_security_group::DefaultSecurityGroup;
pub use default_vpc::DefaultVpc;
pub use delegated_administrator::DelegatedAdministrator;
pub use elastic_ip::ElasticIp;
pub use flow_log::FlowLog;
pub use internet_gateway::InternetGateway;
pub use internet_gateway_attachment::InternetGatewayAttachment;
pub use invitations::AccountInvitation;
pub use log_group::LogGroup;
pub use member_account::{Member, MemberAccount};
pub use nat_gateway::NatGateway;
pub use organization::Organization;
pub use organization_root::OrganizationRoot;
pub use organizational_unit::OrganizationalUnit;
pub use policy_attachment::{PolicyAttachment, PolicyTarget};
pub use policy_type::PolicyType;
pub use role::Role;
pub use route_table::{RouteTable, Target};
pub use route_table_association::RouteTableAssociation;
pub use service_control_policy::ServiceControlPolicy;
pub use subnet::Subnet;
pub use trusted_access::TrustedAccess;
pub use vpc::Vpc;
pub use vpc_endpoint::VpcEndpoint;

use engine::Scope;

use crate::Account;

/// Watches the kinds of the organization itself, in the order in which they are made.
pub fn watch_organization(management: &mut Scope<'_, Account>) {
    management.watch::<OrganizationalUnit>();
    management.watch::<ServiceControlPolicy>();
    management.watch::<PolicyAttachment>();
}

/// Watches every kind whose objects carry our tags, in the order in which they are made.
pub fn watch_all(scope: &mut Scope<'_, Account>) {
    scope.watch::<Role>();
    scope.watch::<LogGroup>();
    scope.watch::<Vpc>();
    scope.watch::<InternetGateway>();
    // A table can be deleted only when no subnet follows it any more.
    scope.watch::<RouteTable>();
    scope.watch::<Subnet>();
    scope.watch::<ElasticIp>();
    scope.watch::<NatGateway>();
    scope.watch::<VpcEndpoint>();
    scope.watch::<FlowLog>();
}
