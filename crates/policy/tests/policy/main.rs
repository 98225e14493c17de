//! What the policy language promises.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod agreement;
mod anything;
mod compare;
mod decisions;
mod documents;
mod kinds;
mod lint;
mod normal;
mod reviewed;
mod substitute;
