//! The kinds of objects, one file each.

mod access_analyzer;
mod alternate_contact;
mod availability_zones;
mod budget;
mod creation;
mod default_security_group;
mod default_vpcs;
mod ebs_encryption;
mod ec2;
mod ecr_account_settings;
mod ecs_account_settings;
mod elastic_ip;
mod flow_log;
mod instance_metadata;
mod internet_gateway;
mod internet_gateway_attachment;
mod log_group;
mod member_account;
mod nat_gateway;
mod organization;
mod password_policy;
mod role;
mod route_table;
mod route_table_association;
mod s3_public_access_block;
mod subnet;
mod vpc;
mod vpc_endpoint;

pub use access_analyzer::AccessAnalyzer;
pub use alternate_contact::AlternateContact;
pub use availability_zones::{AvailabilityZones, Wanted, Zone, Zones};
pub use budget::Budget;
pub use default_security_group::DefaultSecurityGroup;
pub use default_vpcs::DefaultVpcs;
pub use ebs_encryption::EbsEncryption;
pub use ecr_account_settings::EcrAccountSettings;
pub use ecs_account_settings::EcsAccountSettings;
pub use elastic_ip::ElasticIp;
pub use flow_log::FlowLog;
pub use instance_metadata::InstanceMetadata;
pub use internet_gateway::InternetGateway;
pub use internet_gateway_attachment::InternetGatewayAttachment;
pub use log_group::LogGroup;
pub use member_account::{Member, MemberAccount};
pub use nat_gateway::NatGateway;
pub use organization::Organization;
pub use password_policy::PasswordPolicy;
pub use role::Role;
pub use route_table::{RouteTable, Target};
pub use route_table_association::RouteTableAssociation;
pub use s3_public_access_block::S3PublicAccessBlock;
pub use subnet::Subnet;
pub use vpc::Vpc;
pub use vpc_endpoint::VpcEndpoint;

use engine::{Resource, Scope};

use crate::Account;

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
