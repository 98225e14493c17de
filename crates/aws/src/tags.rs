//! Ownership by tags: which fleet made an object, and for which node.

use engine::{Key, Tags};

/// The tag that names the fleet.
pub const FLEET_TAG: &str = "orgstrap:fleet";
/// The tag that names the node.
pub const KEY_TAG: &str = "orgstrap:key";

/// The tags of a node's object: the two of ownership, a `Name` for the console, and the account's own.
pub fn ownership(fleet: &str, key: &Key, account_tags: &Tags) -> Tags {
    let ours =
        [(FLEET_TAG, fleet.to_owned()), (KEY_TAG, key.to_string()), ("Name", format!("{}-{}", key.scope, key.name))];
    let mut tags = account_tags.clone();
    tags.extend(ours.map(|(name, value)| (name.to_owned(), value)));
    tags
}

/// The node whose object carries these tags, if it is one of this fleet's.
pub(crate) fn owner(fleet: &str, tags: &Tags) -> Option<Key> {
    (tags.get(FLEET_TAG)? == fleet).then(|| tags.get(KEY_TAG)?.parse().ok())?
}

/// Whether these tags say of something that it is a node's, of whichever fleet.
pub(crate) fn is_claimed(tags: &Tags) -> bool {
    tags.contains_key(FLEET_TAG) && tags.contains_key(KEY_TAG)
}
