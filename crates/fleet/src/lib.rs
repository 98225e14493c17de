//! `orgstrap.toml`, `accounts/` and `policies/` as a validated [`Fleet`].
//!
//! [`load`] reads the files that it is given, and the environment and the flags that it is handed. It knows no network
//! and no clock, and it prints nothing. What it returns is sound: whoever uses a [`Fleet`] need not check it again. What
//! is not sound comes back as [`Mistakes`]: all of them, each with its place and its remedy.
//!
//! Layers, later wins: built-in defaults, `orgstrap.toml`, the account's file, `ORGSTRAP_` variables, flags.

mod built_in_documents;
mod check;
mod control_policies;
mod database;
mod desk;
mod documents;
mod environment;
mod hardening;
pub mod init;
mod layers;
mod load;
mod mistakes;
mod model;
pub mod names;
mod network;
mod raw;
mod schema;
mod service;
mod shape;
mod sound_policy;
mod suggest;
mod task_policies;
mod toml_file;
mod words;
mod written;

pub use database::{Database, Engine};
pub use documents::{DOCUMENT_VARIABLES, Documents, RenderError, variables_of};
pub use hardening::{Budget, Contact, ContactType, Control, Hardening};
pub use load::{Source, load};
pub use mistakes::{Mistake, Mistakes};
pub use model::{
    Access, Account, ControlPolicyTarget, Dns, Fleet, Github, Ledger, LedgerLocation, Organization, Pipeline, PullBy,
    Registry, Scan, Secret, SecretSource, SourceIdentity, Workflows, paths_of,
};
pub use network::{MOST_ZONES, Nat, Network, Zones};
pub use schema::{account_schema, fleet_schema, schemas};
pub use service::{Architecture, DATABASE_VARIABLES, LoadBalancing, Scale, SecretRef, Service};
pub use written::Written;
