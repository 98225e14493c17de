//! What the tests of resources stand on: a local AWS for each test, and the law that every kind of object obeys.
//!
//! A [`World`] is a sandbox with a server of its own, an organization with one account in it, the clients of `aws` to
//! work on it, and boto3, which shares no code with them, to look at it from outside. A [`Law`] takes one kind of
//! object through its whole life in such a world:
//!
//! absent -> created -> found equal -> every changeable field changed -> tags changed -> every fixed field replaced ->
//! deleted -> created again -> not wanted any more -> absent.
//!
//! It does so in a [`Weather`](sandbox::front::Weather) in which AWS shows each change late, as the real one does. So what
//! a plan should show is waited for, with a bound, while boto3 looks behind the weather: what a walk says it has done is
//! done. `SEED=<number>` repeats the weather that a failing test printed.
//!
//! What has to be changed is read from the kind itself, so a field that somebody adds fails the law until it is part of
//! it.

#![expect(clippy::unwrap_used, clippy::missing_panics_doc, reason = "a panic is how a test fails")]

mod law;
mod patience;
mod setting;
mod world;

pub use law::{Law, Variant};
pub use setting::SettingLaw;
pub use world::{SCOPE, World, step};
