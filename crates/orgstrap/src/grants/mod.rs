//! What the live policies let roles of project accounts do in the common account, held against what the fleet intends.

mod guests;
mod judge;
mod live;

use aws::resources::{KeyPolicy, RepositoryPolicy, SecretPolicy};
use engine::{Key, Resource};

pub(crate) use guests::{Accounts, EVERYBODY, Guest, asks_for_organization, guests};
pub(crate) use judge::{Judged, Judgement, Status, judge};
pub(crate) use live::{Answer, Live, LiveObject, answer, unknown_object};

/// Whether a node is the policy of an object that accounts share.
pub(crate) fn is_policy_of_object(key: &Key) -> bool {
    [KeyPolicy::KIND, RepositoryPolicy::KIND, SecretPolicy::KIND].contains(&key.kind.as_str())
}
