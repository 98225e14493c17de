//! What a graph is of.

use std::collections::BTreeMap;

use aws::resources::{Member, SecretValues};

use crate::rewrites::Rewrites;

/// The part of a fleet that a command works on.
#[derive(Clone, Debug, Default)]
pub struct Parts<'f> {
    /// The accounts that are worked on as a whole.
    pub accounts: Vec<&'f fleet::Account>,
    /// Of these there is the invitation alone.
    pub invited: Vec<&'f fleet::Account>,
    /// The accounts of the fleet that exist and are not worked on, by name. Documents of the common account name them.
    pub others: BTreeMap<String, Member>,
    /// Whether the registries and secrets that the common account shares are worked on although the account itself is not.
    /// It is one of `others` then.
    pub shared: bool,
    /// Whether nothing but who may do what across accounts is worked on, and what that is built on.
    pub grants_only: bool,
    /// Whether the accounts are about to be closed: they belong in the unit of what is closed, whatever their files say.
    pub closing: bool,
    /// The values of secrets that are to be written.
    pub values: SecretValues,
    /// The documents that are to be written otherwise than the files say.
    pub rewrites: Rewrites,
}
