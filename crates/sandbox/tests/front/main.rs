//! The strict front. Each test of what it enforces does the same to moto alone first, which lets it pass.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod bench;
mod calls;
mod idempotency;
mod visibility;
mod weather;
