//! What the live policies let roles of project accounts do in the common account, held against what the fleet intends.

mod guests;
mod judge;
mod live;

pub(crate) use guests::{Accounts, EVERYBODY, Guest, asks_for_organization, guests};
pub(crate) use judge::{Judged, Judgement, Status, judge};
pub(crate) use live::{Answer, Live, LiveObject, answer, unknown_object};
