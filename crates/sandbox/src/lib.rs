//! A local AWS: a pinned moto server in a virtual environment of its own.
//!
//! [`start`], [`status`], [`reset`] and [`stop`] manage one server that is kept across commands;
//! [`attach`] gives a command the kept one, or one of its own that ends with it. Nothing here
//! prints or reads the environment: the caller passes a [`Home`] and renders [`Progress`].

mod environment;
mod error;
mod files;
pub mod front;
mod home;
mod http;
mod identity;
mod kept;
mod launcher;
mod lock;
mod nursery;
mod progress;
mod python;
mod sandbox;
mod server;

pub use environment::install;
pub use error::{Error, Result};
pub use home::Home;
pub use kept::{Running, reset, start, status, stop};
pub use nursery::Nursery;
pub use progress::Progress;
pub use sandbox::{Sandbox, attach};

/// The version of moto that is installed, as on the Python package index.
pub const MOTO_VERSION: &str = "5.2.5";

/// The access key id to sign calls to the sandbox with. moto takes any, and maps an unknown one
/// to [`ACCOUNT_ID`].
pub const ACCESS_KEY_ID: &str = "test";

/// The secret access key to sign calls to the sandbox with. moto does not check signatures.
pub const SECRET_ACCESS_KEY: &str = "test";

/// The account of a caller who has assumed no role: the sandbox's management account.
pub const ACCOUNT_ID: &str = "123456789012";
