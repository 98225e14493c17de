//! Locks, the journal of runs, the history of replaced policies, inventories of accounts that were emptied, and notes on
//! creations that were begun.
//!
//! None of it is a source of truth about AWS: with an empty ledger every command still converges. It lives in a local
//! folder or, for a team, in an S3 bucket; in memory for rehearsals. Everything is JSON, one object for each record, so
//! it can be read and mended by hand:
//!
//! ```text
//! locks/<name>/<generation>.json                    who may change an account; see `lock`
//! runs/<run>/start.json  plan.json  0001.json  ...  what a run meant to do and what came of it
//! runs/<run>/replaced/...                           which documents it replaced
//! history/<key>/<time>-<run>-<field>.json           the documents as they were
//! inventories/<account>/<time>-<run>.json           what an account held before it was emptied, and what became of it
//! creations/<time>,<run>,<key>[,<text>].json        creations that were begun and perhaps not finished
//! probes/...                                        gone again at once
//! ```
//!
//! No secret is ever given to it, and it prints nothing and reads no environment variable.

mod bucket;
mod cause;
mod creations;
mod error;
mod history;
mod inventory;
mod journal;
mod ledger;
mod lock;
mod name;
mod process;
mod settings;
mod store;

pub use bucket::{Bucket, Credentials, CredentialsResult, GetCredentials};
pub use cause::Cause;
pub use creations::Creation;
pub use error::{Error, Result};
pub use history::Replaced;
pub use inventory::{Inventory, InventoryEnd, Item, Left};
pub use journal::{Begin, End, Journal, Run, RunDetails, RunState, Settled, Start, Step};
pub use ledger::Ledger;
pub use lock::{Broken, Claim, Holder, HolderState, Lock, Locks};
pub use process::Process;
pub use settings::{Clock, Timing};
