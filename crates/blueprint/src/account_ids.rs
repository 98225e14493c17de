//! The ids of the accounts that documents name: of those that are worked on once they exist, of all others as the
//! organization has them. What is in neither has no part in any document.

use std::collections::{BTreeMap, BTreeSet};

use aws::resources::{Member, MemberAccount};
use engine::Handle;

/// See the module.
pub(crate) struct AccountIds<'f> {
    /// The accounts that are worked on.
    pub(crate) worked_on: &'f BTreeMap<&'f str, Handle<MemberAccount>>,
    /// The ids of the others that exist.
    pub(crate) others: &'f BTreeMap<String, Member>,
}

/// Some of them: the ids that are known, and how to know the rest.
#[derive(Clone, Default)]
pub(crate) struct Named {
    known: BTreeMap<String, String>,
    names: Vec<String>,
    /// An input of the node that names them.
    pub(crate) handles: Vec<Handle<MemberAccount>>,
}

impl AccountIds<'_> {
    /// Of these accounts.
    pub(crate) fn of<'a>(&self, accounts: impl IntoIterator<Item = &'a str>) -> Named {
        let accounts: BTreeSet<_> = accounts.into_iter().collect();
        let mut named = Named::default();
        for account in accounts {
            if let Some(handle) = self.worked_on.get(account) {
                named.names.push(account.to_owned());
                named.handles.push(*handle);
            } else if let Some(member) = self.others.get(account) {
                named.known.insert(account.to_owned(), member.id.to_string());
            }
        }
        named
    }
}

impl Named {
    /// Whether none of them exists or is to exist.
    pub(crate) fn is_empty(&self) -> bool {
        self.known.is_empty() && self.names.is_empty()
    }

    /// The ids by name, from what the handles gave.
    pub(crate) fn ids(&self, members: &[Member]) -> BTreeMap<String, String> {
        let given = self.names.iter().cloned().zip(members.iter().map(|member| member.id.to_string()));
        self.known.clone().into_iter().chain(given).collect()
    }
}
