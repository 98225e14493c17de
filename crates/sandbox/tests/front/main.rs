//! The strict front. Each test of what it enforces does the same to moto alone first, which lets it pass.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod accounts;
mod assume_role;
mod baseline;
mod bench;
mod calls;
mod certificates;
mod containers;
mod databases;
mod dependencies;
mod deployments;
mod duplicates;
mod idempotency;
mod keys;
mod names;
mod odd;
mod organization;
mod preflight;
mod records;
mod registries;
mod secrets;
mod session;
mod sharing;
mod states;
mod stored_policies;
mod visibility;
mod weather;
