//! The ledger on real folders and in memory, under races, crashes, full disks and clocks that differ.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

mod bench;
mod simulated;

mod buckets;
mod corrupt;
mod creations;
mod disks;
mod history;
mod interleavings;
mod inventories;
mod journal;
mod locks;
mod loss;
mod processes;
mod takeover;
