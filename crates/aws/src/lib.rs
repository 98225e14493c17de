//! The only user of the AWS SDK: sessions into accounts, error classes, tags, the inventory that lists each kind
//! once, and [`resources`] with one file per kind of object.

mod account;
mod config;
mod edge;
mod entry;
mod http;
mod inventory;
mod losses;
mod name_servers;
mod pace;
mod permissions;
mod policy_document;
pub mod preflight;
pub mod registry;
pub mod resources;
mod role_session;
mod roll;
mod s3_control_endpoint;
mod sessions;
mod stats;
mod tags;
mod token;
mod wait;

pub use account::Account;
pub use entry::{AUDITOR, BOUNDARY, DEPLOYER, DEPLOYER_POLICIES, Entry, WORKLOAD_BOUNDARY, Way};
pub use losses::Losses;
pub use permissions::{Grant, Permissions};
pub use policy_document::PolicyDocument;
pub use roll::{Enrolled, Invitation, Roll, State};
pub use sessions::{Caller, Keys, MANAGEMENT, Options, Sessions};
pub use stats::{Calls, Stats};
pub use tags::{FLEET_TAG, KEY_TAG, ownership};
pub use token::hex;
