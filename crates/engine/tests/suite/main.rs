//! The engine on a toy cloud: properties of random graphs, and the corners that random graphs do not reach.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

mod toy;

mod apply;
mod approval;
mod cancel;
mod claims;
mod course;
mod crash;
mod creations;
mod delete;
mod depth;
mod diff;
mod drift;
mod failure;
mod follow_up;
mod key;
mod notes;
mod order;
mod pending;
mod retry;
mod session;
mod spared;
mod unseen;
mod walks;
