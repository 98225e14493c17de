//! Everything that is printed: data to stdout, all else to stderr.

mod access;
mod accounts;
mod books;
mod doctor;
mod fields;
mod json;
mod moved;
mod plan;
mod policy;
pub(crate) mod progress;
mod shown;
mod stats;
mod style;
mod summary;
mod ui;

pub(crate) use accounts::accounts;
pub(crate) use books::{locks, run, runs};
pub(crate) use doctor::{diagnosis, looking};
pub(crate) use json::changes as changes_json;
pub(crate) use moved::saved;
pub(crate) use plan::{doomed, plan, unread};
pub(crate) use policy::{Found, comparison, decisions, findings};
pub(crate) use shown::Shown;
pub(crate) use stats::stats;
pub(crate) use summary::{offboarded, outcome};
pub(crate) use ui::Ui;
