//! The program end to end: each test has a local AWS of its own, and looks at it with boto3.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod access;
mod accounts;
mod alone;
// The longest of all, so it is called to come early: tests begin in the order of their names.
mod bad_weather;
mod baseline;
mod books;
mod calls;
mod code_deploy;
mod common_account;
mod copies;
mod crash_matrix;
mod doctor;
mod drift;
mod exec;
mod files;
mod fleet;
mod foreign;
mod interrupted;
mod json;
mod killed;
mod many_accounts;
mod nats;
mod no_secret_leaks;
mod offboard;
mod onboard;
mod organization;
mod permissions;
mod policy;
mod registry;
mod rehearsal;
mod replaced;
mod rotation;
mod sandbox;
mod saved_plans;
mod secrets;
mod service;
mod text;
mod two_at_once;
mod zones;
