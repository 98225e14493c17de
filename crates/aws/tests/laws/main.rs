//! The law of every kind of object, in a local AWS: see `testing`.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

mod access_analyzer;
mod account_ready;
mod account_settings;
mod availability_zones;
mod budget;
mod default_security_group;
mod default_vpcs;
mod ecr_repository;
mod elastic_ip;
mod flow_log;
mod given;
mod internet_gateway;
mod internet_gateway_attachment;
mod invitation;
mod log_group;
mod managed_policy;
mod member_account;
mod nat_gateway;
mod oidc_provider;
mod organization;
mod organizational_unit;
mod preflight;
mod registry;
mod repository_policy;
mod role;
mod route_table;
mod route_table_association;
mod service_control_policy;
mod subnet;
mod trusted_access;
mod vpc;
mod vpc_endpoint;
