//! Everything that is printed: data to stdout, all else to stderr.

mod access;
mod accounts;
mod answers;
mod books;
mod doctor;
mod edges;
mod fields;
mod json;
mod moved;
mod plan;
mod policy;
pub(crate) mod progress;
mod rotation;
mod shown;
mod stats;
mod style;
mod summary;
mod ui;

pub(crate) use access::{Access as AccessWord, of as access_of};
pub(crate) use accounts::accounts;
pub(crate) use answers::answers;
pub(crate) use books::{locks, run, runs};
pub(crate) use doctor::{diagnosis, looking};
pub(crate) use edges::{edges, edges_in_short, edges_json};
pub(crate) use json::changes as changes_json;
pub(crate) use moved::saved;
pub(crate) use plan::{doomed, plan, revocation, unread};
pub(crate) use policy::{Found, comparison, decisions, findings};
pub(crate) use rotation::{rotated, rotation};
pub(crate) use shown::Shown;
pub(crate) use stats::stats;
pub(crate) use summary::{offboarded, outcome};
pub(crate) use ui::Ui;
