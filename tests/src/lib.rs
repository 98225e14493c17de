//! What the end-to-end tests stand on: the binary, and a world of its own for each test.
//!
//! A [`World`] is a sandbox on the one installed moto, with a server of its own, a copy of the repository's fleet, the
//! binary to work on it, and boto3 to look at it from outside. A [`Bench`] is a world with a front that the test commands.
//! Tests that begin with an onboarded account get a copy of one: [`World::onboarded`], [`Bench::onboarded`]. Of other worlds
//! that are made often, a test file keeps a [`Mother`] itself.

#![expect(clippy::unwrap_used, clippy::missing_panics_doc, reason = "a panic is how a test fails")]

mod bench;
mod binary;
mod mother;
mod random;
mod run;
mod world;

pub use bench::Bench;
pub use binary::binary;
pub use mother::Mother;
pub use random::Random;
pub use run::Run;
pub use world::{DEV, World, assert_same, assert_whole, files_below, orgstrap_in, run};
